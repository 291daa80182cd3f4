"""What is wrong with the service, out of what its loops and its database show: facts become alarms, in plain words.

Pure, and about the service alone: no word here comes from a mail, and no address.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from helpdesk.model.health import AlarmName, AlarmState, Announcement, CertificateFacts, HealthFacts, RaisedAlarm, WatchPolicy

# A lock that lasts a moment is no alarm: the database has to be away still at the look after.
DATABASE_AWAY_AFTER = timedelta(seconds=55)
# Nobody can discard a held mail, so old ones are taken for seen; an acknowledgement is held after a day of its own.
HELD_IS_NEWS_FOR = timedelta(days=2)
# Two machines' clocks differ by less than that.
CLOCKS_DIFFER = timedelta(minutes=10)
# A certificate is known from the connection that was used last; a worker with no work may know an old one.
SEEN_IS_TRUE_FOR = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Alarm:
    """What happened, what becomes of the mail, what to do.

    `stops_mail`: mail does not flow as long as it stands.
    """

    name: AlarmName
    what: str
    mail: str
    remedy: str
    stops_mail: bool = False


# As long as one of these stands, whichever worker raised it, mail does not flow.
_STOPS_MAIL = frozenset(
    {
        AlarmName.DATABASE_AWAY,
        AlarmName.WORKER_STUCK,
        AlarmName.MAILBOX_LOGIN_REFUSED,
        AlarmName.MAILBOX_NOT_READ,
        AlarmName.SENDING_LOGIN_REFUSED,
    }
)
# Of these the admins get a mail too. It would not go where sending fails, and of single messages they get one anyway.
BY_MAIL = frozenset(
    {
        AlarmName.MAILBOX_LOGIN_REFUSED,
        AlarmName.MAILBOX_NOT_READ,
        AlarmName.MAILBOX_CERTIFICATE_ENDS,
        AlarmName.MAILBOX_CA_FILE_ENDS,
        AlarmName.SENDING_CERTIFICATE_ENDS,
        AlarmName.SENDING_CA_FILE_ENDS,
    }
)

_KEPT = "What was taken in is stored. New mail stays in the mailbox, nothing is lost, and nobody new is answered."
_OUTBOX_KEPT = "Everything is stored and is sent as soon as it can be. Until then people have no answer, and staff no notice."

_MAILBOX_NAMES = (AlarmName.MAILBOX_CERTIFICATE_ENDS, AlarmName.MAILBOX_CA_FILE_ENDS)
_SENDING_NAMES = (AlarmName.SENDING_CERTIFICATE_ENDS, AlarmName.SENDING_CA_FILE_ENDS)

_OVER: dict[str, str] = {
    AlarmName.MAILBOX_NOT_READ: "The mailbox is read again.",
    AlarmName.MAILBOX_LOGIN_REFUSED: "The mail server takes our login to the mailbox again.",
    AlarmName.SENDING_LOGIN_REFUSED: "The server for outgoing mail takes our login again.",
    AlarmName.MAIL_WAITS: "No outgoing mail has waited long any more.",
    AlarmName.DATABASE_AWAY: "The database can be used again.",
    AlarmName.WORKER_STUCK: "The worker moves again.",
    AlarmName.MESSAGE_REFUSED: "The mail server gives every message that it lists.",
    AlarmName.QUARANTINE: "Nothing is in quarantine any more.",
    AlarmName.MAIL_HELD: "No mail of the last two days is held back.",
    AlarmName.MAILBOX_CERTIFICATE_ENDS: "The certificate of the mailbox's server was renewed.",
    AlarmName.MAILBOX_CA_FILE_ENDS: "The certificates in HELPDESK_IMAP_CA_FILE last long enough again.",
    AlarmName.SENDING_CERTIFICATE_ENDS: "The certificate of the server for outgoing mail was renewed.",
    AlarmName.SENDING_CA_FILE_ENDS: "The certificates in HELPDESK_SMTP_CA_FILE last long enough again.",
}


def find_alarms(facts: HealthFacts, policy: WatchPolicy, now: datetime) -> tuple[Alarm, ...]:
    """Every alarm that these facts call for; what is worst comes first."""
    return (
        *_of_the_worker(facts),
        *_of_the_mailbox(facts, policy),
        *_of_sending(facts, policy),
        *_of_what_is_stored(facts, now),
        *_of_certificates(facts, policy, now),
    )


def is_over(raised: RaisedAlarm, facts: HealthFacts, policy: WatchPolicy, now: datetime) -> bool:
    """Whether an alarm that stands, and that these facts do not call for, is surely over.

    Another worker may have raised it out of what only that one can see: then what this one saw has to be newer.
    """
    match raised.name:
        case AlarmName.WORKER_STUCK:
            # Raised by a clock that was set back since: no start would ever be later than that.
            return facts.was_stuck or facts.started_at > raised.since or raised.since - now > CLOCKS_DIFFER
        case AlarmName.MAILBOX_NOT_READ:
            return facts.away_for is None and not _is_unread(facts, policy)
        case AlarmName.DATABASE_AWAY:
            return facts.away_for is None
        case AlarmName.MAIL_WAITS | AlarmName.QUARANTINE | AlarmName.MAIL_HELD:
            return facts.stored is not None
        case AlarmName.MAILBOX_LOGIN_REFUSED | AlarmName.MESSAGE_REFUSED:
            return all(_is_newer(folder.read_at, raised) for folder in facts.folders)
        case AlarmName.SENDING_LOGIN_REFUSED:
            return _is_newer(facts.sending.opened_at, raised)
        case AlarmName.MAILBOX_CERTIFICATE_ENDS | AlarmName.SENDING_CERTIFICATE_ENDS:
            certificate = _certificate(facts, raised)
            return _is_newer(certificate.seen_at, raised) and not _ends_soon(certificate.ends_at, policy, now)
        case AlarmName.MAILBOX_CA_FILE_ENDS | AlarmName.SENDING_CA_FILE_ENDS:
            return not _ends_soon(_certificate(facts, raised).ca_file_ends_at, policy, now)
        case _:
            return True


def does_mail_flow(facts: HealthFacts, found: Iterable[Alarm], standing: Iterable[str], policy: WatchPolicy) -> bool:
    """Whether every folder was surely read of late, and neither what was found now nor an alarm that stands is against it."""
    read = all(folder.last_read is not None and folder.last_read < policy.unread_after for folder in facts.folders)
    return read and not any(alarm.stops_mail for alarm in found) and _STOPS_MAIL.isdisjoint(standing)


def _is_newer(seen_at: datetime | None, raised: RaisedAlarm) -> bool:
    return seen_at is not None and seen_at > raised.since


def _certificate(facts: HealthFacts, raised: RaisedAlarm) -> CertificateFacts:
    return facts.mailbox_certificate if raised.name in _MAILBOX_NAMES else facts.sending_certificate


def _ends_soon(ends_at: datetime | None, policy: WatchPolicy, now: datetime) -> bool:
    return ends_at is not None and ends_at <= now + policy.certificate_before


def _is_unread(facts: HealthFacts, policy: WatchPolicy) -> bool:
    return any(folder.unread_for >= policy.unread_after for folder in facts.folders)


def announce_begin(alarm: Alarm, since: datetime) -> Announcement:
    """What is said when an alarm begins."""
    text = f"Helpdesk alarm: {alarm.what} {alarm.mail} What to do: {alarm.remedy}"
    return Announcement(alarm.name, AlarmState.BEGAN, since, text)


def announce_end(raised: RaisedAlarm, in_words: Callable[[datetime], str]) -> Announcement:
    """What is said when an alarm is over; `in_words` writes a moment as people read it."""
    text = f"Helpdesk, over: {words_when_over(raised)} The alarm began on {in_words(raised.since)}."
    return Announcement(raised.name, AlarmState.OVER, raised.since, text)


def words_when_over(raised: RaisedAlarm) -> str:
    """What holds again, as a sentence; an older version may have raised alarms that are none now."""
    return _OVER.get(raised.name, f"The alarm {raised.name} is no more.")


def _of_the_worker(facts: HealthFacts) -> Iterator[Alarm]:
    if facts.away_for is not None and facts.away_for >= DATABASE_AWAY_AFTER:
        yield Alarm(
            AlarmName.DATABASE_AWAY,
            "The database can't be used.",
            "New mail stays in the mailbox, nothing is lost, and nobody is answered until it can be used again.",
            "See that its disk has space and its folder can be written, or that the database server runs. "
            "The worker goes on by itself.",
            stops_mail=True,
        )
    if facts.stuck:
        yield Alarm(
            AlarmName.WORKER_STUCK,
            "A part of the worker has not moved for far too long.",
            "Mail is safe in the mailbox and the database. Some of it waits.",
            "Restart the worker (systemd does so by itself). If it comes back, report the last lines of its log.",
            stops_mail=True,
        )


def _of_the_mailbox(facts: HealthFacts, policy: WatchPolicy) -> Iterator[Alarm]:
    if any(folder.login_refused for folder in facts.folders):
        yield Alarm(
            AlarmName.MAILBOX_LOGIN_REFUSED,
            "The mail server refuses our login to the mailbox.",
            _KEPT,
            "See whether the password was changed. Put the right one into .env as HELPDESK_IMAP_PASSWORD, try it with "
            "helpdesk check --online, and restart the worker.",
            stops_mail=True,
        )
    # Without the database no folder can be read, and that is an alarm of its own.
    elif facts.away_for is None and _is_unread(facts, policy):
        minutes = int(policy.unread_after.total_seconds() // 60)
        yield Alarm(
            AlarmName.MAILBOX_NOT_READ,
            f"The mailbox could not be read for {minutes} minutes.",
            _KEPT,
            "Run helpdesk check --online: it says what is wrong. The worker goes on trying by itself.",
            stops_mail=True,
        )
    if any(folder.refused_messages for folder in facts.folders):
        yield Alarm(
            AlarmName.MESSAGE_REFUSED,
            "The mail server lists a message, and does not give it to us.",
            "It is still in the mailbox, without a ticket, and nobody was answered. All others are taken in.",
            "Look for it in webmail, and answer from there: the mail to the admins names its number.",
        )


def _of_sending(facts: HealthFacts, policy: WatchPolicy) -> Iterator[Alarm]:
    sending, waiting = facts.sending, facts.stored.waiting_for if facts.stored else None
    if sending.login_refused:
        yield Alarm(
            AlarmName.SENDING_LOGIN_REFUSED,
            "The server for outgoing mail refuses our login.",
            _OUTBOX_KEPT,
            "See whether the password was changed. Put the right one into .env as HELPDESK_SMTP_PASSWORD, try it with "
            "helpdesk check --online, and restart the worker.",
            stops_mail=True,
        )
    if waiting is not None and waiting >= policy.waiting_after:
        minutes = int(policy.waiting_after.total_seconds() // 60)
        failing_for = sending.failing_for
        yield Alarm(
            AlarmName.MAIL_WAITS,
            f"Outgoing mail has waited for over {minutes} minutes.",
            _OUTBOX_KEPT,
            "See what the server answered with helpdesk outbox list, and try the login with helpdesk check --online.",
            stops_mail=failing_for is not None and failing_for >= policy.waiting_after,
        )


def _of_what_is_stored(facts: HealthFacts, now: datetime) -> Iterator[Alarm]:
    if facts.stored is None:
        return
    if facts.stored.quarantined:
        yield Alarm(
            AlarmName.QUARANTINE,
            "A message could not be processed, and is in quarantine.",
            "It is stored whole and still in the mailbox, without a ticket, and nobody was answered. All others go on.",
            "Run helpdesk quarantine list, read the message, answer it from the mailbox, and run helpdesk quarantine dismiss.",
        )
    held_at = facts.stored.held_at
    if held_at is not None and now - held_at < HELD_IS_NEWS_FOR:
        yield Alarm(
            AlarmName.MAIL_HELD,
            "Mail is held back, and somebody may wait for an answer.",
            "It is stored and goes out when a person lets it.",
            "Run helpdesk outbox list --state held: it gives the reason of each. Answer those who are people.",
        )


def _of_certificates(facts: HealthFacts, policy: WatchPolicy, now: datetime) -> Iterator[Alarm]:
    servers = (
        ("the mailbox's server", "IMAP", facts.mailbox_certificate, _MAILBOX_NAMES),
        ("the server for outgoing mail", "SMTP", facts.sending_certificate, _SENDING_NAMES),
    )
    for server, protocol, certificate, (name, ca_name) in servers:
        if certificate.seen_at is None or now - certificate.seen_at > SEEN_IS_TRUE_FOR:
            continue
        ends_at, ca_file_ends_at = certificate.ends_at, certificate.ca_file_ends_at
        signs_itself = ends_at == ca_file_ends_at
        if ends_at is not None and _ends_soon(ends_at, policy, now):
            remedy = "Ask whoever runs the server to renew it before that day."
            if signs_itself:
                remedy += f" It signs itself: then put the new one into the file of HELPDESK_{protocol}_CA_FILE."
            yield _ends(name, f"The certificate of {server}", ends_at, remedy)
        # One that signs itself is in both places, and worth one alarm.
        if ca_file_ends_at is not None and not signs_itself and _ends_soon(ca_file_ends_at, policy, now):
            remedy = "Get the new certificate from whoever runs the server, put it into that file, and restart the worker."
            yield _ends(ca_name, f"What HELPDESK_{protocol}_CA_FILE holds", ca_file_ends_at, remedy)


def _ends(name: AlarmName, subject: str, at: datetime, remedy: str) -> Alarm:
    what = f"{subject} is valid until {at.day} {at:%B %Y} only."
    return Alarm(name, what, "Mail flows as before. From then on no connection is made.", remedy)
