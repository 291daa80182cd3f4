"""A plan becomes rows: the ticket, its events, the message's place on it, and the mails in the outbox.

Decides nothing, and commits nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from helpdesk.core.addresses import lookup_form
from helpdesk.core.assign import leave_in_words
from helpdesk.core.audience import Audience
from helpdesk.core.bounce import reason_of
from helpdesk.core.files import Enclosed
from helpdesk.core.plan import Facts, Plan
from helpdesk.core.thread import in_words
from helpdesk.jobs.audience import audience_of
from helpdesk.jobs.letters import Alert, Letters, Notice
from helpdesk.jobs.moved import letter_of_moved
from helpdesk.jobs.notes import notes_on
from helpdesk.jobs.ports import UnitOfWork
from helpdesk.jobs.ticket_alerts import alert_of_lonely, alert_of_lost_mail, alert_of_unreachable
from helpdesk.model.delivery import Purpose
from helpdesk.model.message import Address, BouncedRecipient, InboundMessage, Kind, StoredMessage, Verdict
from helpdesk.model.office import OfficeHours
from helpdesk.model.policy import AcknowledgementPolicy, Ourselves, StaffMailPolicy, TicketPolicy
from helpdesk.model.staff import Role, StaffMember
from helpdesk.model.ticket import STAFF, Event, EventKind, Ticket, TicketState

MOST_NOTICES_AN_HOUR = 20


@dataclass(frozen=True, slots=True)
class Desk:
    """What the organisation decided, and the letters in its name."""

    acknowledgement: AcknowledgementPolicy
    tickets: TicketPolicy
    ourselves: Ourselves
    staff: tuple[StaffMember, ...]
    hours: OfficeHours
    letters: Letters
    staff_mail: StaffMailPolicy = field(default_factory=StaffMailPolicy)
    # Numbers and addresses that everybody may have.
    public: tuple[str, ...] = ()

    def day_of(self, at: datetime) -> date:
        """The day that it is in the office at this moment."""
        return at.astimezone(self.hours.zone).date()

    def with_role(self, role: Role) -> tuple[StaffMember, ...]:
        return tuple(member for member in self.staff if role in member.roles)

    def tell(self, members: Sequence[StaffMember], alert: Alert, uow: UnitOfWork, now: datetime) -> None:
        """Write an alert to each of these, once however often they are named, and once for its cause."""
        for member in dict.fromkeys(members):
            uow.outbox.add(self.letters.alert(alert, member, now), now)

    def member(self, staff_id: str) -> StaffMember | None:
        return next((member for member in self.staff if member.id == staff_id), None)

    def member_with_address(self, address: str) -> StaffMember | None:
        wanted = lookup_form(address)
        return next((member for member in self.staff if lookup_form(member.email) == wanted), None)


@dataclass(frozen=True, slots=True)
class Read:
    """A stored message with what reading it gave; `enclosed` only for a staff member's, whose files may go out."""

    stored: StoredMessage
    message: InboundMessage
    verdict: Verdict
    digest_parts: tuple[str, ...] = field(repr=False)
    enclosed: Enclosed = field(default_factory=Enclosed)


def carry_out(desk: Desk, uow: UnitOfWork, facts: Facts, read: Read, plan: Plan, now: datetime) -> Ticket | None:
    """Write everything that `plan` decided; returns the ticket that the message is on now, if any."""
    ticket = _ticket_after(uow, facts, read, plan, now)
    uow.messages.record_processed(
        read.stored,
        read.message,
        read.verdict,
        digest_parts=read.digest_parts,
        ticket_id=ticket.id if ticket else None,
        now=now,
    )
    if ticket:
        events = _events(desk, facts, read, plan, now)
        ids = uow.tickets.add_events(ticket.id, events)
        causes = {event.kind: f"event:{event_id}" for event, event_id in zip(events, ids, strict=True)}
        _write_letters(desk, uow, _Told(facts, read, plan, ticket, causes), now)
    return ticket


@dataclass(frozen=True, slots=True)
class _Told:
    """All that the letters about one message need; `causes` holds the outbox cause of each new event."""

    facts: Facts
    read: Read
    plan: Plan
    ticket: Ticket
    causes: dict[EventKind, str]


def _ticket_after(uow: UnitOfWork, facts: Facts, read: Read, plan: Plan, now: datetime) -> Ticket | None:
    if plan.opens_ticket:
        return uow.tickets.open(
            opened_by=read.stored.id,
            requester=read.message.sender or Address("", ""),
            subject=read.message.subject,
            language=read.message.language,
            priority=plan.priority.priority,
            spam=read.verdict.kind is Kind.SPAM,
            assignee=plan.assignment.staff_id if plan.assignment else None,
            now=now,
        )
    if plan.ticket is None or plan.state is None:
        return plan.ticket
    changed = replace(
        plan.ticket,
        state=plan.state,
        priority=plan.priority.priority,
        updated_at=now,
        assignee=plan.assignment.staff_id if plan.assignment else plan.ticket.assignee,
        closed_at=None if plan.state is not TicketState.CLOSED else plan.ticket.closed_at,
    )
    uow.tickets.save(changed)
    return changed


