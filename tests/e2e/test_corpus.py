"""Real mail of every kind at once, with people among it: nobody is missed, no machine answered, nothing raised."""

from __future__ import annotations

import io
import json
import random
from collections import Counter

import pytest

from helpdesk.core.addresses import lookup_form
from helpdesk.log import configure_logs
from helpdesk.model.delivery import DeliveryState, Purpose
from helpdesk.model.message import Kind, MessageState
from helpdesk.model.policy import StartMode
from helpdesk.model.ticket import TicketState
from tests.e2e.conftest import ROOT, Place
from tests.fakes import make_mail

OPEN = ROOT.parent / "shared" / "mail" / "open"
OWN = ROOT / "tests" / "corpus"
PEOPLE = 50


def corpus() -> list[bytes]:
    """200 real mails where they are at hand, else our own invented ones."""
    if (OPEN / "manifest.jsonl").exists():
        entries = [json.loads(line) for line in (OPEN / "manifest.jsonl").read_text(encoding="utf-8").splitlines()]
        names = sorted(entry["file"] for entry in entries if entry["kind"] == "message")
        return [(OPEN / name).read_bytes() for name in random.Random(2).sample(names, 200)]  # noqa: S311 - the same in every run
    return [path.read_bytes() for path in sorted(OWN.rglob("*.eml"))]


@pytest.fixture
def log() -> io.StringIO:
    stream = io.StringIO()
    configure_logs(stream=stream)
    return stream


def test_each_message_is_a_row_and_each_person_gets_one_of_everything(place: Place, log: io.StringIO) -> None:
    place.more["HELPDESK_ACKNOWLEDGEMENT__PER_HOUR"] = "5000"
    mails = corpus()
    people = [
        make_mail(f"p{n}@p{n}.example.org", body=f"Hello, {n}.\n", message_id=f"<p{n}@example.org>") for n in range(PEOPLE)
    ]
    place.dovecot.append_all(place.user, mails + people)
    place.work(StartMode.ALL)
    place.work()

    with place.application() as application, application.store.reading() as uow:
        counts = {state: uow.messages.count(state) for state in MessageState}
        assert sum(counts.values()) == len(mails) + PEOPLE
        assert counts[MessageState.STORED] == 0
        assert counts[MessageState.QUARANTINED] == len(uow.messages.quarantined()) == 0
        tickets = uow.tickets.list(tuple(TicketState), 1000)
        rows = uow.outbox.list(tuple(DeliveryState), 5000)
        machines = uow.messages.machine_mail(1000)
        views = {ticket.number: uow.messages.of_ticket(ticket.id) for ticket in tickets}

    per_person = Counter(ticket.requester_address for ticket in tickets)
    for n in range(PEOPLE):
        address = f"p{n}@p{n}.example.org"
        assert per_person[address] == 1
        assert len(place.mails_to(address)) == 1
        (ticket,) = [each for each in tickets if each.requester_address == address]
        notices = [row for row in rows if row.ticket_number == ticket.number and row.purpose is Purpose.STAFF_ASSIGNED]
        assert len(notices) == 1

    # Whoever was answered wrote as a person: the message that opened or joined a ticket says so.
    personal = {
        lookup_form(view.sender.address)
        for messages in views.values()
        for view in messages
        if view.kind is Kind.PERSON and view.sender
    }
    answered = {
        lookup_form(row.recipient) for row in rows if row.purpose in (Purpose.ACKNOWLEDGEMENT, Purpose.ACKNOWLEDGEMENT_AGAIN)
    }
    assert answered <= personal
    assert all(mail.kind is not Kind.PERSON for mail in machines)

    written = log.getvalue()
    assert "event=processed" in written
    words = [ticket.requester_address for ticket in tickets] + [mail.sender for mail in machines]
    words += [ticket.subject for ticket in tickets] + [mail.subject for mail in machines]
    # Short ones ("Hi", "test") stand in any log by chance.
    assert [word for word in words if len(word) >= 8 and word in written] == []
