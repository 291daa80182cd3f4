"""An open helpdesk: what the commands and the demo use, and the worker that runs.

Decides nothing, and connects nothing.
"""

from __future__ import annotations

import random
import sys
import threading
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from helpdesk.errors import MailboxUnavailable
from helpdesk.health import Heartbeat, Systemd, Webhook, answering
from helpdesk.jobs.copy_sent import EVERY as COPY_EVERY
from helpdesk.jobs.copy_sent import SentCopier
from helpdesk.jobs.desk import DeskActions
from helpdesk.jobs.hand_over import EVERY as HAND_OVER_EVERY
from helpdesk.jobs.hand_over import HandOver
from helpdesk.jobs.ingest import FolderIngest
from helpdesk.jobs.morning import Morning
from helpdesk.jobs.ports import Store
from helpdesk.jobs.read_sent import EVERY as READ_SENT_EVERY
from helpdesk.jobs.read_sent import SentReader
from helpdesk.jobs.remind import EVERY as REMIND_EVERY
from helpdesk.jobs.remind import Reminders
from helpdesk.jobs.tell_admins import TemplateWatch
from helpdesk.jobs.watch import DeliveryLoop, FolderWatch, Worker, run_once
from helpdesk.jobs.watchful import Channels, Watchful
from helpdesk.model.mailbox import MailboxRecord
from helpdesk.model.policy import StartFrom
from helpdesk.scheduler import Scheduler, Task
from helpdesk.settings import Settings
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
    hand_over: HandOver
    reminders: Reminders
    morning: Morning
    copier: SentCopier
    sent_reader: SentReader
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
            self.hand_over.look()
            # Who was answered by a person already gets no acknowledgement.
            self._read_sent()
            done = run_once(self.ingests, self.delivery, _tell, self._remind)
            self.copier.look()
            return done

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
            self.hand_over.look()
            return self._work_until(stop)

    def _read_sent(self) -> None:
        if self.settings.desk.staff_mail.read_sent:
            self.sent_reader.look()

    def _remind(self) -> None:
        """Write what is due to whoever lets somebody wait, and in the morning the lists."""
        self.reminders.look()
        self.morning.look()

    def _work_until(self, stop: threading.Event) -> bool:
        ended = self.delivery.stop
        interval = self.settings.desk.poll_interval
        watches = [
            FolderWatch(ingest, ended, random.random, interval, read=signs.read, failed=signs.failed, aside=signs.aside)
            for ingest, signs in zip(self.ingests, self.watchful.folders, strict=True)
        ]
        watches[0].first = self._read_sent
        worker = Worker(watches, self.delivery, ended, self.watchful.loop(_channels(self.settings), ended))
        tasks = [
            Task("templates", TEMPLATES_EVERY, self.templates.look),
            Task("copies", COPY_EVERY, self.copier.look),
            Task("sent-mail", READ_SENT_EVERY, self._read_sent),
            Task("hand-over", HAND_OVER_EVERY, self.hand_over.look),
            # Not at the start: an answer may lie in the mailbox that was not polled yet.
            Task("reminders", REMIND_EVERY, self._remind),
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


def _tell(words: str) -> None:
    sys.stderr.write(f"{words}\n")


def _channels(settings: Settings) -> Channels:
    """How a person is reached by another way than mail; where there is none, the log and the admins' mail are all.

    Nobody was told then: what still stands when the first webhook is set is said there.
    """
    return Channels(
        say=Webhook(settings.alarm_webhook).say if settings.alarm_webhook else lambda announcement: False,
        heartbeat=Heartbeat(settings.heartbeat_url).beat if settings.heartbeat_url else lambda: True,
    )
