"""Is mail flowing? Looks at everything that it has to pass, and says of each that is wrong what to do.

It mends nothing but this: mail that lies in a mailbox and was missed is taken in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from helpdesk.clock import Clock
from helpdesk.errors import MailboxNotStarted, MailboxUnavailable, Problem, TransportUnavailable
from helpdesk.jobs.ingest import FolderIngest
from helpdesk.jobs.ports import Store
from helpdesk.jobs.reconcile import Reconciled, Reconciler
from helpdesk.model.delivery import DeliveryState
from helpdesk.model.health import WatchPolicy
from helpdesk.model.message import MessageState

# Nobody can discard a mail that failed or is held, so those of an earlier week are taken for seen.
NEWS_FOR = timedelta(days=7)
CLOCKS_DIFFER = timedelta(minutes=10)
LEAST_SPACE = 1024 * 1024 * 1024
_ROWS_LOOKED_AT = 1_000

_IN_MAILBOX = "New mail stays in the mailbox. Nothing is lost, and nobody new is answered."
_IN_OUTBOX = "Mail that is to go out waits in the outbox, and goes as soon as it can. People wait for their answer."
_FLOWS = "Mail flows as before."


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: `about` names it, then what happened, what became of the mail, what to do."""

    about: str
    what: str
    mail: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Examination:
    """What is wrong, and what was `seen` to be well, each in a sentence."""

    findings: tuple[Finding, ...]
    seen: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What lies outside of database and mailbox.

    `worker_runs`: whether any does. `free_space`: bytes on the disk of the database, None where it is another machine's.
    `try_sending` logs in to the SMTP server and returns when its certificate ends; raises TransportUnavailable.
    `certificate_of` says the same of the IMAP server, once a folder was looked into. `sent_folder` names the folder in which
    answers sent from the mailbox itself are looked for, empty where there is none, None where nobody looks; raises
    MailboxUnavailable.
    """

    worker_runs: bool
    free_space: int | None
    try_sending: Callable[[], datetime | None]
    certificate_of: Callable[[FolderIngest], datetime | None]
    sent_folder: Callable[[], str | None] = lambda: None


def examine_problems(problems: Sequence[Problem]) -> Examination:
    """What `check` finds wrong, as findings; warnings are worth reading there, and are none."""
    kept = "A worker that runs goes on with what it has read before. It can't be started anew until this is mended."
    findings = [Finding(each.where, each.what, kept, each.remedy) for each in problems if not each.warning]
    return Examination(tuple(findings), () if findings else ("Settings, staff and templates are sound.",))


@dataclass(frozen=True, slots=True)
class Doctor:
    """Examines a desk whose settings are sound and whose database is open."""

    store: Store
    clock: Clock
    ingests: Sequence[FolderIngest]
    around: Surroundings
    policy: WatchPolicy = field(default_factory=WatchPolicy)

    def examine(self) -> Examination:
        """Look at everything once. Raises DatabaseUnavailable."""
        parts: list[Finding | str] = ["The database opens, and the key fits."]
        if not self.around.worker_runs:
            remedy = "Start it: helpdesk run (or let your service manager do so, and look into its log)."
            parts.append(Finding("worker", "No worker is running.", _IN_MAILBOX, remedy))
        for ingest in self.ingests:
            parts += self._folder(ingest)
        parts += self._sent_mail()
        parts += self._sending()
        parts += self._outbox()
        parts += self._quarantine()
        parts += self._space()
        findings = tuple(part for part in parts if isinstance(part, Finding))
        return Examination(findings, tuple(part for part in parts if isinstance(part, str)))

    def _folder(self, ingest: FolderIngest) -> Iterator[Finding | str]:
        name = ingest.policy.folder
        try:
            reconciled = Reconciler(ingest).reconcile()
            newest = ingest.folder.summaries(ingest.folder.newest_uids(1))
        except MailboxNotStarted as error:
            yield Finding(name, "Nobody has said from where on this folder is answered.", _IN_MAILBOX, str(error))
            return
        except MailboxUnavailable as error:
            yield Finding(name, "The folder can't be read.", _IN_MAILBOX, str(error))
            return
        if reconciled is None:
            return
        yield from self._last_poll(ingest, reconciled)
        yield from _compared(name, reconciled)
        if newest and newest[-1].received_at > self.clock.now() + CLOCKS_DIFFER:
            yield self._wrong_clock(f"The newest mail in {name} was received at {newest[-1].received_at:%H:%M} UTC.")
        yield from self._certificate(f"the server of {name}", self.around.certificate_of(ingest))

    def _sent_mail(self) -> Iterator[Finding | str]:
        try:
            name = self.around.sent_folder()
        except MailboxUnavailable as error:
            mail = "Mail flows as before. Answers that are sent from the mailbox itself, in webmail, are not seen."
            yield Finding("sent mail", "The folder of sent mail can't be read.", mail, str(error))
            return
        if name:
            yield f"Answers that are sent from the mailbox itself are looked for in {name}."
        elif name is not None:
            yield "The mailbox has no folder for sent mail, so that answers sent from webmail are not seen."

    def _last_poll(self, ingest: FolderIngest, reconciled: Reconciled) -> Iterator[Finding | str]:
        now, polled_at, name = self.clock.now(), reconciled.found.record.polled_at, ingest.policy.folder
        if polled_at is None or now - polled_at > self.policy.unread_after:
            since = f"since {polled_at:%Y-%m-%d %H:%M} UTC" if polled_at else "yet"
            remedy = "See that the worker runs, and look for poll_failed in its log. Or poll once now: helpdesk run --once"
            yield Finding(name, f"No worker has read {name} {since}.", _IN_MAILBOX, remedy)
        elif polled_at > now + CLOCKS_DIFFER:
            yield self._wrong_clock(f"The last poll of {name} was at {polled_at:%Y-%m-%d %H:%M} UTC.")
        else:
            yield f"{name} was last read at {polled_at:%H:%M:%S} UTC."

    def _wrong_clock(self, seen: str) -> Finding:
        now = self.clock.now()
        return Finding(
            "clock",
            f"This machine's clock says {now:%Y-%m-%d %H:%M} UTC, which is too early. {seen}",
            "Mail is taken in. Office hours in answers may be wrong, and what is due later may go late.",
            "Set the clock, and let this machine keep it by NTP.",
        )

    def _certificate(self, whose: str, ends_at: datetime | None) -> Iterator[Finding | str]:
        if ends_at is None:
            return
        said = f"The certificate of {whose} is valid until {ends_at:%Y-%m-%d}."
        if ends_at - self.clock.now() <= self.policy.certificate_before:
            remedy = "Ask whoever runs the server to renew it before that day."
            yield Finding("certificate", said, f"{_FLOWS} From that day on no connection is made.", remedy)
        else:
            yield said

    def _sending(self) -> Iterator[Finding | str]:
        try:
            ends_at = self.around.try_sending()
        except TransportUnavailable as error:
            yield Finding("SMTP server", "No mail can be sent.", _IN_OUTBOX, str(error))
            return
        yield "The SMTP server takes our login."
        yield from self._certificate("the SMTP server", ends_at)

    def _outbox(self) -> Iterator[Finding | str]:
        now = self.clock.now()
        with self.store.reading() as uow:
            oldest = uow.outbox.oldest_due(now)
            counts = uow.outbox.counts()
            stuck = uow.outbox.list((DeliveryState.FAILED, DeliveryState.HELD), _ROWS_LOOKED_AT)
        if oldest and now - oldest >= self.policy.waiting_after:
            what = f"Mail in the outbox has waited for {int((now - oldest).total_seconds() // 60)} minutes."
            yield Finding("outbox", what, _IN_OUTBOX, "See what the server answered: helpdesk outbox list")
        new = [row.state for row in stuck if now - row.created_at < NEWS_FOR]
        for state, remedy in _REMEDIES.items():
            if count := new.count(state):
                what = f"{_mails(count)} of the last {NEWS_FOR.days} days {_VERBS[state]}."
                mail = "What people wrote is stored, and their tickets stand. Somebody may not have been answered."
                yield Finding("outbox", what, mail, remedy)
        yield f"Waiting in the outbox: {_mails(counts.get(DeliveryState.PENDING, 0))}."

    def _quarantine(self) -> Iterator[Finding | str]:
        with self.store.reading() as uow:
            count = uow.messages.count(MessageState.QUARANTINED)
        if count:
            mail = "Stored whole and still in the mailbox. No ticket, and nobody was answered."
            remedy = "See why: helpdesk quarantine list. Answer from the mailbox, and then run: helpdesk quarantine dismiss"
            yield Finding("quarantine", f"{_messages(count)} could not be processed.", mail, remedy)
        else:
            yield "Nothing is in quarantine."

    def _space(self) -> Iterator[Finding | str]:
        free = self.around.free_space
        if free is None:
            return
        said = f"The disk of the database has {free / LEAST_SPACE:.1f} GB free."
        if free < LEAST_SPACE:
            mail = f"{_FLOWS} When it is full, new mail stays in the mailbox and nobody is answered."
            yield Finding("disk", said, mail, "Free some space, or bring the database to a larger disk.")
        else:
            yield said


_VERBS = {DeliveryState.FAILED: "could not be delivered, for good", DeliveryState.HELD: "are held"}
_REMEDIES = {
    DeliveryState.FAILED: "See why, and reach these people another way: helpdesk outbox list --state failed",
    DeliveryState.HELD: "See why, and answer or release them: helpdesk outbox list --state held",
}


def _compared(name: str, reconciled: Reconciled) -> Iterator[Finding | str]:
    found = reconciled.found
    lost = len(found.missing) - reconciled.held
    if lost:
        what = f"{_messages(lost)} in {name} had been missed by every poll."
        mail = f"They were taken in just now: {reconciled.taken} of them are new. Answers go out with the next delivery."
        yield Finding(name, what, mail, "See that a worker runs. If this comes again, report it: it should not happen.")
    if reconciled.held:
        what = f"{_messages(reconciled.held)} in {name} were never taken in: too many at once to be answered unseen."
        mail = "They are still in the mailbox, without a ticket, and nobody was answered."
        remedy = "Look at them in webmail. Then take them in, without automatic answers: helpdesk import --mailbox"
        yield Finding(name, what, mail, remedy)
    yield (
        f"{name} was compared with the database: {found.on_server} on the server, {found.waiting} for the next poll, "
        f"{found.gone} taken in and no longer there."
    )


def _messages(count: int) -> str:
    return "1 message" if count == 1 else f"{count} messages"


def _mails(count: int) -> str:
    return "1 mail" if count == 1 else f"{count} mails"
