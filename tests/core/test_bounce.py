"""Whom a bounce did not reach: delivery reports in every state, and notices written for people."""

from __future__ import annotations

import logging
from email import message_from_bytes

import pytest
from flufl.bounce import all_failures

from helpdesk.core.bounce import find_bounced, returned_message_ids
from helpdesk.core.bounce.delivery_status import MAX_RECIPIENTS, address_in, read_delivery_status
from helpdesk.core.bounce.plain_text import Tone, notice_of, read_plain_bounce, tone_of
from helpdesk.core.parse import parse
from helpdesk.model.message import Address, BouncedRecipient, Headers, InboundMessage, Part

SAM = BouncedRecipient("sam@example.com", "5.1.1", True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("Final-Recipient: rfc822; sam@example.com\nAction: failed\nStatus: 5.1.1", (SAM,), id="plain"),
        pytest.param(
            "Final-Recipient: rfc822;<sam@example.com>\nAction: failed (bad)\nStatus: 5.1.1 (unknown)", (SAM,), id="comments"
        ),
        pytest.param("Final-Recipient: sam@example.com\nStatus: 5.1.1", (SAM,), id="no type, no action"),
        pytest.param("final-recipient : RFC822; sam@example.com (Sam)\nSTATUS:5.1.1", (SAM,), id="odd spelling"),
        pytest.param("Final-Recipient:\n rfc822; sam@example.com\nStatus: 5.1.1", (SAM,), id="folded"),
        pytest.param(
            "Final-Recipient: rfc822; sam@example.com\n\nAction: failed\n\nStatus: 5.1.1", (SAM,), id="blank lines inside"
        ),
        pytest.param("> Final-Recipient: rfc822; sam@example.com\n> Status: 5.1.1", (SAM,), id="quoted"),
        pytest.param(
            "Final-Recipient: rfc822; other@mail.example\nOriginal-Recipient: rfc822; sam@example.com\nStatus: 5.1.1",
            (SAM,),
            id="original recipient counts",
        ),
        pytest.param(
            "Final-Recipient: rfc822; sam@example.com\nStatus: 5.1.1\nFinal-Recipient: rfc822; kim@example.com\nStatus: 4.2.2",
            (SAM, BouncedRecipient("kim@example.com", "4.2.2", permanent=False)),
            id="no blank line between",
        ),
        pytest.param(
            "Original-Recipient: rfc822; sam@example.com\nStatus: 5.1.1\n\nFinal-Recipient: rfc822; kim@example.com",
            (SAM, BouncedRecipient("kim@example.com", None, True)),
            id="groups with different fields",
        ),
        pytest.param(
            "Final-Recipient: rfc822; sam@example.com\nStatus: 5.1.1\n\nFinal-Recipient: rfc822; SAM@example.com\nStatus: 5.2",
            (SAM,),
            id="named twice",
        ),
        pytest.param(
            "Final-Recipient: rfc822; sam@example.com\nAction: delayed\nStatus: 5.0.0",
            (BouncedRecipient("sam@example.com", "5.0.0", False),),
            id="delayed",
        ),
        pytest.param(
            "Final-Recipient: rfc822; sam@example.com\nAction: failed\nStatus: 4.4.7",
            (BouncedRecipient("sam@example.com", "4.4.7", permanent=False, gave_up=True),),
            id="failed, but not for good",
        ),
        pytest.param(
            "Final-Recipient: rfc822; sam@example.com\nAction: Failure (mailbox full)\nStatus: 4.2.2",
            (BouncedRecipient("sam@example.com", "4.2.2", permanent=False, gave_up=True),),
            id="failed in other words",
        ),
        pytest.param(
            "Final-Recipient: rfc822; sam@example.com\nAction: delayed\nStatus: 4.4.7",
            (BouncedRecipient("sam@example.com", "4.4.7", permanent=False),),
            id="out of time, says a warning",
        ),
        pytest.param(
            "Final-Recipient: rfc822; sam@example.com\nStatus: 4.4.7",
            (BouncedRecipient("sam@example.com", "4.4.7", permanent=False, gave_up=True),),
            id="out of time, no action",
        ),
        pytest.param(
            "Final-Recipient: rfc822; sam@example.com\nStatus: 5.0.0\nDiagnostic-Code: smtp; 550 5.1.1", (SAM,), id="code"
        ),
        pytest.param(
            "Final-Recipient: rfc822; sam@example.com\nStatus: 5.0.0\nDiagnostic-Code: smtp; 450 4.1.1",
            (BouncedRecipient("sam@example.com", "5.0.0", True),),
            id="diagnosis of another class",
        ),
        pytest.param(
            "Final-Recipient: rfc822; sam@example.com\nDiagnostic-Code: smtp; host 5.1.1.9 said no",
            (BouncedRecipient("sam@example.com", None, True),),
            id="an IP address is no status",
        ),
        pytest.param("Final-Recipient: rfc822; sam@example.com\nAction: delivered", (), id="delivered"),
        pytest.param("Final-Recipient: rfc822; sam@example.com\nAction: failed\nStatus: 2.1.5", (), id="success status"),
        pytest.param("Final-Recipient: x400; /S=sam/", (), id="no internet address"),
        pytest.param("Reporting-MTA: dns; mx.example.com", (), id="nobody"),
        pytest.param("", (), id="empty"),
    ],
)
def test_delivery_status_is_read_however_it_is_written(text: str, expected: tuple[BouncedRecipient, ...]) -> None:
    assert read_delivery_status(text) == expected


