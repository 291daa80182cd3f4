"""What watches over one worker, connected: the signs that each loop leaves, and the alarms that come of them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from helpdesk.clock import Clock
from helpdesk.jobs.alarms import AlarmLoop, Alarms, Say
from helpdesk.jobs.carry_out import Desk
from helpdesk.jobs.ports import Store, Transport
from helpdesk.jobs.pulse import FolderSigns, Pulse, SendingSigns, WatchedTransport
from helpdesk.jobs.vitals import Certificates, Vitals
from helpdesk.model.health import Figures, WatchPolicy

# What a step between two signs of life may take beyond what is known of it: the database, a large mail over a slow line.
FOLDER_MARGIN = timedelta(minutes=15)
DELIVERY_MARGIN = timedelta(minutes=3)
ALARM_BOUND = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Channels:
    """How a person is reached by another way than mail. Each answers whether that went well."""

    say: Say
    heartbeat: Callable[[], bool]


@dataclass(slots=True)
class Watchful:
    """Hands out what the loops leave their signs on, and then looks at those."""

    store: Store
    clock: Clock
    desk: Desk
    policy: WatchPolicy
    pulse: Pulse = field(default_factory=Pulse)
    changed: threading.Event = field(default_factory=threading.Event)
    folders: list[FolderSigns] = field(default_factory=list)
    mailbox_certificates: Certificates = field(default_factory=Certificates)
    sending_certificates: Certificates = field(default_factory=Certificates)
    sending: SendingSigns = field(init=False)
    alarms: Alarms | None = None

    def __post_init__(self) -> None:
        self.sending = SendingSigns(self.clock, self.changed.set)

    def watch_folder(self, account: str, folder: str, poll_every: timedelta) -> FolderSigns:
        """Watch one more folder, whose loop waits for up to `poll_every` between two polls."""
        move = self.pulse.watch(poll_every + FOLDER_MARGIN)
        signs = FolderSigns(account, folder, self.store, self.clock, set(), move, self.changed.set)
        self.folders.append(signs)
        return signs

    def watch_transport(self, transport: Transport, deadline: timedelta) -> WatchedTransport:
        """Watch what is sent, where one delivery takes up to `deadline`."""
        return WatchedTransport(transport, self.sending, self.pulse.watch(deadline + DELIVERY_MARGIN))

    def loop(self, channels: Channels, stop: threading.Event) -> AlarmLoop:
        """The loop that looks at all of it."""
        vitals = Vitals(
            self.store,
            self.clock,
            self.pulse,
            self.folders,
            self.sending,
            self.mailbox_certificates,
            self.sending_certificates,
        )
        self.alarms = Alarms(vitals, self.policy, self.desk, channels.say)
        return AlarmLoop(self.alarms, channels.heartbeat, stop, self.changed, self.pulse.watch(ALARM_BOUND))

    def figures(self) -> Figures:
        """The service in numbers; a loop that hangs shows at once."""
        return self.alarms.figures() if self.alarms else Figures()
