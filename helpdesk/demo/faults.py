"""Whether everything happened that had to: the demo's own count, taken from the mailboxes and the database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from email.message import EmailMessage

from helpdesk.demo.outcomes import Outcome
from helpdesk.demo.post import notices_of
from helpdesk.demo.samples import SAMPLES, Sample
from helpdesk.jobs.ports import Store
from helpdesk.model.delivery import DeliveryState
from helpdesk.model.message import MessageState
from helpdesk.model.ticket import EventKind

_STUCK = (DeliveryState.PENDING, DeliveryState.FAILED, DeliveryState.HELD)


def find_faults(pairs: Sequence[tuple[Sample, Outcome]], inboxes: Mapping[str, Sequence[EmailMessage]]) -> list[str]:
    """What did not come about, each as a sentence; `inboxes` holds the mailbox of each writer, by address."""
    shown = {sample.file for sample, _ in pairs}
    faults = [f"{sample.file}.eml was not taken in." for sample in SAMPLES if sample.file not in shown]
    for sample, outcome in pairs:
        faults += _wrong_with(sample, outcome)
    for address, mails in inboxes.items():
        due = sum(1 for sample, outcome in pairs if outcome.sender == address and sample.answer)
        if len(mails) != due:
            faults.append(f"{address} has {len(mails)} mails in the mailbox, and not {due}.")
    return faults


def find_stuck(store: Store) -> list[str]:
    """What still waits or was given up, each as a sentence."""
    with store.reading() as uow:
        stuck = [f"{row.purpose} is {row.state} in the outbox." for row in uow.outbox.list(_STUCK, 100)]
        quarantined = uow.messages.count(MessageState.QUARANTINED)
    return [*stuck, f"{quarantined} mails are in quarantine."] if quarantined else stuck


def _wrong_with(sample: Sample, outcome: Outcome) -> Iterator[str]:
    if outcome.stored.kind is not sample.kind:
        yield f"{sample.file}.eml was taken for {outcome.stored.kind}, and not for {sample.kind}."
    purpose = (outcome.why(EventKind.ACKNOWLEDGED) or "").partition(":")[0] or None
    if purpose != sample.answer:
        yield f"{sample.file}.eml was answered with {purpose or 'nothing'}, and not with {sample.answer or 'nothing'}."
    if sample.answer and (outcome.ticket is None or outcome.ticket.assignee is None):
        yield f"{sample.file}.eml has no ticket that somebody has."


def find_untold(pairs: Sequence[tuple[Sample, Outcome]], notices: Sequence[EmailMessage]) -> list[str]:
    """Mails of people that no member of staff got a notice of; `notices` is what lies in the mailboxes of all staff."""
    due = Counter(outcome.ticket for sample, outcome in pairs if sample.answer and outcome.ticket)
    told = {ticket: len(notices_of(ticket, notices)) for ticket in due}
    return [
        f"{ticket.reference} has {told[ticket]} notices, and not {due[ticket]}."
        for ticket in due
        if told[ticket] != due[ticket]
    ]
