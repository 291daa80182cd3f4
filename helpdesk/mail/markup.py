"""Markdown to the two bodies of a mail, once for each shape of a template, with slots where values go.

A slot is one private-use character. Values are put in after Markdown and HTML are done, so that nothing in a value is
ever read as markup. Knows nothing of templates, and no value reaches Markdown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import css_inline
from markdown_it import MarkdownIt
from markdown_it.token import Token

from helpdesk.mail.links import Linker, literal_html

FIRST_SLOT = 0xF0000
MAX_SLOTS = 5000
_TITLE_SLOT = MAX_SLOTS
SLOT = re.compile("[\U000f0000-\U000ffffd]")
_RIGHT_TO_LEFT = frozenset({"ar", "dv", "fa", "he", "ku", "ps", "sd", "ug", "ur", "yi"})
_OUR_LINKS = re.compile(r"^(?:https?|mailto|tel|sms):", re.IGNORECASE)
# Constructs that change how a letter reads because of an indent or a character that its writer meant literally.
_DISABLED = ("blockquote", "code", "fence", "html_block", "lheading", "reference", "backticks", "image", "html_inline")

# No colour but a grey that both can show: light and dark screens each choose their own.
_STYLE = """
body {{ margin: 0; padding: 16px; font-family: Arial, Helvetica, sans-serif; font-size: 16px; line-height: 1.5;
  text-align: {start}; overflow-wrap: anywhere; word-break: break-word; }}
.letter {{ max-width: 36em; }}
p {{ margin: 0 0 16px; }}
ul, ol {{ margin: 0 0 16px; padding: 0; padding-{start}: 24px; }}
li {{ margin: 0 0 10px; }}
h1, h2, h3, h4, h5, h6 {{ margin: 28px 0 8px; font-size: 17px; line-height: 1.3; }}
hr {{ margin: 24px 0; border: 0; border-top: 1px solid; opacity: 0.3; }}
.small {{ margin-top: 32px; font-size: 13px; line-height: 1.45; }}
.small p {{ margin: 0 0 8px; }}
"""
_FRAME = "p[dir=auto] {{ border-{start}: 2px solid #999999; padding-{start}: 12px; }}"
_PAGE = """<!DOCTYPE html>
<html lang="{language}" dir="{direction}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">
<meta name="format-detection" content="telephone=no, date=no, address=no, email=no, url=no">
<title>{title}</title><style>{style}</style></head>
<body><div class="letter">
{body}</div></body></html>
"""


def slot(number: int) -> str:
    """The character that stands for value `number` (from 0); ValueError above MAX_SLOTS."""
    if number >= MAX_SLOTS:
        raise ValueError(f"A template shows more than {MAX_SLOTS} values.")
    return chr(FIRST_SLOT + number)


@dataclass(frozen=True, slots=True)
class Skeleton:
    """Text with gaps: `slots[n]` says which value stands between `parts[n]` and `parts[n + 1]`."""

    parts: tuple[str, ...] = field(repr=False)
    slots: tuple[int, ...]

    @classmethod
    def of(cls, text: str) -> Skeleton:
        return cls(tuple(SLOT.split(text)), tuple(ord(found) - FIRST_SLOT for found in SLOT.findall(text)))

    def fill(self, value_of: Callable[[int], str]) -> str:
        pieces = [self.parts[0]]
        for number, part in zip(self.slots, self.parts[1:], strict=True):
            pieces.append(value_of(number))
            pieces.append(part)
        return "".join(pieces)


@dataclass(frozen=True, slots=True)
class Page:
    """Both bodies of a mail, but for the values."""

    text: Skeleton
    html: Skeleton

    def fill(self, subject: str, values: Sequence[str], in_text: Sequence[str] | None = None) -> tuple[str, str]:
        """The plain text and the HTML with the values in them, as literal text in both.

        `in_text` holds the same values as the plain text shows them, where it shows them otherwise.
        """
        return self.text.fill((values if in_text is None else in_text).__getitem__), self.html.fill(
            lambda number: literal_html(subject if number == _TITLE_SLOT else values[number])
        )


class Markup:
    """Turns Markdown into pages; links go to the configured numbers and to us."""

    def __init__(self, linker: Linker) -> None:
        self._linker = linker
        self._markdown = MarkdownIt("commonmark", {"html": False}).disable(_DISABLED)
        self._markdown.validateLink = _is_link_of_ours  # type: ignore[method-assign]
        self._inliner = css_inline.CSSInliner(keep_style_tags=False, load_remote_stylesheets=False)

    def page(self, markdown: str, language: str, *, framed: bool = True) -> Page:
        tokens = self._markdown.parse(markdown)
        text = plain_text(tokens)
        self._prepare(tokens)
        direction, start = ("rtl", "right") if language.partition("-")[0] in _RIGHT_TO_LEFT else ("ltr", "left")
        html = _PAGE.format(
            language=language,
            direction=direction,
            title=chr(FIRST_SLOT + _TITLE_SLOT),
            style=_STYLE.format(start=start) + (_FRAME.format(start=start) if framed else ""),
            body=self._markdown.renderer.render(tokens, self._markdown.options, {}),
        )
        return Page(Skeleton.of(text), Skeleton.of(self._inliner.inline(html)))

    def _prepare(self, tokens: list[Token]) -> None:
        """What Markdown alone does not know: links to call, small print, the direction of a stranger's words."""
        for opening, inline in pairwise(tokens):
            if inline.type != "inline" or inline.children is None:
                continue
            if opening.type == "paragraph_open" and SLOT.fullmatch(inline.content):
                opening.attrSet("dir", "auto")
            inline.children = self._linked(inline.children)
        rules = [place for place, token in enumerate(tokens) if token.type == "hr"]
        if rules:
            tokens[rules[-1]] = Token("html_block", "", 0, content='<div class="small">\n')
            tokens.append(Token("html_block", "", 0, content="</div>\n"))

    def _linked(self, children: list[Token]) -> list[Token]:
        linked: list[Token] = []
        inside = False
        for child in children:
            inside = child.type == "link_open" or (inside and child.type != "link_close")
            if child.type != "text" or inside:
                linked.append(child)
                continue
            for run in self._linker.runs(child.content):
                words = Token("text", "", 0, content=run.text)
                if run.href:
                    opened = Token("link_open", "a", 1, attrs={"href": run.href})
                    linked += [opened, words, Token("link_close", "a", -1)]
                else:
                    linked.append(words)
        return linked


