"""Carries out what a staff member asked for on the first lines of a mail. Commits nothing.

Each raises NotFound with a sentence for its author; then nothing of the mail is done.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from helpdesk.core.commands import Command, Instructions, Verb
from helpdesk.core.days import parse_day
from helpdesk.core.office_hours import describe_day
from helpdesk.errors import NotFound
from helpdesk.jobs.changes import Changes
from helpdesk.jobs.choice import Choice
from helpdesk.jobs.process import Processor
from helpdesk.jobs.proven import Proven
from helpdesk.model.delivery import DeliveryState, Purpose, Reply
from helpdesk.model.message import Kind
from helpdesk.model.staff import StaffMember
from helpdesk.model.ticket import EventKind, Ticket

_OURS = (Kind.PERSON, Kind.STAFF, Kind.OWN)


@dataclass(frozen=True, slots=True)
class StaffCommands:
    """The commands of one proven mail."""

    mail: Proven
    processor: Processor

    def carry_out(self, instructions: Instructions) -> tuple[str, ...]:
        """Do all that is asked, in order; returns a sentence for each."""
        # A note for whoever gets the ticket has to stand on it before they are told.
        if instructions.text and instructions.has(Verb.ASSIGN) and not instructions.has(Verb.NOTE):
            self._changes.note(self.mail.ticket, instructions.text)
        done = [self._carry_out(command, instructions) for command in instructions.commands]
        return tuple(sentence for sentence in done if sentence)

    def _carry_out(self, command: Command, instructions: Instructions) -> str:
        steps: dict[Verb, Callable[[], str]] = {
            Verb.NOTE: lambda: self._note(instructions.text),
            Verb.CLOSE: self._close,
            Verb.TAKE: self._take,
            Verb.ASSIGN: lambda: self._assign(command.argument),
            Verb.PENDING: self._pending,
            Verb.URGENT: self._urgent,
            Verb.PERSON: self._person,
            Verb.STOP: self._stop,
            Verb.SEND: self._send,
            Verb.AWAY: lambda: self._away(command.argument),
            Verb.HELP: lambda: "Here is what you can do by mail.",
        }
        return steps[command.verb]()

    @property
    def _changes(self) -> Changes:
        return Changes(self.processor, self.mail.uow, self.mail.now, self.mail.actor)

    @property
    def _ticket(self) -> Ticket:
        """The ticket as the commands before left it."""
        return self.mail.uow.tickets.by_id(self.mail.ticket.id) or self.mail.ticket

    def _note(self, words: str) -> str:
        self._changes.note(self._ticket, words)
        return f"Your note is on {self.mail.ticket.reference}, and among us."

    def _close(self) -> str:
        return f"{self._changes.close(self._ticket).reference} is closed."

    def _pending(self) -> str:
        return f"{self._changes.wait_for_requester(self._ticket).reference} waits for the person."

    def _urgent(self) -> str:
        return f"{self._changes.make_urgent(self._ticket).reference} is urgent."

    def _take(self) -> str:
        if self._ticket.assignee != self.mail.author.id:
            self._choice.give_by_hand(self._ticket, self.mail.author)
        return f"{self.mail.ticket.reference} is yours."

    def _assign(self, name: str) -> str:
        member = self._member(name)
        self._choice.give_by_hand(self._ticket, member)
        return f"{self.mail.ticket.reference} is {member.public_name}'s. They have a notice, with your words as a note."

    @property
    def _choice(self) -> Choice:
        return Choice(self.processor, self.mail.uow, self.mail.now, self.mail.actor)

    def _member(self, name: str) -> StaffMember:
        wanted = name.strip(" .!@").casefold()
        staff = self.mail.desk.staff
        by_id = [each for each in staff if wanted == each.id]
        found = by_id or [each for each in staff if wanted == each.public_name.casefold()]
        if len(found) == 1:
            return found[0]
        names = ", ".join(each.public_name if not found else each.id for each in found or staff)
        raise NotFound(f"Whom do you mean by “{name}”? There are: {names}.")

    def _person(self) -> str:
        mail = self.mail
        views = [each for each in mail.uow.messages.of_ticket(mail.ticket.id) if each.kind not in _OURS]
        if not views:
            raise NotFound(f"There is no machine's mail on {mail.ticket.reference}.")
        stored = mail.uow.messages.raw(views[-1].id)
        ticket, _ = self._changes.treat_as_person(views[-1], self.processor.read(stored) if stored else None)
        return f"The last mail that was taken for a machine's is a person's now, on {ticket.reference}."

    def _away(self, words: str) -> str:
        today = self.mail.desk.day_of(self.mail.now)
        last = parse_day(words.strip().removeprefix("until ").removeprefix("Until ").strip(" ."), today)
        if last is None:
            raise NotFound(f"Which day is “{words}”? Write it for example like this: #away until 14 December")
        moved = self._changes.leave(self.mail.author, today, last)
        others = f" Others have {len(moved)} tickets of yours now." if moved else ""
        return f"You are away up to and including {describe_day(last)}, and get no new tickets until then.{others}"

    def _stop(self) -> str:
        sentences = [self._stop_one(reply) for reply in self._replies()]
        return " ".join(sentences)

    def _stop_one(self, reply: Reply) -> str:
        mail = self.mail
        if reply.state is DeliveryState.SENT:
            return f"It was too late to take your answer back: it went out on {self._moment(reply)}."
        if reply.state is not DeliveryState.PENDING:
            return "Your answer is held, and stays so."
        mail.uow.outbox.hold(reply.delivery_id, f"taken back by {mail.author.public_name}", mail.now)
        mail.add_event(EventKind.REPLY_STOPPED, "taken back by its author")
        doubt = " It was being sent at that moment, so it may have arrived." if reply.in_doubt else ""
        return f"Your answer is taken back.{doubt} To send it all the same, reply with #send."

    def _send(self) -> str:
        return " ".join(self._send_one(reply) for reply in self._replies())

    def _send_one(self, reply: Reply) -> str:
        mail = self.mail
        if reply.state is DeliveryState.SENT:
            return f"Your answer went out already, on {self._moment(reply)}."
        if not mail.uow.replies.let_go(reply.delivery_id, mail.now):
            return "Your answer is being sent, or can't be delivered."
        mail.add_event(EventKind.REPLY_LET_GO, "let go by its author")
        return "Your answer goes out now."

    def _moment(self, reply: Reply) -> str:
        return self.mail.desk.letters.describe_moment(reply.sent_at or reply.written_at)

    def _replies(self) -> list[Reply]:
        """The reply that the answered note tells of; else all of this author's on the ticket that have not gone out."""
        mail = self.mail
        if mail.answered and mail.answered.purpose is Purpose.STAFF_REPLY_WAITING:
            reply = mail.uow.replies.caused_by(mail.answered.cause)
            return [reply] if reply else []
        replies = [each for each in mail.uow.replies.of_ticket(mail.ticket.id) if each.state is not DeliveryState.SENT]
        mine = [each for each in replies if mail.author_of(each) == mail.author]
        if not mine:
            raise NotFound(f"No answer of yours waits on {mail.ticket.reference}.")
        return mine
