"""What becomes of a mail from a staff member's address: a reply, a command, or help. DESIGN section 6.

It never opens a ticket. Nothing of it goes out that is not proven to be theirs. Commits nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial

from helpdesk.core.commands import Instructions, Verb, parse_commands
from helpdesk.core.outgoing import as_typed, own_words, unsigned, without_notice, words_below
from helpdesk.core.parse import parse
from helpdesk.core.sign_off import is_sign_off
from helpdesk.core.staff_proof import Doubt, Proof, named_tokens, prove
from helpdesk.core.thread import reference_candidates
from helpdesk.errors import NotFound
from helpdesk.jobs.audience import excluded_from
from helpdesk.jobs.carry_out import Desk, Read
from helpdesk.jobs.letters import Order
from helpdesk.jobs.ports import UnitOfWork
from helpdesk.jobs.process import Processor
from helpdesk.jobs.proven import Proven
from helpdesk.jobs.relay import Relay
from helpdesk.jobs.reply_letters import Help, letter_of_help
from helpdesk.jobs.staff_commands import StaffCommands
from helpdesk.model.delivery import Automatic, Purpose
from helpdesk.model.staff import StaffMember
from helpdesk.model.ticket import Event, EventKind, Ticket

# A program that answers each of our answers must come to an end.
MOST_HELPS_AN_HOUR = 20
MOST_HELPS_TO_DOUBTED_A_DAY = 3

_SIGNED = "What stood below it was taken for the end of your mail, and not passed on."
_KEPT = "Nothing of your mail was passed on, and nothing was changed. It is kept with us, and nobody outside has seen it."
# What a staff member reads before they answer a person: words that answer any other mail of ours are meant for us.
_NOTICES = frozenset({Purpose.STAFF_ASSIGNED, Purpose.STAFF_MESSAGE})
# With these the words below are no answer to the person.
_KEEPS_WORDS = (Verb.NOTE, Verb.ASSIGN, Verb.STOP, Verb.SEND, Verb.HELP, Verb.AWAY, Verb.BACK)
# What these say is only so once the answer goes: nobody would look for one that waits on a closed ticket.
_ENDS = (Verb.CLOSE, Verb.PENDING)
# These are about their author, and not about the ticket that they stand in answer to.
_OF_ONESELF = (Verb.AWAY, Verb.BACK, Verb.HELP)
_TOLD_OF_IGNORED = (Verb.STOP, Verb.SEND, Verb.HELP, Verb.AWAY, Verb.BACK)


class Outcome(StrEnum):
    """What became of a staff member's mail, as the log says it."""

    DOUBTED = "doubted"
    NOT_UNDERSTOOD = "not_understood"
    DONE = "done"
    WAITS = "waits"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class StaffMail:
    """Takes staff mail in; `processor` reads and processes what a command asks for."""

    processor: Processor

    @property
    def desk(self) -> Desk:
        return self.processor.desk

    def take(self, uow: UnitOfWork, read: Read, now: datetime) -> tuple[Ticket | None, Outcome | None]:
        """Record a mail, and do what it asks for if it is theirs; returns its ticket, and what became of it."""
        sender = read.message.sender.address if read.message.sender else ""
        author = self.desk.member_with_address(sender)
        proof = self._prove(uow, read, author, now) if author else Proof(None, Doubt.NO_TOKEN)
        ticket = self._ticket(uow, read, proof)
        uow.messages.record_processed(
            read.stored,
            read.message,
            read.verdict,
            digest_parts=read.digest_parts,
            ticket_id=ticket.id if ticket else None,
            now=now,
        )
        if author is None:
            return ticket, None
        if proof.doubt or proof.token is None or ticket is None:
            self._answer_doubted(uow, read, author, proof.doubt or Doubt.NO_TOKEN, ticket, now)
            return ticket, Outcome.DOUBTED
        answered = uow.replies.answered_mail(proof.token.delivery_id)
        return ticket, self._act(Proven(self.desk, uow, now, read, author, proof.token, ticket, answered))

    def _prove(self, uow: UnitOfWork, read: Read, author: StaffMember, now: datetime) -> Proof:
        named = (uow.tokens.find(each) for each in named_tokens(read.message, self.desk.ourselves))
        return prove(read.message, self.desk.ourselves, author.id, [each for each in named if each], now)

    def _ticket(self, uow: UnitOfWork, read: Read, proof: Proof) -> Ticket | None:
        """The ticket that the proof is for; else the one that the mail says it answers, where it is kept with the others."""
        if proof.token:
            return uow.tickets.by_id(proof.token.ticket_id)
        candidates = reference_candidates(read.message, self.desk.ourselves)
        return next(iter(uow.tickets.by_message_ids(candidates)), None) if candidates else None

    def _answer_doubted(
        self, uow: UnitOfWork, read: Read, author: StaffMember, doubt: Doubt, ticket: Ticket | None, now: datetime
    ) -> None:
        if ticket:
            why = f"a mail that says it is from {author.public_name}: {doubt}"
            uow.tickets.add_events(ticket.id, [Event(EventKind.STAFF_MAIL_HELD, now, "worker", why, read.stored.id)])
        if uow.outbox.sent_to(author.email, (Purpose.STAFF_HELP,), now - timedelta(days=1)) >= MOST_HELPS_TO_DOUBTED_A_DAY:
            return
        remedy = (
            f"Reply to the newest notice that you have of the ticket. Without one, answer from the mailbox "
            f"{self.desk.letters.sender.address} in webmail. If you did not write to us, please tell your lead."
        )
        words = Help(f"A mail from your address was not taken, because {doubt}.", _KEPT, remedy)
        order = Order(Purpose.STAFF_HELP, f"message:{read.stored.id}", author.email, Automatic.REPLIED)
        uow.outbox.add(letter_of_help(self.desk.letters, words, read.message, author, order, now), now)

    def _act(self, mail: Proven) -> Outcome:
        instructions = parse_commands(self._new_words(mail))
        text = own_words(instructions.text)
        is_signed = self._is_only_signed(mail, instructions, text)
        if is_signed:
            instructions, text = replace(instructions, text=""), ""
        problem = instructions.problem or self._problem(mail, instructions, text)
        if problem:
            return self._not_understood(mail, problem)
        is_reply, commands = self._is_reply(mail, instructions, text), StaffCommands(mail, self.processor)
        with_answer = tuple(each for each in instructions.commands if is_reply and each.verb in _ENDS)
        at_once = tuple(each for each in instructions.commands if each not in with_answer)
        try:
            # Half of what was asked for would be worse than nothing.
            with mail.uow.savepoint():
                done = commands.carry_out(replace(instructions, commands=at_once))
        except NotFound as refusal:
            return self._not_understood(mail, str(refusal))
        if not is_reply:
            ignored = any(map(instructions.has, _TOLD_OF_IGNORED)) and text
            kept = "The words below it were not passed on." if ignored else _SIGNED if is_signed else ""
            self._help(mail, Help(" ".join(done), kept))
            return Outcome.DONE
        ends = partial(commands.carry_out, replace(instructions, commands=with_answer)) if with_answer else None
        return Outcome.WAITS if Relay(mail, done, ends).put_in_outbox(text) else Outcome.HELD

    def _is_only_signed(self, mail: Proven, instructions: Instructions, text: str) -> bool:
        """Whether below what is asked for stands what ends every mail of theirs, and is no answer to the person."""
        sender = mail.read.message.sender
        name = sender.name if sender else ""
        may_be = instructions.commands and not instructions.has(Verb.NOTE)
        return bool(may_be) and is_sign_off(text, name, mail.author.public_name)

    def _new_words(self, mail: Proven) -> str:
        """What they newly wrote, above the quoted notice or below it."""
        message = mail.read.message
        notice = parse(mail.answered.content).text if mail.answered else ""
        new = without_notice(message.new_text, notice)
        # Yahoo's plain text hides the line that sets a signature off.
        return unsigned(as_typed(new if own_words(new) or not notice else words_below(message.text, notice), message))

    def _is_reply(self, mail: Proven, instructions: Instructions, text: str) -> bool:
        has_words = bool(text or mail.read.enclosed.files)
        return has_words and not any(map(instructions.has, _KEEPS_WORDS)) and self._answers_notice(mail)

    def _answers_notice(self, mail: Proven) -> bool:
        return mail.answered is not None and mail.answered.purpose in _NOTICES

    def _problem(self, mail: Proven, instructions: Instructions, text: str) -> str:
        """Why nothing of this mail can be done, in a sentence; empty where it can."""
        ticket, author = mail.ticket, mail.author
        is_of_oneself = instructions.commands and all(each.verb in _OF_ONESELF for each in instructions.commands)
        if not is_of_oneself and author.id in excluded_from(mail.uow, self.desk.staff, (ticket.requester_address,)):
            return f"{ticket.reference} is with others now, and you can't act on it."
        if mail.read.message.locked:
            return "Your mail came locked, and we can't open it."
        has_words = bool(text or mail.read.enclosed.files)
        if not has_words and not instructions.commands:
            return "We found no words of yours in it, only what it quotes. Please write above the quoted text."
        if has_words and not any(map(instructions.has, _KEEPS_WORDS)) and not self._answers_notice(mail):
            return "It answers a note of ours. Words go to the person only in reply to the notice with their message."
        if self._is_reply(mail, instructions, text) and "@" not in ticket.requester_address:
            return f"We have no address of the person of {ticket.reference}."
        return ""

    def _not_understood(self, mail: Proven, problem: str) -> Outcome:
        # What is kept says that too, of all of the mail.
        self._help(mail, Help(problem.replace(" Nothing was changed.", ""), _KEPT))
        return Outcome.NOT_UNDERSTOOD

    def _help(self, mail: Proven, words: Help) -> None:
        since = mail.now - timedelta(hours=1)
        if mail.uow.outbox.sent_to(mail.author.email, (Purpose.STAFF_HELP,), since) >= MOST_HELPS_AN_HOUR:
            return
        # It can be answered with the right command.
        order = Order(
            Purpose.STAFF_HELP,
            mail.cause,
            mail.author.email,
            Automatic.REPLIED,
            ticket_id=mail.ticket.id,
            staff_id=mail.author.id,
        )
        letter = letter_of_help(self.desk.letters, words, mail.read.message, mail.author, order, mail.now)
        mail.uow.outbox.add(letter, mail.now)
