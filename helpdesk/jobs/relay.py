"""A staff member's reply becomes a mail of ours to the requester: DESIGN section 6. Sends nothing, and commits nothing.

It is built anew out of words and files. Nothing else of the mail that it came in is at hand here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from helpdesk.core.addresses import lookup_form
from helpdesk.core.assign import away_until
from helpdesk.core.leaks import Guard, find_private, find_unfit, first_name, private_words, surnames
from helpdesk.core.outgoing import repeats
from helpdesk.core.parse import parse
from helpdesk.core.relay import ReplyFacts, reasons_to_hold
from helpdesk.core.rules.evidence import Evidence
from helpdesk.core.rules.replies import seems_automatic
from helpdesk.core.sign_off import SignedText, split_signature
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
from helpdesk.jobs.said_before import answers_on
from helpdesk.model.delivery import Automatic, DeliveryState, NewDelivery, Purpose
from helpdesk.model.message import Address, InboundMessage, Kind
from helpdesk.model.staff import Assignment, StaffMember
from helpdesk.model.ticket import MAILBOX, Event, EventKind, Ticket, TicketState

_THEIRS = frozenset({EventKind.OPENED, EventKind.FOLLOW_UP, EventKind.REOPENED})


@dataclass(frozen=True, slots=True)
class Relay:
    """Relays one proven mail. `done` says in sentences what else it had done, which its author is told beside.

    `ends` has done what is true only once the answer goes: that the person needs no more of us for now.
    """

    mail: Proven
    done: tuple[str, ...] = ()
    ends: Callable[[], tuple[str, ...]] | None = None

    def put_in_outbox(self, text: str) -> bool:
        """Write the reply, and the note to its author; returns whether it goes by itself."""
        mail, ticket = self.mail, self._ticket_now()
        parent, signed = self._last_of_requester(), self._signed(text, ticket)
        answer = Answer(
            cause=f"reply:{mail.read.stored.id}",
            text=signed.words,
            files=mail.read.enclosed.files,
            in_reply_to=parent.message_id,
            references=self._references(parent),
        )
        letter = letter_of_reply(mail.desk.letters, answer, ticket, mail.author, mail.now)
        held = " ".join(reasons_to_hold(self._facts(ticket, parent, signed.words, letter)))
        goes_at = mail.now + mail.desk.staff_mail.reply_delay
        mail.uow.outbox.add(replace(letter, held_because=held, due_at=goes_at), mail.now)
        also = " ".join((*self.done, *self._end(is_held=bool(held))))
        waiting = Waiting(answer.cause, None if held else goes_at, held, also, self._left_out(signed))
        note = letter_of_waiting(mail.desk.letters, waiting, letter, ticket, mail.author, mail.now)
        mail.uow.outbox.add(note, mail.now)
        self.tell_others()
        when = mail.desk.letters.describe_moment(goes_at)
        mail.add_event(EventKind.REPLY_HELD if held else EventKind.REPLY_WAITING, held or f"it goes on {when}")
        if not held and ticket.assignee is None and self._is_there():
            self._take()
        return not held

    def _signed(self, text: str, ticket: Ticket) -> SignedText:
        sender, author = self.mail.read.message.sender, self.mail.author
        public = (*self.mail.desk.public, ticket.requester_address)
        return split_signature(text, sender.name if sender else "", author.public_name, public)

    def _left_out(self, signed: SignedText) -> tuple[str, ...]:
        first = signed.signature.partition("\n")[0].strip()
        signature = (f"Your signature, which begins with “{first}”",) if first else ()
        return (*signature, *self.mail.read.enclosed.left_out)

    def _end(self, *, is_held: bool) -> tuple[str, ...]:
        if self.ends is None:
            return ()
        if not is_held:
            return self.ends()
        if self.mail.ticket.state is TicketState.CLOSED:
            return ()
        return (f"{self.mail.ticket.reference} still waits for us, since your answer has not gone out.",)

    def _is_there(self) -> bool:
        today = self.mail.desk.day_of(self.mail.now)
        return away_until(self.mail.author.id, self.mail.uow.people.absences(today), today) is None

    def _ticket_now(self) -> Ticket:
        """The ticket after the commands of the same mail."""
        return self.mail.uow.tickets.by_id(self.mail.ticket.id) or self.mail.ticket

    def _take(self) -> None:
        """Nobody had it: whoever answers has it."""
        mail, ticket = self.mail, self._ticket_now()
        assignment = Assignment(mail.author.id, f"{mail.author.public_name}: answers it")
        mail.uow.tickets.save(replace(ticket, assignee=assignment.staff_id, updated_at=mail.now))
        mail.add_event(EventKind.ASSIGNED, assignment.reason)

    def _last_of_requester(self) -> InboundMessage:
        """The last mail from their address, which the answer stands under in their mail program.

        One that somebody else sent is in no inbox of theirs. An empty one where nothing is left.
        """
        requester = lookup_form(self.mail.ticket.requester_address)
        for view in reversed(self.mail.uow.messages.of_ticket(self.mail.ticket.id)):
            is_theirs = view.sender is not None and lookup_form(view.sender.address) == requester
            stored = self.mail.uow.messages.raw(view.id) if is_theirs and view.kind in (Kind.PERSON, Kind.SPAM) else None
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
            private=find_private(letter.content, private, surnames(sender)),
            unfit=find_unfit(text, guard),
            unclean=mail.read.enclosed.unclean,
            repeats=repeats(text, self._written_by_requester(), notice, "\n".join((parent.text, *self._answered_before()))),
            is_unreachable=uow.people.unreachable_since(ticket.requester_address) is not None,
            is_cut=mail.read.enclosed.is_cut,
            # Whoever is away and quotes what they answer has pressed "reply" themselves: "I am away on Monday, but …".
            seems_automatic=(
                seems_automatic(Evidence(mail.read.message, mail.desk.ourselves))
                and not repeats(mail.read.message.text, (), notice)
            ),
            was_restored=uow.restorations.covering(mail.read.stored.raw.received_at),
        )

    def _wrote_since(self) -> bool:
        """Whether the person has written after the mail that the author answers was written."""
        events = self.mail.uow.tickets.events(self.mail.ticket.id)
        shown_at = self.mail.token.issued_at
        return any(event.kind in _THEIRS and event.actor == "requester" and event.at > shown_at for event in events)

    def _answered_before(self) -> list[str]:
        """What we may say again, though the notice to whoever took the ticket over shows it."""
        return [text for _, text in answers_on(self.mail.uow, self.mail.ticket)]

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
        if any(each.at >= self.mail.token.issued_at for each in self._answers_from_mailbox()):
            yield "Somebody has answered this person from the mailbox itself, since the notice was written."

    def _answers_from_mailbox(self) -> Iterator[Event]:
        for event in self.mail.uow.tickets.events(self.mail.ticket.id):
            if event.kind is EventKind.REPLIED and event.actor == MAILBOX:
                yield event

    def news(self) -> tuple[str, ...]:
        """What the author of a held answer can't have known from the mail that they answer now."""
        mail, shown_at = self.mail, self.mail.token.issued_at
        news = ["The person has written again since then."] if self._wrote_since() else []
        for reply in mail.uow.replies.of_ticket(mail.ticket.id):
            other = mail.author_of(reply)
            if other and other.id != mail.author.id and reply.sent_at and reply.written_at > shown_at:
                when = mail.desk.letters.describe_moment(reply.sent_at)
                news.append(f"{other.public_name} has answered this person since then, on {when}.")
        # The note that says so itself was written in the same moment.
        if any(each.at > shown_at for each in self._answers_from_mailbox()):
            news.append("Somebody has answered this person from the mailbox itself since then.")
        return tuple(news)

    def tell_others(self, theirs: str = "Theirs waits until they have seen that you were first.") -> None:
        """Whoever's answer waits hears that it is not the only one; `theirs` says what becomes of the author's."""
        mail = self.mail
        waiting = [each for each in mail.uow.replies.of_ticket(mail.ticket.id) if each.state is DeliveryState.PENDING]
        others: dict[str, StaffMember] = {}
        for reply in waiting:
            other = mail.author_of(reply)
            if other and other.id != mail.author.id:
                others[other.id] = other
        words = Help(
            what=f"{mail.author.public_name} has answered {mail.ticket.reference} too, while your answer waits.",
            mail=f"Your answer goes as you wrote it. {theirs}",
            remedy="Perhaps you want to have a word with each other. With #stop you take yours back, as long as it waits.",
        )
        for other in others.values():
            order = Order(Purpose.STAFF_HELP, mail.cause, other.email, Automatic.GENERATED)
            mail.uow.outbox.add(letter_of_help(mail.desk.letters, words, InboundMessage(), other, order, mail.now), mail.now)
