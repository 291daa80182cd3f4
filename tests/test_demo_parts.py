"""The parts of the demo by themselves: its servers, its own count, and how it tells what happened."""

from __future__ import annotations

import asyncio
import imaplib
import io
import smtplib
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage

import aiohttp
import pytest
from rich.console import Console

from helpdesk.demo.faults import find_faults, find_untold
from helpdesk.demo.outcomes import Outcome
from helpdesk.demo.post import Post
from helpdesk.demo.samples import SAMPLES, Sample, read_sample
from helpdesk.demo.servers import LOOPBACK, MailServers, mail_servers
from helpdesk.demo.story import Story
from helpdesk.demo.words import answer_in_words, kind_in_words, name_of, staff_in_words, ticket_in_words
from helpdesk.model.delivery import Purpose
from helpdesk.model.message import Address, InboundMessage, Kind, MessageState
from helpdesk.model.staff import StaffMember
from helpdesk.model.stored import MessageView
from helpdesk.model.ticket import Event, EventKind, Priority, Ticket, TicketState

NOW = datetime(2026, 11, 3, 11, tzinfo=UTC)
HELLO = b"From: Sam <sam@example.org>\r\nTo: info@exithate.org\r\nSubject: Hello\r\n\r\nCould I talk to somebody?\r\n"
STAFF = (StaffMember("mike", "Mike", "mike@example.org"),)


@pytest.fixture
def servers() -> Iterator[MailServers]:
    with mail_servers("info@exithate.org") as servers:
        yield servers


def test_mail_is_told_of_though_it_came_between_the_last_command_and_idle(servers: MailServers) -> None:
    client = imaplib.IMAP4(LOOPBACK, servers.imap_port, timeout=20)
    client.login("info@exithate.org", servers.password)
    client.select(readonly=True)
    Post(servers).send([HELLO], to="info@exithate.org")
    client.send(b"A1 IDLE\r\n")
    assert client.readline().startswith(b"+")
    assert client.readline() == b"* 1 EXISTS\r\n"
    client.shutdown()


def test_mailbox_of_anybody_opens_with_the_password_and_only_with_it(servers: MailServers) -> None:
    assert Post(servers).inbox("anybody@example.org") == []
    with imaplib.IMAP4(LOOPBACK, servers.imap_port) as client, pytest.raises(imaplib.IMAP4.error):
        client.login("info@exithate.org", "wrong")


def test_smtp_takes_a_login_too(servers: MailServers) -> None:
    with smtplib.SMTP(LOOPBACK, servers.smtp_port) as client:
        client.login("sam@example.org", servers.password)
        client.sendmail("sam@example.org", ["info@exithate.org"], HELLO)
    assert [mail["Subject"] for mail in Post(servers).inbox("info@exithate.org")] == ["Hello"]


async def look_at(page: str) -> tuple[dict[str, list[str]], aiohttp.ClientSession]:
    """The subjects in each mailbox, as the page in a browser asks for them; the browser stays open."""
    browser = aiohttp.ClientSession()
    socket = await browser.ws_connect(f"{page}websocket")
    await socket.send_json({"command": "list_accounts"})
    subjects = {}
    for account in (await socket.receive_json())["data"]["accounts"]:
        await socket.send_json({"command": "list_mails", "account": account, "mailbox": "INBOX"})
        subjects[account] = [mail["header"]["subject"] for mail in (await socket.receive_json())["data"]["mails"]]
    return subjects, browser


