"""A conversation, and who is in it: Alex writes, Dana answers, somebody takes over, and a week later Alex is back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from helpdesk.model.ticket import TicketState
from tests.e2e.post import Post, Side
from tests.mail_programs.draft import Writer
from tests.mail_programs.table import Desktop, Program

STAFF = """
[[staff]]
id = "mike"
public_name = "Mike"
email = "owen.tallis@northmail.example"
roles = ["lead", "admin"]
capacity = 0

[[staff]]
id = "dana"
public_name = "Dana"
email = "rosalind.fw@homepost.example"

[[staff]]
id = "sam"
public_name = "Sam"
email = "theo.quarrington@smallbox.example"
capacity = 1
"""
ALEX = Writer("Alex Winterbourne", "alex.winterbourne@freepost.example", "203.0.113.77", "DESKTOP-WINTERB")
MIKE = Writer(
    "Owen Tallis", "owen.tallis@northmail.example", "198.51.100.11", "owens-thinkpad", "Owen Tallis\n07700 900111"
)  # fmt: skip
DANA = Writer(
    "Rosalind Fairweather-Poole", "rosalind.fw@homepost.example", "198.51.100.23", "LAPTOP-ROSALIND",
    "Rosalind Fairweather-Poole\nYouth worker, Larkrise House\n07700 900123",
)  # fmt: skip
SAM = Writer(
    "Théo Quarrington", "theo.quarrington@smallbox.example", "198.51.100.42", "quarrington-mbp",
    "Théo Quarrington\nStockwell Boxing Club\n07700 900142",
)  # fmt: skip

SUBJECT = "Can’t go on like this"
FIRST = """Hello,

I don’t know what to do about my brother – he’s “changed”. He shouts at everybody in the café, and he hasn’t spoken \
with our mum since the summer.

Alex"""
ANSWER = """Hello Alex,

it was right to tell us. It isn’t your fault – and you aren’t the first to live through this; many brothers, sisters \
and friends have sat where you are sitting now.
Shall we talk on Thursday at two?

Dana"""
SECOND = """Thursday is fine.

He’s at home then, so I’ll be in the garden."""
NOTE = "Alex is shy, so please go gently; the garden is where nobody overhears."
TAKEN_OVER = """Hello Alex,

the garden is a good place. I’ll be the one who rings on Thursday, and I’ve got the whole afternoon.

Until then"""
LATE = """Hello Alex,

one thing I forgot: there’s no need to tell your brother about Thursday."""
THIRD = """We’ve talked, and it helped a lot – thank you.
I think I can manage for now."""
FAREWELL = """Then we’ll leave it here for now, Alex.

You can come back whenever you like; just answer this mail."""
BACK = """You said I could come back.

My brother has asked me “who was that on the phone?”, and I’d like to know what to say."""
AGAIN = """Of course you can, Alex.

