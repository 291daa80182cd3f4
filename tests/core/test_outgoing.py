"""Which words of a staff member's mail are theirs."""

from __future__ import annotations

import pytest

from helpdesk.core.outgoing import own_words, repeats, words_below

THEIRS = "I do not know what to do about my brother, and nobody here would ever listen to me."


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("Hello Sam,\n\nThursday is fine.", "Hello Sam,\n\nThursday is fine."),
        ("> Can we talk?\nYes.\n\n> When?\n\nThursday.", "Yes.\n\nThursday."),
        ("Yes.\n\nOn Monday, Sam <sam@example.org> wrote:\n> Can we talk?", "Yes."),
        ("> only this", ""),
        ("Yes.\n\n\n\n\nNo.", "Yes.\n\nNo."),
        ("Yes.\n\n________________________________\n", "Yes."),
        ("________________________________\nFrom: Mike <info@exithate.org>\nSent: now\nTo: me\nSubject: x\n\nHello", ""),
        ("", ""),
    ],
    ids=["own", "between the lines", "introduction", "nothing", "gaps", "a rule", "a rule above a quoted mail", "empty"],
)
def test_quoted_lines_are_no_words_of_the_author(text: str, own: str) -> None:
    assert own_words(text) == own


EARLIER = "You are welcome here whenever you like to come."
NOTICE = f"Please open it where nobody else can see your screen. On Sunday we wrote: {EARLIER}"


@pytest.mark.parametrize(
    ("text", "is_repeated"),
    [
        ("Thursday is fine. Can you come at two? We are glad that you wrote.", False),
        ("You said: what to do about\nmy brother, AND NOBODY here. I do.", True),
        ("You do not know what to do, and I do.", False),
        ("Please open it where nobody else can see your screen", True),
        (EARLIER, False),
        ("", False),
    ],
    ids=["new words", "a stretch of theirs", "a few", "the notice", "an earlier answer in its history", "none"],
)
def test_a_stretch_of_somebody_elses_words_is_noticed(text: str, is_repeated: bool) -> None:
    assert repeats(text, [THEIRS], NOTICE, f"{THEIRS}\nOn Sunday we wrote: {EARLIER}") is is_repeated


@pytest.mark.parametrize(
    ("text", "below"),
    [
        (
            "From: Mike\nSent: now\n\nPlease open it where\nnobody else can see.\n\nThursday is fine.\n\nAnn",
            "Thursday is fine.\n\nAnn",
        ),
        ("Please open it where nobody else\n\nYes\n\nSent from my iPhone", "Yes"),
        ("Please open it where nobody else can see your screen.", ""),
        ("Something else altogether", ""),
        ("Please open\nYes", ""),
    ],
    ids=["below", "a phone", "nothing below", "no notice", "too few words to tell"],
)
def test_words_below_a_notice_that_is_quoted_without_a_mark_are_found(text: str, below: str) -> None:
    assert words_below(text, NOTICE) == below