def _is_link_of_ours(url: str) -> bool:
    """A link leads to a web address, a mail address or a number, and no value of a mail decides where."""
    return bool(_OUR_LINKS.match(url)) and "%F3%B" not in url.upper() and not SLOT.search(url)


def plain_text(tokens: Sequence[Token]) -> str:
    """The tokens as plain text, a line for each paragraph or list entry, lines not wrapped, ending in a line break."""
    writer = _PlainText(small_print=max((at for at, token in enumerate(tokens) if token.type == "hr"), default=-1))
    for place, token in enumerate(tokens):
        writer.take(place, token)
    return "".join(writer.pieces).strip("\n") + "\n"


class _PlainText:
    """Collects blocks of plain text while the tokens go by."""

    def __init__(self, small_print: int) -> None:
        self.pieces: list[str] = []
        self._small_print = small_print
        self._numbers: list[int | None] = []
        self._bullet = ""
        self._gap = "\n\n"

    def take(self, place: int, token: Token) -> None:
        if token.type in ("bullet_list_open", "ordered_list_open"):
            self._numbers.append(int(token.attrs.get("start", 1)) if token.type == "ordered_list_open" else None)
            self._gap = "\n\n" if len(self._numbers) == 1 else "\n"
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            self._numbers.pop()
            self._gap = "\n" if self._numbers else "\n\n"
        elif token.type == "list_item_open":
            self._open_item()
        elif token.type == "hr":
            # "-- " tells mail programs that what follows is no part of the letter (RFC 3676 section 4.3).
            self.pieces.append("\n\n-- \n" if place == self._small_print else "\n\n* * *")
            self._gap = "" if place == self._small_print else "\n\n"
        elif token.type == "inline":
            self._write(inline_text(token.children or ()))

    def _open_item(self) -> None:
        number = self._numbers[-1]
        self._bullet = "- " if number is None else f"{number}. "
        if number is not None:
            self._numbers[-1] = number + 1

    def _write(self, text: str) -> None:
        depth = max(0, len(self._numbers) - 1)
        indent = "  " * depth + self._bullet
        self.pieces.append(self._gap + indent + text)
        # Entries of a tight list follow line on line; a loose one is rare in a letter, and reads well like this too.
        self._gap = "\n" if self._numbers else "\n\n"
        self._bullet = ""


def inline_text(children: Sequence[Token]) -> str:
    """The words of one paragraph; a link that says something other than its address is followed by the address."""
    pieces: list[str] = []
    href, words = "", ""
    for child in children:
        if child.type == "softbreak":
            pieces.append(" ")
        elif child.type == "hardbreak":
            pieces.append("\n")
        elif child.type == "link_open":
            href, words = str(child.attrs["href"]), ""
        elif child.type == "link_close":
            if href.startswith("http") and words.rstrip("/") not in (href.rstrip("/"), href.partition("://")[2].rstrip("/")):
                pieces.append(f" ({href})")
            href = ""
        else:
            pieces.append(child.content)
            words += child.content
    return "".join(pieces)