You might tell him that it was a friend; and that he can ring us too."""


class TakeOver(StrEnum):
    """How the second staff member gets the ticket."""

    ASSIGNED = "#assign"
    TAKEN = "#take"
    ON_LEAVE = "#away"


@dataclass
class Conversation:
    """The sides, and each step; `states` is what the ticket was after each, `sent` what was written to us, by whom."""

    post: Post
    alex: Side
    mike: Side
    dana: Side
    sam: Side
    take_over: TakeOver
    states: list[TicketState | None] = field(default_factory=list)
    sent: list[tuple[Side, bytes]] = field(default_factory=list)

    @classmethod
    def between(cls, post: Post, programs: tuple[Program, Program, Program], take_over: TakeOver) -> Conversation:
        """Alex, Dana and whoever takes over at these programs; the lead where it is taken, since leads hear of what waits."""
        requester, first, second = programs
        return cls(
            post,
            alex=post.side(Desktop(ALEX, requester)),
            mike=post.side(Desktop(MIKE, second)),
            dana=post.side(Desktop(DANA, first)),
            sam=post.side(Desktop(SAM, second)),
            take_over=take_over,
        )

    @property
    def second(self) -> Side:
        """Whoever takes over."""
        return self.mike if self.take_over is TakeOver.TAKEN else self.sam

    @property
    def second_name(self) -> str:
        return "Mike" if self.take_over is TakeOver.TAKEN else "Sam"

    @property
    def is_late_let_go(self) -> bool:
        """Whether Dana sends what was held, once she has read why."""
        return self.take_over is TakeOver.ASSIGNED

    @property
    def staff(self) -> tuple[Side, ...]:
        return (self.mike, self.dana, self.sam)

    def play(self) -> None:
        """All of it; after each step the state of the ticket is kept, at the end every mailbox is read."""
        steps: tuple[Callable[[], None], ...] = (
            *(self.alex_writes, self.dana_answers, self.alex_answers, self.change_hands, self.both_answer),
            *(self.alex_is_well, self.close, self.alex_is_back, self.answer_again),
        )
        for step in steps:
            step()
            self.states.append(self.state())
        for side in self.post.sides.values():
            side.read_for_good()

    def state(self) -> TicketState | None:
        with self.post.application.store.reading() as uow:
            ticket = uow.tickets.by_number(1001)
        return ticket.state if ticket else None

    def alex_writes(self) -> None:
        self._send(self.alex, self.alex.desktop.write(SUBJECT, FIRST, self.post.clock.now()))

    def dana_answers(self) -> None:
        self._answer(self.dana, self.dana.last("A message is waiting"), ANSWER, signed=True)
        self.post.later(minutes=6)

    def alex_answers(self) -> None:
        self._answer(self.alex, self.alex.last(), SECOND)

    def change_hands(self) -> None:
        """Away from Dana: she gives it away, goes on leave, or lets it wait until the lead takes it."""
        if self.take_over is TakeOver.ASSIGNED:
            self._answer(self.dana, self.dana.last("A message is waiting"), f"#assign Sam\n\n{NOTE}")
        elif self.take_over is TakeOver.ON_LEAVE:
            self._answer(self.dana, self.dana.last("A message is waiting"), "#away until 13 November")
            self.post.later(minutes=1)
        else:
            self.post.later(hours=4, minutes=5)
            self.post.later(hours=22)
            self._answer(self.mike, self.mike.last("A message needs somebody"), "#take")

    def both_answer(self) -> None:
        """Whoever has it now, and Dana, who answers her old notice while that answer waits."""
        self._answer(self.second, self.second.last("A message is waiting"), TAKEN_OVER, signed=True)
        self._answer(self.dana, self.dana.last("A message is waiting"), LATE, minutes=2)
        if self.is_late_let_go:
            self._answer(self.dana, self.dana.last("Your reply"), "#send", minutes=1)
        self.post.later(minutes=6)

    def alex_is_well(self) -> None:
        self._answer(self.alex, self.alex.last(), THIRD)

    def close(self) -> None:
        self._answer(self.second, self.second.last("A message is waiting"), f"#close\n\n{FAREWELL}")
        self.post.later(minutes=6)

    def alex_is_back(self) -> None:
        self.post.restart()
        self.post.later(days=7)
        self._answer(self.alex, self.alex.last(), BACK)

    def answer_again(self) -> None:
        self._answer(self.second, self.second.last("A message is waiting"), AGAIN)
        self.post.later(minutes=6)
        # The copies of what was sent are made some minutes later.
        self.post.later(minutes=6)

    def _answer(self, side: Side, mail: bytes, words: str, *, minutes: float = 10, signed: bool = False) -> None:
        self.post.clock.advance(minutes=minutes)
        self._send(side, side.desktop.answer(mail, words, self.post.clock.now(), signed=signed and side.desktop.program.signs))

    def _send(self, side: Side, raw: bytes) -> None:
        self.sent.append((side, raw))
        self.post.send(raw)