def test_page_shows_each_mailbox_and_a_browser_left_open_does_not_delay_the_end() -> None:
    with asyncio.Runner() as runner:
        with mail_servers("info@exithate.org") as servers:
            mails = [read_sample(sample, to="info@exithate.org, second@example.org", sent_at=NOW) for sample in SAMPLES]
            Post(servers).send(mails, to="info@exithate.org")
            page = urllib.request.urlopen(servers.page, timeout=20).read()  # noqa: S310 - our own server
            subjects, browser = runner.run(look_at(servers.page))
        runner.run(browser.close())
    assert b"<html" in page.lower()
    assert {account: len(found) for account, found in subjects.items()} == {"info@exithate.org": 10, "second@example.org": 10}
    assert "me again" in subjects["info@exithate.org"]


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.file)
def test_sample_is_sent_as_if_it_were_written_now_to_whoever_runs_the_desk(sample: Sample) -> None:
    raw = read_sample(sample, to="help@charity.example", sent_at=NOW)
    assert b"To: help@charity.example\r\n" in raw
    assert b"Date: Tue, 03 Nov 2026 11:00:00 +0000\r\n" in raw
    assert raw.isascii()
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))


TICKET = Ticket(
    id="t1",
    number=1001,
    state=TicketState.NEW,
    priority=Priority.NORMAL,
    topic="general",
    opened_at=NOW,
    updated_at=NOW,
    requester_address="rowan@example.org",
    requester_name="Rowan",
    subject="me",
    assignee="mike",
)
SAMPLE = Sample("rowan", "Rowan", Kind.PERSON, Purpose.ACKNOWLEDGEMENT)
MACHINE = Sample("bounce", "A mail server", Kind.BOUNCE)


def outcome(
    *events: tuple[EventKind, str], kind: Kind = Kind.PERSON, rule: str = "default", ticket: Ticket | None = TICKET
) -> Outcome:
    inbound = InboundMessage(message_id="m1@example.org", sender=Address("Rowan", "rowan@example.org"), new_text="hello")
    stored = MessageView("1", MessageState.PROCESSED, NOW, kind, rule, "t1", "m1@example.org", inbound.sender, "me", "hello")
    return Outcome(stored, inbound, ticket, tuple(Event(event, NOW, "worker", why) for event, why in events))


ANSWERED = (EventKind.ACKNOWLEDGED, "acknowledgement: first mail of a person")
OPENED = (EventKind.OPENED, "new")
RIGHT = outcome(OPENED, ANSWERED)
NOBODY = replace(TICKET, assignee=None)


@pytest.mark.parametrize(
    ("sample", "became", "mails", "fault"),
    [
        pytest.param(SAMPLE, RIGHT, 1, None, id="all is right"),
        pytest.param(SAMPLE, outcome(OPENED, ANSWERED, kind=Kind.BULK), 1, "was taken for bulk", id="wrong kind"),
        pytest.param(SAMPLE, outcome(OPENED), 1, "was answered with nothing", id="no answer planned"),
        pytest.param(SAMPLE, outcome(OPENED, ANSWERED, ticket=NOBODY), 1, "no ticket that somebody has", id="nobody has it"),
        pytest.param(SAMPLE, outcome(OPENED, ANSWERED, ticket=None), 1, "no ticket that somebody has", id="no ticket"),
        pytest.param(SAMPLE, RIGHT, 0, "has 0 mails in the mailbox, and not 1", id="answer did not arrive"),
        pytest.param(SAMPLE, RIGHT, 2, "has 2 mails in the mailbox, and not 1", id="answered twice"),
        pytest.param(MACHINE, outcome(kind=Kind.BOUNCE, ticket=None), 0, None, id="machine left alone"),
        pytest.param(MACHINE, outcome(ANSWERED, kind=Kind.BOUNCE), 1, "and not with nothing", id="machine answered"),
    ],
)
def test_count_finds(sample: Sample, became: Outcome, mails: int, fault: str | None) -> None:
    faults = [
        each
        for each in find_faults([(sample, became)], {"rowan@example.org": [EmailMessage()] * mails})
        if "was not taken in" not in each
    ]
    assert bool(faults) == bool(fault)
    assert (fault or "") in " ".join(faults)


def notice(root: str) -> EmailMessage:
    mail = EmailMessage()
    mail["In-Reply-To"] = f"<{root}>"
    return mail


