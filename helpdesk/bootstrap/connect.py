"""Settings become the real mailbox, transport, database and desk, connected.

Decides nothing.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from pathlib import Path

from helpdesk.bootstrap.application import Application
from helpdesk.bootstrap.desk import desk_of, library_of
from helpdesk.clock import Clock, SystemClock
from helpdesk.health import Systemd
from helpdesk.jobs.answered import Answered
from helpdesk.jobs.carry_out import Desk
from helpdesk.jobs.copy_sent import SentCopier
from helpdesk.jobs.deliver import Deliverer, longest_lease
from helpdesk.jobs.desk import DeskActions
from helpdesk.jobs.freshen import Freshener
from helpdesk.jobs.hand_over import HandOver
from helpdesk.jobs.ingest import FolderIngest
from helpdesk.jobs.morning import Morning
from helpdesk.jobs.ports import UnitOfWork
from helpdesk.jobs.process import Processor
from helpdesk.jobs.pulse import asked
from helpdesk.jobs.read_sent import OpenedFolder, SentReader
from helpdesk.jobs.remind import Reminders
from helpdesk.jobs.set_back import SetBack
from helpdesk.jobs.staff_mail import StaffMail
from helpdesk.jobs.take_up import Successor
from helpdesk.jobs.tell_admins import NoticeWatch, TemplateWatch
from helpdesk.jobs.vitals import Certificates
from helpdesk.jobs.watch import DeliveryLoop
from helpdesk.jobs.watchful import Watchful
from helpdesk.mail.connection import ca_file_ends_at
from helpdesk.mail.mailbox import ImapFolder, ImapSentFolder, sent_folder_of
from helpdesk.mail.smtp import SmtpTransport
from helpdesk.model.delivery import Delivery
from helpdesk.model.policy import FolderPolicy
from helpdesk.settings import Settings, load_settings
from helpdesk.store.database import Database, open_database, upgrade
from helpdesk.store.presence import Presence

OfDelivery = Callable[[UnitOfWork, Delivery], None]


@contextmanager
def open_application(
    directory: Path, environ: Mapping[str, str], clock: Clock | None = None, *, create: bool = False
) -> Iterator[Application]:
    """Read the settings below `directory`, open the database, connect everything; closes it all at the end.

    A database that is not there yet is made only with `create`, so that a mistyped name never looks like an empty desk.

    Raises SettingsError, DatabaseUnavailable and KeyMismatch. Servers are dialled when they are first needed.
    """
    settings = load_settings(directory, environ)
    clock = clock or SystemClock()
    database = open_database(settings.database_url, settings.secret_key, create=create)
    with closing(database):
        application = _connect(settings, database, clock, Systemd.of(environ))
        try:
            yield application
        finally:
            application.delivery.deliverer.transport.close()
            application.sent_reader.close()
            for ingest in application.ingests:
                ingest.folder.close()


def upgrade_database(directory: Path, environ: Mapping[str, str]) -> None:
    """Migrate the configured database to the newest form."""
    upgrade(load_settings(directory, environ).database_url)


def _connect(settings: Settings, database: Database, clock: Clock, systemd: Systemd) -> Application:
    library = library_of(settings.desk, clock)
    desk = desk_of(settings.desk, library)
    parts = _Parts(settings, database, clock, desk, Watchful(database, clock, desk, settings.desk.watch))
    processor = Processor(desk, database, clock)
    delivery = parts.delivery()
    return Application(
        settings=settings,
        store=database,
        actions=DeskActions(database, processor, clock, desk),
        ingests=parts.ingests(replace(processor, staff_mail=StaffMail(processor))),
        delivery=delivery,
        presence=parts.presence,
        templates=TemplateWatch(library, desk, database, clock),
        hand_over=HandOver(database, processor, clock),
        reminders=Reminders(desk, database, clock),
        copier=SentCopier(database, ImapSentFolder(settings.imap, settings.desk.staff_mail.sent_folder), clock),
        sent_reader=parts.sent_reader(),
        morning=Morning(desk, database, clock),
        quitting=parts.quitting,
        watchful=parts.watchful,
        systemd=systemd,
    )


@dataclass(slots=True)
class _Parts:
    """What the two halves of a worker share: one takes mail in, the other sends it."""

    settings: Settings
    database: Database
    clock: Clock
    desk: Desk
    watchful: Watchful
    transport: SmtpTransport = field(init=False)
    presence: Presence = field(init=False)
    wake: threading.Event = field(default_factory=threading.Event)
    quitting: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.transport = SmtpTransport(self.settings.smtp)
        self.presence = self.database.presence(longest_lease(self.deadline))

    @property
    def deadline(self) -> timedelta:
        return timedelta(seconds=self.transport.deadline)

    def delivery(self) -> DeliveryLoop:
        """What sends, watched over."""
        watched = self.watchful.watch_transport(self.transport, self.deadline)
        self.watchful.sending_certificates = Certificates(
            lambda: self.transport.certificate_ends_at, partial(ca_file_ends_at, self.settings.smtp)
        )
        answered = Answered(self.desk, self.clock)
        deliverer = Deliverer(
            store=self.database,
            transport=watched,
            clock=self.clock,
            random=random.random,
            deadline=self.deadline,
            presence=self.presence,
            failed=_both(NoticeWatch(self.desk, self.clock).failed, answered.failed),
            sent=answered.sent,
            stopping=asked(watched.move, self.quitting.is_set),
        )
        successor = Successor(self.database, self.presence, self.clock, longest_lease(self.deadline))
        set_back = SetBack(self.database, self.clock, time.monotonic)
        return DeliveryLoop(
            deliverer,
            Freshener(self.desk, self.database, self.clock),
            threading.Event(),
            self.wake,
            move=watched.move,
            put_right=partial(_each, (successor.take_up, set_back.look)),
        )

    def ingests(self, processor: Processor) -> tuple[FolderIngest, ...]:
        """What takes mail in, a folder each, watched over."""
        folders = [ImapFolder(self.settings.imap, policy, self.clock) for policy in self.settings.desk.folders]
        self.watchful.mailbox_certificates = Certificates(
            lambda: next((each.certificate_ends_at for each in folders if each.certificate_ends_at), None),
            partial(ca_file_ends_at, self.settings.imap),
        )
        ingests = tuple(
            self._ingest(policy, folder, processor) for policy, folder in zip(self.settings.desk.folders, folders, strict=True)
        )
        ingests[0].polled = frozenset((ingest.account, ingest.policy.folder) for ingest in ingests)
        return ingests

    def sent_reader(self) -> SentReader:
        """What looks for answers that were sent from the mailbox itself; it is not watched over, since no mail waits for it."""

        def opened() -> OpenedFolder | None:
            name = sent_folder_of(self.settings.imap, self.settings.desk.staff_mail.sent_folder)
            return OpenedFolder(name, ImapFolder(self.settings.imap, FolderPolicy(name), self.clock)) if name else None

        return SentReader(
            desk=self.desk,
            store=self.database,
            account=self.settings.imap.username,
            opened=opened,
            clock=self.clock,
            polled=frozenset(policy.folder for policy in self.settings.desk.folders),
            stopping=self.quitting.is_set,
        )

    def _ingest(self, policy: FolderPolicy, folder: ImapFolder, processor: Processor) -> FolderIngest:
        account = self.settings.imap.username
        signs = self.watchful.watch_folder(account, policy.folder, self.settings.desk.poll_interval)
        return FolderIngest(
            account=account,
            policy=policy,
            folder=folder,
            store=self.database,
            processor=processor,
            clock=self.clock,
            processed=partial(_each, (self.wake.set, signs.reads_on)),
            refused=signs.refused,
            stopping=asked(signs.move, self.quitting.is_set),
        )


def _both(first: OfDelivery, second: OfDelivery) -> OfDelivery:
    def call_both(uow: UnitOfWork, delivery: Delivery) -> None:
        first(uow, delivery)
        second(uow, delivery)

    return call_both


def _each(calls: tuple[Callable[[], None], ...]) -> None:
    for call in calls:
        call()
