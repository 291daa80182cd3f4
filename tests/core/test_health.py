"""What is an alarm, what is not, when one is over, and what is said of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from helpdesk.core.health import (
    BY_MAIL,
    Alarm,
    announce_begin,
    announce_end,
    does_mail_flow,
    find_alarms,
    is_over,
    words_when_over,
)
from helpdesk.model.health import (
    AlarmName,
    AlarmState,
    CertificateFacts,
    FolderFacts,
    HealthFacts,
    RaisedAlarm,
    SendingFacts,
    StoredFacts,
    WatchPolicy,
)

NOW = datetime(2026, 11, 2, 11, 0, tzinfo=UTC)
POLICY = WatchPolicy()


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def days(count: float) -> timedelta:
    return timedelta(days=count)


READ = FolderFacts(minutes(1), minutes(1), NOW - minutes(1))
WELL = HealthFacts(NOW - days(1), (READ,), SendingFacts(opened_at=NOW - minutes(1)), StoredFacts())
SOON = CertificateFacts(NOW + days(10), NOW)
SELF_SIGNED = CertificateFacts(NOW + days(10), NOW, NOW + days(10))
CA_SOON = CertificateFacts(NOW + days(90), NOW, NOW + days(10))


def names(alarms: Iterable[Alarm]) -> list[str]:
    return [alarm.name.value for alarm in alarms]


CASES = {
    "all is well": (WELL, []),
    "nothing was done yet": (HealthFacts(NOW, (FolderFacts(minutes(0)),), SendingFacts(), StoredFacts()), []),
    "a folder unread for long": (replace(WELL, folders=(READ, FolderFacts(minutes(10)))), ["mailbox-not-read"]),
    "a folder unread for less": (replace(WELL, folders=(FolderFacts(minutes(9.9)),)), []),
    "a login refused says more than unread": (
        replace(WELL, folders=(FolderFacts(minutes(60), login_refused=True),)),
        ["mailbox-login-refused"],
    ),
    "a message not given": (replace(WELL, folders=(replace(READ, refused_messages=1),)), ["message-refused"]),
    "the database away for a moment": (replace(WELL, stored=None, away_for=minutes(0)), []),
    "the database away": (replace(WELL, stored=None, away_for=minutes(1)), ["database-away"]),
    "the database can be read and not written": (replace(WELL, away_for=minutes(1)), ["database-away"]),
    "unread because of the database": (
        replace(WELL, stored=None, away_for=minutes(20), folders=(FolderFacts(minutes(20)),)),
        ["database-away"],
    ),
    "a loop that hangs": (replace(WELL, stuck=True), ["worker-stuck"]),
    "a login for sending refused": (replace(WELL, sending=SendingFacts(login_refused=True)), ["sending-login-refused"]),
    "old mail in the outbox": (replace(WELL, stored=StoredFacts(waiting_for=minutes(15))), ["mail-waits"]),
    "fresh mail in the outbox": (replace(WELL, stored=StoredFacts(waiting_for=minutes(14.9))), []),
    "quarantine": (replace(WELL, stored=StoredFacts(quarantined=1)), ["quarantine"]),
    "mail held today": (replace(WELL, stored=StoredFacts(held_at=NOW - days(1.9))), ["mail-held"]),
    "mail held long ago": (replace(WELL, stored=StoredFacts(held_at=NOW - days(2))), []),
    "certificate of the mailbox": (replace(WELL, mailbox_certificate=SOON), ["mailbox-certificate-ends"]),
    "certificate for sending": (replace(WELL, sending_certificate=SOON), ["sending-certificate-ends"]),
    "certificate that lasts": (replace(WELL, sending_certificate=replace(SOON, ends_at=NOW + days(14.1))), []),
    "certificate seen long ago": (replace(WELL, mailbox_certificate=replace(SOON, seen_at=NOW - minutes(121))), []),
    "certificate never seen": (replace(WELL, mailbox_certificate=replace(SOON, seen_at=None)), []),
    "no certificate": (replace(WELL, mailbox_certificate=CertificateFacts(None, NOW)), []),
    "certificate that signs itself": (replace(WELL, mailbox_certificate=SELF_SIGNED), ["mailbox-certificate-ends"]),
    "file of certificates": (replace(WELL, mailbox_certificate=CA_SOON), ["mailbox-ca-file-ends"]),
    "file of certificates for sending": (replace(WELL, sending_certificate=CA_SOON), ["sending-ca-file-ends"]),
    "file of certificates that lasts": (
        replace(WELL, sending_certificate=replace(CA_SOON, ca_file_ends_at=NOW + days(15))),
        [],
    ),
    "much at once": (
        HealthFacts(
            NOW,
            (FolderFacts(minutes(11), refused_messages=2),),
            SendingFacts(login_refused=True),
            StoredFacts(minutes(60), 3, NOW),
            stuck=True,
        ),
        [
            "worker-stuck",
            "mailbox-not-read",
            "message-refused",
            "sending-login-refused",
            "mail-waits",
            "quarantine",
            "mail-held",
        ],
    ),
}


@pytest.mark.parametrize(("facts", "expected"), CASES.values(), ids=CASES)
def test_facts_call_for_alarms(facts: HealthFacts, expected: list[str]) -> None:
    assert names(find_alarms(facts, POLICY, NOW)) == expected


@pytest.mark.parametrize("name", list(AlarmName), ids=str)
def test_every_alarm_can_be_found_and_is_written_for_people(name: AlarmName) -> None:
    found = [alarm for facts, _ in CASES.values() for alarm in find_alarms(facts, POLICY, NOW) if alarm.name is name]
    assert found
    for alarm in found:
        text = announce_begin(alarm, NOW).text
        assert text.startswith("Helpdesk alarm: ")
        assert text.endswith(".")
        assert "@" not in text
        assert all(words.endswith(".") for words in (alarm.what, alarm.mail, alarm.remedy))


def test_thresholds_are_those_of_the_policy() -> None:
    policy = WatchPolicy(minutes(60), minutes(60), days(5))
    facts = replace(
        WELL,
        folders=(FolderFacts(minutes(59)),),
        stored=StoredFacts(waiting_for=minutes(59)),
        mailbox_certificate=SOON,
    )
    assert find_alarms(facts, policy, NOW) == ()
    later = replace(facts, folders=(FolderFacts(minutes(60)),), stored=StoredFacts(waiting_for=minutes(60)))
    assert "for 60 minutes" in find_alarms(later, policy, NOW)[0].what
    assert "over 60 minutes" in find_alarms(later, policy, NOW)[1].what


def test_a_certificate_that_signs_itself_has_to_be_put_in_the_file_too() -> None:
    (alarm,) = find_alarms(replace(WELL, mailbox_certificate=SELF_SIGNED), POLICY, NOW)
    assert "HELPDESK_IMAP_CA_FILE" in alarm.remedy
    (alarm,) = find_alarms(replace(WELL, sending_certificate=SOON), POLICY, NOW)
    assert "CA_FILE" not in alarm.remedy
    assert "12 November 2026" in alarm.what


EARLIER, LATER = NOW - minutes(5), NOW - minutes(1)
# What is known, and whether the alarm that was raised three minutes ago is over.
OVER = {
    "stuck, another worker": (AlarmName.WORKER_STUCK, WELL, False),
    "stuck, this one was": (AlarmName.WORKER_STUCK, replace(WELL, was_stuck=True), True),
    "stuck, and started anew": (AlarmName.WORKER_STUCK, replace(WELL, started_at=LATER), True),
    "read again": (AlarmName.MAILBOX_NOT_READ, WELL, True),
    "not read still, for another reason": (
        AlarmName.MAILBOX_NOT_READ,
        replace(WELL, folders=(FolderFacts(minutes(11)),)),
        False,
    ),
    "not read, as far as is known": (AlarmName.MAILBOX_NOT_READ, replace(WELL, away_for=minutes(0)), False),
    "database back": (AlarmName.DATABASE_AWAY, WELL, True),
    "database away for a moment again": (AlarmName.DATABASE_AWAY, replace(WELL, away_for=minutes(0)), False),
    "no mail waits": (AlarmName.MAIL_WAITS, WELL, True),
    "no quarantine": (AlarmName.QUARANTINE, WELL, True),
    "nobody knows of quarantine": (AlarmName.QUARANTINE, replace(WELL, stored=None), False),
    "nothing held": (AlarmName.MAIL_HELD, WELL, True),
    "login taken": (AlarmName.MAILBOX_LOGIN_REFUSED, WELL, True),
    "login taken before": (AlarmName.MAILBOX_LOGIN_REFUSED, replace(WELL, folders=(replace(READ, read_at=EARLIER),)), False),
    "login of one folder not tried": (
        AlarmName.MAILBOX_LOGIN_REFUSED,
        replace(WELL, folders=(READ, FolderFacts(minutes(0)))),
        False,
    ),
    "every message given": (AlarmName.MESSAGE_REFUSED, WELL, True),
    "sending lets us in": (AlarmName.SENDING_LOGIN_REFUSED, WELL, True),
    "sending not tried": (AlarmName.SENDING_LOGIN_REFUSED, replace(WELL, sending=SendingFacts()), False),
    "certificate renewed": (
        AlarmName.MAILBOX_CERTIFICATE_ENDS,
        replace(WELL, mailbox_certificate=CertificateFacts(NOW + days(90), LATER)),
        True,
    ),
    "certificate not seen since": (
        AlarmName.SENDING_CERTIFICATE_ENDS,
        replace(WELL, sending_certificate=CertificateFacts(NOW + days(90), EARLIER)),
        False,
    ),
    "certificate seen, and not for long enough": (
        AlarmName.SENDING_CERTIFICATE_ENDS,
        replace(WELL, sending_certificate=CertificateFacts(NOW + days(3), LATER)),
        False,
    ),
    "no certificate any more": (
        AlarmName.SENDING_CERTIFICATE_ENDS,
        replace(WELL, sending_certificate=CertificateFacts(None, LATER)),
        True,
    ),
    "file renewed": (
        AlarmName.MAILBOX_CA_FILE_ENDS,
        replace(WELL, mailbox_certificate=replace(SOON, ca_file_ends_at=None)),
        True,
    ),
    "file not renewed": (AlarmName.SENDING_CA_FILE_ENDS, replace(WELL, sending_certificate=CA_SOON), False),
    "an alarm of an older version": ("tea-is-cold", WELL, True),
}


@pytest.mark.parametrize(("name", "facts", "over"), OVER.values(), ids=OVER)
def test_an_alarm_is_over_only_when_that_is_sure(name: str, facts: HealthFacts, over: bool) -> None:
    assert is_over(RaisedAlarm(name, NOW - minutes(3), None), facts, POLICY, NOW) is over


@pytest.mark.parametrize(("ahead", "over"), [(1, False), (60, True)], ids=["another clock", "a clock that was set back"])
def test_a_part_that_hung_by_a_clock_that_was_set_back_does_not_hang_for_ever(ahead: int, over: bool) -> None:
    raised = RaisedAlarm(AlarmName.WORKER_STUCK, NOW + minutes(ahead), None)
    assert is_over(raised, replace(WELL, started_at=NOW - minutes(1)), POLICY, NOW) is over


@pytest.mark.parametrize(
    ("facts", "standing", "flows"),
    [
        pytest.param(WELL, [], True, id="all is well"),
        pytest.param(replace(WELL, folders=(READ, FolderFacts(minutes(1)))), [], False, id="a folder never read"),
        pytest.param(replace(WELL, folders=(FolderFacts(minutes(1), minutes(10)),)), [], False, id="a folder read long ago"),
        pytest.param(replace(WELL, stuck=True), [], False, id="found"),
        pytest.param(WELL, ["mailbox-login-refused"], False, id="raised by another worker"),
        pytest.param(replace(WELL, stored=StoredFacts(quarantined=1)), ["quarantine"], True, id="one message"),
        pytest.param(replace(WELL, stored=StoredFacts(minutes(60))), ["mail-waits"], True, id="one mail that is put off"),
        pytest.param(
            replace(WELL, stored=StoredFacts(minutes(60)), sending=SendingFacts(failing_for=minutes(20))),
            ["mail-waits"],
            False,
            id="nothing is sent",
        ),
        pytest.param(
            replace(WELL, stored=StoredFacts(minutes(60)), sending=SendingFacts(failing_for=minutes(1))),
            ["mail-waits"],
            True,
            id="nothing is sent, for a minute",
        ),
    ],
)
def test_mail_flows_when_nothing_is_against_it(facts: HealthFacts, standing: list[str], flows: bool) -> None:
    assert does_mail_flow(facts, find_alarms(facts, POLICY, NOW), standing, POLICY) is flows


def test_no_mail_is_written_of_what_keeps_mail_from_going() -> None:
    stops = {"sending-login-refused", "mail-waits", "database-away", "worker-stuck"}
    assert stops.isdisjoint(BY_MAIL)


@pytest.mark.parametrize("name", list(AlarmName), ids=str)
def test_the_end_of_every_alarm_has_words(name: AlarmName) -> None:
    said = announce_end(RaisedAlarm(name, NOW, NOW), lambda at: f"{at:%A}")
    assert (said.name, said.state, said.since) == (name, AlarmState.OVER, NOW)
    assert said.text.startswith("Helpdesk, over: ")
    assert said.text.endswith(" The alarm began on Monday.")
    assert "no more" not in said.text


def test_an_alarm_of_an_older_version_ends_in_words() -> None:
    assert words_when_over(RaisedAlarm("tea-is-cold", NOW, NOW)) == "The alarm tea-is-cold is no more."
