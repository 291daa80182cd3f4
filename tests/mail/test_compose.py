"""Every mail is read back with the standard library's parser, and looked at as bytes."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.headerregistry import AddressHeader
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpdesk.mail.compose import MOST_REFERENCES, compose, quoted_printable
from helpdesk.model.delivery import Automatic, OutboundMail, OutgoingFile

MAIL = OutboundMail(
    from_name="Mike",
    from_address="info@exithate.org",
    to_address="rowan@example.org",
    subject="Your message",
    text="Hello,\n\nThank you for writing – it reached us.\n",
    html="<!DOCTYPE html><html><body><p>Hello, thank you for writing – it reached us.</p></body></html>\n",
    message_id="token@exithate.org",
    sent_at=datetime(2026, 11, 7, 23, 30, tzinfo=UTC),
    automatic=Automatic.REPLIED,
    in_reply_to="first@example.org",
    references=("root@example.org", "first@example.org"),
)


def read(mail: OutboundMail) -> EmailMessage:
    content = compose(mail)
    assert content.isascii()
    assert b"\r" not in content.replace(b"\r\n", b"")
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert max(len(line) for line in content.split(b"\r\n")) <= 998
    message = message_from_bytes(content, policy=policy.default)
    assert isinstance(message, EmailMessage)
    assert not message.defects
    kinds = [part.get_content_type() for part in message.walk()]
    first = kinds.index("multipart/alternative")
    assert kinds[first : first + 3] == ["multipart/alternative", "text/plain", "text/html"]
    assert (kinds[:first], len(kinds) - first - 3) == (["multipart/mixed"] if mail.files else [], len(mail.files))
    return message


def bodies(message: EmailMessage) -> tuple[str, str]:
    plain, html = message.get_body(("plain",)), message.get_body(("html",))
    assert plain is not None
    assert html is not None
    return plain.get_content().replace("\r\n", "\n"), html.get_content().replace("\r\n", "\n")


def test_the_usual_mail_reads_back_as_it_was_meant() -> None:
    message = read(MAIL)
    assert dict(message.items()) == {
        "From": "Mike <info@exithate.org>",
        "To": "rowan@example.org",
        "Subject": "Your message",
        "Date": "Sat, 07 Nov 2026 23:30:00 +0000",
        "Message-ID": "<token@exithate.org>",
        "In-Reply-To": "<first@example.org>",
        "References": "<root@example.org> <first@example.org>",
        "Auto-Submitted": "auto-replied",
        "X-Auto-Response-Suppress": "DR, RN, NRN, OOF, AutoReply",
        "Precedence": "auto_reply",
        "X-Loop": "info@exithate.org",
        "Content-Language": "en",
        "MIME-Version": "1.0",
        "Content-Type": message["Content-Type"],
    }
    plain, html = bodies(message)
    assert plain.rstrip() == MAIL.text.rstrip()
    assert html.rstrip() == MAIL.html.rstrip()


def test_the_same_mail_composes_to_the_same_bytes() -> None:
    assert compose(MAIL) == compose(MAIL)


def test_nothing_tells_of_this_machine_or_program() -> None:
    names = {name.casefold() for name in read(MAIL)}
    assert not names & {"x-mailer", "user-agent", "received", "x-originating-ip", "sender", "reply-to"}


def test_a_reply_address_is_named_where_there_is_one() -> None:
    assert read(replace(MAIL, reply_to="info+token@exithate.org"))["Reply-To"] == "info+token@exithate.org"


def test_a_mail_that_answers_nothing_has_no_thread_headers() -> None:
    message = read(replace(MAIL, in_reply_to=None, references=(), automatic=Automatic.GENERATED))
    assert message["In-Reply-To"] is None
    assert message["References"] is None
    assert message["Auto-Submitted"] == "auto-generated"


def test_an_answer_without_references_still_threads() -> None:
    assert read(replace(MAIL, references=()))["References"] == "<first@example.org>"


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("Your message", "Your message"),
        ("", ""),
        ("Dein Gruß 👋", "Dein Gruß 👋"),
        ("رسالتك وصلت إلينا " * 12, ("رسالتك وصلت إلينا " * 12).strip()),
        ("word " * 60, ("word " * 60).strip()),
        ("x" * 900, "x" * 900),
        ("x\r\nBcc: everyone@example.org", "x Bcc: everyone@example.org"),
        ("a\0b\x0bc\u2028d\x85e", "a b c d e"),
        ("=?utf-8?q?Not_decoded?=", "=?utf-8?q?Not_decoded?="),
        ("half \ud83d of a pair", "half ? of a pair"),
        ("y" * 5000, "y" * 999 + "…"),
    ],
    ids=[
        "plain",
        "empty",
        "accents",
        "arabic",
        "long",
        "no space",
        "line break",
        "controls",
        "encoded",
        "surrogate",
        "endless",
    ],
)
def test_a_subject_is_cleaned_and_survives(subject: str, expected: str) -> None:
    message = read(replace(MAIL, subject=subject))
    assert message["Subject"] == expected
    assert message["Bcc"] is None


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Mike", "Mike"),
        ("", ""),
        ("Siân", "Siân"),
        ("Mike - Exit Hate", "Mike - Exit Hate"),
        ('M. "Mike" O\\Neil, Team', 'M. "Mike" O\\Neil, Team'),
        ("Mike <mike@example.org>", "Mike <mike@example.org>"),
        ("Mike\r\nX-Evil: 1", "Mike X-Evil: 1"),
        ("=?utf-8?q?Mike?=", "=?utf-8?q?Mike?="),
        ("Ünï " * 30, "Ünï Ünï Ünï Ünï Ünï Ünï Ünï Ün"),
    ],
    ids=["plain", "none", "accent", "dash", "quotes", "address in name", "line break", "encoded", "long"],
)
def test_a_from_name_never_becomes_an_address(name: str, expected: str) -> None:
    message = read(replace(MAIL, from_name=name))
    sender = message["From"]
    assert isinstance(sender, AddressHeader)
    assert [(each.display_name, each.addr_spec) for each in sender.addresses] == [(expected, "info@exithate.org")]
    assert message["X-Evil"] is None


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("rowan@example.org", "rowan@example.org"),
        ("Rowan.Ashdown+x@EXAMPLE.org", "Rowan.Ashdown+x@EXAMPLE.org"),
        ("rowan@bücher.example", "rowan@xn--bcher-kva.example"),
        ('"rowan ashdown"@example.org', '"rowan ashdown"@example.org'),
    ],
    ids=["plain", "spelling kept", "idna", "quoted"],
)
def test_an_address_is_shown_in_ascii(address: str, expected: str) -> None:
    message = read(replace(MAIL, to_address=address))
    assert [each.addr_spec for each in message["To"].addresses] == [expected]


@pytest.mark.parametrize(
    "address",
    [
        "rowan@example.org, other@example.org",
        "rowan@example.org\r\nBcc: other@example.org",
        "röwan@example.org",
        "rowan",
        "",
        "rowan@" + "ü" * 80 + ".example",
        "Rowan <rowan@example.org>",
        "r" * 400 + "@example.org",
    ],
    ids=["two", "line break", "local part", "no domain", "empty", "too long for idna", "with name", "endless"],
)
def test_what_is_not_one_plain_address_is_not_shown(address: str) -> None:
    message = read(replace(MAIL, to_address=address))
    assert message["Bcc"] is None
    assert [each.addr_spec for each in message["To"].addresses] == []


def raw_header(mail: OutboundMail, name: str) -> list[str]:
    """The ids as they stand in the bytes: the parser of policy.default shortens odd ones."""
    head = compose(mail).partition(b"\r\n\r\n")[0].decode("ascii").replace("\r\n", "\n")
    found = re.search(rf"^{name}: (.*(?:\n .*)*)", head, re.MULTILINE)
    return re.findall(r"<[^<>]*>", found[1]) if found else []


def test_long_references_are_folded_between_ids_and_never_encoded() -> None:
    ids = tuple(f"{number:03d}{'x' * 150}@example.org" for number in range(30))
    assert raw_header(replace(MAIL, references=ids), "References") == [f"<{each}>" for each in ids]


def test_endless_references_keep_the_first_and_the_last() -> None:
    ids = tuple(f"{number}@example.org" for number in range(500))
    shown = raw_header(replace(MAIL, references=ids), "References")
    assert len(shown) == MOST_REFERENCES
    assert (shown[0], shown[1], shown[-1]) == ("<0@example.org>", f"<{501 - MOST_REFERENCES}@example.org>", "<499@example.org>")


@pytest.mark.parametrize(
    ("odd", "shown"),
    [
        ("a b@c", ["<a b@c>"]),
        ("no-at-sign", ["<no-at-sign>"]),
        (" spaced@example.org ", ["<spaced@example.org>"]),
        ("$weird%[id]@host_name", ["<$weird%[id]@host_name>"]),
        ("x@y>\r\nBcc: z@example.org", []),
        ("a\r\nb@c", []),
        ("ümlaut@example.org", []),
        ("long" * 300 + "@example.org", []),
        ("", []),
    ],
    ids=["space", "no at", "outer space", "odd signs", "bracket", "line break", "not ascii", "endless", "empty"],
)
def test_an_odd_message_id_is_whole_or_absent(odd: str, shown: list[str]) -> None:
    mail = replace(MAIL, in_reply_to=odd, references=(odd, "good@example.org"))
    read(replace(mail, in_reply_to=None, references=()))
    assert raw_header(mail, "In-Reply-To") == shown
    assert raw_header(mail, "References") == [*shown, "<good@example.org>"]
    assert b"Bcc" not in compose(mail)


@pytest.mark.parametrize(
    "text",
    [
        "=3D literal, and a line that is " + "very " * 400 + "long",
        "ends in spaces   \n\tand tabs\t\n.\nFrom here\n--=_\n",
        "x" * 5000,
        "مرحبا 👋 " * 300,
        "mixed\r\nline\rends\n\n\n",
        "",
    ],
    ids=["long line", "odd line ends", "no space", "not ascii", "line breaks", "empty"],
)
def test_a_text_reads_back_as_it_was(text: str) -> None:
    plain, _ = bodies(read(replace(MAIL, text=text)))
    assert plain.rstrip("\n") == text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n")


def test_a_text_can_not_end_its_part_early() -> None:
    boundary = read(MAIL).get_boundary()
    plain, _ = bodies(read(replace(MAIL, text=f"before\n--{boundary}--\nafter")))
    assert plain.endswith("after")


def test_what_utf8_can_not_hold_is_replaced() -> None:
    assert quoted_printable("a\ud83db\0c") == "a?bc"


@pytest.mark.parametrize(("language", "shown"), [("cy", "cy"), ("pt-BR", "pt-BR"), ("en\r\nX: y", "en"), ("", "en")])
def test_the_language_is_a_tag_or_english(language: str, shown: str) -> None:
    assert read(replace(MAIL, language=language))["Content-Language"] == shown


ANYTHING = st.text(st.characters(), max_size=200)


@settings(max_examples=150, deadline=None)
@given(subject=ANYTHING, name=ANYTHING, to=ANYTHING, parent=ANYTHING, references=st.lists(ANYTHING, max_size=5), text=ANYTHING)
def test_nothing_that_comes_from_a_mail_can_stop_or_break_a_mail(
    subject: str, name: str, to: str, parent: str, references: list[str], text: str
) -> None:
    mail = replace(
        MAIL,
        subject=subject,
        from_name=name,
        to_address=to,
        in_reply_to=parent,
        references=tuple(references),
        text=text,
        html=text,
    )
    content = compose(mail)
    assert content.isascii()
    assert max(len(line) for line in content.split(b"\r\n")) <= 998
    head = content.partition(b"\r\n\r\n")[0].decode("ascii")
    names = [line.partition(":")[0] for line in head.split("\r\n") if not line.startswith(" ")]
    assert set(names) <= {
        "From", "To", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "Auto-Submitted", "X-Loop", "Precedence",
        "X-Auto-Response-Suppress", "Content-Language", "MIME-Version", "Content-Type",
    }  # fmt: skip
    assert len(names) == len(set(names))


FILES = (
    OutgoingFile("Karte für Sam, " + "ü" * 60 + ".png", "image/png", bytes(range(256)) * 3),
    OutgoingFile('a "b"\\c.txt', "text/plain", b""),
    OutgoingFile("\r\nX-Evil: 1", "text/plain\r\nX-Evil: 1", b"x"),
    OutgoingFile("", "application/pdf", b"y" * 57),
)


def test_files_come_out_as_they_went_in() -> None:
    mail = read(replace(MAIL, files=FILES))
    assert mail.get_content_type() == "multipart/mixed"
    assert next(part.get_content_type() for part in mail.iter_parts()) == "multipart/alternative"
    found = [(part.get_filename(), part.get_content_type(), part.get_content()) for part in mail.iter_attachments()]
    assert [name for name, _, _ in found] == [FILES[0].name, 'a "b"\\c.txt', "X-Evil: 1", "attachment"]
    assert [kind for _, kind, _ in found] == ["image/png", "text/plain", "application/octet-stream", "application/pdf"]
    assert [content for _, _, content in found] == [FILES[0].content, "", b"x", FILES[3].content]
    assert "X-Evil" not in mail
    assert not [part.defects for part in mail.walk() if part.defects]


def test_a_mail_that_a_person_wrote_is_not_called_automatic() -> None:
    mail = read(replace(MAIL, automatic=None))
    assert not {"Auto-Submitted", "Precedence", "X-Auto-Response-Suppress"} & set(mail.keys())
    assert mail["X-Loop"] == MAIL.from_address
