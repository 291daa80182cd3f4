"""Mail that was made to cost time or memory: what it is read as shows which limit met it.

A bound that fails here shows as a test that takes minutes, or as a process out of memory.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from helpdesk.core.parse import parse
from helpdesk.core.parse.limits import DEPTH

HEAD = b"From: Sam <sam@example.org>\r\nSubject: Hello\r\nDate: Mon, 02 Nov 2026 11:00:00 +0000\r\n"


def _page(page: bytes) -> bytes:
    return HEAD + b"Content-Type: text/html\r\n\r\n" + page


def _nested(levels: int, name: bytes = b"boundary") -> bytes:
    opened = (b"Content-Type: multipart/mixed; %s=b%d\r\n\r\n--b%d\r\n" % (name, level, level) for level in range(levels))
    return HEAD + b"".join(opened) + b"\r\ninnermost"


OVER_A_LIMIT: dict[str, tuple[Callable[[], bytes], str]] = {
    "60 MB": (lambda: HEAD + b"\r\nfirst words\r\n" + b"a line of a long mail\r\n" * 2_700_000, "over 25 MB"),
    "25 MB of newlines": (lambda: HEAD + b"\r\nfirst words\r\n" + b"\n" * 25_000_000, "over 500,000 lines"),
    "20 MB of carriage returns": (lambda: HEAD + b"\r\nfirst words\r\n" + b"\r" * 20_000_000, "over 500,000 lines"),
    "header lines": (lambda: HEAD + b"X: y\r\n" * 2_001 + b"\r\nfirst words\r\n", "over 2,000 header lines"),
    "nested parts": (lambda: _nested(2_000), "over 100 boundaries"),
}


@pytest.mark.parametrize("name", OVER_A_LIMIT)
def test_mail_over_a_limit_is_read_for_headers_and_first_text_only(name: str) -> None:
    make, limit = OVER_A_LIMIT[name]
    message = parse(make())
    assert message.defects[0] == f"{limit}: only the headers and the first text were read"
    assert message.sender is not None
    assert message.subject == "Hello"
    if name != "nested parts":
        assert message.text.startswith("first words")


@pytest.mark.parametrize(
    "raw",
    [_nested(90), _nested(3_000, b"BoUnDaRy"), HEAD + b"Content-Type: message/rfc822\r\n\r\n" * 500],
    ids=["90 levels", "3,000 levels that escape the count", "500 messages in messages"],
)
def test_nesting_ends_at_the_depth_limit(raw: bytes) -> None:
    message = parse(raw)
    assert "parts nested too deep or too many: not all were read" in message.defects
    assert max(part.depth for part in message.parts) <= DEPTH


def test_encoded_messages_are_decoded_up_to_a_limit_of_all_levels_together() -> None:
    level = b"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    part = b"\r\n--b\r\n" + level * 20 + b"a line of words\r\n" * 200_000
    message = parse(HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n" + part * 2)
    assert "parts nested too deep or too many: not all were read" in message.defects


def test_parts_end_at_their_limit() -> None:
    raw = HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nwords\r\n" * 3_000
    message = parse(raw)
    assert len(message.parts) == 999
    assert "parts nested too deep or too many: not all were read" in message.defects


def test_lines_that_only_begin_like_a_delimiter_are_counted() -> None:
    raw = HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nfirst words\r\n" + b"--bx\r\n" * 400_000
    assert parse(raw).text.startswith("first words")


def test_delimiter_lines_of_nested_parts_share_one_budget() -> None:
    levels = [b"Content-Type: multipart/mixed; boundary=%s\r\n\r\n--%s\r\n" % (b"b" * n, b"b" * n) for n in range(25, 0, -1)]
    raw = HEAD + b"".join(levels) + b"\r\ninnermost\r\n" + b"--" + b"b" * 30 + b"\r\n" + b"--bx\r\n" * 400_000
    assert parse(raw).sender is not None


VALUES = {
    "20,000 encoded words": b"=?utf-8?q?x?= " * 20_000,
    "encoded words without an end": b"=?utf-8?q?" * 6_000,
    "openings of encoded words": b"=?" * 30_000,
    "escaped quotes": b'\\"' * 30_000,
    "quote and escaped quotes": b'"' + b'\\"' * 30_000,
    "quotes": b'"a' * 30_000,
    "parentheses": b"(" * 60_000,
    "opened comments": b"(\\" * 30_000,
    "angle brackets": b"<a@b" * 15_000,
    "at signs": b"@a" * 30_000,
    "one long word": b"a" * 60_000,
    "spaces": b"<" + b" " * 60_000,
    "groups": b"a:;" * 20_000,
    "addresses": b"a@example.org," * 4_000,
    "parameters": b"text/plain" + b"; a=b" * 10_000,
    "parameter sections": b"text/plain" + b"; name*1*=b" * 5_000,
    "half-quoted parameters": b'text/plain; a="\\' * 4_000,
    "parameters without a value": b"text/plain; " + b"a " * 30_000,
    "numbers": b"1 " * 30_000,
    "20 MB": b"x" * 20_000_000,
}
FIELDS = ("From", "To", "Subject", "Date", "Message-ID", "References", "Content-Type", "Content-Disposition", "X-Other")


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_no_value_makes_a_header_expensive(value: bytes) -> None:
    for name in FIELDS:
        message = parse(name.encode() + b": " + value + b"\nX-Last: 1\n\nwords")
        assert all(len(text) <= 64_000 for _, text in message.headers.fields)


PAGES = {
    "100,000 deep": b"<div>" * 100_000 + b"seen",
    "100,000 deep and hidden": b"<div style='display:none'>" * 50_000 + b"x" + b"</div>" * 50_000 + b"seen",
    "formats to open again": b"<p>" + b"".join(b"<font a=%d>" % n for n in range(20_000)) + b"</p>" + b"<p>seen" * 20_000,
    "brackets": b"seen" + b"<" * 1_000_000,
    "unfinished tags": b"seen " + b"<a" * 500_000,
    "unfinished attributes": b"seen " + b"<a b='" * 200_000,
    "attributes": b"<p " + b"a=1 " * 400_000 + b">seen",
    "quotes in attributes": b"<a " + b"href='" * 200_000 + b">seen",
    "comments": b"seen" + b"<!--" * 300_000,
    "declarations": b"seen" + b"<!" * 600_000,
    "styles": b"seen" + b"<style>" * 200_000,
    "unfinished ends of styles": b"seen<style>" + b"</style" * 200_000,
    "ampersands": b"seen" + b"&" * 1_500_000,
    "a number of a million digits": b"seen&#" + b"9" * 1_000_000,
    "links": b"<a href='http://example.org/x'>" * 50_000 + b"seen",
    "quotes": b"<blockquote>" * 100_000 + b"seen<br>" * 10_000,
    "lists": b"<ul><li>seen" * 100_000,
    "line breaks": b"seen" + b"<br>" * 400_000,
    "hidden paragraphs": b"<p style='display:none'>x" * 60_000 + b"</p>seen",
    "white space in a style": b"<p style='display" + b" " * 1_500_000 + b"'>seen",
}


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_no_page_is_expensive(page: bytes) -> None:
    assert "seen" in parse(_page(page)).text


BODIES = {
    "begins of uuencode": b"\r\n" + b"begin 644 x\r\n" * 100_000,
    "uuencode without an end": b"\r\n" + (b"begin 644 x\r\nM" + b"a" * 60 + b"\r\n") * 10_000,
    "quote marks": b"\r\n" + b">\r\n" * 400_000,
    "flowed quotes": b"Content-Type: text/plain; format=flowed\r\n\r\n" + b"> a \r\n>> b \r\n" * 50_000,
    "24 MB of soft line breaks": b"Content-Transfer-Encoding: quoted-printable\r\n\r\n" + b"=" * 24_000_000,
    "base64 with padding on every line": b"Content-Transfer-Encoding: base64\r\n\r\n" + b"QQ==\r\n" * 300_000,
    "24 MB of NUL": b"\r\n" + b"\0" * 24_000_000,
    "24 MB beyond ascii": b"\r\n" + b"\xff" * 24_000_000,
    "addresses": b"\r\n" + b"<http://a" * 200_000,
    "calendar lines": b"Content-Type: text/calendar\r\n\r\n" + b"SUMMARY;" * 200_000,
    "utf-7": b"Content-Type: text/plain; charset=utf-7\r\n\r\n" + b"+" * 1_500_000,
    "escapes": b"Content-Type: text/plain; charset=iso-2022-jp\r\n\r\n" + b"\x1b$B" * 500_000,
    "attributes of winmail.dat": b"Content-Type: application/ms-tnef\r\n\r\n\x78\x9f\x3e\x22\0\0"
    + b"\2\2\x90"
    + b"\0" * 3_000_000,
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_no_body_is_expensive(body: bytes) -> None:
    message = parse(HEAD + body)
    assert len(message.text) <= 2_000_000
    assert message.subject == "Hello"


def test_long_text_is_cut_and_the_cut_is_noted() -> None:
    message = parse(HEAD + b"\r\n" + b"a line of words\r\n" * 200_000)
    assert "text cut: too long" in message.defects
    assert len(message.text) > 1_500_000


def test_text_of_all_parts_together_is_bounded() -> None:
    part = b"--b\r\n\r\n" + b"a line of words in which a little more is said than in others\r\n" * 25_000
    message = parse(HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + part * 5)
    assert len(message.text) == 2_000_000
    assert "text cut: too long" in message.defects


def test_deep_nesting_of_a_list_does_not_grow_its_indent() -> None:
    text = parse(_page(b"<ul><li>" * 500 + b"innermost")).text
    assert max(map(len, text.splitlines())) < 80


def test_an_endless_file_name_without_a_folder_is_cut() -> None:
    raw = HEAD + b'Content-Disposition: attachment; filename="' + b">" * 500_000 + b'"\r\n\r\nx'
    (attachment,) = parse(raw).attachments
    assert len(attachment.name) <= 255
