"""Markdown to plain text and HTML, and values that must arrive as they were written."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from helpdesk.mail.links import Linker, literal_html, unlinked_text
from helpdesk.mail.markup import MAX_SLOTS, Markup, Skeleton, slot
from tests.mail.templates_ground import ORGANISATION, SIGNPOSTS, renamed

MARKUP = Markup(Linker(SIGNPOSTS, ORGANISATION))

HOSTILE = {
    "a year that would begin a list": "1986. That was the year.",
    "a Markdown link": "[x](http://example.org)",
    "HTML": "<b>bold</b> & <script>alert(1)</script>",
    "emphasis and headings": "# *not* __this__ `code`",
    "an entity": "&lt; &amp;copy; &#57;",
    "our own marks": slot(0) + slot(3) + "\U000ffffd",
    "a format string": "{0} %s {{ office.open }} {% if x %}",
    "quotes": "\"double\" 'single'",
    "a list": "- one\n- two\n\n    four spaces",
    "a rule": "above\n---\nbelow",
    "a signature mark": "-- \nSam",
    "right to left": "مرحبا بك",
    "backslashes": "C:\\new\\table \\1 \\g<0>",
}


class _Page(HTMLParser):
    """Collects the text, the links and the elements of a page; <br> is a line break."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text = ""
        self.links: list[str | None] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self._in_head = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self.elements.append((tag, attributes))
        self._in_head = tag == "head" or (self._in_head and tag != "body")
        if "href" in attributes:
            self.links.append(attributes["href"])

    def handle_data(self, data: str) -> None:
        if not self._in_head:
            self.text += data

    def has(self, tag: str) -> bool:
        return any(element == tag for element, _ in self.elements)


def rendered(markdown: str, *values: str, subject: str = "Your message", language: str = "en") -> tuple[str, _Page]:
    text, html = MARKUP.page(markdown, language).fill(subject, values)
    return text, _Page(html)


@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.parametrize("markdown", [f"{slot(0)}", f"Hello **{slot(0)}**, and\n\n- {slot(0)}\n"], ids=["alone", "in words"])
def test_a_value_arrives_as_it_was_written(markdown: str, value: str) -> None:
    text, page = rendered(markdown, value)
    assert value in text
    assert value in page.text.replace("\r", "")
    assert not page.links
    assert not page.has("script")
    assert not page.has("b")


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("Hello,\n\nThank you.", "Hello,\n\nThank you.\n"),
        ("one line\nthat goes on", "one line that goes on\n"),
        ("one line\\\nanother", "one line\nanother\n"),
        ("Words:\n\n- one\n- two\n\nMore.", "Words:\n\n- one\n- two\n\nMore.\n"),
        ("- one\n\n- two\n\n  more of two\n", "- one\n- two\nmore of two\n"),
        ("- one\n  - inner\n- two", "- one\n  - inner\n- two\n"),
        ("3. three\n4. four", "3. three\n4. four\n"),
        ("## Head\n\n*soft* and **bold**", "Head\n\nsoft and bold\n"),
        ("a\n\n---\n\nb\n\n---\n\nsmall", "a\n\n* * *\n\nb\n\n-- \nsmall\n"),
        ("[our site](https://example.org/x)", "our site (https://example.org/x)\n"),
        ("<https://example.org/>", "https://example.org/\n"),
        ("[example.org](https://example.org)", "example.org\n"),
        ("[call](tel:123)", "call\n"),
        ("5 \\* 3 \\[x\\]", "5 * 3 [x]\n"),
        ("", "\n"),
    ],
    ids=[
        "paragraphs", "unwrapped", "line break", "list", "loose list", "list in list", "numbers", "marks vanish",
        "rules", "link", "bare link", "link that says itself", "number", "escapes", "nothing",
    ],
)  # fmt: skip
def test_plain_text_reads_as_a_letter(markdown: str, expected: str) -> None:
    assert rendered(markdown)[0] == expected


@pytest.mark.parametrize(
    ("words", "href"),
    [
        ("Call 999.", "tel:999"),
        ("Call 116 123 now", "tel:116123"),
        ("Call 116-123 now", "tel:116123"),
        ("Text SHOUT to 85258", "sms:85258"),
        ("Childline, 0800 1111", "tel:08001111"),
        ("www.exithate.com", "https://www.exithate.com"),
        ("See https://www.exithate.com.", "https://www.exithate.com"),
    ],
)
def test_a_templates_own_number_or_website_becomes_one_link(words: str, href: str) -> None:
    text, page = rendered(words)
    assert page.links == [href]
    assert text.strip() == page.text.strip() == words


@pytest.mark.parametrize(
    "words",
    ["In 1999", "number 11171", "0800 011 3764", "+44111", "www.exithate.com.example.org-x", "info@exithate.org"],
    ids=["a year", "inside digits", "switched off", "with a plus", "another site", "our address"],
)
def test_what_only_looks_like_it_is_no_link(words: str) -> None:
    linker = Linker(SIGNPOSTS, renamed(website="exithate.example"))
    assert [run.href for run in linker.runs(words) if run.href] == []


def test_a_website_with_a_number_in_its_name_is_still_a_website() -> None:
    linker = Linker(SIGNPOSTS, renamed(website="https://help999.example/"))
    assert [run.href for run in linker.runs("See help999.example or call 999")] == [
        "",
        "https://help999.example",
        "",
        "tel:999",
    ]


