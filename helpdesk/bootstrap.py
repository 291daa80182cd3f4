"""The composition root: settings become the real mailbox, transport, database and desk, connected.

Decides nothing. The commands, the demo and the tests get everything from here.
"""

from __future__ import annotations

import random
import secrets
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from helpdesk.clock import Clock, SystemClock
from helpdesk.core.alone import EmptyDesk
from helpdesk.errors import HelpdeskError, MailboxUnavailable, Problem, SettingsError
from helpdesk.health import Heartbeat, Systemd, Webhook, answering
from helpdesk.jobs.carry_out import Desk
from helpdesk.jobs.deliver import Deliverer, longest_lease
from helpdesk.jobs.desk import DeskActions
from helpdesk.jobs.freshen import Freshener
from helpdesk.jobs.ingest import FolderIngest
from helpdesk.jobs.letters import Letters, Sender
from helpdesk.jobs.ports import Store
from helpdesk.jobs.process import Processor
from helpdesk.jobs.pulse import asked
from helpdesk.jobs.take_up import Successor
from helpdesk.jobs.tell_admins import NoticeWatch, TemplateWatch
from helpdesk.jobs.vitals import Certificates
from helpdesk.jobs.watch import DeliveryLoop, FolderWatch, Worker, run_once
from helpdesk.jobs.watchful import Channels, Watchful
from helpdesk.mail.compose import compose
from helpdesk.mail.connection import ca_file_ends_at
from helpdesk.mail.mailbox import ImapFolder, probe_mailbox
from helpdesk.mail.smtp import SmtpTransport, probe_transport
from helpdesk.mail.templates import TemplateLibrary
from helpdesk.model.mailbox import MailboxRecord
from helpdesk.model.policy import StartFrom
from helpdesk.scheduler import Scheduler, Task
from helpdesk.settings import DeskSettings, Settings, load_desk_settings, load_settings, load_what_is_sound
from helpdesk.store.database import Database, check_database, open_database, upgrade
from helpdesk.store.presence import Presence

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
    presence: Presence
    templates: TemplateWatch
    quitting: threading.Event
    watchful: Watchful
    systemd: Systemd

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
        with self.presence:
            self.templates.look()
            return run_once(self.ingests, self.delivery, _tell)

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
        with self.presence:
            self.templates.look()
            return self._work_until(stop)

    def _work_until(self, stop: threading.Event) -> bool:
        ended = self.delivery.stop
        interval = self.settings.desk.poll_interval
        watches = [
            FolderWatch(ingest, ended, random.random, interval, read=signs.read, failed=signs.failed, aside=signs.aside)
            for ingest, signs in zip(self.ingests, self.watchful.folders, strict=True)
        ]
        worker = Worker(watches, self.delivery, ended, self.watchful.loop(_channels(self.settings), ended))
        tasks = [
            Task("templates", TEMPLATES_EVERY, self.templates.look),
            Task("deliver", DELIVER_EVERY, self.delivery.wake.set),
            *(Task(f"poll-{i}", interval, ingest.folder.interrupt) for i, ingest in enumerate(self.ingests)),
        ]
        scheduler = Scheduler(tasks)
        with answering(self.settings.desk.watch, self.watchful.figures):
            worker.start()
            scheduler.start()
            self.systemd.ready()
            while not (stop.is_set() or ended.is_set()):
                if not self.watchful.pulse.is_stuck():
                    self.systemd.alive()
                stop.wait(1)
            failed = ended.is_set()
            self.systemd.stopping()
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
        application = _connect(settings, database, clock, Systemd.of(environ))
        try:
            yield application
        finally:
            application.delivery.deliverer.transport.close()
            for ingest in application.ingests:
                ingest.folder.close()


def _tell(words: str) -> None:
    sys.stderr.write(f"{words}\n")


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


def build_desk(settings: DeskSettings, clock: Clock) -> Desk:
    """What the organisation decided, and its letters, without a database or a server."""
    return _desk(settings, _library(settings, clock))


def _library(desk: DeskSettings, clock: Clock) -> TemplateLibrary:
    return TemplateLibrary(desk.templates_dir, desk.organisation.signposts, desk.organisation, lambda: clock.now().date())


def _connect(settings: Settings, database: Database, clock: Clock, systemd: Systemd) -> Application:
    library = _library(settings.desk, clock)
    desk = _desk(settings.desk, library)
    stop, wake, quitting = threading.Event(), threading.Event(), threading.Event()
    processor = Processor(desk, database, clock)
    transport = SmtpTransport(settings.smtp)
    deadline = timedelta(seconds=transport.deadline)
    presence = database.presence(longest_lease(deadline))
    watchful = Watchful(database, clock, desk, settings.desk.watch)
    watched = watchful.watch_transport(transport, deadline)
    deliverer = Deliverer(
        store=database,
        transport=watched,
        clock=clock,
        random=random.random,
        deadline=deadline,
        presence=presence,
        failed=NoticeWatch(desk, clock).failed,
        stopping=asked(watched.move, quitting.is_set),
    )
    folders = [ImapFolder(settings.imap, policy, clock) for policy in settings.desk.folders]
    watchful.mailbox_certificates = Certificates(
        lambda: next((each.certificate_ends_at for each in folders if each.certificate_ends_at), None),
        partial(ca_file_ends_at, settings.imap),
    )
    watchful.sending_certificates = Certificates(lambda: transport.certificate_ends_at, partial(ca_file_ends_at, settings.smtp))
    ingests = []
    for policy, folder in zip(settings.desk.folders, folders, strict=True):
        signs = watchful.watch_folder(settings.imap.username, policy.folder, settings.desk.poll_interval)
        ingest = FolderIngest(
            account=settings.imap.username,
            policy=policy,
            folder=folder,
            store=database,
            processor=processor,
            clock=clock,
            processed=partial(_each, (wake.set, signs.reads_on)),
            refused=signs.refused,
            stopping=asked(signs.move, quitting.is_set),
        )
        ingests.append(ingest)
    return Application(
        settings=settings,
        store=database,
        actions=DeskActions(database, processor, clock, desk),
        ingests=tuple(ingests),
        delivery=DeliveryLoop(
            deliverer,
            Freshener(desk, database, clock),
            stop,
            wake,
            move=watched.move,
            take_up=Successor(database, presence, clock, longest_lease(deadline)).take_up,
        ),
        presence=presence,
        templates=TemplateWatch(library, desk, database, clock),
        quitting=quitting,
        watchful=watchful,
        systemd=systemd,
    )


def _each(calls: tuple[Callable[[], None], ...]) -> None:
    for call in calls:
        call()


def _channels(settings: Settings) -> Channels:
    """How a person is reached by another way than mail; where there is none, the log and the admins' mail are all."""
    return Channels(
        say=Webhook(settings.alarm_webhook).say if settings.alarm_webhook else lambda announcement: True,
        heartbeat=Heartbeat(settings.heartbeat_url).beat if settings.heartbeat_url else lambda: True,
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
