"""What a staff member asks for at the top of a mail."""

from __future__ import annotations

import pytest

from helpdesk.core.commands import Command, Instructions, Verb, parse_commands


@pytest.mark.parametrize(
    ("text", "commands", "rest"),
    [
        ("Hello Sam", (), "Hello Sam"),
        ("#note\nThey called.", (Command(Verb.NOTE),), "They called."),
        ("#note They called.\nTwice.", (Command(Verb.NOTE, "They called."),), "They called.\nTwice."),
        ("\n\n#close\n\nGoodbye", (Command(Verb.CLOSE),), "Goodbye"),
        ("#Close", (Command(Verb.CLOSE),), ""),
        ("# close", (Command(Verb.CLOSE),), ""),
        ("#close.", (Command(Verb.CLOSE),), ""),
        ("*#close*", (Command(Verb.CLOSE),), ""),
        ("#urgent!!!", (Command(Verb.URGENT),), ""),
        ("＃close", (Command(Verb.CLOSE),), ""),
        ("#take\n#urgent\nHello", (Command(Verb.TAKE), Command(Verb.URGENT)), "Hello"),
        ("#assign Dana\nShe knows him.", (Command(Verb.ASSIGN, "Dana"),), "She knows him."),
        ("#away until 14 December", (Command(Verb.AWAY, "until 14 December"),), ""),
        ("#send", (Command(Verb.SEND),), ""),
        ("\u200b#\u200bno\u00adte They called.", (Command(Verb.NOTE, "They called."),), "They called."),
        ("#close\nخانه\u200cها", (Command(Verb.CLOSE),), "خانه\u200cها"),
        ("#note\nHe asked what #help does.", (Command(Verb.NOTE),), "He asked what #help does."),
        ("Note that we are closed on Friday.", (), "Note that we are closed on Friday."),
        ("Notes are at https://www.example.org/us#help", (), "Notes are at https://www.example.org/us#help"),
        ("It is flat #3.\nNote the red door, #3 close to the church.",
         (), "It is flat #3.\nNote the red door, #3 close to the church."),
        ("Our room is #3.\n#1 is taken", (), "Our room is #3.\n#1 is taken"),
        ("", (), ""),
    ],
    ids=[
        *("none", "note", "note on its line", "blank lines", "a phone", "a space", "a full stop", "bold", "signs", "wide sign"),
        *("two", "assign", "away", "send", "letters that nobody sees", "joiners"),
        *("a note of a command", "note as a word", "a link", "a house number", "a number is no command", "empty"),
    ],
)  # fmt: skip
def test_commands_stand_above_the_words(text: str, commands: tuple[Command, ...], rest: str) -> None:
    assert parse_commands(text) == Instructions(commands, rest)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("#clsoe\nGoodbye", "There is no command #clsoe. Did you mean #close?"),
        ("#notes\nsecret", "There is no command #notes. Did you mean #note?"),
        ("#xyzzy", "There is no command #xyzzy."),
        ("#take\n#clse", "There is no command #clse. Did you mean #close?"),
        ("#close thank you", "#close has to stand on a line of its own, without other words behind it."),
        ("Hello Sam,\n#note she is a child", "#note has to stand above all other words, at the top of the mail."),
        ("#assign", "#assign needs a word more. Write for example: #assign Dana"),
        ("#away", "#away needs a word more. Write for example: #away until 14 December"),
        ("#stop\n#send", "#send can't go together with another command."),
        ("#close\n#stop", "#stop can't go together with another command."),
        ("#pending\n#close\nHello", "#close can't go together with #pending."),
    ],
    ids=[
        "typo",
        "plural",
        "unknown",
        "second",
        "words behind",
        "too late",
        "nobody",
        "no day",
        "both",
        "with another",
        "two ends",
    ],
)
def test_what_is_not_understood_lets_nothing_be_done(text: str, problem: str) -> None:
    assert parse_commands(text) == Instructions(problem=problem)


def test_instructions_know_what_they_hold() -> None:
    instructions = parse_commands("#take\nHello")
    assert instructions.has(Verb.TAKE)
    assert not instructions.has(Verb.NOTE)


@pytest.mark.parametrize(
    "text",
    [
        *("Hello Sam, #note she is a child", "She is a child #note", "#  note she is a child", "##note she is a child"),
        *("- #note she is a child", "1. #note she is a child", "\u2022 #note she is a child", "\\#note she is a child"),
        *("(#note) she is a child", "\u201c#note\u201d she is a child", "`#note` she is a child", "#*note* she is a child"),
        *("*#*note she is a child", "_#_note she is a child", "#\ufe0f\u20e3note she is a child", "\ufe5fnote she is a child"),
        *("\u00a3note she is a child", "/note she is a child", "@note she is a child", "note# she is a child"),
        *("note: she is a child", "Note\nshe is a child", "hashtag note she is a child", "#take\nnote: she is a child"),
    ],
)
def test_what_may_have_been_meant_for_a_note_is_not_passed_on(text: str) -> None:
    instructions = parse_commands(text)
    assert "#note" in instructions.problem
    assert instructions.text == ""