def test_without_anything_configured_nothing_is_a_link() -> None:
    linker = Linker((), renamed(website="", email=""))
    assert [(run.text, run.href) for run in linker.runs("Call 999")] == [("Call 999", "")]


def test_a_number_inside_a_link_stays_in_that_link() -> None:
    assert rendered("[call 999](tel:999) or 111")[1].links == ["tel:999", "tel:111"]


@pytest.mark.parametrize(
    "url", ["javascript:alert", "data:text/html,x", "file:///etc", f"https://example.org/{slot(0)}", slot(0)]
)
def test_a_link_leads_only_where_the_template_itself_says(url: str) -> None:
    text, page = rendered(f"[x]({url})", "here")
    assert page.links == []
    assert "](" in text


@pytest.mark.parametrize(
    "markdown",
    [
        "    four spaces",
        "```\ncode\n```",
        "<b>x</b>",
        "<div>\nx\n</div>",
        "> x",
        "`x`",
        "Title\n===",
    ],
    ids=["indent", "fence", "inline html", "html block", "quote", "code", "underlined"],
)
def test_what_a_letter_does_not_need_is_plain_text(markdown: str) -> None:
    page = rendered(markdown)[1]
    assert not {tag for tag, _ in page.elements} & {"pre", "code", "b", "blockquote", "h1", "img"}
    assert not page.links


def test_a_picture_is_no_more_than_a_link() -> None:
    page = rendered("![x](https://example.org/x.png)")[1]
    assert not page.has("img")
    assert page.links == ["https://example.org/x.png"]


def test_a_value_keeps_its_line_breaks() -> None:
    text, page = rendered(slot(0), "one\n\ntwo")
    assert "one\n\ntwo" in text
    assert [tag for tag, _ in page.elements].count("br") == 2


def test_a_paragraph_of_a_strangers_words_finds_its_own_direction() -> None:
    page = rendered(f"Ours.\n\n{slot(0)}", "مرحبا")[1]
    assert [attributes.get("dir") for tag, attributes in page.elements if tag == "p"] == [None, "auto"]


@pytest.mark.parametrize(
    ("language", "direction", "side"), [("en", "ltr", "left"), ("cy", "ltr", "left"), ("ar", "rtl", "right")]
)
def test_the_page_knows_its_language_and_direction(language: str, direction: str, side: str) -> None:
    page = rendered("x", language=language)[1]
    elements = dict(page.elements)
    assert (elements["html"]["lang"], elements["html"]["dir"]) == (language, direction)
    assert f"text-align: {side}" in str(elements["body"]["style"])


def test_the_page_loads_nothing_and_fits_a_phone() -> None:
    html = MARKUP.page("Hello\n\n---\n\nsmall", "en").fill("A <subject>", ())[1]
    page = _Page(html)
    assert not {tag for tag, _ in page.elements} & {"img", "link", "script", "style", "iframe", "object"}
    assert "url(" not in html
    assert "http" not in html
    assert "font-size: 16px" in str(dict(page.elements)["body"]["style"])
    assert ("meta", {"name": "viewport", "content": "width=device-width, initial-scale=1"}) in page.elements
    assert "<title>A &lt;subject&gt;</title>" in html


def test_small_print_follows_the_last_rule() -> None:
    page = rendered("a\n\n---\n\nb\n\n---\n\nc")[1]
    assert [tag for tag, _ in page.elements].count("hr") == 1
    assert "small" in [attributes.get("class") for _, attributes in page.elements]


@pytest.mark.parametrize("value", ["http://example.org/a", "see www.example.org", "sam@example.org", "example.org/x."])
def test_mail_programs_find_nothing_to_link_in_a_value(value: str) -> None:
    page = _Page(literal_html(value))
    assert page.text == value
    assert page.has("a")
    assert page.links == []


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("https://example.org", "https: //example .org"), ("HTTP://1.2.3.4/x", "HTTP: //1 .2 .3 .4/x"),
        ("https://sam@example.org/", "https: //sam@example .org/"), ("www.1.example", "www .1 .example"),
        ("example.com/a.pdf", "example .com/a.pdf"), ("a.pdf.example.com", "a .pdf .example .com"),
        ("<sam@example.org>,", "<sam@example.org>,"), ("sam.field@example.org:", "sam.field@example.org:"),
        ("letter.pdf (12 KB)\nphoto.jpg", "letter.pdf (12 KB)\nphoto.jpg"),
        ("At 10.30, e.g. on a bus. Or not.", "At 10.30, e.g. on a bus. Or not."),
    ],
)  # fmt: skip
def test_a_web_address_is_still_read_but_not_found_in_plain_text(value: str, shown: str) -> None:
    assert unlinked_text(value) == shown


def test_plain_words_are_not_wrapped() -> None:
    assert literal_html("Hello, at 10:00. Bye") == "Hello, at 10:00. Bye"


def test_a_skeleton_without_gaps_is_its_text() -> None:
    assert Skeleton.of("plain").fill(str) == "plain"


def test_there_is_an_end_to_marks() -> None:
    with pytest.raises(ValueError, match="more than"):
        slot(MAX_SLOTS)