def _events(desk: Desk, facts: Facts, read: Read, plan: Plan, now: datetime) -> list[Event]:
    def event(kind: EventKind, why: str, actor: str = "worker") -> Event:
        return Event(kind, now, actor, why, message_id=read.stored.id)

    if plan.state is None:
        return [_machine_event(read, now)]
    events = []
    if plan.opens_ticket:
        events.append(event(EventKind.OPENED, _why_opened(facts), "requester"))
    elif facts.thread.reopens:
        events.append(
            event(EventKind.REOPENED, f"a new message reached a closed ticket: {in_words(facts.thread.rule)}", "requester")
        )
    else:
        events.append(event(EventKind.FOLLOW_UP, _why_joined(facts), "requester"))
    if plan.acknowledgement.purpose:
        events.append(event(EventKind.ACKNOWLEDGED, _sentence_of_acknowledgement(plan)))
    else:
        events.append(event(EventKind.NOT_ACKNOWLEDGED, plan.acknowledgement.reason))
    if plan.taken_from and (leave := leave_in_words(plan.taken_from, facts.assignment)):
        events.append(event(EventKind.HANDED_OVER, leave, f"{STAFF}{plan.taken_from}"))
    if plan.assignment:
        kind = EventKind.ASSIGNED if plan.assignment.staff_id else EventKind.UNASSIGNED
        events.append(event(kind, plan.assignment.reason))
    if plan.priority.reason:
        events.append(event(EventKind.PRIORITY, f"{plan.priority.priority}: {plan.priority.reason}"))
    return events


def _machine_event(read: Read, now: datetime) -> Event:
    kind, why = EventKind.MACHINE_MAIL, f"{read.verdict.kind} ({read.verdict.rule})"
    if read.verdict.kind is Kind.BOUNCE and read.verdict.bounced:
        lost = [each for each in read.verdict.bounced if each.lost]
        kind = EventKind.UNDELIVERABLE if lost else EventKind.DELIVERY_DELAYED
        verb = "could not be delivered to" if lost else "is delayed on its way to"
        why = "; ".join(f"{verb} {_bounced_in_words(each)}" for each in lost or read.verdict.bounced)
    return Event(kind, now, "worker", why, message_id=read.stored.id)


def _bounced_in_words(recipient: BouncedRecipient) -> str:
    return f"{recipient.address}: {reason_of(recipient.status)}"


def _why_opened(facts: Facts) -> str:
    earlier = ", ".join(ticket.reference for ticket in facts.thread.earlier)
    why = in_words(facts.thread.rule)
    return f"{why}; earlier tickets: {earlier}" if earlier else why


def _why_joined(facts: Facts) -> str:
    why = in_words(facts.thread.rule)
    return f"{why}; it came from another address" if facts.thread.other_address else why


def _sentence_of_acknowledgement(plan: Plan) -> str:
    decision = plan.acknowledgement
    held = f"; held: {decision.held_because}" if decision.held_because else ""
    return f"{decision.purpose}: {decision.reason}{held}"


def _write_letters(desk: Desk, uow: UnitOfWork, told: _Told, now: datetime) -> None:
    _write_acknowledgement(desk, uow, told, now)
    for address in told.plan.unreachable:
        _stop_mail_to(desk, uow, address, told, now)
    for recipient in told.plan.given_up:
        _tell_of_lost_mail(desk, uow, recipient, told, now)
    for member in [member for staff_id in told.plan.tell if (member := desk.member(staff_id))]:
        notice = _notice(desk, uow, told, now)
        if notice.purpose is Purpose.STAFF_MESSAGE and _has_had_enough(uow, member, now):
            continue
        uow.outbox.add(desk.letters.notice(notice, member, now), now)
    if told.plan.assignment and not told.plan.tell:
        _tell_of_lonely_ticket(desk, uow, told, now)
    if told.plan.taken_from:
        _tell_who_had_it(desk, uow, told, told.plan.taken_from, now)


def _has_had_enough(uow: UnitOfWork, member: StaffMember, now: datetime) -> bool:
    """Whether a flood of follow-ups has filled a private inbox already; each message is on its ticket all the same."""
    return uow.outbox.sent_to(member.email, (Purpose.STAFF_MESSAGE,), now - timedelta(hours=1)) >= MOST_NOTICES_AN_HOUR


