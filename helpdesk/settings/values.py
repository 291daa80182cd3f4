"""What the settings come to: frozen values, complete and checked."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from helpdesk.errors import Problem
from helpdesk.model.health import WatchPolicy
from helpdesk.model.office import OfficeHours
from helpdesk.model.organisation import Organisation
from helpdesk.model.policy import AcknowledgementPolicy, FolderPolicy, Ourselves, ServerLogin, StaffMailPolicy, TicketPolicy
from helpdesk.model.staff import StaffMember


@dataclass(frozen=True, slots=True)
class DeskSettings:
    """What every decision goes by; holds no secret and is read without `.env` and database.

    An empty `envelope_sender` is the null sender. `plus_addressing` says that our server delivers info+anything@ to
    info@. `warnings` are worth reading, and stop nothing.
    """

    organisation: Organisation
    office_hours: OfficeHours
    acknowledgement: AcknowledgementPolicy
    tickets: TicketPolicy
    staff_mail: StaffMailPolicy
    ourselves: Ourselves = field(repr=False)
    staff: tuple[StaffMember, ...] = field(repr=False)
    folders: tuple[FolderPolicy, ...]
    poll_interval: timedelta
    envelope_sender: str
    plus_addressing: bool
    templates_dir: Path
    watch: WatchPolicy
    warnings: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that `run` needs. An SMTP login without a user name is none: the server takes mail without one.

    `heartbeat_url` and `alarm_webhook` are empty where nobody is to be called.
    """

    desk: DeskSettings
    imap: ServerLogin
    smtp: ServerLogin
    database_url: str = field(repr=False)
    secret_key: bytes = field(repr=False)
    warnings: tuple[Problem, ...] = ()
    heartbeat_url: str = field(default="", repr=False)
    alarm_webhook: str = field(default="", repr=False)
