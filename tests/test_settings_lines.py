"""The finder of a key's line, on every way in which TOML lets a key be written."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from helpdesk.settings.lines import KeyPath, TomlLines

TEXT = '''\
# A comment with a [heading] and a key = 1
top = 1
"quoted key" = 'a = 1'

[mailbox] # with a comment
address = "a # b ] } = c"
folders = [
  "INBOX", # the first
  # between
  "Sent]",
]
dotted.inner . key = 1
text = """
[not.a.heading]
key = \\"""
"""
literal = \'\'\'
x = 1
\'\'\'
inline = { a = 1, b.c = [1, 2], d = {} }
empty = []
after = "keep"

[office.hours]
opens = 10:00:00

[[office.closures]]
first = 2026-12-24
[[office.closures]]
first = 2026-12-31
[office.closures.note]
text = "x"
[ "a" . 'b' ]
c = [[1], [
2]]
last = true'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("top",), 2),
        (("quoted key",), 3),
        (("mailbox",), 5),
        (("mailbox", "address"), 6),
        (("mailbox", "folders"), 7),
        (("mailbox", "folders", 0), 8),
        (("mailbox", "folders", 1), 10),
        (("mailbox", "dotted", "inner", "key"), 12),
        (("mailbox", "text"), 13),
        (("mailbox", "literal"), 17),
        (("mailbox", "inline", "b", "c", 1), 20),
        (("mailbox", "inline", "d"), 20),
        (("mailbox", "empty"), 21),
        (("mailbox", "after"), 22),
        (("office", "hours", "opens"), 25),
        (("office", "closures", 0), 27),
        (("office", "closures", 0, "first"), 28),
        (("office", "closures", 1, "first"), 30),
        (("office", "closures", 1, "note", "text"), 32),
        (("a", "b", "c", 1, 0), 35),
        (("a", "b", "last"), 36),
        (("mailbox", "missing"), 5),
        (("office", "closures", 0, "missing"), 27),
        (("nothing", "at all"), None),
        ((), None),
    ],
    ids=str,
)
def test_line_of_a_key(path: KeyPath, line: int | None) -> None:
    assert tomllib.loads(TEXT), "the text of this test is TOML"
    assert TomlLines(TEXT).line_of(path) == line


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment", "a = 1"], ids=repr)
def test_short_texts_are_read(text: str) -> None:
    assert TomlLines(text).line_of(("a",)) == (1 if text == "a = 1" else None)


@example("a=[}")
@example("a={]")
@example("[a\n=[[{")
@given(st.text(alphabet="[]{}=\"'.,#\n a1\\", max_size=40))
def test_text_that_is_no_toml_is_read_to_its_end(text: str) -> None:
    line = TomlLines(text).line_of(("a",))
    assert line is None or 1 <= line <= text.count("\n") + 1
