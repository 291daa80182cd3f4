"""The composition root: settings become the real mailbox, transport, database and desk, connected.

Decides nothing. The commands, the demo and the tests get everything from here.
"""

from __future__ import annotations

import random
import secrets
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from helpdesk.clock import Clock, SystemClock
from helpdesk.core.alone import EmptyDesk
from helpdesk.errors import HelpdeskError, MailboxUnavailable, Problem, SettingsError
from helpdesk.jobs.carry_out import Desk
from helpdesk.jobs.deliver import Deliverer
from helpdesk.jobs.desk import DeskActions
from helpdesk.jobs.freshen import Freshener
from helpdesk.jobs.ingest import FolderIngest
from helpdesk.jobs.letters import Letters, Sender
from helpdesk.jobs.ports import Store
from helpdesk.jobs.process import Processor
from helpdesk.jobs.tell_admins import NoticeWatch, TemplateWatch
from helpdesk.jobs.watch import DeliveryLoop, FolderWatch, Worker, run_once
from helpdesk.mail.compose import compose
from helpdesk.mail.mailbox import ImapFolder, probe_mailbox
from helpdesk.mail.smtp import SmtpTransport, probe_transport
from helpdesk.mail.templates import TemplateLibrary
from helpdesk.model.mailbox import MailboxRecord
from helpdesk.model.policy import StartFrom
from helpdesk.scheduler import Scheduler, Task
from helpdesk.settings import DeskSettings, Settings, load_desk_settings, load_settings, load_what_is_sound
from helpdesk.store.database import Database, check_database, open_database, upgrade
from helpdesk.store.sole import sole_worker

TEMPLATES_EVERY = timedelta(seconds=5)
DELIVER_EVERY = timedelta(seconds=15)


@dataclass(frozen=True, slots=True)
class Application:
    """Everything that a command needs, connected and open."""

    settings: Settings
    store: Store
    actions: DeskActions
    ingests: tuple[FolderIngest, ...]
    delivery: DeliveryLoop
    templates: TemplateWatch
    quitting: threading.Event

    @property
    def office_zone(self) -> ZoneInfo:
        return self.settings.desk.office_hours.zone

    def start_mailbox(self, start: StartFrom) -> list[MailboxRecord]:
        """Start every configured folder that this database has not seen yet; returns the others, whose start holds."""
        return [before for ingest in self.ingests if (before := ingest.start(start))]

    def run_once(self) -> int:
        """One poll of every folder and one delivery of what is due; returns how many messages were processed.

        Once for each application: servers are said goodbye to at the end.
        """
        with sole_worker(self.settings.database_url) as alone:
            self._take_up_what_was_left(alone=alone)
            self.templates.look()
            return run_once(self.ingests, self.delivery)

    def _take_up_what_was_left(self, *, alone: bool) -> None:
        """What a worker that died had claimed is due at once, where no other worker can be at it."""
        if alone:
            with self.store.writing() as uow:
                uow.outbox.end_leases(self.actions.clock.now())
                uow.commit()

    def run_until(self, stop: threading.Event) -> bool:
        """Run the worker until `stop` is set; False when it ended by itself, since a part of it could not go on.

        Raises MailboxNotStarted before anything runs. A mailbox that is away is told of on standard error, in words, and
        tried again and again; mail that waits in the outbox goes out meanwhile.
        """
        for ingest in self.ingests:
            try:
                ingest.make_sure_started()
            except MailboxUnavailable as error:
                sys.stderr.write(f"{error}\n")
        with sole_worker(self.settings.database_url) as alone:
            self._take_up_what_was_left(alone=alone)
            self.templates.look()
            return self._work_until(stop)

    def _work_until(self, stop: threading.Event) -> bool:
        ended = self.delivery.stop
        interval = self.settings.desk.poll_interval
        watches = [FolderWatch(ingest, ended, random.random, interval) for ingest in self.ingests]
        worker = Worker(watches, self.delivery, ended)
        tasks = [
            Task("templates", TEMPLATES_EVERY, self.templates.look),
            Task("deliver", DELIVER_EVERY, self.delivery.wake.set),
            *(Task(f"poll-{i}", interval, ingest.folder.interrupt) for i, ingest in enumerate(self.ingests)),
        ]
        scheduler = Scheduler(tasks)
        worker.start()
        scheduler.start()
        while not (stop.is_set() or ended.is_set()):
            stop.wait(1)
        failed = ended.is_set()
        self.quitting.set()
        scheduler.stop()
        worker.end()
        return not failed


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
        application = _connect(settings, database, clock)
        try:
            yield application
        finally:
            application.delivery.deliverer.transport.close()
            for ingest in application.ingests:
                ingest.folder.close()


