"""A whole desk with a real database and real templates; only the servers are fakes."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from helpdesk.jobs.answered import Answered
from helpdesk.jobs.carry_out import Desk
from helpdesk.jobs.deliver import Deliverer
from helpdesk.jobs.desk import DeskActions
from helpdesk.jobs.freshen import Freshener
from helpdesk.jobs.ingest import FolderIngest
from helpdesk.jobs.letters import Letters, Sender
from helpdesk.jobs.process import Processor
from helpdesk.jobs.staff_mail import StaffMail
from helpdesk.mail.compose import compose
from helpdesk.mail.templates import TemplateLibrary
from helpdesk.model.message import MessageState
from helpdesk.model.office import OfficeHours
from helpdesk.model.organisation import Organisation, Signpost
from helpdesk.model.policy import (
    AcknowledgementPolicy,
    FolderPolicy,
    Ourselves,
    StaffMailPolicy,
    StartFrom,
    StartMode,
    TicketPolicy,
)
from helpdesk.model.staff import Role, StaffMember
from helpdesk.model.ticket import Ticket, TicketState
from helpdesk.store.database import Database, open_database
from tests.fakes import FakeFolder, FakePresence, FakeTransport, FixedClock

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"

MIKE = StaffMember("mike", "Mike", "mike.private@example.net", roles=frozenset({Role.LEAD}))
DANA = StaffMember("dana", "Dana", "dana.private@example.net", roles=frozenset({Role.ADMIN}))

ORGANISATION = Organisation(
    name="Exit Hate Trust",
    registered_name="Exit Hate UK Ltd",
    registered_office="71-75 Shelton Street, Covent Garden, London WC2H 9JQ",
    charity_number="1197666",
    company_number="12914735",
    email="info@exithate.org",
    website="www.exithate.com",
    sender_name="Mike",
    signature="Mike - Exit Hate",
    signposts=(
        Signpost("Emergency", "Call 999", "999", "call", date(2026, 11, 1), listed=False),
        Signpost("Samaritans", "Call Samaritans: 116 123", "116 123", "call", date(2026, 11, 1)),
        Signpost("SHOUT", "Text SHOUT to 85258", "85258", "text", date(2026, 11, 1)),
        Signpost("NHS", "Call NHS 111 and choose option 2", "111", "call", date(2026, 11, 1)),
        Signpost("Childline", "Children and young people: call Childline, 0800 1111", "0800 1111", "call", date(2026, 11, 1)),
    ),
)


def token_of(number: int) -> str:
    """The same in every run, and spread like chance: tokens of zeros alone would be found in each other by the leak guard."""
    return f"{number * 0x9E3779B97F4A7C15F39CC0605CEDC835 % 2**128:032x}"


def make_desk(worker: int = 1, **changes: object) -> Desk:
    # No two workers draw the same token.
    tokens = itertools.count((worker - 1) * 1_000_000 + 1)
    library = TemplateLibrary(TEMPLATES, ORGANISATION.signposts, ORGANISATION)
    hours = OfficeHours(ZoneInfo("Europe/London"), time(10), time(16), frozenset(range(5)))
    letters = Letters(
        hours=hours,
        sender=Sender("info@exithate.org", "Mike", "info@exithate.org"),
        templates=library,
        compose=compose,
        new_token=lambda: token_of(next(tokens)),
    )
    desk = Desk(
        acknowledgement=AcknowledgementPolicy(),
        tickets=TicketPolicy(),
        ourselves=Ourselves(addresses=frozenset({"info@exithate.org"}), staff_addresses=frozenset({MIKE.email, DANA.email})),
        staff=(MIKE, DANA),
        hours=hours,
        letters=letters,
        staff_mail=StaffMailPolicy(guard_words=("safeguarding", "police")),
        public=("info@exithate.org", "116 123", "0800 1111"),
    )
    return replace(desk, **changes)


@dataclass
class Office:
    """The desk at work: put mail in `folder`, `poll`, `deliver`, and look."""

    store: Database
    clock: FixedClock
    folder: FakeFolder
    transport: FakeTransport
    desk: Desk
    ingest: FolderIngest
    deliverer: Deliverer
    freshener: Freshener
    actions: DeskActions
    wake: threading.Event

    def start(self, mode: StartMode = StartMode.ALL) -> None:
        self.ingest.start(StartFrom(mode))

    def work(self, *mails: bytes) -> int:
        for mail in mails:
            self.folder.put(mail, self.clock.now())
        done = self.ingest.poll()
        self.deliverer.deliver_due()
        return done

    def tickets(self) -> list[Ticket]:
        with self.store.reading() as uow:
            return sorted(uow.tickets.list(tuple(TicketState), 1000), key=lambda ticket: ticket.number)

    def count(self, state: MessageState) -> int:
        with self.store.reading() as uow:
            return uow.messages.count(state)

    def ticket_events(self, number: int) -> list[str]:
        with self.store.reading() as uow:
            ticket = uow.tickets.by_number(number)
            assert ticket is not None
            return [event.kind.value for event in uow.tickets.events(ticket.id)]


def make_office(
    path: Path, desk: Desk | None = None, policy: FolderPolicy | None = None, url: str | None = None, worker: int = 1
) -> Office:
    """A desk on a database file in this folder, or on the database at `url`."""
    desk = desk or make_desk(worker)
    clock, folder, transport, wake = FixedClock(), FakeFolder(), FakeTransport(), threading.Event()
    store = open_database(url or f"sqlite:///{path / 'desk.db'}", b"k" * 32, create=True)
    processor = Processor(desk, store, clock)
    taking = replace(processor, staff_mail=StaffMail(processor))
    answered = Answered(desk, clock)
    return Office(
        store=store,
        clock=clock,
        folder=folder,
        transport=transport,
        desk=desk,
        ingest=FolderIngest("info", policy or FolderPolicy("INBOX"), folder, store, taking, clock, wake.set),
        deliverer=Deliverer(
            store,
            transport,
            clock,
            lambda: 0.5,
            timedelta(seconds=transport.deadline),
            FakePresence(worker),
            failed=answered.failed,
            sent=answered.sent,
        ),
        freshener=Freshener(desk, store, clock),
        actions=DeskActions(store, processor, clock, desk),
        wake=wake,
    )


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    office = make_office(tmp_path)
    yield office
    office.store.close()