def test_report_on_endless_recipients_is_cut() -> None:
    text = "\n\n".join(f"Final-Recipient: rfc822; sam{number}@example.com" for number in range(MAX_RECIPIENTS + 5))
    assert len(read_delivery_status(text)) == MAX_RECIPIENTS


@pytest.mark.parametrize(
    ("value", "address"),
    [
        ("rfc822; sam@example.com", "sam@example.com"),
        ('rfc822; "sam kim"@example.com', '"sam kim"@example.com'),
        ("sam@example.com; relayed", "sam@example.com"),
        ("'sam@example.com'", "sam@example.com"),
        ("utf-8; 用户@example.com", "用户@example.com"),
        ("local; sam", ""),
    ],
)
def test_address_is_found_with_and_without_its_type(value: str, address: str) -> None:
    assert address_in(value) == address


OURS = frozenset({"info@exithate.org", "mailer-daemon@mx.example.com"})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("Sorry:\n\n<sam@example.com>: no such user #5.1.1", SAM, id="qmail"),
        pytest.param("Failed:\n   550 5.1.1 <sam@example.com>... User unknown", SAM, id="sendmail"),
        pytest.param("* sam@example.com\n  5.1.1", SAM, id="list"),
        pytest.param("Unknown user: sam@example.com (5.1.1)", SAM, id="label"),
        pytest.param("It was for [SMTP:sam@example.com], 5.1.1", SAM, id="anywhere"),
        pytest.param('{"emailAddress":"sam@example.com","status":"5.1.1"}', SAM, id="JSON"),
        pytest.param(
            "postmaster@example.com told us\nRecipient: sam@example.com 5.1.1", None, id="a line with a mail system's name"
        ),
    ],
)
def test_plain_notice_names_whom_it_did_not_reach(text: str, expected: BouncedRecipient | None) -> None:
    found = read_plain_bounce(text, "failure notice", OURS)
    assert found == ((expected,) if expected else (BouncedRecipient("postmaster@example.com", "5.1.1", True),))


def test_our_own_address_is_not_taken_for_the_one_that_failed() -> None:
    text = "<info@exithate.org> wrote:\nRecipient: sam@example.com 5.1.1"
    assert read_plain_bounce(text, "failure notice", OURS) == (SAM,)


def test_our_own_address_failed_where_the_notice_names_no_other() -> None:
    found = read_plain_bounce("Sorry:\n<info@exithate.org>:\nno mailbox", "failure notice", OURS)
    assert [recipient.address for recipient in found] == ["info@exithate.org"]


def test_address_of_a_helper_in_passing_is_not_the_one_that_failed() -> None:
    text = "Please write to support@example.com if sam@example.com should be reached."
    assert [recipient.address for recipient in read_plain_bounce(text, "", OURS)] == ["sam@example.com"]


def test_notice_that_names_nobody_yields_nobody() -> None:
    assert read_plain_bounce("It could not be delivered.", "failure notice", OURS) == ()


def test_notice_with_endless_addresses_is_cut() -> None:
    text = "\n".join(f"<sam{number}@example.com>:" for number in range(80))
    assert len(read_plain_bounce(text, "failure notice", OURS)) == 50


