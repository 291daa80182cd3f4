"""Reads what a staff member asks of the desk at the top of a mail: `#note`, `#close`, `#away until friday`.

Carries nothing out. When in doubt it reads nothing into a line: what is not understood is answered, and no word of that mail
is passed on.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import StrEnum

from helpdesk.core.reply.attribution import INVISIBLE

# A phone makes "#Note" of it, a keyboard for Chinese a wide sign, and a mail program sets it in bold.
_LINE = re.compile(r"[*_\s>]*[#\uff03]\s?([^\W\d_][\w-]*)[*_]*[ \t]*[:.,!]?[ \t]*(.*?)[*_\s]*")
_LOOKS_LIKE = 0.6
# Wherever it stands, and whatever signs stand about it: its writer meant it for us. In a link it means something else.
_ANYWHERE = r"(?<![^\W_]|[/&?=])[#\uff03\ufe5f](?:(?!\n)[\W_]){{0,5}}({})(?![^\W\d_])"
# On a British keyboard that is set to American the # is a pound sign, and others come from other programs. "Note that we are
# closed on Friday" is for the person.
_MEANT_NOTE = re.compile(r"[\W\d_]*(?:[^\w\s]\s*note\b|note\s*(?:$|[^\w\s]|_)|hash ?tag\s+note\b).*", re.IGNORECASE)


class Verb(StrEnum):
    """What may be asked for; the value is the word behind the #."""

    NOTE = "note"
    CLOSE = "close"
    TAKE = "take"
    ASSIGN = "assign"
    PENDING = "pending"
    URGENT = "urgent"
    PERSON = "person"
    STOP = "stop"
    SEND = "send"
    AWAY = "away"
    BACK = "back"
    HELP = "help"


_VERBS = {verb.value: verb for verb in Verb}
_SEEMS_COMMAND = re.compile(_ANYWHERE.format("|".join(_VERBS)), re.IGNORECASE)
_WITH_ARGUMENT = frozenset({Verb.ASSIGN, Verb.AWAY})
# What these say can't go together with a reply that is under way, or with each other.
_ALONE = frozenset({Verb.STOP, Verb.SEND, Verb.HELP})


@dataclass(frozen=True, slots=True)
class Command:
    """One line that was understood; `argument` is what stands behind the word."""

    verb: Verb
    argument: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Instructions:
    """What a mail asks for, and the words below it. With a `problem`, a sentence for its writer, nothing may be done."""

    commands: tuple[Command, ...] = ()
    text: str = field(default="", repr=False)
    problem: str = field(default="", repr=False)

    def has(self, verb: Verb) -> bool:
        return any(command.verb is verb for command in self.commands)


def parse_commands(new_text: str) -> Instructions:
    """The commands on the first lines of a mail, up to the first line without one."""
    lines = new_text.splitlines()
    commands: list[Command] = []
    noted: list[str] = []
    for number, line in enumerate(lines):
        if not line.strip():
            continue
        found = _LINE.fullmatch(_seen(line))
        if found is None:
            return _checked(commands, noted, lines[number:])
        verb = _VERBS.get(found[1].casefold())
        if verb is None:
            return Instructions(problem=_unknown(found[1]))
        if verb is Verb.NOTE and found[2]:
            noted.append(found[2])
        elif verb not in _WITH_ARGUMENT and re.search(r"\w", found[2]):
            return Instructions(problem=f"#{verb} has to stand on a line of its own, without other words behind it.")
        commands.append(Command(verb, found[2] if verb is Verb.NOTE or verb in _WITH_ARGUMENT else ""))
    return _checked(commands, noted, [])


def _checked(commands: list[Command], noted: list[str], rest: list[str]) -> Instructions:
    verbs = {command.verb for command in commands}
    alone = verbs & _ALONE
    if alone and len(verbs) > 1:
        return Instructions(problem=f"#{min(alone)} can't go together with another command.")
    if {Verb.CLOSE, Verb.PENDING} <= verbs:
        return Instructions(problem="#close can't go together with #pending.")
    if misplaced := _misplaced([_seen(line) for line in rest], is_note=Verb.NOTE in verbs):
        return Instructions(problem=f"#{misplaced} has to stand above all other words, at the top of the mail.")
    if Verb.NOTE not in verbs and rest and _MEANT_NOTE.fullmatch(_seen(rest[0])):
        return Instructions(problem="Did you mean a note? Then write #note at the top of the mail.")
    empty = next((each for each in commands if each.verb in _WITH_ARGUMENT and not each.argument), None)
    if empty:
        example = "#assign Dana" if empty.verb is Verb.ASSIGN else "#away until 14 December"
        return Instructions(problem=f"#{empty.verb} needs a word more. Write for example: {example}")
    return Instructions(tuple(commands), "\n".join((*noted, *rest)).strip())


def _seen(line: str) -> str:
    """What an eye sees of it. Only for reading: without their joiners some writings, and some signs, fall apart."""
    return INVISIBLE.sub("", line)


def _misplaced(rest: list[str], *, is_note: bool) -> str:
    """The command that stands below or among other words; a note, which stays among us, may speak of one."""
    lines = (found[1].casefold() for line in rest if (found := _LINE.fullmatch(line)))
    found = None if is_note else _SEEMS_COMMAND.search("\n".join(rest))
    return found[1].casefold() if found else next((word for word in lines if word in _VERBS), "")


def _unknown(word: str) -> str:
    close = get_close_matches(word.casefold(), _VERBS, 1, _LOOKS_LIKE)
    return f"There is no command #{word}. Did you mean #{close[0]}?" if close else f"There is no command #{word}."
