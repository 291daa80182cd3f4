"""RFC 3676 format=flowed: paragraphs that were broken into lines are one line again."""

from __future__ import annotations


def unflow(text: str, *, delete_space: bool) -> str:
    """The text with flowed lines joined; `delete_space` is DelSp=yes (section 4.1). Quote marks stay before a paragraph."""
    lines: list[str] = []
    paragraph: list[str] = []
    paragraph_depth = 0
    for line in text.split("\n"):
        line = line.rstrip("\r")
        depth = len(line) - len(line.lstrip(">")) if line.startswith(">") else 0
        content = line[depth:].removeprefix(" ") if depth or line.startswith(" ") else line
        if paragraph and (depth != paragraph_depth or content == "-- "):
            # Section 4.5: a flowed line before a change of depth is broken off; section 4.3: a signature line never flows.
            lines.append(_quoted(paragraph, paragraph_depth))
            paragraph = []
        paragraph_depth = depth
        if content.endswith(" ") and content != "-- ":
            paragraph.append(content[:-1] if delete_space else content)
            continue
        paragraph.append(content)
        lines.append(_quoted(paragraph, depth))
        paragraph = []
    if paragraph:
        lines.append(_quoted(paragraph, paragraph_depth))
    return "\n".join(lines)


def _quoted(paragraph: list[str], depth: int) -> str:
    text = "".join(paragraph)
    return f"{'>' * depth} {text}" if depth else text
