"""Gathers what is known of the service: the signs that the loops left, and what the database shows. Decides nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from helpdesk.clock import Clock
from helpdesk.errors import DatabaseUnavailable
from helpdesk.jobs.ports import Store, UnitOfWork
from helpdesk.jobs.pulse import FolderSigns, Pulse, Seconds, SendingSigns
from helpdesk.model.delivery import DeliveryState
from helpdesk.model.health import CertificateFacts, Figures, HealthFacts, StoredFacts
from helpdesk.model.message import MessageState

_MESSAGES_THAT_WAIT = (MessageState.STORED, MessageState.QUARANTINED)
_MAIL_THAT_WAITS = (DeliveryState.PENDING, DeliveryState.HELD, DeliveryState.FAILED)


def _unknown() -> datetime | None:
    return None


@dataclass(frozen=True, slots=True)
class Certificates:
    """Asks when the certificate of the last connection ends, and when the file of trusted ones does."""

    server: Callable[[], datetime | None] = _unknown
    ca_file: Callable[[], datetime | None] = _unknown

    def facts(self, used_at: datetime | None) -> CertificateFacts:
        return CertificateFacts(self.server(), used_at, self.ca_file())


@dataclass(frozen=True, slots=True)
class _Stored:
    """What one look into the database gave."""

    facts: StoredFacts = field(default_factory=StoredFacts)
    polled_at: Mapping[tuple[str, str], datetime | None] = field(default_factory=dict)
    messages: Mapping[str, int] = field(default_factory=dict)
    outbox: Mapping[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Vitals:
    """Everything that is looked at, and since when the database is away."""

    store: Store
    clock: Clock
    pulse: Pulse
    folders: Sequence[FolderSigns]
    sending: SendingSigns
    mailbox_certificates: Certificates = Certificates()
    sending_certificates: Certificates = Certificates()
    seconds: Seconds = time.monotonic
    started_at: datetime = field(init=False)
    _away_since: float | None = None
    _stored: _Stored = field(default_factory=_Stored)

    def __post_init__(self) -> None:
        self.started_at = self.clock.now()

    def gather(self) -> HealthFacts:
        """What is known now; raises nothing that comes from the database."""
        stored = self._look_into_database()
        away_for = self._away_for(is_away=stored is None or any(signs.database_fails for signs in self.folders))
        polled_at = stored.polled_at if stored else {}
        folders = tuple(signs.facts(polled_at.get((signs.account, signs.folder))) for signs in self.folders)
        sending = self.sending.facts()
        read = [folder.read_at for folder in folders if folder.read_at is not None]
        return HealthFacts(
            started_at=self.started_at,
            folders=folders,
            sending=sending,
            stored=stored.facts if stored else None,
            away_for=away_for,
            stuck=self.pulse.is_stuck(),
            was_stuck=self.pulse.was_stuck,
            mailbox_certificate=self.mailbox_certificates.facts(max(read, default=None)),
            sending_certificate=self.sending_certificates.facts(sending.opened_at),
        )

    def figures(self) -> Figures:
        """The numbers as they were at the last look into the database, and the counts of this process as they are."""
        stored = self._stored
        polled = list(stored.polled_at.values())
        known = [at for at in polled if at is not None]
        return Figures(
            messages=stored.messages,
            outbox=stored.outbox,
            oldest_waiting=stored.facts.waiting_for,
            last_poll_at=min(known) if known and len(known) == len(polled) else None,
            polls=sum(signs.polls for signs in self.folders),
            failed_polls=sum(signs.failed_polls for signs in self.folders),
            deliveries={outcome.value: count for outcome, count in self.sending.outcomes.copy().items()},
        )

    def _away_for(self, *, is_away: bool) -> timedelta | None:
        """For how long the database has been away."""
        now = self.seconds()
        if not is_away:
            self._away_since = None
            return None
        self._away_since = now if self._away_since is None else self._away_since
        return timedelta(seconds=now - self._away_since)

    def _look_into_database(self) -> _Stored | None:
        try:
            with self.store.reading() as uow:
                self._stored = self._read(uow)
        except DatabaseUnavailable:
            return None
        return self._stored

    def _read(self, uow: UnitOfWork) -> _Stored:
        now = self.clock.now()
        ours = {(signs.account, signs.folder) for signs in self.folders}
        polled_at = {
            (record.account, record.folder): record.polled_at
            for record in uow.mailboxes.all()
            if (record.account, record.folder) in ours
        }
        oldest = uow.outbox.oldest_due(now)
        held = uow.outbox.list([DeliveryState.HELD], 1)
        messages, outbox = uow.messages.counts(), uow.outbox.counts()
        facts = StoredFacts(
            waiting_for=None if oldest is None else max(now - oldest, timedelta()),
            quarantined=messages.get(MessageState.QUARANTINED, 0),
            held_at=held[0].created_at if held else None,
        )
        return _Stored(
            facts,
            polled_at,
            messages={state.value: messages.get(state, 0) for state in _MESSAGES_THAT_WAIT},
            outbox={state.value: outbox.get(state, 0) for state in _MAIL_THAT_WAITS},
        )
