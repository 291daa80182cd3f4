"""How the service is: the alarms that may stand, what they go by, and the numbers that a monitor may read.

Nothing here holds a word of a mail, an address or the name of a person.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum


class AlarmName(StrEnum):
    """Each alarm that there is; `docs/operations.md` says of each what to do."""

    MAILBOX_NOT_READ = "mailbox-not-read"
    MAILBOX_LOGIN_REFUSED = "mailbox-login-refused"
    SENDING_LOGIN_REFUSED = "sending-login-refused"
    MAIL_WAITS = "mail-waits"
    DATABASE_AWAY = "database-away"
    WORKER_STUCK = "worker-stuck"
    MESSAGE_REFUSED = "message-refused"
    QUARANTINE = "quarantine"
    MAIL_HELD = "mail-held"
    MAILBOX_CERTIFICATE_ENDS = "mailbox-certificate-ends"
    MAILBOX_CA_FILE_ENDS = "mailbox-ca-file-ends"
    SENDING_CERTIFICATE_ENDS = "sending-certificate-ends"
    SENDING_CA_FILE_ENDS = "sending-ca-file-ends"


@dataclass(frozen=True, slots=True)
class RaisedAlarm:
    """An alarm that stands: since when, and when a person was told of it on the alarm channel, if yet."""

    name: str
    since: datetime
    told_at: datetime | None


@dataclass(frozen=True, slots=True)
class WatchPolicy:
    """From when on a silence is an alarm, and where `/healthz` and `/metrics` answer: port 0 is nowhere."""

    unread_after: timedelta = timedelta(minutes=10)
    waiting_after: timedelta = timedelta(minutes=15)
    certificate_before: timedelta = timedelta(days=14)
    host: str = "127.0.0.1"
    port: int = 0


@dataclass(frozen=True, slots=True)
class FolderFacts:
    """What this process knows of one folder.

    `unread_for`: how long nobody has read it, no other worker either, since this process watches. `last_read`: how long ago
    anybody read it, None when that is not known. `read_at`: when this process last read it to its end. `refused_messages`:
    how many the server listed then, and did not give.
    """

    unread_for: timedelta
    last_read: timedelta | None = None
    read_at: datetime | None = None
    login_refused: bool = False
    refused_messages: int = 0


@dataclass(frozen=True, slots=True)
class SendingFacts:
    """What this process knows of the server that takes our mail.

    `failing_for`: since when each try has failed; None when the last one did not. `opened_at`: when it last let us in.
    """

    login_refused: bool = False
    opened_at: datetime | None = None
    failing_for: timedelta | None = None


@dataclass(frozen=True, slots=True)
class CertificateFacts:
    """When the certificate of a server ends, and when we last used a connection with it.

    `ca_file_ends_at`: when the last of those ends that the settings say to trust, None where they name no file.
    """

    ends_at: datetime | None = None
    seen_at: datetime | None = None
    ca_file_ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StoredFacts:
    """What the database shows. `held_at` is when the newest mail was written that is held."""

    waiting_for: timedelta | None = None
    quarantined: int = 0
    held_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class HealthFacts:
    """Everything that is known of the service at one moment.

    `stored` is None when nothing can be read from the database. `away_for`: for how long nothing could be read from it, or
    written; None while it can be used. `stuck`: a loop of this process does not move; `was_stuck`: that was so before.
    """

    started_at: datetime
    folders: tuple[FolderFacts, ...]
    sending: SendingFacts
    stored: StoredFacts | None
    away_for: timedelta | None = None
    stuck: bool = False
    was_stuck: bool = False
    mailbox_certificate: CertificateFacts = CertificateFacts()
    sending_certificate: CertificateFacts = CertificateFacts()


class AlarmState(StrEnum):
    BEGAN = "began"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Announcement:
    """What a person is told of an alarm, on the alarm channel: `text` in plain words."""

    name: str
    state: AlarmState
    since: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Figures:
    """The service in numbers, for a monitor. Counts start at 0 with the process; what is waiting or stands is as last seen.

    `messages` and `outbox` are numbers of rows by state, without those that are done with. `deliveries` counts tries by
    outcome. `last_poll_at` is that of the folder that was read longest ago, None where there is one that was never read.
    """

    alarms: tuple[str, ...] = ()
    messages: Mapping[str, int] = field(default_factory=dict)
    outbox: Mapping[str, int] = field(default_factory=dict)
    oldest_waiting: timedelta | None = None
    last_poll_at: datetime | None = None
    polls: int = 0
    failed_polls: int = 0
    deliveries: Mapping[str, int] = field(default_factory=dict)
