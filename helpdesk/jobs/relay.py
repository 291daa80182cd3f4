"""A staff member's reply becomes a mail of ours to the requester: DESIGN section 6. Sends nothing, and commits nothing.

It is built anew out of words and files. Nothing else of the mail that it came in is at hand here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from helpdesk.core.leaks import Guard, find_private, find_unfit, first_name, private_words
from helpdesk.core.outgoing import repeats
from helpdesk.core.parse import parse
from helpdesk.core.relay import ReplyFacts, reasons_to_hold
from helpdesk.core.rules.evidence import Evidence
from helpdesk.core.rules.replies import seems_automatic
from helpdesk.core.staff_proof import named_tokens
from helpdesk.core.thread import is_our_message_id
from helpdesk.jobs.letters import Order, references_of_answer
from helpdesk.jobs.proven import Proven
from helpdesk.jobs.reply_letters import (
    Answer,
    Help,
    Waiting,
    letter_of_help,
    letter_of_reply,
    letter_of_waiting,
)
from helpdesk.model.delivery import Automatic, DeliveryState, NewDelivery, Purpose
from helpdesk.model.message import Address, InboundMessage, Kind
from helpdesk.model.staff import Assignment, StaffMember
from helpdesk.model.ticket import MAILBOX, EventKind, Ticket

_THEIRS = frozenset({EventKind.OPENED, EventKind.FOLLOW_UP, EventKind.REOPENED})


@dataclass(frozen=True, slots=True)
class Relay:
    """Relays one proven mail. `done` says in sentences what else it had done, which its author is told beside."""

    mail: Proven
    done: tuple[str, ...] = ()

    def put_in_outbox(self, text: str) -> bool:
        """Write the reply, and the note to its author; returns whether it goes by itself."""
        mail, ticket = self.mail, self._ticket_now()
        parent = self._last_of_requester()
        answer = Answer(
            cause=f"reply:{mail.read.stored.id}",
            text=text,
            files=mail.read.enclosed.files,
            in_reply_to=parent.message_id,
            references=self._references(parent),
        )
        letter = letter_of_reply(mail.desk.letters, answer, ticket, mail.author, mail.now)
        held = " ".join(reasons_to_hold(self._facts(ticket, parent, text, letter)))
        goes_at = mail.now + mail.desk.staff_mail.reply_delay
        mail.uow.outbox.add(replace(letter, held_because=held, due_at=goes_at), mail.now)
        self._tell_author(letter, Waiting(answer.cause, None if held else goes_at, held), ticket)
        self._tell_others()
        when = mail.desk.letters.describe_moment(goes_at)
        mail.add_event(EventKind.REPLY_HELD if held else EventKind.REPLY_WAITING, held or f"it goes on {when}")
        if not held and ticket.assignee is None:
            self._take(ticket)
        return not held

    def _ticket_now(self) -> Ticket:
        """The ticket after the commands of the same mail."""
        return self.mail.uow.tickets.by_id(self.mail.ticket.id) or self.mail.ticket

    def _take(self, ticket: Ticket) -> None:
        """Nobody had it: whoever answers has it."""
        mail = self.mail
        assignment = Assignment(mail.author.id, f"{mail.author.public_name}: answers it")
        mail.uow.tickets.save(replace(ticket, assignee=assignment.staff_id, updated_at=mail.now))
        mail.add_event(EventKind.ASSIGNED, assignment.reason)

    def _last_of_requester(self) -> InboundMessage:
        """Their last mail, which the answer stands under in their mail program; an empty one where it was erased."""
        views = reversed(self.mail.uow.messages.of_ticket(self.mail.ticket.id))
        for view in views:
            stored = self.mail.uow.messages.raw(view.id) if view.kind in (Kind.PERSON, Kind.SPAM) else None
            if stored:
                return parse(stored.raw.raw)
        return InboundMessage()

    def _references(self, parent: InboundMessage) -> tuple[str, ...]:
        """Those of their own mail, but for a notice of ours, which somebody must have passed on to them."""
        us, tokens = self.mail.desk.ourselves, self.mail.uow.tokens
        return tuple(
            each
            for each in references_of_answer(parent)
            if not (is_our_message_id(each, us) and tokens.find(each.partition("@")[0])) and ".notices@" not in each
        )

    def _facts(self, ticket: Ticket, parent: InboundMessage, text: str, letter: NewDelivery) -> ReplyFacts:
        mail, uow = self.mail, self.mail.uow
        holder = mail.desk.member(ticket.assignee) if ticket.assignee else None
        sender = mail.read.message.sender or Address("", mail.author.email)
        private = (
            *private_words(mail.desk.staff, mail.author, sender),
            *named_tokens(mail.read.message, mail.desk.ourselves),
        )
        guard = Guard(
            words=(*mail.desk.staff_mail.guard_words, ticket.reference),
            first_name=first_name(mail.author, sender, ticket.requester_name),
            public=(*mail.desk.public, ticket.requester_address),
        )
        notice = parse(mail.answered.content).text if mail.answered else ""
        return ReplyFacts(
            ticket=mail.ticket,
            holder=holder.public_name if holder and holder.id != mail.author.id else "",
            wrote_since=self._wrote_since(),
            others=(*self._answers_of_others(), *self._answer_from_mailbox()),
            private=find_private(letter.content, private),
            unfit=find_unfit(text, guard),
            unclean=mail.read.enclosed.unclean,
            repeats=repeats(text, self._written_by_requester(), notice, parent.text),
            is_unreachable=uow.people.unreachable_since(ticket.requester_address) is not None,
            is_cut=mail.read.enclosed.is_cut,
            seems_automatic=seems_automatic(Evidence(mail.read.message, mail.desk.ourselves)),
            was_restored=uow.restorations.covering(mail.read.stored.raw.received_at),
        )

    def _wrote_since(self) -> bool:
        """Whether the person has written after the mail that the author answers was written."""
        events = self.mail.uow.tickets.events(self.mail.ticket.id)
        shown_at = self.mail.token.issued_at
        return any(event.kind in _THEIRS and event.actor == "requester" and event.at > shown_at for event in events)

    def _written_by_requester(self) -> Iterator[str]:
        for view in self.mail.uow.messages.of_ticket(self.mail.ticket.id):
            if view.kind in (Kind.PERSON, Kind.SPAM):
                yield view.new_text

    def _answers_of_others(self) -> Iterator[str]:
        mail, letters = self.mail, self.mail.desk.letters
        for reply in mail.uow.replies.of_ticket(mail.ticket.id):
            other = mail.author_of(reply)
            if other is None or other.id == mail.author.id:
                continue
            if reply.state is DeliveryState.PENDING:
                yield f"{other.public_name} is answering this person too, and was there first."
            elif reply.sent_at and reply.sent_at > mail.token.issued_at:
                yield f"{other.public_name} has answered this person, on {letters.describe_moment(reply.sent_at)}."

    def _answer_from_mailbox(self) -> Iterator[str]:
        mail = self.mail
        for event in mail.uow.tickets.events(mail.ticket.id):
            if event.kind is EventKind.REPLIED and event.actor == MAILBOX and event.at >= mail.token.issued_at:
                yield "Somebody has answered this person from the mailbox itself, since the notice was written."
                return

    def _tell_author(self, letter: NewDelivery, waiting: Waiting, ticket: Ticket) -> None:
        mail = self.mail
        told = replace(waiting, also=" ".join(self.done), left_out=mail.read.enclosed.left_out)
        note = letter_of_waiting(mail.desk.letters, told, letter, ticket, mail.author, mail.now)
        mail.uow.outbox.add(note, mail.now)

    def _tell_others(self) -> None:
        """Whoever's answer waits hears that it is not the only one."""
        mail = self.mail
        waiting = [each for each in mail.uow.replies.of_ticket(mail.ticket.id) if each.state is DeliveryState.PENDING]
        others: dict[str, StaffMember] = {}
        for reply in waiting:
            other = mail.author_of(reply)
            if other and other.id != mail.author.id:
                others[other.id] = other
        words = Help(
            what=f"{mail.author.public_name} has answered {mail.ticket.reference} too, while your answer waits.",
            mail="Your answer goes as you wrote it. Theirs waits until they have seen that you were first.",
            remedy="Perhaps you want to have a word with each other.",
        )
        for other in others.values():
            order = Order(Purpose.STAFF_HELP, mail.cause, other.email, Automatic.GENERATED)
            mail.uow.outbox.add(letter_of_help(mail.desk.letters, words, InboundMessage(), other, order, mail.now), mail.now)