def test_count_finds_a_ticket_of_which_nobody_was_told() -> None:
    assert find_untold([(SAMPLE, RIGHT)], [notice("t1.notices@exithate.org")]) == []
    assert find_untold([(SAMPLE, RIGHT)], [notice("t2.notices@exithate.org")]) == ["EHT-1001 has 0 notices, and not 1."]


@pytest.mark.parametrize(
    ("became", "words"),
    [
        pytest.param(RIGHT, "EHT-1001 opened, priority normal", id="opened"),
        pytest.param(
            outcome((EventKind.FOLLOW_UP, "it answers a mail on this ticket")),
            "joined: it answers a mail on this ticket",
            id="joined",
        ),
        pytest.param(
            outcome((EventKind.FOLLOW_UP, "a new way")), "EHT-1001 joined: a new way", id="joined by a rule without words"
        ),
        pytest.param(outcome((EventKind.REOPENED, "a new message")), "EHT-1001 opened again: a new message", id="reopened"),
        pytest.param(outcome((EventKind.MACHINE_MAIL, "x")), "kept beside EHT-1001", id="machine"),
        pytest.param(outcome(ticket=None), "none; it is kept", id="no ticket"),
    ],
)
def test_ticket_in_words(became: Outcome, words: str) -> None:
    assert words in ticket_in_words(became)


def test_rule_without_words_of_its_own_is_told_by_what_it_was_made_for() -> None:
    assert kind_in_words(outcome(kind=Kind.BULK, rule="campaign")).startswith("bulk: a sign of RFC 8058")
    assert kind_in_words(outcome(rule="unheard-of")) == "person (rule unheard-of)"


def test_who_got_it_is_told_with_the_reason() -> None:
    assert staff_in_words(outcome((EventKind.ASSIGNED, "Mike: working now")), STAFF) == "Mike: working now"
    assert (
        staff_in_words(outcome((EventKind.FOLLOW_UP, "it answers a mail on this ticket")), STAFF)
        == "Mike: has this ticket already"
    )
    assert staff_in_words(outcome(ticket=None), STAFF) == ""
    assert name_of("ghost", STAFF) == "nobody"


def test_answer_is_told_with_the_reason() -> None:
    assert answer_in_words(RIGHT) == "acknowledgement: first mail of a person"
    assert answer_in_words(outcome((EventKind.NOT_ACKNOWLEDGED, "it was filed as junk"))) == "none: it was filed as junk"
    assert answer_in_words(outcome()) == "none: no person wrote it"


def told(message: InboundMessage) -> str:
    out = io.StringIO()
    Story(Console(file=out, width=90), STAFF).message(replace(RIGHT, inbound=message))
    return out.getvalue()


def test_control_characters_of_a_mail_do_not_reach_the_terminal() -> None:
    shown = told(
        InboundMessage(sender=Address("\x1b[31mRed", "red@example.org"), subject="\x07\x1b]0;title\x07", new_text="a\x1b[2Jb")
    )
    assert shown.isprintable() or all(each.isprintable() or each == "\n" for each in shown)


def test_square_brackets_of_a_mail_are_shown_as_written() -> None:
    assert "[bold]not a style[/bold]" in told(InboundMessage(new_text="[bold]not a style[/bold]"))


def test_mail_without_a_sender_is_shown_too() -> None:
    assert "nobody that can be answered" in told(InboundMessage())


@pytest.mark.parametrize(
    ("text", "end"),
    [
        pytest.param("one\n\ntwo", "two", id="short: all of it"),
        pytest.param("word " * 200, "word …", id="one long paragraph: cut at a word"),
        pytest.param("x" * 400, "x …", id="one endless word"),
        pytest.param("first\n\n" + "word " * 100, "…", id="long second paragraph: left out"),
    ],
)
def test_only_the_first_lines_of_a_mail_are_shown(text: str, end: str) -> None:
    block = told(InboundMessage(new_text=text)).partition("\n \n")[0].rstrip()
    lines = block.partition(" kind ")[0].split()
    assert " ".join(lines).endswith(end)
    assert len(" ".join(lines)) < 420