def _tell_of_lonely_ticket(desk: Desk, uow: UnitOfWork, told: _Told, now: datetime) -> None:
    """Nobody could take it, and no lead may see it."""
    excluded = told.facts.assignment.excluded
    alert = alert_of_lonely(told.ticket, told.causes[EventKind.UNASSIGNED])
    desk.tell(Audience(desk.staff, excluded).last_resort(), alert, uow, now)


def _tell_who_had_it(desk: Desk, uow: UnitOfWork, told: _Told, staff_id: str, now: datetime) -> None:
    cause = told.causes.get(EventKind.ASSIGNED) or told.causes[EventKind.UNASSIGNED]
    letter = letter_of_moved(desk.letters, staff_id, [told.ticket], told.facts.assignment, cause)
    if letter:
        uow.outbox.add(letter, now)


def _stop_mail_to(desk: Desk, uow: UnitOfWork, address: str, told: _Told, now: datetime) -> None:
    """Nothing more goes to an address that mail comes back from, and whoever has the ticket hears of it."""
    uow.people.mark_unreachable(address, now)
    because = "mail to this address comes back"
    if uow.outbox.hold_all_to(address, because, now):
        uow.tickets.add_events(told.ticket.id, [Event(EventKind.DELIVERY_HELD, now, "worker", because)])
    alert = alert_of_unreachable(told.ticket, next(iter(told.causes.values())))
    desk.tell(_who_has(desk, uow, told.ticket, now), alert, uow, now)


def _tell_of_lost_mail(desk: Desk, uow: UnitOfWork, recipient: BouncedRecipient, told: _Told, now: datetime) -> None:
    """The mail is lost, the address may be alive: nothing is stopped, and whoever has the ticket hears of it."""
    alert = alert_of_lost_mail(told.ticket, recipient, next(iter(told.causes.values())))
    desk.tell(_who_has(desk, uow, told.ticket, now), alert, uow, now)


def _who_has(desk: Desk, uow: UnitOfWork, ticket: Ticket, now: datetime) -> tuple[StaffMember, ...]:
    """The assignee of a ticket; the leads where there is none who may hear of it now."""
    return audience_of(uow, desk.staff, ticket, desk.day_of(now)).of(ticket.assignee)


def _write_acknowledgement(desk: Desk, uow: UnitOfWork, told: _Told, now: datetime) -> None:
    decision = told.plan.acknowledgement
    if decision.purpose is None:
        return
    cause = f"message:{told.read.stored.id}"
    letter = desk.letters.acknowledgement(decision.purpose, told.read.message, cause=cause, ticket_id=told.ticket.id, now=now)
    uow.outbox.add(replace(letter, held_because=decision.held_because), now)
    if decision.alarming:
        alert = Alert(
            cause=f"acknowledgements-held:{now:%Y-%m-%dT%H}",
            what=f"Acknowledgements are being held: {decision.held_because}.",
            mail="Every mail is stored and has its ticket. People have not got their automatic answer yet.",
            remedy="Please answer those who are people, soon. See: helpdesk outbox list --state held",
        )
        desk.tell(desk.with_role(Role.ADMIN), alert, uow, now)


def _notice(desk: Desk, uow: UnitOfWork, told: _Told, now: datetime) -> Notice:
    assigned = told.plan.opens_ticket or told.plan.assignment is not None
    kind = EventKind.ASSIGNED if EventKind.ASSIGNED in told.causes else EventKind.UNASSIGNED
    cause = told.causes[kind] if assigned else next(iter(told.causes.values()))
    return Notice(
        purpose=Purpose.STAFF_ASSIGNED if assigned else Purpose.STAFF_MESSAGE,
        cause=cause,
        ticket=told.ticket,
        message=told.read.message,
        received_at=told.read.stored.raw.received_at,
        reason=told.plan.assignment.reason if told.plan.assignment else "this ticket is yours",
        sent=_sent_in_words(desk, told.plan, now),
        earlier=told.facts.thread.earlier,
        other_address=told.facts.thread.other_address,
        unproven=told.facts.acknowledgement.unproven,
        notes="" if told.plan.opens_ticket else notes_on(uow, desk.letters, desk.staff, told.ticket),
    )


def _sent_in_words(desk: Desk, plan: Plan, now: datetime) -> str:
    decision = plan.acknowledgement
    if decision.purpose is None:
        return f"no automatic answer, because {decision.reason}"
    if decision.held_because:
        held = f"nothing yet; the acknowledgement is held, because {decision.held_because}"
        return f"{held}. Please answer soon: they have heard nothing from us"
    which = "the second acknowledgement" if decision.purpose is Purpose.ACKNOWLEDGEMENT_AGAIN else "the acknowledgement"
    return f"{which}, on {desk.letters.describe_moment(now)}"
