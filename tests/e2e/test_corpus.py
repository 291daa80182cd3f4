"""Real mail of every kind at once, with people among it: nobody is missed, no machine answered, nothing raised."""

from __future__ import annotations

import io
import json
import random
from collections import Counter
from dataclasses import dataclass
from email import message_from_bytes
from email.utils import parseaddr

import pytest

from helpdesk.core.addresses import lookup_form
from helpdesk.log import configure_logs
from helpdesk.model.delivery import DeliveryState, Purpose
from helpdesk.model.message import Kind, MessageState
from helpdesk.model.policy import StartFrom, StartMode
from helpdesk.model.ticket import TicketState
from tests.e2e.conftest import ROOT, STAFF_ADDRESSES, Place, break_mail_to
from tests.fakes import make_mail

OPEN = ROOT.parent / "shared" / "mail" / "open"
OWN = ROOT / "tests" / "corpus"
PEOPLE = 50


# Labels that others gave to their own mail, not those that somebody made from its headers as our rules do.
DERIVED = "header rule of this collector"
# Two are cases of reading, whatever kind of mail they hold; the third needs the staff that it was written for.
UNJUDGED = {"parse", "reply", "staff"}


@dataclass(frozen=True)
class Labelled:
    """A mail, and whether its collectors say that no machine may answer it."""

    raw: bytes
    suppress: bool

    @property
    def sender(self) -> str:
        """The address in From, as Python's own parser reads it."""
        return parseaddr(str(message_from_bytes(self.raw).get("From", "")))[1].casefold()


def corpus() -> list[Labelled]:
    """200 real mails where they are at hand, else our own invented ones."""
    manifest = OPEN / "manifest.jsonl"
    if not manifest.exists():
        return own_corpus()
    entries = [json.loads(line) for line in manifest.read_text(encoding="utf-8").splitlines()]
    messages = sorted((entry for entry in entries if entry["kind"] == "message"), key=lambda entry: str(entry["file"]))
    chosen = random.Random(2).sample(messages, 200)  # noqa: S311 - the same in every run
    return [Labelled((OPEN / entry["file"]).read_bytes(), is_labelled(entry.get("suppress"))) for entry in chosen]


def own_corpus() -> list[Labelled]:
    machines = {kind.value for kind in Kind} - {Kind.PERSON.value}
    paths = [path for path in sorted(OWN.rglob("*.eml")) if path.relative_to(OWN).parts[0] not in UNJUDGED]
    return [Labelled(path.read_bytes(), path.relative_to(OWN).parts[0] in machines) for path in paths]


def is_labelled(label: dict[str, object] | None) -> bool:
    return bool(label and label["suppress"] is True and label["basis"] != DERIVED)


def not_to_be_answered(mails: list[Labelled]) -> set[str]:
    """Senders of mail that no machine may answer, without those who also wrote mail of which nobody says so."""
    machines = {mail.sender for mail in mails if mail.suppress}
    return machines - {mail.sender for mail in mails if not mail.suppress} - {""}


def acknowledged(place: Place) -> set[str]:
    """Whoever really got a mail from us, but for our staff, by the envelope."""
    recipients = {address for each in place.sink.caught for address in each.recipients}
    return {lookup_form(address) for address in recipients - STAFF_ADDRESSES}


@pytest.fixture
def log() -> io.StringIO:
    stream = io.StringIO()
    configure_logs(stream=stream)
    return stream


def test_each_message_is_a_row_and_each_person_gets_one_of_everything(place: Place, log: io.StringIO) -> None:
    place.more["HELPDESK_ACKNOWLEDGEMENT__PER_HOUR"] = "5000"
    mails = [mail.raw for mail in corpus()]
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

    per_person = Counter(ticket.requester_address for ticket in tickets)
    for n in range(PEOPLE):
        address = f"p{n}@p{n}.example.org"
        assert per_person[address] == 1
        assert len(place.mails_to(address)) == 1
        (ticket,) = [each for each in tickets if each.requester_address == address]
        notices = [row for row in rows if row.ticket_number == ticket.number and row.purpose is Purpose.STAFF_ASSIGNED]
        assert len(notices) == 1

    # The rules know 99.7 % of the mail that is labelled so by others, not all: one in two hundred may slip through.
    labelled = not_to_be_answered(corpus())
    assert len(labelled) >= 10
    assert len(acknowledged(place) & labelled) <= len(mails) // 200

    written = log.getvalue()
    assert "event=processed" in written
    words = [ticket.requester_address for ticket in tickets] + [mail.sender for mail in machines]
    words += [ticket.subject for ticket in tickets] + [mail.subject for mail in machines]
    # Short ones ("Hi", "test") stand in any log by chance.
    assert [word for word in words if len(word) >= 8 and word in written] == []


def test_no_machine_of_our_own_corpus_is_answered(place: Place) -> None:
    mails = own_corpus()
    place.dovecot.append_all(place.user, [mail.raw for mail in mails])
    place.work(StartMode.ALL)
    assert not_to_be_answered(mails)
    assert acknowledged(place) & not_to_be_answered(mails) == set()
    assert acknowledged(place) & {mail.sender for mail in mails if not mail.suppress}


def test_a_mail_that_cannot_be_processed_is_listed_with_its_error_and_place(place: Place) -> None:
    place.dovecot.append_all(place.user, [make_mail("bad@example.org"), make_mail(message_id="<two@example.org>")])
    with place.application() as application:
        break_mail_to(application, "bad@example.org")
        application.start_mailbox(StartFrom(StartMode.ALL))
        assert application.run_once() == 1
    assert acknowledged(place) == {"sam@example.org"}
    (row,) = json.loads(place.command("quarantine", "list", "--json").stdout)
    assert row["error"] == "no mail can be composed to bad@example.org"
    assert row["place"].startswith("ValueError at conftest.py:")
    assert row["failures"] == 3
    listed = " ".join(place.command("quarantine", "list").stdout.split())
    assert row["message"] in listed
    assert "no mail can be composed" in listed
    # With the fault mended, it gets its answer after all.
    assert place.command("quarantine", "retry", row["message"]).returncode == 0
    assert place.work() == 1
    assert acknowledged(place) == {"sam@example.org", "bad@example.org"}
