"""Jinja2, kept small: parses, compiles and fills a template that has passed the allow-list.

Values are not written into the Markdown: each becomes one private-use character, and its text goes into the finished
mail. Reads no files.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from traceback import extract_tb

from jinja2 import FunctionLoader, StrictUndefined, Template, TemplateError, TemplateSyntaxError, nodes, pass_context
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from helpdesk.errors import Problem, TemplateProblem
from helpdesk.mail.links import unlinked_text
from helpdesk.mail.markup import Markup, Page, slot
from helpdesk.mail.template_check import FILTERS, line_of
from helpdesk.model.template import Rendered, Values

MAX_OUTPUT = 100_000
MAX_DEPTH = 30
# As many shapes of one template as there are paths through its ifs; beyond this something is wrong, and we start over.
MAX_PAGES = 64
# No name in a template can hold a space, so no template can reach it.
_SLOTS = "slots of this mail"
# A line that holds nothing but tags; each tag ends at its first %} or #}, so that no line is read in two ways.
_TAG = r"(?:\{%(?:(?!%\}).)*%\}|\{\#(?:(?!\#\}).)*\#\})"
_TAG_LINE = re.compile(rf"^[ \t]*({_TAG}(?:[ \t]*{_TAG})*)[ \t]*\n", re.MULTILINE)
_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")

# What a sandboxed template can raise besides Jinja's own errors, with the values that a caller may get wrong.
RENDER_ERRORS = (TemplateError, TypeError, ValueError, ArithmeticError, LookupError, AttributeError, RecursionError)


class ConfiguredText(str):
    """Text of our own configuration: written into the Markdown, so that its numbers become links, but never as markup."""

    __slots__ = ("markdown",)
    markdown: str

    def __new__(cls, value: str) -> ConfiguredText:
        text = super().__new__(cls, value)
        lines = [_PUNCTUATION.sub(r"\\\1", line.strip()) for line in value.strip().split("\n")]
        # A backslash at the end of a line is Markdown's line break.
        text.markdown = "\\\n".join(line for line in lines if line)
        return text


@pass_context
def _as_slot(context: Context, value: object) -> str:
    """Put out a value as its slot; pass_context also keeps Jinja from doing this to constants as it compiles."""
    if isinstance(value, ConfiguredText):
        return value.markdown
    slots: list[str] = context[_SLOTS]
    # Written out here, so that a missing value fails in the template and not in the mail.
    slots.append(str(value))
    return slot(len(slots) - 1)


def _environment(finalize: object, sources: Mapping[str, tuple[str, str]]) -> ImmutableSandboxedEnvironment:
    def load(name: str) -> tuple[str, str, None] | None:
        found = sources.get(name.removesuffix(".md"))
        return (_without_tag_lines(found[0]), found[1], None) if found else None

    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined,
        finalize=finalize,
        loader=FunctionLoader(load),
        # Values are escaped where they go into the HTML, and must not be in the plain text.
        autoescape=False,
        keep_trailing_newline=True,
        auto_reload=False,
    )
    environment.globals.clear()
    environment.filters = {name: environment.filters[name] for name in FILTERS}
    environment.tests.clear()
    return environment


def _without_tag_lines(source: str) -> str:
    """Take the line break of a line of tags into its last tag: it leaves no empty line, and the next keeps its number.

    Jinja's own trim_blocks would also eat the break after a tag at the end of a line of words.
    """
    return _TAG_LINE.sub(lambda match: f"{match[1][:-2].rstrip('-+')}\n{match[1][-2:]}", source)


_PARSER = _environment(None, {})


def parse(source: str, path: str, *, line: int = 1) -> nodes.Template:
    """The tree of a template, not compiled. Raises TemplateProblem where it can't be read as one."""
    try:
        tree = _PARSER.parse("\n" * (line - 1) + _without_tag_lines(source), filename=path)
    except TemplateSyntaxError as error:
        problem = Problem(
            f"{path}, line {error.lineno}", f"{_sentence(error.message or '')}", "Look for an open {{ or {% in this line."
        )
        raise TemplateProblem(problem) from error
    except RecursionError as error:
        raise TemplateProblem(_too_deep(path)) from error
    # Long chains ("a and a and a") parse without depth but would exhaust the stack of whatever walks the tree.
    level: list[nodes.Node] = [tree]
    for _ in range(MAX_DEPTH):
        level = [child for node in level for child in node.iter_child_nodes()]
    if level:
        raise TemplateProblem(_too_deep(f"{path}, line {line_of(level[0])}"))
    return tree


def _too_deep(where: str) -> Problem:
    return Problem(where, "Too much stands inside one another here.", "Write it with fewer brackets, “and”s and ifs in ifs.")


@dataclass(frozen=True, slots=True)
class Source:
    """What a template is made of, all of it checked; `pieces` are (text, path) by name.

    `shows_mail` says that its values come from a mail: then no program may make links of them, in the plain text either.
    `framed`: a value that is a paragraph of its own is set off, since other words than ours stand in it.
    """

    path: Path
    language: str
    subject: str
    body: str
    pieces: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    shows_mail: bool = False
    framed: bool = True


class CompiledTemplate:
    """One version of one template, ready to fill; keeps each shape of its Markdown once made."""

    def __init__(self, source: Source, markup: Markup) -> None:
        self.source = source
        self._markup = markup
        self._pages: dict[str, Page] = {}
        path = str(source.path)
        self._subject = _environment(None, {"subject": (source.subject, path)}).get_template("subject")
        self._body = _environment(_as_slot, {**source.pieces, "body": (source.body, path)}).get_template("body")

    def render(self, values: Values) -> Rendered:
        """Fill it. Raises one of RENDER_ERRORS where the values or the template are not what they should be."""
        slots: list[str] = []
        marked = _put_out(self._body, {**values, _SLOTS: slots})
        subject = " ".join(_put_out(self._subject, values).split())
        in_text = [unlinked_text(value) for value in slots] if self.source.shows_mail else slots
        text, html = self.page(marked).fill(subject, slots, in_text)
        return Rendered(subject, text, html, self.source.language)

    def page(self, marked: str) -> Page:
        page = self._pages.get(marked)
        if page is None:
            if len(self._pages) >= MAX_PAGES:
                self._pages.clear()
            page = self._pages[marked] = self._markup.page(marked, self.source.language, framed=self.source.framed)
        return page

    def pages(self) -> tuple[Page, ...]:
        """Every shape that was made so far."""
        return tuple(self._pages.values())


def _put_out(template: Template, values: Mapping[str, object]) -> str:
    pieces: list[str] = []
    length = 0
    for piece in template.generate(values):
        length += len(piece)
        if length > MAX_OUTPUT:
            raise ValueError(f"It writes more than {MAX_OUTPUT // 1000} KB of text.")
        pieces.append(piece)
    return "".join(pieces)


def problem_of(error: BaseException, source: Source) -> Problem:
    """What a failed render tells an admin: the file and line where it failed, and why."""
    paths = {str(source.path), *(path for _, path in source.pieces.values())}
    places = [frame for frame in extract_tb(error.__traceback__) if frame.filename in paths]
    where = f"{places[-1].filename}, line {places[-1].lineno}" if places else str(source.path)
    remedy = "Look at the values in this line; README.md in this directory lists them."
    return Problem(where, _sentence(str(error) or type(error).__name__), remedy)


def _sentence(words: str) -> str:
    words = words.strip() or "This can't be read as a template."
    return words if words.endswith((".", "?", "!")) else f"{words}."
