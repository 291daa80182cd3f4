"""winmail.dat, built here byte by byte: names, sizes and words, and what happens where its bytes make no sense."""

from __future__ import annotations

import base64
import struct

import pytest

from helpdesk.core.parse import parse
from helpdesk.core.parse.limits import Defects
from helpdesk.core.parse.tnef import Tnef, TnefFile, read_tnef

HEAD = b"\x78\x9f\x3e\x22\x01\x00"
STRING, UNICODE, BINARY, LONG, MULTIPLE = 0x1E, 0x1F, 0x102, 3, 0x1000


def _attribute(number: int, value: bytes) -> bytes:
    return struct.pack("<BHHI", 1, number, 6, len(value)) + value + b"\0\0"


def _counted(values: list[bytes]) -> bytes:
    return struct.pack("<I", len(values)) + b"".join(
        struct.pack("<I", len(value)) + value + b"\0" * (-len(value) % 4) for value in values
    )


def _properties(*properties: bytes) -> bytes:
    return struct.pack("<I", len(properties)) + b"".join(properties)


def _string(number: int, value: bytes, kind: int = STRING) -> bytes:
    return struct.pack("<HH", kind, number) + _counted([value])


def _file(*attributes: bytes) -> bytes:
    return _attribute(0x9002, b"\0" * 14) + b"".join(attributes)


NAMED_BY_NUMBER = struct.pack("<HH", LONG, 0x8001) + b"g" * 16 + struct.pack("<II", 0, 7) + b"\0" * 4
NAMED_BY_NAME = struct.pack("<HH", LONG, 0x8001) + b"g" * 16 + struct.pack("<II", 1, 6) + b"n\0a\0\0\0\0\0" + b"\0" * 4
LONG_NAME = _string(0x3707, "Brief für Kim.doc".encode("utf-16-le") + b"\0\0", UNICODE)

READ = [
    ("short name", _file(_attribute(0x8010, b"BRIEF~1.DOC\0"), _attribute(0x800F, b"xxx")), [("BRIEF~1.DOC", 3)], ""),
    (
        "long name",
        _file(_attribute(0x8010, b"A.DOC\0"), _attribute(0x9005, _properties(LONG_NAME))),
        [("Brief für Kim.doc", 0)],
        "",
    ),
    ("data as a property", _file(_attribute(0x9005, _properties(_string(0x3701, b"12345", BINARY)))), [("", 5)], ""),
    (
        "size is not taken twice",
        _file(_attribute(0x800F, b"xxx"), _attribute(0x9005, _properties(_string(0x3701, b"1", BINARY)))),
        [("", 3)],
        "",
    ),
    ("name of another type", _file(_attribute(0x9005, _properties(_string(0x3707, b"x", BINARY)))), [("", 0)], ""),
    ("other property", _file(_attribute(0x9005, _properties(_string(0x1234, b"x")))), [("", 0)], ""),
    ("body", _attribute(0x800C, b"Words\0"), [], "Words"),
    ("body as a property", _attribute(0x9003, _properties(_string(0x1000, b"Words\0"))), [], "Words"),
    (
        "body behind named ones",
        _attribute(0x9003, _properties(NAMED_BY_NUMBER, NAMED_BY_NAME, _string(0x1000, b"Words"))),
        [],
        "Words",
    ),
    (
        "body behind lists",
        _attribute(
            0x9003,
            _properties(
                struct.pack("<HH", LONG | MULTIPLE, 1) + struct.pack("<II", 1, 5),
                struct.pack("<HH", STRING | MULTIPLE, 2) + _counted([b"ab", b"c"]),
                struct.pack("<HH", LONG, 3) + b"\0" * 4,
                _string(0x1000, b"Words"),
            ),
        ),
        [],
        "Words",
    ),
    ("code page", _attribute(0x9007, struct.pack("<II", 1251, 0)) + _attribute(0x800C, "Слово".encode("cp1251")), [], "Слово"),
    ("code page cut off", _attribute(0x9007, b"\0") + _attribute(0x800C, b"Words"), [], "Words"),
    ("title without a file", _attribute(0x8010, b"x") + _attribute(0x800F, b"x") + _attribute(0x9005, b"x"), [], ""),
    ("unknown attribute", _attribute(0x1234, b"x") + _attribute(0x800C, b"Words"), [], "Words"),
    ("attribute cut off", _attribute(0x800C, b"Words") + struct.pack("<BHHI", 1, 0x800C, 6, 999) + b"x", [], "Words"),
    ("number of properties too high", _attribute(0x9003, struct.pack("<I", 9) + _string(0x1000, b"Words")), [], "Words"),
    (
        "property of an unknown type",
        _attribute(0x9003, _properties(struct.pack("<HH", 0x0777, 1), _string(0x1000, b"Words"))),
        [],
        "",
    ),
    ("property cut off", _attribute(0x9003, struct.pack("<IHH", 1, STRING, 0x1000)), [], ""),
    ("fixed property cut off", _attribute(0x9003, struct.pack("<IHH", 1, LONG, 0x1000)), [], ""),
    ("value cut off", _attribute(0x9003, struct.pack("<IHHI", 1, STRING, 0x1000, 1)), [], ""),
    ("named property cut off", _attribute(0x9003, struct.pack("<IHH", 1, LONG, 0x8001) + b"g" * 10), [], ""),
    ("list of numbers cut off", _attribute(0x9003, struct.pack("<IHHI", 1, LONG | MULTIPLE, 1, 9_999)), [], ""),
    ("nothing", b"", [], ""),
]


