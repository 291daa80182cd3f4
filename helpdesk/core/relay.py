"""Whether a reply of a staff member goes out by itself, or waits until they say so. Pure: it knows what was found, and decides.

Whatever holds a reply is said to its author alone, who sees what the person would get.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from helpdesk.model.ticket import Ticket, TicketState


@dataclass(frozen=True, slots=True)
class ReplyFacts:
    """What is known of a reply that is about to go.

    `ticket` is as it was before this mail changed it. `holder` is the public name of whoever else has it, `others` say in a
    sentence each who else is answering. `private`, `unfit` and `unclean` are what the leak guard found: words, and files with
    the reason why they can't be cleaned. `was_restored`: the mail came between a backup and the day when that was put back.
    """

    ticket: Ticket
    holder: str = ""
    wrote_since: bool = False
    others: tuple[str, ...] = ()
    private: tuple[str, ...] = field(default=(), repr=False)
    unfit: tuple[str, ...] = field(default=(), repr=False)
    unclean: tuple[str, ...] = field(default=(), repr=False)
    repeats: bool = False
    is_unreachable: bool = False
    is_cut: bool = False
    seems_automatic: bool = False
    was_restored: bool = False


def reasons_to_hold(facts: ReplyFacts) -> tuple[str, ...]:
    """Why the reply waits for its author, in sentences; none where it may go by itself."""
    reasons: list[str] = []
    if facts.ticket.state is TicketState.CLOSED:
        reasons.append("The ticket was closed in the meantime.")
    if facts.holder:
        reasons.append(f"The ticket is with {facts.holder} now. With #take you make it yours.")
    if facts.wrote_since:
        reasons.append("The person has written again since the notice that you answered. Please read that first.")
    reasons += facts.others
    if facts.private:
        reasons.append(f"It holds what must stay among us: {_listed(facts.private)}.")
    if facts.unfit:
        reasons.append(f"It holds what may belong in a note, or be yours alone: {_listed(facts.unfit)}.")
    reasons += [f"A file can't be made safe: {each}." for each in facts.unclean]
    if facts.repeats:
        reasons.append("It seems to quote the person, or our notice to you.")
    if facts.is_unreachable:
        reasons.append("Mail to this person came back.")
    if facts.is_cut:
        reasons.append("Your mail was too large to be read whole, so something of it may be missing.")
    if facts.seems_automatic:
        reasons.append("It reads as if your mail program had answered while you are away.")
    if facts.was_restored:
        reasons.append("A backup was put back since you wrote it, so it may have gone out already.")
    return tuple(reasons)


def _listed(words: tuple[str, ...]) -> str:
    return ", ".join(f"“{word}”" for word in words)
