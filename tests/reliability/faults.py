"""The fault matrix: a table of all that goes wrong in the world of a mail desk, and of what it may leave behind.

Each run is alike (`measure.py`): mail comes, the fault strikes while more mail comes, the worker feels it, the fault ends,
more mail comes. Then all of it must be dealt with, by the worker alone. How each is made is in `strikes.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from tests.reliability import mishaps, strikes
from tests.reliability.strikes import CONTENT_ENDS, FETCH, IDLE, LOGIN, MAILS, MOVE, NOT_DELIVERED, POLL_FAILED, Felt, Strike
from tests.reliability.world import ORDINARY, SPEED, Circumstances, Kind
from tests.servers.gate import Answer, Do, Part


@dataclass(frozen=True, slots=True)
class Expected:
    """What a fault may leave behind: mails sent twice, deliveries stopped for good, mails that somebody deleted."""

    doubles: int = 0
    failed: int = 0
    gone: int = 0


@dataclass(frozen=True, slots=True)
class Fault:
    """`strike` makes it, gives what tells whether the worker has felt it, and ends it; `what` says it in a table.

    `kinds` are the databases that can have it. Faults that last for hours need a quicker clock than timeouts can bear.
    """

    name: str
    what: str
    strike: Strike = field(repr=False)
    expected: Expected = Expected()
    around: Circumstances = ORDINARY
    kinds: tuple[Kind, ...] = tuple(Kind)

    def __str__(self) -> str:
        return self.name


OVERQUOTA = Answer("{tag} NO [OVERQUOTA] The folder is full.")
NO_LOGIN = Answer("{tag} NO [AUTHENTICATIONFAILED] Authentication failed.")
CORRUPT = Answer("{tag} NO [SERVERBUG] Internal error occurred.")
KEPT = Circumstances(more={"HELPDESK_MAILBOX__AFTER": "keep"})
KEPT_IN_ANOTHER_FOLDER = replace(KEPT, folder="Desk")
HOURS = Circumstances(speed=300.0, patience=SPEED)
# Where all the waiting is for the next try, and not for a timeout.
RETRIED = Circumstances(speed=2 * SPEED, patience=SPEED)
STOPPED = Expected(failed=2 * MAILS)
SERVED = (Kind.POSTGRESQL,)
# The replies of RFC 5321 section 4.2 and RFC 4954 section 6 that a server may give at each step.
_REPLIES = (
    ("CONNECT", "in greeting", "421 4.3.2 closing", "450 4.3.2 not now", "554 5.3.2 no service here"),
    ("EHLO", "to EHLO", "421 4.3.2 closing", "451 4.3.0 not now", "550 5.7.1 not you"),
    ("AUTH", "to AUTH", "421 4.7.0 closing", "454 4.7.0 temporary failure", "535 5.7.8 credentials invalid"),
    ("MAIL", "to MAIL", "421 4.3.2 closing", "451 4.3.0 not now", "550 5.7.1 sender refused"),
    ("RCPT", "to RCPT", "421 4.3.2 closing", "450 4.2.0 greylisted", "550 5.1.1 no such user"),
    ("DATA", "to DATA", "421 4.3.2 closing", "451 4.3.0 not now", "554 5.6.0 no"),
    ("CONTENT", "at the end of the content", "421 4.3.2 closing", "452 4.3.1 no space", "554 5.6.0 refused"),
)
# Where 5xx finds fault with the mail or its recipient, and not with us (DESIGN 2.5): it stops.
_STOPS = ("RCPT", "DATA", "CONTENT")


def _plain(strike: Callable[..., AbstractContextManager[Felt]], *arguments: object, **options: object) -> Strike:
    return lambda world: strike(world, *arguments, **options)


def _imap(strike: Callable[..., AbstractContextManager[Felt]], *arguments: object, **options: object) -> Strike:
    return lambda world: strike(world, world.imap, *arguments, **options)


def _database(strike: Callable[..., AbstractContextManager[Felt]]) -> Strike:
    return lambda world: strike(world, mishaps.database_gate(world), POLL_FAILED)


def _smtp(strike: Callable[..., AbstractContextManager[Felt]], *arguments: object, **options: object) -> Strike:
    return lambda world: strike(world, world.smtp, *arguments, **options)


_IMAP_LINE = (
    Fault("imap-refused", "IMAP server refuses connections", _imap(strikes.refused, POLL_FAILED)),
    Fault("imap-away", "IMAP server away for minutes", _imap(strikes.refused, POLL_FAILED, times=8), around=HOURS),
    Fault("imap-reset", "IMAP connections reset at login", _imap(strikes.always_at_line, LOGIN, Do.RESET, POLL_FAILED)),
    Fault("imap-silent", "IMAP connection half open: nothing arrives", _imap(strikes.silent, POLL_FAILED)),
    Fault("imap-slow", "IMAP answers trickle in", _imap(strikes.slow, FETCH)),
    Fault(
        "imap-dropped-in-idle", "IMAP connection dropped in IDLE, three times", _imap(strikes.at_line, IDLE, Do.DROP, times=3)
    ),
    Fault(
        "imap-dropped-in-fetch",
        "IMAP connection dropped inside a FETCH, twice",
        _imap(strikes.at_line, FETCH, Part(200), times=2),
    ),
)
_IMAP_ANSWERS = (
    Fault("imap-bye", "IMAP server says BYE", _plain(strikes.goodbye)),
    Fault(
        "imap-overquota", "`NO [OVERQUOTA]` when mail is moved", _imap(strikes.always_at_line, MOVE, OVERQUOTA, "mark_failed")
    ),
    Fault(
        "imap-login-refused",
        "`NO [AUTHENTICATIONFAILED]` for a while",
        _imap(strikes.always_at_line, LOGIN, NO_LOGIN, POLL_FAILED),
    ),
    Fault("imap-uidvalidity", "UIDVALIDITY changed, old mail still there", _plain(strikes.uidvalidity_changed), around=KEPT),
    Fault(
        "imap-folder-anew",
        "polled folder deleted, and made anew",
        _plain(strikes.folder_made_anew),
        around=KEPT_IN_ANOTHER_FOLDER,
    ),
    Fault(
        "imap-uids-missing",
        "message expunged between SEARCH and FETCH",
        _plain(strikes.expunged_before_fetch),
        Expected(gone=1),
    ),
    Fault("imap-message-refused", "server refuses to give one message", _plain(strikes.undeliverable, CORRUPT)),
    Fault("imap-message-kills", "server drops the connection at one message", _plain(strikes.undeliverable, Do.DROP)),
)
_SMTP_LINE = (
    Fault("smtp-refused", "SMTP server refuses connections", _smtp(strikes.refused, NOT_DELIVERED), around=RETRIED),
    Fault(
        "smtp-away",
        "SMTP server away for a quarter of an hour",
        _smtp(strikes.refused, NOT_DELIVERED, times=5 * 2 * MAILS),
        around=HOURS,
    ),
    Fault("smtp-reset", "SMTP connections reset at EHLO", _smtp(strikes.always_at_line, "^EHLO", Do.RESET, NOT_DELIVERED)),
    Fault("smtp-silent", "SMTP connection half open: nothing arrives", _smtp(strikes.silent, NOT_DELIVERED)),
    Fault("smtp-slow", "SMTP dialogue trickles", _smtp(strikes.slow, "^DATA")),
    Fault(
        "smtp-dropped-in-data", "SMTP connection dropped before the final dot", _smtp(strikes.at_line, CONTENT_ENDS, Do.DROP)
    ),
    Fault(
        "smtp-silent-in-data",
        "SMTP connection half open before the final dot",
        _smtp(strikes.at_line, CONTENT_ENDS, Do.HUSH),
        around=Circumstances(speed=120.0),
    ),
    Fault(
        "smtp-reply-lost",
        "SMTP connection dropped after the final dot, before the reply: the point that can't be closed",
        _smtp(strikes.at_line, CONTENT_ENDS, Do.LOSE_REPLY),
        Expected(doubles=1),
        RETRIED,
    ),
    Fault(
        "smtp-recipient-refused",
        "one recipient of several mails refused",
        _plain(strikes.one_recipient_refused),
        Expected(failed=1),
    ),
)
_SMTP_REPLIES = tuple(
    Fault(
        f"smtp-{step.lower()}-{reply[:3]}",
        f"SMTP server says {reply[:3]} {where}",
        _plain(strikes.smtp_says, step, reply),
        STOPPED if step in _STOPS and reply.startswith("5") else Expected(),
        RETRIED,
    )
    for step, where, *replies in _REPLIES
    for reply in replies
)
_BOTH_SERVERS = (
    Fault("certificate-renewed", "both servers come back with a renewed certificate", _plain(strikes.certificate_renewed)),
    Fault(
        "certificate-untrusted",
        "both servers show a certificate that is not trusted",
        _plain(strikes.certificate_untrusted),
        around=RETRIED,
    ),
    Fault("names-unknown", "DNS fails", _plain(strikes.names_unknown)),
)
_MACHINE = (
    Fault("database-locked", "database locked by another program", _plain(mishaps.database_locked)),
    Fault("database-locked-in-data", "database locked while a mail is sent", _plain(mishaps.database_locked_in_data)),
    Fault("disk-full", "disk full", _plain(mishaps.disk_full), around=Circumstances(small_disk=True), kinds=(Kind.SQLITE,)),
    Fault("clock-back", "clock set back an hour", _plain(mishaps.clock_set_back)),
    Fault(
        "clock-back-over-mail",
        "clock set back an hour while mail waits to be tried again",
        _plain(mishaps.clock_set_back_over_waiting_mail),
        around=HOURS,
    ),
    Fault(
        "summer-time-begins",
        "summer time begins",
        _plain(mishaps.hour_changes),
        around=Circumstances(shown=datetime(2026, 3, 29, 0, 58, tzinfo=UTC)),
    ),
    Fault(
        "summer-time-ends",
        "summer time ends",
        _plain(mishaps.hour_changes),
        around=Circumstances(shown=datetime(2026, 10, 25, 0, 58, tzinfo=UTC)),
    ),
)
_DATABASE_LINE = (
    Fault("database-refused", "database server refuses connections", _database(strikes.refused), kinds=SERVED),
    Fault("database-reset", "database connections reset", _plain(mishaps.database_reset), kinds=SERVED),
    Fault(
        "database-silent",
        "database connection half open: nothing arrives",
        _database(strikes.silent),
        around=Circumstances(speed=10.0),
        kinds=SERVED,
    ),
    Fault("database-slow", "database answers trickle in", _plain(mishaps.database_slow), kinds=SERVED),
    Fault("database-restarted", "database server restarted", _plain(mishaps.database_restarted), kinds=SERVED),
    Fault("database-crashed", "a process of the database server dies", _plain(mishaps.database_crashed), kinds=SERVED),
)
FAULTS = (*_IMAP_LINE, *_IMAP_ANSWERS, *_SMTP_LINE, *_SMTP_REPLIES, *_BOTH_SERVERS, *_DATABASE_LINE, *_MACHINE)