@pytest.mark.parametrize(("content", "files", "text"), [case[1:] for case in READ], ids=[case[0] for case in READ])
def test_what_is_inside(content: bytes, files: list[tuple[str, int]], text: str) -> None:
    assert read_tnef(HEAD + content, Defects()) == Tnef(tuple(TnefFile(*file) for file in files), text)


def test_other_bytes_are_no_tnef() -> None:
    assert read_tnef(b"%PDF-1.4", Defects()) is None


def test_html_is_read() -> None:
    tnef = read_tnef(HEAD + _attribute(0x9003, _properties(_string(0x1013, b"<p>Words</p>", BINARY))), Defects())
    assert tnef is not None
    assert tnef.html == "<p>Words</p>"


def _mail(content: bytes, *, words: str = "", kind: str = "application/ms-tnef") -> bytes:
    encoded = base64.encodebytes(content).decode()
    return (
        "From: a@example.org\nContent-Type: multipart/mixed; boundary=b\n\n"
        f"--b\n\n{words}\n--b\nContent-Type: {kind}; name=winmail.dat\nContent-Transfer-Encoding: base64\n\n{encoded}\n--b--\n"
    ).encode()


def test_files_stand_in_the_place_of_winmail_dat() -> None:
    message = parse(_mail(HEAD + _file(_attribute(0x8010, b"a.pdf\0")) + _file() + _attribute(0x800C, b"Inner"), words="Outer"))
    assert message.text == "Outer"
    assert [(item.name, item.content_type) for item in message.attachments] == [
        ("a.pdf", "application/pdf"),
        ("attachment-2", "application/octet-stream"),
    ]


def test_words_of_the_page_inside_are_shown_where_there_are_no_others() -> None:
    content = HEAD + _attribute(0x9003, _properties(_string(0x1013, b"<p>Inner words</p>", BINARY)))
    message = parse(_mail(content, kind="application/octet-stream"))
    assert message.text == "Inner words"
    assert message.new_text == "Inner words"
    assert [item.name for item in message.attachments] == ["winmail.dat"]


def test_winmail_dat_that_is_none_stays_what_it_is() -> None:
    assert [item.name for item in parse(_mail(b"x")).attachments] == ["winmail.dat"]


def test_files_are_bounded() -> None:
    tnef = read_tnef(HEAD + _file() * 300, Defects())
    assert tnef is not None
    assert len(tnef.files) == 200
