"""No repr shows what a person wrote or who they are: reprs end up in tracebacks, assertions and logs.

A mail with rare words goes the whole way, and whatever value of ours any function of ours holds on the way is looked at.
"""

from __future__ import annotations

import base64
import struct
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, is_dataclass
from pathlib import Path
from types import FrameType

import pytest

from helpdesk.errors import Problem
from helpdesk.model.policy import Ourselves
from tests.e2e.test_privacy import PLANTED, planted_mail
from tests.fakes import FakeFolder
from tests.jobs.conftest import MIKE, make_desk, make_office

ROOT = str(Path(__file__).resolve().parent.parent / "helpdesk")
WORDS = tuple(word.lower() for word in PLANTED.values())
HEAD = (
    f"From: {PLANTED['name']} <{PLANTED['local']}@{PLANTED['domain']}.example>\r\nTo: info@exithate.org\r\n"
    f"Subject: =?utf-8?q?{PLANTED['subject']}?=\r\nMessage-ID: <{PLANTED['message_id']}@example.org>\r\n"
).encode()


@dataclass(frozen=True, slots=True)
class Leak:
    """A value of ours whose repr shows a planted word."""

    value: str
    word: str


@dataclass
class Watch:
    """Looks at the values of ours that functions of ours hold when they return."""

    seen: set[str] = field(default_factory=set)
    leaks: set[Leak] = field(default_factory=set)

    def __call__(self, frame: FrameType, event: str, argument: object) -> None:
        if event == "return" and frame.f_code.co_filename.startswith(ROOT):
            for value in (*frame.f_locals.values(), argument):
                self.look_at(value)

    def look_at(self, value: object) -> None:
        kind = type(value)
        if not is_dataclass(value) or not kind.__module__.startswith("helpdesk."):
            return
        self.seen.add(kind.__name__)
        shown = repr(value).lower()
        self.leaks |= {Leak(kind.__qualname__, word) for word in WORDS if word in shown}


@contextmanager
def watching() -> Iterator[Watch]:
    watch = Watch()
    before = sys.getprofile()
    sys.setprofile(watch)
    try:
        yield watch
    finally:
        sys.setprofile(before)


class QuietFolder(FakeFolder):
    """The server's side, which of course has the mail."""

    __repr__ = object.__repr__


def bounce() -> bytes:
    return (
        b"From: MAILER-DAEMON@mx.example.net\r\nTo: info@exithate.org\r\nSubject: Undelivered\r\n"
        b'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n--b\r\n\r\n'
        + f"{PLANTED['local']}@{PLANTED['domain']}.example could not be reached.\r\n".encode()
        + b"--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.net\r\n\r\n"
        + f"Final-Recipient: rfc822; {PLANTED['local']}@{PLANTED['domain']}.example\r\n".encode()
        + b"Action: failed\r\nStatus: 5.1.1\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n"
        + f"Message-ID: <{PLANTED['reference']}@exithate.org>\r\nSubject: {PLANTED['subject']}\r\n".encode()
        + b"\r\nHello\r\n--b--\r\n"
    )


def uuencoded() -> bytes:
    return HEAD + f"\r\n{PLANTED['body']}\r\nbegin 644 {PLANTED['file_name']}.txt\r\n#:&D*\r\n`\r\nend\r\n".encode()


def winmail() -> bytes:
    """A winmail.dat with a text and a file, and no other words."""

    def attribute(number: int, value: bytes) -> bytes:
        return struct.pack("<BHHI", 1, number, 6, len(value)) + value + b"\0\0"

    inside = attribute(0x800C, PLANTED["body"].encode()) + attribute(0x9002, b"\0" * 14)
    inside += attribute(0x8010, f"{PLANTED['file_name']}.txt".encode())
    encoded = base64.encodebytes(b"\x78\x9f\x3e\x22\x01\x00" + inside)
    return HEAD + b"Content-Type: application/ms-tnef\r\nContent-Transfer-Encoding: base64\r\n\r\n" + encoded


def from_staff() -> bytes:
    return (
        f"From: {MIKE.email}\r\nTo: info@exithate.org\r\nIn-Reply-To: <{PLANTED['reference']}@example.org>\r\n"
        f"Subject: {PLANTED['subject']}\r\n\r\n{PLANTED['body']}\r\n"
    ).encode()


MAILS = {"planted": planted_mail(), "bounce": bounce(), "uuencode": uuencoded(), "winmail": winmail(), "staff": from_staff()}


def leaks_of(path: Path, *mails: bytes) -> Watch:
    """The whole way of these mails, watched."""
    us = Ourselves(
        addresses=frozenset({"info@exithate.org"}),
        staff_addresses=frozenset({MIKE.email}),
        form_senders=frozenset({f"{PLANTED['cc']}@example.org"}),
        professionals=frozenset({f"@{PLANTED['html']}.example"}),
    )
    office = make_office(path, make_desk(ourselves=us))
    office.folder = office.ingest.folder = QuietFolder()
    with closing(office.store), watching() as watch:
        office.start()
        office.work(*mails)
    return watch


@pytest.mark.parametrize("raw", MAILS.values(), ids=MAILS)
def test_no_value_on_the_way_of_a_mail_shows_its_words(tmp_path: Path, raw: bytes) -> None:
    assert leaks_of(tmp_path, raw).leaks == set()


def test_the_values_that_hold_mail_are_among_those_looked_at(tmp_path: Path) -> None:
    seen = leaks_of(tmp_path, *MAILS.values()).seen
    assert {"InboundMessage", "Verdict", "Facts", "AcknowledgementFacts", "OutboundMail", "NewDelivery", "Delivery"} <= seen
    assert {
        "Node",
        "Words",
        "UuFile",
        "Tnef",
        "TnefFile",
        "Parametered",
        "_Content",
        "Order",
        "_Word",
        "BodyReader",
        "Ourselves",
    } <= seen


def test_a_repr_that_shows_a_word_is_found() -> None:
    watch = Watch()
    watch.look_at(Problem("here", PLANTED["body"], ""))
    assert watch.leaks == {Leak("Problem", PLANTED["body"])}