def build_explainer(directory: Path, environ: Mapping[str, str]) -> EmptyDesk:
    """What `helpdesk explain` asks: the rules of the configuration, without secrets or a database."""
    desk = load_desk_settings(directory, environ)
    return EmptyDesk(desk.ourselves, desk.acknowledgement, desk.office_hours, desk.staff)


def build_templates(directory: Path, environ: Mapping[str, str]) -> TemplateLibrary:
    """The templates that serve now."""
    return _library(load_desk_settings(directory, environ), SystemClock())


def upgrade_database(directory: Path, environ: Mapping[str, str]) -> None:
    """Migrate the configured database to the newest form."""
    upgrade(load_settings(directory, environ).database_url)


def check_configuration(directory: Path, environ: Mapping[str, str], *, online: bool) -> tuple[Problem, ...]:
    """Every problem and warning of settings and templates, and with `online` of the two logins."""
    today = SystemClock().now().date()
    try:
        settings = load_settings(directory, environ, today)
    except SettingsError as error:
        return (*error.problems, *_template_problems(directory, environ))
    problems = (*settings.warnings, *_library(settings.desk, SystemClock()).check(), *_database_problems(settings))
    return (*problems, *_online_problems(settings)) if online else problems


def _template_problems(directory: Path, environ: Mapping[str, str]) -> tuple[Problem, ...]:
    """Problems of the templates, read by what is sound of the configuration."""
    return _library(load_what_is_sound(directory, environ), SystemClock()).check()


def _database_problems(settings: Settings) -> tuple[Problem, ...]:
    """What `run` would find wrong with the database; one that is not there yet is made by the first start."""
    try:
        check_database(settings.database_url, settings.secret_key)
    except HelpdeskError as error:
        return (Problem("database", str(error), ""),)
    return ()


def _online_problems(settings: Settings) -> tuple[Problem, ...]:
    problems = []
    try:
        probe_mailbox(settings.imap, [folder.folder for folder in settings.desk.folders])
    except HelpdeskError as error:
        problems.append(Problem("IMAP server", str(error), ""))
    try:
        probe_transport(settings.smtp)
    except HelpdeskError as error:
        problems.append(Problem("SMTP server", str(error), ""))
    return tuple(problems)


def _library(desk: DeskSettings, clock: Clock) -> TemplateLibrary:
    return TemplateLibrary(desk.templates_dir, desk.organisation.signposts, desk.organisation, lambda: clock.now().date())


def _connect(settings: Settings, database: Database, clock: Clock) -> Application:
    library = _library(settings.desk, clock)
    desk = _desk(settings.desk, library)
    stop, wake, quitting = threading.Event(), threading.Event(), threading.Event()
    processor = Processor(desk, database, clock)
    transport = SmtpTransport(settings.smtp)
    deliverer = Deliverer(
        store=database,
        transport=transport,
        clock=clock,
        random=random.random,
        deadline=timedelta(seconds=transport.deadline),
        failed=NoticeWatch(desk, clock).failed,
        stopping=quitting.is_set,
    )
    ingests = tuple(
        FolderIngest(
            account=settings.imap.username,
            policy=policy,
            folder=ImapFolder(settings.imap, policy, clock),
            store=database,
            processor=processor,
            clock=clock,
            processed=wake.set,
            stopping=quitting.is_set,
        )
        for policy in settings.desk.folders
    )
    return Application(
        settings=settings,
        store=database,
        actions=DeskActions(database, processor, clock, desk),
        ingests=ingests,
        delivery=DeliveryLoop(deliverer, Freshener(desk, database, clock), stop, wake),
        templates=TemplateWatch(library, desk, database, clock),
        quitting=quitting,
    )


def _desk(settings: DeskSettings, library: TemplateLibrary) -> Desk:
    sender = Sender(
        address=settings.organisation.email,
        name=settings.organisation.sender_name,
        envelope_sender=settings.envelope_sender,
        plus_addressing=settings.plus_addressing,
    )
    letters = Letters(
        hours=settings.office_hours,
        sender=sender,
        templates=library,
        compose=compose,
        # 128 random bits (DESIGN section 4), in digits that survive a mail server that lowers the case of addresses.
        new_token=lambda: secrets.token_hex(16),
    )
    return Desk(
        acknowledgement=settings.acknowledgement,
        tickets=settings.tickets,
        ourselves=settings.ourselves,
        staff=settings.staff,
        hours=settings.office_hours,
        letters=letters,
    )
