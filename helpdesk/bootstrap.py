"""The composition root: settings become the real mailbox, transport, database and desk, connected.

Decides nothing. The commands, the demo and the tests get everything from here.
"""

from __future__ import annotations

import random
import secrets
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from helpdesk.clock import Clock, SystemClock
from helpdesk.core.alone import EmptyDesk
from helpdesk.errors import HelpdeskError, Problem, SettingsError
from helpdesk.jobs.carry_out import Desk
from helpdesk.jobs.deliver import Deliverer
from helpdesk.jobs.desk import DeskActions
from helpdesk.jobs.freshen import Freshener
from helpdesk.jobs.ingest import FolderIngest
from helpdesk.jobs.letters import Letters, Sender
from helpdesk.jobs.ports import Store
from helpdesk.jobs.process import Processor
from helpdesk.jobs.tell_admins import TemplateWatch
from helpdesk.jobs.watch import DeliveryLoop, FolderWatch, Worker, run_once
from helpdesk.mail.compose import compose
from helpdesk.mail.mailbox import ImapFolder, probe_mailbox
from helpdesk.mail.smtp import SmtpTransport, probe_transport
from helpdesk.mail.templates import TemplateLibrary
from helpdesk.model.policy import StartFrom
from helpdesk.scheduler import Scheduler, Task
from helpdesk.settings import DeskSettings, Settings, load_desk_settings, load_settings
from helpdesk.store.database import Database, open_database, upgrade

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

    @property
    def office_zone(self) -> ZoneInfo:
        return self.settings.desk.office_hours.zone

    def start_mailbox(self, start: StartFrom) -> None:
        """Start every configured folder that this database has not seen yet."""
        for ingest in self.ingests:
            ingest.start(start)

    def run_once(self) -> int:
        """One poll of every folder and one delivery of what is due; returns how many messages were processed."""
        self.templates.look()
        return run_once(self.ingests, self.delivery)

    def run_until(self, stop: threading.Event) -> bool:
        """Run the worker until `stop` is set; False when it ended by itself, since a part of it could not go on.

        Raises MailboxNotStarted and MailboxUnavailable before anything runs.
        """
        for ingest in self.ingests:
            ingest.make_sure_started()
        self.templates.look()
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
        scheduler.stop()
        worker.end()
        return not failed


@contextmanager
def open_application(directory: Path, environ: Mapping[str, str], clock: Clock | None = None) -> Iterator[Application]:
    """Read the settings below `directory`, open the database, connect everything; closes it all at the end.

    Raises SettingsError, DatabaseUnavailable and KeyMismatch. Servers are dialled when they are first needed.
    """
    settings = load_settings(directory, environ)
    clock = clock or SystemClock()
    database = open_database(settings.database_url, settings.secret_key)
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
    desk = load_desk_settings(directory, environ)
    return _library(desk)


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
    problems = (*settings.warnings, *_library(settings.desk).check())
    return (*problems, *_online_problems(settings)) if online else problems


def _template_problems(directory: Path, environ: Mapping[str, str]) -> tuple[Problem, ...]:
    """Problems of the templates, where the configuration is sound enough to read them by."""
    try:
        return build_templates(directory, environ).check()
    except SettingsError:
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


def _library(desk: DeskSettings) -> TemplateLibrary:
    return TemplateLibrary(desk.templates_dir, desk.organisation.signposts, desk.organisation)


def _connect(settings: Settings, database: Database, clock: Clock) -> Application:
    library = _library(settings.desk)
    desk = _desk(settings.desk, library)
    stop, wake = threading.Event(), threading.Event()
    processor = Processor(desk, database, clock)
    transport = SmtpTransport(settings.smtp)
    deliverer = Deliverer(database, transport, clock, random.random, timedelta(seconds=transport.deadline))
    ingests = tuple(
        FolderIngest(settings.imap.username, policy, ImapFolder(settings.imap, policy), database, processor, clock, wake.set)
        for policy in settings.desk.folders
    )
    return Application(
        settings=settings,
        store=database,
        actions=DeskActions(database, processor, clock, desk),
        ingests=ingests,
        delivery=DeliveryLoop(deliverer, Freshener(desk, database, clock), stop, wake),
        templates=TemplateWatch(library, desk, database, clock),
    )


def _desk(settings: DeskSettings, library: TemplateLibrary) -> Desk:
    sender = Sender(
        address=settings.organisation.email,
        name=settings.organisation.sender_name,
        envelope_sender=settings.envelope_sender,
        plus_addressing=settings.plus_addressing,
    )
    letters = Letters(
        organisation=settings.organisation,
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