NO, NOT_YET, TOO_LONG = Tone(permanent=True, ended=True), Tone(permanent=False, ended=False), Tone(permanent=False, ended=True)


@pytest.mark.parametrize(
    ("subject", "notice", "tone"),
    [
        ("Warning: message delayed", "It will be retried.", NOT_YET),
        ("failure notice", "It has not yet been delivered.", NOT_YET),
        ("Warning: message delayed", "Eventually the mail delivery software will give up.", NOT_YET),
        ("Warning: message delayed", "It is tried for five days before giving up.", NOT_YET),
        ("Warning: message delayed", "After five days it will be given up.", NOT_YET),
        ("Delivery failure", "Delivery attempts will continue to be made for 5 days.", NOT_YET),
        ("failure notice", "User unknown.", NO),
        ("Warning: message delayed", "I've given up.", NO),
        ("Mail delivery failed", "Giving up on 192.0.2.1, which is temporarily away.", NO),
        ("Mail delivery failed", "451 temporarily unavailable: retry timeout exceeded", TOO_LONG),
        ("Mail delivery failed", "Temporarily refused. All hosts have been failing for a long time.", TOO_LONG),
        ("Undeliverable", "Deferred: connection refused. Delivery time expired.", TOO_LONG),
        ("Returned mail", "Deferred: no route to host\nMessage will be deleted from queue", TOO_LONG),
        ("Undeliverable", "It was deferred, and no further attempts will be made.", TOO_LONG),
        ("Undeliverable", "421 try later, temporarily busy. Exceeded maximum delivery attempts.", TOO_LONG),
    ],
)
def test_not_yet_is_told_from_no_and_from_not_any_more(subject: str, notice: str, tone: Tone) -> None:
    assert tone_of(subject, notice) == tone


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("5.1.1", BouncedRecipient("sam@example.com", "5.1.1", permanent=True)),
        ("4.2.2", BouncedRecipient("sam@example.com", "4.2.2", permanent=False, gave_up=True)),
    ],
)
def test_a_failure_for_a_reason_that_may_pass_is_lost_mail_and_no_dead_address(status: str, expected: BouncedRecipient) -> None:
    found = read_plain_bounce(f"Sorry, I've given up:\n\n<sam@example.com>: {status}", "failure notice", OURS)
    assert found == (expected,)
    assert expected.lost


def test_what_flufl_calls_a_warning_is_not_given_up() -> None:
    raw = b"From: mailer-daemon@mx.example.com\r\n\r\nA message that you sent has not yet been delivered.\r\n"
    raw += b"The address to which the message has not yet been delivered is:\r\n\r\n  sam@example.com\r\n"
    # Words that we know no better than as a failure, beside those that flufl knows.
    found = find_bounced(_message("It failed: sam@example.com"), raw)
    assert found == (BouncedRecipient("sam@example.com", None, permanent=False),)
    assert not found[0].lost


def test_notice_ends_where_the_returned_mail_begins() -> None:
    notice = "Your message could not be delivered to sam@example.com.\n"
    assert notice_of(notice + "--- Below this line is a copy of the message.\nTo: kim@example.com") == notice
    assert notice_of("Return-Path: <info@exithate.org>\n" + notice).endswith(notice)


def _message(
    text: str, *parts: Part, fields: tuple[tuple[str, str], ...] = (), sender: str = "mailer-daemon@mx.example.com"
) -> InboundMessage:
    return InboundMessage(
        sender=Address("", sender),
        to=("info@exithate.org",),
        subject="failure notice",
        text=text,
        new_text=text,
        headers=Headers(fields),
        parts=(Part("text/plain", text), *parts),
    )


def test_delivery_report_beats_every_other_source() -> None:
    status = Part("message/delivery-status", "Final-Recipient: rfc822; sam@example.com\nStatus: 5.1.1")
    message = _message("<kim@example.com>: unknown", status, fields=(("x-failed-recipients", "kim@example.com"),))
    assert find_bounced(message, b"") == (SAM,)


def test_machine_part_that_lost_its_type_is_read() -> None:
    message = _message("", Part("text/plain", "Final-Recipient: rfc822; sam@example.com\nStatus: 5.1.1"))
    assert find_bounced(message, b"") == (SAM,)


