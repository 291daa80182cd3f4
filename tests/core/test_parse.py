"""Whole messages, as files beside what is expected of them, and what `parse` keeps of a message in any case."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from helpdesk.core.parse import parse
from helpdesk.model.message import Address, InboundMessage

CORPUS = Path(__file__).parent.parent / "corpus" / "parse"
FILES = sorted(CORPUS.glob("*.eml"))


def _facts(message: InboundMessage) -> dict[str, object]:
    sender = message.sender
    return {
        "subject": message.subject,
        "sender": f"{sender.name} <{sender.address}>" if sender else "",
        "to": list(message.to),
        "text": message.text,
        "new_text": message.new_text,
        "attachments": [f"{attachment.name} {attachment.size}" for attachment in message.attachments],
        "parts": [part.content_type for part in message.parts],
        "defects": list(message.defects),
    }


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_file_is_read_as_expected(file: Path) -> None:
    expected = {"defects": []} | tomllib.loads(file.with_suffix(".expect.toml").read_text(encoding="utf-8"))
    facts = _facts(parse(file.read_bytes()))
    assert {name: facts[name] for name in expected} == expected


def test_ordinary_mail_fills_every_field() -> None:
    message = parse(
        b"From: Sam <Sam@Example.org>\r\nTo: Desk <info@example.com>\r\nCc: info@example.com, kim@example.org\r\n"
        b"Reply-To: other@example.org\r\nSubject: Re: Hello\r\n  there\r\nDate: Mon, 02 Nov 2026 12:00:00 +0100\r\n"
        b"Message-ID: <a@example.org>\r\nIn-Reply-To: <b@example.com>\r\nReferences: <c@example.com>\r\n <b@example.com>\r\n"
        b"X-Thing: =?utf-8?q?caf=C3=A9?=\r\n\r\nWords\r\n"
    )
    assert message.sender == Address("Sam", "Sam@Example.org")
    assert message.to == ("info@example.com", "kim@example.org")
    assert message.reply_to == (Address("", "other@example.org"),)
    assert message.subject == "Re: Hello there"
    assert message.date == datetime(2026, 11, 2, 11, tzinfo=UTC)
    assert (message.message_id, message.in_reply_to) == ("a@example.org", ("b@example.com",))
    assert message.references == ("c@example.com", "b@example.com")
    assert message.headers.first("x-thing") == "café"
    assert (message.content_type, message.language, message.defects) == ("text/plain", "en", ())
    assert (message.text, message.new_text, message.size) == ("Words", "Words", 341)


def test_quoted_history_is_in_the_text_but_not_in_the_new_text() -> None:
    message = parse(
        b"From: a@example.org\n\nYes, please.\n\nOn 2 Nov 2026, Desk <info@example.com> wrote:\n> Would you like that?\n"
    )
    assert message.new_text == "Yes, please."
    assert "Would you like that?" in message.text


@pytest.mark.parametrize("raw", [b"", b"\n", b"\r", b"\0", b"\xff" * 50, b"From", b"no mail at all", b"\xef\xbb\xbf"], ids=repr)
def test_bytes_that_are_no_mail_are_a_message_without_a_sender(raw: bytes) -> None:
    message = parse(raw)
    assert message.sender is None
    assert message.message_id is None
    assert message.date is None
    assert message.size == len(raw)
    assert "no usable From" in message.defects


def test_words_of_bytes_that_are_no_mail_are_kept() -> None:
    assert parse(b"help me please\nI have no mail program\n").text == "help me please\nI have no mail program"


@pytest.mark.parametrize(
    ("head", "address"),
    [
        ("Reply-To: sam@example.org", "sam@example.org"),
        ("From:\nReply-To: sam@example.org", "sam@example.org"),
        ("From: Mail Delivery System <>\nReply-To: sam@example.org", None),
        ("From: Sam\nReply-To: sam@example.org", None),
        ("Sender: sam@example.org", None),
    ],
    ids=["no From", "empty From", "null sender", "name alone", "Sender alone"],
)
def test_reply_to_is_the_sender_only_where_there_is_no_from(head: str, address: str | None) -> None:
    message = parse(f"{head}\n\nwords\n".encode())
    assert (message.sender.address if message.sender else None) == address
    assert "no usable From" in message.defects


def test_page_behind_the_text_is_used_to_tell_what_is_new() -> None:
    page = (
        '<p>New words</p><div class="gmail_quote">On Monday Desk wrote:<blockquote class="gmail_quote">Old</blockquote></div>'
    )
    message = parse(f"From: a@example.org\nContent-Type: text/html\n\n{page}".encode())
    assert message.new_text == "New words"
    assert "Old" in message.text


def test_part_text_is_the_source_and_depth_counts_the_levels() -> None:
    message = parse(
        b"From: a@example.org\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/html\n\n<p>Hi</p>\n"
        b"--b\nContent-Type: image/png\n\nxx\n--b\nContent-Type: message/rfc822\n\nMessage-ID: <x@example.org>\n\nOld\n--b--\n"
    )
    assert [(part.content_type, part.text, part.depth) for part in message.parts] == [
        ("text/html", "<p>Hi</p>", 1),
        ("image/png", "", 1),
        ("message/rfc822", "Message-ID: <x@example.org>\n\nOld", 1),
    ]


def test_defects_are_noted_once_and_never_without_end() -> None:
    words = b"".join(b"X-%d: =?nope-%d?q?=E9?=\n" % (number, number) for number in range(200))
    defects = parse(words + b"\nwords").defects
    assert len(defects) == len(set(defects)) == 50
