"""The SMTP edge against a server that answers as scripted: what becomes of a mail, and of the connection."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from helpdesk.mail.smtp import SmtpTransport
from helpdesk.model.delivery import Attempt, Delivery, Outcome, Purpose
from tests.servers.smtp_sink import DRIP, DROP, HANG, LATE, SmtpSink, running_sink

DELIVERY = Delivery(
    id="d1",
    ticket_id="t1",
    cause="message:m1",
    purpose=Purpose.ACKNOWLEDGEMENT,
    attempts=1,
    created_at=datetime(2026, 11, 2, 11, tzinfo=UTC),
    envelope_sender="info@example.org",
    recipient="sam@example.net",
    content=b"From: Mike <info@example.org>\r\nSubject: Your message\r\n\r\nHello\r\n",
    message_id="a@example.org",
)


@pytest.fixture
def transport(sink: SmtpSink) -> Iterator[SmtpTransport]:
    transport = SmtpTransport(sink.login())
    yield transport
    transport.close()


def outcome(attempt: Attempt) -> tuple[Outcome, int | None, bool]:
    return attempt.outcome, attempt.code, attempt.reached_server


def test_mail_arrives_byte_for_byte_in_its_envelope(sink: SmtpSink, transport: SmtpTransport) -> None:
    attempt = transport.send(DELIVERY)

    assert outcome(attempt) == (Outcome.SENT, 250, True)
    (caught,) = sink.caught
    assert (caught.sender, caught.recipients) == ("info@example.org", ("sam@example.net",))
    assert caught.content == DELIVERY.content


@pytest.mark.parametrize(
    ("content", "arrives"),
    [
        pytest.param(b"A: b\r\n\r\n.\r\n..\r\n.x\r\n", b"A: b\r\n\r\n.\r\n..\r\n.x\r\n", id="dots at the start of lines"),
        pytest.param(b".A: b\r\n\r\nx\r\n", b".A: b\r\n\r\nx\r\n", id="a dot at the very start"),
        pytest.param(b"A: b\n\nx\ry\r\nz", b"A: b\r\n\r\nx\r\ny\r\nz\r\n", id="lone line ends"),
        pytest.param(b"A: b\n\n.\nMAIL FROM:<x@y>\n", b"A: b\r\n\r\n.\r\nMAIL FROM:<x@y>\r\n", id="a hidden end"),
        pytest.param("A: b\r\n\r\nZoë\r\n".encode(), "A: b\r\n\r\nZoë\r\n".encode(), id="8 bits"),
    ],
)
def test_content_that_could_be_misread_arrives_whole(
    sink: SmtpSink, transport: SmtpTransport, content: bytes, arrives: bytes
) -> None:
    transport.send(replace(DELIVERY, content=content))

    assert [caught.content for caught in sink.caught] == [arrives]


def test_one_connection_serves_many_mails(sink: SmtpSink, transport: SmtpTransport) -> None:
    attempts = [transport.send(replace(DELIVERY, recipient=f"sam{number}@example.net")) for number in range(10)]

    assert {attempt.outcome for attempt in attempts} == {Outcome.SENT}
    assert sink.connections == 1
    assert [caught.recipients for caught in sink.caught] == [(f"sam{number}@example.net",) for number in range(10)]


def test_null_sender_is_written_as_such(sink: SmtpSink, transport: SmtpTransport) -> None:
    assert transport.send(replace(DELIVERY, envelope_sender="")).outcome is Outcome.SENT

    assert any(command.startswith("MAIL FROM:<>") for command in sink.commands)


# What each step may answer, and what becomes of the mail: outcome, code, and whether the server was given content.
STEPS = [
    ("CONNECT", "421 4.3.2 busy", Outcome.TRANSIENT, 421, False),
    ("CONNECT", "554 5.7.1 your address is listed", Outcome.TRANSIENT, 554, False),
    ("CONNECT", "SSH-2.0-OpenSSH_9.2", Outcome.TRANSIENT, None, False),
    ("CONNECT", DROP, Outcome.TRANSIENT, None, False),
    ("EHLO", DROP, Outcome.TRANSIENT, None, False),
    ("EHLO", "421 4.3.2 going down", Outcome.TRANSIENT, None, False),
    ("MAIL", "450 4.3.0 later", Outcome.TRANSIENT, 450, False),
    ("MAIL", "421 4.3.2 going down", Outcome.TRANSIENT, 421, False),
    ("MAIL", "530 5.7.0 log in first", Outcome.TRANSIENT, 530, False),
    ("MAIL", "550 5.1.8 sender refused", Outcome.TRANSIENT, 550, False),
    ("MAIL", "552 5.3.4 too large", Outcome.PERMANENT, 552, False),
    ("MAIL", "what", Outcome.TRANSIENT, None, False),
    ("MAIL", DROP, Outcome.TRANSIENT, None, False),
    ("RCPT", "450 4.2.0 greylisted", Outcome.TRANSIENT, 450, False),
    ("RCPT", "452 4.2.2 mailbox full", Outcome.TRANSIENT, 452, False),
    ("RCPT", "550 5.1.1 no such person", Outcome.PERMANENT, 550, False),
    ("RCPT", "551 5.1.6 moved", Outcome.PERMANENT, 551, False),
    ("RCPT", "553 5.1.3 no address", Outcome.PERMANENT, 553, False),
    ("RCPT", "530 5.7.0 log in first", Outcome.TRANSIENT, 530, False),
    ("RCPT", "503 5.5.1 out of order", Outcome.TRANSIENT, 503, False),
    ("RCPT", "554 5.7.1 <sam@example.net>: Relay access denied", Outcome.TRANSIENT, 554, False),
    ("RCPT", "550 5.7.54 Unable to relay recipient", Outcome.TRANSIENT, 550, False),
    ("RCPT", DROP, Outcome.TRANSIENT, None, False),
    ("DATA", "451 4.3.0 later", Outcome.TRANSIENT, 451, False),
    ("DATA", "554 5.5.1 no valid recipients", Outcome.PERMANENT, 554, False),
    ("DATA", "250 odd", Outcome.TRANSIENT, 250, False),
    ("DATA", DROP, Outcome.TRANSIENT, None, False),
    ("CONTENT", "250 2.0.0 queued", Outcome.SENT, 250, True),
    ("CONTENT", "451 4.7.1 try again", Outcome.TRANSIENT, 451, True),
    ("CONTENT", "421 4.3.2 going down", Outcome.TRANSIENT, 421, True),
    ("CONTENT", "552 5.2.2 mailbox full", Outcome.PERMANENT, 552, True),
    ("CONTENT", "554 5.7.1 looks like spam", Outcome.PERMANENT, 554, True),
    ("CONTENT", DROP, Outcome.TRANSIENT, None, True),
]
STEP_IDS = [f"{step} {reply}" for step, reply, *_ in STEPS]


@pytest.mark.parametrize(("step", "reply", "expected", "code", "reached"), STEPS, ids=STEP_IDS)
def test_outcome_of_each_reply_at_each_step(
    sink: SmtpSink, transport: SmtpTransport, step: str, reply: str, expected: Outcome, code: int | None, reached: bool
) -> None:
    sink.script[step] = [reply]

    assert outcome(transport.send(DELIVERY)) == (expected, code, reached)


@pytest.mark.parametrize(("step", "reply"), [row[:2] for row in STEPS], ids=STEP_IDS)
def test_next_mail_goes_well_whatever_became_of_the_last(
    sink: SmtpSink, transport: SmtpTransport, step: str, reply: str
) -> None:
    sink.script[step] = [reply]
    transport.send(DELIVERY)
    sink.caught.clear()

    assert transport.send(replace(DELIVERY, recipient="kim@example.net")).outcome is Outcome.SENT
    assert [caught.recipients for caught in sink.caught] == [("kim@example.net",)]


@pytest.mark.parametrize(
    ("step", "reply"),
    [("MAIL", "450 later"), ("RCPT", "550 no such person"), ("DATA", "451 later"), ("CONTENT", "554 looks like spam")],
)
def test_refusal_keeps_the_connection(sink: SmtpSink, transport: SmtpTransport, step: str, reply: str) -> None:
    sink.script[step] = [reply]

    transport.send(DELIVERY)
    transport.send(DELIVERY)

    assert sink.connections == 1
    assert "RSET" in sink.commands


@pytest.mark.parametrize("reply", [DROP, "502 what", "421 bye"])
def test_connection_that_cannot_be_reset_is_given_up(sink: SmtpSink, transport: SmtpTransport, reply: str) -> None:
    sink.script["RCPT"] = ["550 5.1.1 no such person"]
    sink.script["RSET"] = [reply]

    assert transport.send(DELIVERY).outcome is Outcome.PERMANENT
    assert transport.send(DELIVERY).outcome is Outcome.SENT
    assert sink.connections == 2


@pytest.mark.parametrize("reply", [DROP, "421 4.4.2 idle for too long"])
def test_kept_connection_that_the_server_has_ended_is_made_anew(sink: SmtpSink, transport: SmtpTransport, reply: str) -> None:
    transport.send(DELIVERY)
    sink.script["MAIL"] = [reply]

    assert transport.send(DELIVERY).outcome is Outcome.SENT
    assert sink.connections == 2
    assert len(sink.caught) == 2


def test_kept_connection_is_made_anew_only_once_for_a_mail(sink: SmtpSink, transport: SmtpTransport) -> None:
    transport.send(DELIVERY)
    sink.script["MAIL"] = [DROP, DROP]

    assert outcome(transport.send(DELIVERY)) == (Outcome.TRANSIENT, None, False)
    assert sink.connections == 2


@pytest.mark.parametrize("step", ["RCPT", "DATA", "CONTENT"])
def test_mail_is_not_offered_twice_once_the_server_took_its_sender(sink: SmtpSink, transport: SmtpTransport, step: str) -> None:
    transport.send(DELIVERY)
    sink.script[step] = [DROP]

    assert transport.send(DELIVERY).outcome is Outcome.TRANSIENT
    assert sink.connections == 1


def test_words_of_the_server_are_kept_without_the_code(sink: SmtpSink, transport: SmtpTransport) -> None:
    sink.script["RCPT"] = ["550-5.1.1 no such\r\n550 person here"]

    assert transport.send(DELIVERY).detail == "5.1.1 no such person here"


@pytest.mark.parametrize("step", ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA"])
def test_server_that_falls_silent_is_left(sink: SmtpSink, step: str) -> None:
    transport = SmtpTransport(sink.login(timeout=0.1))
    sink.script[step] = [HANG]

    attempt = transport.send(DELIVERY)

    assert outcome(attempt) == (Outcome.TRANSIENT, None, False)
    assert "did not answer in time" in attempt.detail
    transport.close()


def test_answer_to_the_content_may_come_late(sink: SmtpSink) -> None:
    transport = SmtpTransport(sink.login(timeout=0.1))
    sink.script["CONTENT"] = [LATE]

    assert transport.send(DELIVERY).outcome is Outcome.SENT
    transport.close()


def test_answer_to_the_content_that_does_not_come_by_the_deadline(sink: SmtpSink) -> None:
    transport = SmtpTransport(sink.login(), deadline=0.2)
    sink.script["CONTENT"] = [HANG]

    assert outcome(transport.send(DELIVERY)) == (Outcome.TRANSIENT, None, True)
    transport.close()


def test_recipient_whose_name_is_relay_is_not_taken_for_a_refused_relay(sink: SmtpSink, transport: SmtpTransport) -> None:
    sink.script["RCPT"] = ["550 5.1.1 <relay@example.net>: access denied"]

    assert transport.send(replace(DELIVERY, recipient="relay@example.net")).outcome is Outcome.PERMANENT


def test_time_that_is_up_before_the_connection_is_no_error(sink: SmtpSink) -> None:
    transport = SmtpTransport(sink.login(), deadline=0)

    assert outcome(transport.send(DELIVERY)) == (Outcome.TRANSIENT, None, False)
    assert sink.connections == 0


@pytest.mark.parametrize("step", ["CONNECT", "MAIL", "CONTENT"])
def test_server_that_speaks_without_end_is_left_at_the_deadline(sink: SmtpSink, step: str) -> None:
    transport = SmtpTransport(sink.login(), deadline=0.2)
    sink.script[step] = [DRIP]

    assert transport.send(DELIVERY).outcome is Outcome.TRANSIENT
    assert transport.deadline == 0.2
    transport.close()


@pytest.mark.parametrize(
    ("sender", "recipient"),
    [
        pytest.param("info@example.org", "sam", id="no domain"),
        pytest.param("info@example.org", "", id="nobody"),
        pytest.param("info@example.org", "sam@example.net>\r\nDATA", id="a command hidden in it"),
        pytest.param("info@example.org", "sam <sam@example.net>", id="with a name"),
        pytest.param("info@example.org", "sam@exam ple.net", id="with a space"),
        pytest.param("info@example.org", f"sam@{'ö' * 64}.example", id="a domain that is too long"),
        pytest.param("info", "sam@example.net", id="sender without a domain"),
    ],
)
def test_address_that_smtp_cannot_write_is_refused_without_a_connection(
    sink: SmtpSink, transport: SmtpTransport, sender: str, recipient: str
) -> None:
    attempt = transport.send(replace(DELIVERY, envelope_sender=sender, recipient=recipient))

    assert outcome(attempt) == (Outcome.PERMANENT, None, False)
    assert sink.connections == 0


@pytest.mark.parametrize(
    ("recipient", "written"),
    [
        pytest.param('"sam smith"@example.net', '"sam smith"@example.net', id="quoted"),
        pytest.param("o'hara+news=x@example.net", "o'hara+news=x@example.net", id="odd but right"),
        pytest.param("sam@bücher.example", "sam@xn--bcher-kva.example", id="domain beyond ASCII"),
        pytest.param("zoë@example.net", "zoë@example.net", id="local part beyond ASCII"),
    ],
)
def test_unusual_address_is_written_as_smtp_has_it(
    sink: SmtpSink, transport: SmtpTransport, recipient: str, written: str
) -> None:
    assert transport.send(replace(DELIVERY, recipient=recipient)).outcome is Outcome.SENT

    assert f"RCPT TO:<{written}>" in sink.commands


def test_smtputf8_is_asked_for_only_where_it_is_needed(sink: SmtpSink, transport: SmtpTransport) -> None:
    transport.send(DELIVERY)
    transport.send(replace(DELIVERY, recipient="zoë@example.net"))

    assert ["SMTPUTF8" in command for command in sink.commands if command.startswith("MAIL")] == [False, True]


def test_local_part_beyond_ascii_needs_a_server_that_knows_it() -> None:
    with running_sink(smtputf8=False) as sink:
        transport = SmtpTransport(sink.login())

        attempt = transport.send(replace(DELIVERY, recipient="zoë@example.net"))

        assert outcome(attempt) == (Outcome.PERMANENT, None, False)
        assert "SMTPUTF8" in attempt.detail
        transport.close()


def test_mail_over_the_servers_limit_is_not_offered() -> None:
    with running_sink(size_limit=1000) as sink:
        transport = SmtpTransport(sink.login())

        large = transport.send(replace(DELIVERY, content=b"A: b\r\n\r\n" + b"x" * 1000))
        small = transport.send(DELIVERY)

        assert outcome(large) == (Outcome.PERMANENT, None, False)
        assert "1000" in large.detail
        assert small.outcome is Outcome.SENT
        assert len(sink.caught) == 1
        transport.close()


def test_size_is_told_where_the_server_asks() -> None:
    with running_sink(size_limit=1000) as sink:
        transport = SmtpTransport(sink.login())
        transport.send(DELIVERY)

        assert f"MAIL FROM:<info@example.org> SIZE={len(DELIVERY.content)}" in sink.commands
        transport.close()


def test_closing_says_goodbye_and_the_next_mail_connects_anew(sink: SmtpSink, transport: SmtpTransport) -> None:
    transport.send(DELIVERY)
    transport.close()
    transport.close()

    assert transport.send(DELIVERY).outcome is Outcome.SENT
    assert sink.connections == 2
