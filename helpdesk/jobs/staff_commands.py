"""Carries out what a staff member asked for on the first lines of a mail. Commits nothing.

Each raises NotFound with a sentence for its author; then nothing of the mail is done.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from helpdesk.core.assign import away_until
from helpdesk.core.commands import Command, Instructions, Verb
from helpdesk.core.days import day_in_words, parse_leave
from helpdesk.core.parse import parse
from helpdesk.core.staff_proof import named_tokens
from helpdesk.errors import NotFound
from helpdesk.jobs.changes import Changes
from helpdesk.jobs.choice import Choice
from helpdesk.jobs.process import Processor
from helpdesk.jobs.proven import Proven
from helpdesk.jobs.relay import Relay
from helpdesk.model.delivery import Delivery, DeliveryState, Purpose, Reply
from helpdesk.model.message import Kind
from helpdesk.model.staff import OPEN_ENDED, Notices, StaffMember
from helpdesk.model.ticket import EventKind, Ticket, TicketState

# So often at most somebody answers what we said of their answer to what we said.
MOST_STEPS_BACK = 5

_OURS = (Kind.PERSON, Kind.STAFF, Kind.OWN)
# With these somebody says that the person needs no more of us for now.
_END = {EventKind.CLOSED: TicketState.CLOSED, EventKind.PENDING: TicketState.PENDING}


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
        # All that is noted stands in the text: two lines with #note are one note.
        notes = [each for each in instructions.commands if each.verb is Verb.NOTE]
        commands = [each for each in instructions.commands if each not in notes[1:]]
        done = [self._carry_out(command, instructions) for command in commands]
        return tuple(sentence for sentence in done if sentence)

    def _carry_out(self, command: Command, instructions: Instructions) -> str:
        steps: dict[Verb, Callable[[], str]] = {
            Verb.NOTE: lambda: self._note(instructions.text),
            Verb.CLOSE: self._close,
            Verb.TAKE: self._take,
            Verb.ASSIGN: lambda: self._assign(command.argument, has_words=bool(instructions.text)),
            Verb.PENDING: self._pending,
            Verb.URGENT: self._urgent,
            Verb.PERSON: self._person,
            Verb.STOP: self._stop,
            Verb.SEND: self._send,
            Verb.AWAY: lambda: self._away(command.argument),
            Verb.BACK: self._back,
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
        return f"{self.mail.ticket.reference} is yours.{self._closed_all_the_same}"

    def _assign(self, name: str, *, has_words: bool) -> str:
        member = self._member(name)
        self._choice.give_by_hand(self._ticket, member)
        if member == self.mail.author:
            return f"{self.mail.ticket.reference} is yours.{self._closed_all_the_same}"
        told = "They have a notice."
        if has_words and member.notices is Notices.MINIMAL:
            told = "They have a notice, which shows no content. Your words are a note on the ticket: please tell them of it."
        elif has_words:
            told = "They have a notice, with your words as a note."
        return f"{self.mail.ticket.reference} is {member.public_name}'s. {told}{self._closed_all_the_same}"

    @property
    def _closed_all_the_same(self) -> str:
        """Whoever gets a closed ticket may think that something is to be done."""
        return " It stays closed until the person writes." if self._ticket.state is TicketState.CLOSED else ""

    @property
    def _choice(self) -> Choice:
        return Choice(self.processor, self.mail.uow, self.mail.now, self.mail.actor)

    def _member(self, name: str) -> StaffMember:
        wanted = name.strip(" .!@").removeprefix("to ")
        staff = self.mail.desk.staff
        # Staff know each other by their public names. Of two who share one, the id tells, where it is written as it is.
        named = [each for each in staff if _folded(wanted) == _folded(each.public_name)]
        by_id = [each for each in staff if each.id == (wanted if named else wanted.casefold())]
        found = by_id if by_id and (not named or by_id[0] in named) else named
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
        author, today = self.mail.author, self.mail.desk.day_of(self.mail.now)
        leave = parse_leave(words.strip(" ."), today)
        if leave is None:
            raise NotFound(
                f"Which days are “{words}”? Write it for example like this: #away until 14 December, "
                "#away on 14 December, or #away from 24 December to 2 January"
            )
        first, last = leave
        planned = away_until(author.id, self.mail.uow.people.absences(first), first)
        # Days within a longer leave do not cut that short, unless it runs and they say when it ends.
        if first > today and planned and planned >= last:
            return "You are away on those days already. Nothing was changed."
        moved = self._changes.leave(author, first, last)
        # One leave may go on into another that was planned before.
        until = away_until(author.id, self.mail.uow.people.absences(first), first) or last
        end = f"up to and including {day_in_words(until, today)}" if until < OPEN_ENDED else "until you say that you are back"
        if first > today:
            begins = f"You are away from {day_in_words(first, today)} {end}."
            return f"{begins} When that begins, what waits for an answer of yours goes to others. If that is wrong: #back"
        others = " A note tells you who has what waited for an answer of yours." if moved else ""
        return f"You are away {end}, and get no new tickets until then.{others} If you are back before: #back"

    def _back(self) -> str:
        author, today = self.mail.author, self.mail.desk.day_of(self.mail.now)
        was_away = away_until(author.id, self.mail.uow.people.absences(today), today)
        if not self.mail.uow.people.end_absences(author.id, today):
            return "You were not away, and get tickets as before."
        if was_away is None:
            return "The leave that was planned for you is off."
        planned = [each for each in self.mail.uow.people.absences(today) if each.staff_id == author.id]
        again = f" You are away again from {day_in_words(planned[0].first_day, today)} on." if planned else ""
        return f"Welcome back. From now on you get tickets again.{again}"

    def _stop(self) -> str:
        sentences = [self._stop_one(reply) for reply in self._replies()]
        return " ".join(sentences)

    def _stop_one(self, reply: Reply) -> str:
        mail = self.mail
        if reply.state is DeliveryState.SENT:
            return f"It was too late to take your answer back: it went out on {self._moment(reply)}."
        if reply.state is DeliveryState.FAILED:
            return "Your answer could not be delivered, and is not tried any more."
        if reply.state is not DeliveryState.PENDING:
            return "Your answer is held, and stays so."
        mail.uow.outbox.hold(reply.delivery_id, f"taken back by {mail.author.public_name}", mail.now)
        mail.add_event(EventKind.REPLY_STOPPED, "taken back by its author")
        doubt = " It was being sent at that moment, so it may have arrived." if reply.in_doubt else ""
        return f"Your answer is taken back.{doubt}{self._wait_again(reply)} To send it all the same, reply with #send."

    def _wait_again(self, reply: Reply) -> str:
        """What its mail said beside it, that the person needs no more of us, is not so without the answer."""
        ticket = self._ticket
        ends = [each for each in self.mail.uow.tickets.events(ticket.id) if each.kind in _END]
        if not ends or _END[ends[-1].kind] is not ticket.state:
            return ""
        if (ends[-1].actor, ends[-1].at) != (self.mail.actor, reply.written_at):
            return ""
        state = TicketState.OPEN if ticket.answered_at else TicketState.NEW
        waits = replace(ticket, state=state, closed_at=None, updated_at=self.mail.now)
        self.mail.uow.tickets.save(waits)
        self.mail.add_event(EventKind.REOPENED, "the answer was taken back")
        return f" {ticket.reference} waits for us again."

    def _send(self) -> str:
        replies = self._replies()
        if len(replies) > 1:
            raise NotFound(
                f"{len(replies)} answers of yours wait on {self.mail.ticket.reference}. "
                "Reply with #send to the note of the one that is to go."
            )
        return self._send_one(replies[0]) if replies else "There is no such answer any more."

    def _send_one(self, reply: Reply) -> str:
        mail = self.mail
        if reply.state is DeliveryState.SENT:
            return f"Your answer went out already, on {self._moment(reply)}."
        relay = Relay(mail)
        if reply.state is DeliveryState.HELD and (news := relay.news()):
            # The answer to this is a newer mail of ours, which says all of that.
            raise NotFound(f"{' '.join(news)} Your answer still waits. To send it all the same, reply to this mail with #send.")
        if not mail.uow.replies.let_go(reply.delivery_id, mail.now):
            return "Your answer is being sent, or can't be delivered."
        mail.add_event(EventKind.REPLY_LET_GO, "let go by its author")
        relay.tell_others("Theirs goes now.")
        return "Your answer goes out now."

    def _moment(self, reply: Reply) -> str:
        return self.mail.desk.letters.describe_moment(reply.sent_at or reply.written_at)

    def _replies(self) -> list[Reply]:
        """The reply that the answered note tells of; else all of this author's on the ticket that may still go out.

        What was held and then written anew is none of these: its author has answered since.
        """
        mail = self.mail
        told_of = self._told_of(mail.answered)
        if told_of or (mail.answered and mail.answered.purpose is Purpose.STAFF_REPLY_WAITING):
            return [told_of] if told_of else []
        mine = [each for each in mail.uow.replies.of_ticket(mail.ticket.id) if mail.author_of(each) == mail.author]
        answered_at = max((each.written_at for each in mine if each.state is DeliveryState.SENT), default=None)
        waiting = [each for each in mine if each.state is DeliveryState.PENDING or _is_newer(each, answered_at)]
        if not waiting:
            raise NotFound(f"No answer of yours waits on {mail.ticket.reference}.")
        return waiting

    def _told_of(self, answered: Delivery | None, most: int = MOST_STEPS_BACK) -> Reply | None:
        """The reply that a mail of ours tells of, or that the mail was about which it answers."""
        mail = self.mail
        if answered is None or not most:
            return None
        if told_of := mail.uow.replies.caused_by(answered.cause):
            return told_of
        kind, _, message_id = answered.cause.partition(":")
        stored = mail.uow.messages.raw(message_id) if kind == "message" else None
        named = named_tokens(parse(stored.raw.raw), mail.desk.ourselves) if stored else ()
        bound = next((each for each in map(mail.uow.tokens.find, named) if each), None)
        return self._told_of(mail.uow.replies.answered_mail(bound.delivery_id), most - 1) if bound else None


def _is_newer(reply: Reply, answered_at: datetime | None) -> bool:
    return reply.state is not DeliveryState.SENT and (answered_at is None or reply.written_at > answered_at)


def _folded(name: str) -> str:
    """A name without what two keyboards write differently: "Zoe" is Zoë, and O’Brien O'Brien."""
    parts = unicodedata.normalize("NFKD", name.replace("\u2019", "'").casefold())
    return " ".join("".join(each for each in parts if not unicodedata.combining(each)).split())