def test_failed_recipients_of_exim_are_taken_from_their_header() -> None:
    fields = (
        ("x-failed-recipients", "sam@example.com, Kim <kim@example.com>"),
        ("x-failed-recipients", "sam@example.com, nobody"),
    )
    message = _message("  sam@example.com\n    550 5.1.1 unknown", fields=fields)
    assert find_bounced(message, b"") == (SAM, BouncedRecipient("kim@example.com", None, True))


def test_flufl_reads_what_nobody_else_does() -> None:
    raw = b"From: MAILER-DAEMON@aol.example\r\n\r\nYour mail to the following recipients could not be delivered:\r\n\r\nsam"
    message = _message("Your mail to the following recipients could not be delivered:\n\nsam")
    assert [recipient.address for recipient in find_bounced(message, raw.replace(b"aol.example", b"AOL.com"))] == [
        "sam@aol.com"
    ]


def test_address_broken_at_the_end_of_a_line_is_named_once_and_whole() -> None:
    groups = (
        b"Final-Recipient: rfc822; sam@example.co\nAction: failed",
        b"Final-Recipient: rfc822; sam@example.com\nAction: failed",
    )
    raw = b"\n\n".join((b"Content-Type: message/delivery-status", *groups))
    found = find_bounced(InboundMessage(text="sam@example.com 5.1.1"), raw)
    assert found == (SAM,)


def test_flufl_that_fails_on_odd_mail_fails_nobody_and_logs_nothing(caplog: pytest.LogCaptureFixture) -> None:
    # One of its detectors takes it for granted that there is a From.
    raw = b"Subject: failure notice\r\n\r\n<sam@example.com>: unknown"
    with pytest.raises(IndexError):
        all_failures(message_from_bytes(raw))
    with caplog.at_level(logging.DEBUG):
        found = find_bounced(_message("<sam@example.com>: unknown 5.1.1"), raw)
    assert found == (SAM,)
    assert "sam@example.com" not in caplog.text


def test_returned_mail_tells_whom_it_was_to_where_the_notice_does_not() -> None:
    returned = Part("message/rfc822", "Message-ID: <ours-1@exithate.org>\nTo: Sam <sam@example.com>\n\nHello")
    assert find_bounced(_message("It was not possible.", returned), b"") == (BouncedRecipient("sam@example.com", None, True),)


def test_returned_mail_in_the_text_tells_whom_it_was_to() -> None:
    text = "421 Deferred for long, we have given up.\n----- Unsent message follows -----\nTo: sam@example.com\n\nHello"
    assert find_bounced(_message(text), b"") == (BouncedRecipient("sam@example.com", None, True),)


def test_bounce_that_says_nothing_names_nobody() -> None:
    assert find_bounced(InboundMessage(parts=(Part("text/plain"), Part("text/plain", "Nothing."))), b"") == ()


def test_returned_ids_come_from_the_returned_mail_first_and_never_are_the_own_one() -> None:
    message = InboundMessage(
        message_id="dsn@mx.example.com",
        in_reply_to=("reply-to@exithate.org",),
        references=("first@exithate.org", "last@exithate.org"),
        text="Original message headers:\nMessage-ID: <text@exithate.org>\nMessage-ID: <dsn@mx.example.com>",
        parts=(
            Part("message/delivery-status", "X-Original-Message-ID: <status@exithate.org>"),
            Part("text/rfc822-headers", "Subject: x\nMessage-Id:\n <part@exithate.org>\n"),
        ),
    )
    assert returned_message_ids(message) == (
        "part@exithate.org",
        "status@exithate.org",
        "text@exithate.org",
        "reply-to@exithate.org",
        "last@exithate.org",
        "first@exithate.org",
    )


def test_returned_ids_of_a_mail_without_any_are_none() -> None:
    assert returned_message_ids(InboundMessage(text="Message-ID: none")) == ()


def test_a_sender_of_nothing_but_colons_breaks_no_detector() -> None:
    head = b"From:" + b":" * 3_000 + b"\r\nReturn-Path: <>\r\nSubject: Delivery failure\r\n"
    raw = head + b"\r\nYour message could not be delivered.\r\nsam@example.org: user unknown\r\n"
    assert [each.address for each in find_bounced(parse(raw), raw)] in ([], ["sam@example.org"])
