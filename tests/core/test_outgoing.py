"""Which words of a staff member's mail are theirs."""

from __future__ import annotations

import pytest

from helpdesk.core.outgoing import as_typed, own_words, repeats, unsigned, without_notice, words_below
from helpdesk.model.message import InboundMessage, Part

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


LONG = "thank you for telling us; it is not your fault, and you are not the first to live through this"
BROKEN = "thank you for telling us; it is not your fault, and you are not the first\nto live through this"


@pytest.mark.parametrize(
    ("plain", "page", "typed"),
    [
        (f"Hello,\n\n{BROKEN}\nThursday?", f"Hello,<br><br>{LONG}<br>Thursday?", f"Hello,\n\n{LONG}\nThursday?"),
        (BROKEN, BROKEN.replace("\n", "<br>"), BROKEN),
        (BROKEN, "", BROKEN),
        (
            "#note\nYes.Thursday is fine.",
            "<div>#note</div><div>Yes.</div><div>Thursday is fine.</div>",
            "#note\nYes.\nThursday is fine.",
        ),
        (f"*Yes*\n \n{BROKEN}", f"<b>Yes</b><p>{LONG}</p>", f"*Yes*\n\n{LONG}"),
        ("Hello,\n \n Thursday?", "<p>Hello,</p><p>Thursday?</p>", "Hello,\n\nThursday?"),
        ("#close\nGoodbye.", '<p style="white-space:pre-wrap">#close\nGoodbye.</p>', "#close\nGoodbye."),
        ("One.\n\nTwo.", "<p>One. Two.</p>", "One.\n\nTwo."),
        ("", "<p>Hello</p>", ""),
    ],
    ids=[
        "by a program",
        "by hand",
        "without a page",
        "Yahoo",
        "with a mark of the plain text",
        "spaces",
        "by a style",
        "joined",
        "empty",
    ],
)
def test_lines_are_those_that_their_writer_saw(plain: str, page: str, typed: str) -> None:
    pages = (Part("text/html", page),) if page else ()
    assert as_typed(plain, InboundMessage(text=plain, parts=(Part("text/plain", plain), *pages))) == typed


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        (
            "> On Monday, Mike wrote:\n>\n> Put #note on\n> the first line.\n\nThursday.",
            "> On Monday, Mike wrote:\n>\n\n\n\nThursday.",
        ),
        (" Put #note on the first line. \n Thursday.", "\n\n Thursday."),
        ("Above.\n\nPut #note on the first line.\nBelow.", "Above.\n\n\n\nBelow."),
        ("> Put #note on\nThis?\n> the first line.", "> Put #note on\nThis?\n> the first line."),
        ("Thursday.", "Thursday."),
    ],
    ids=["marked", "unmarked", "above and below", "answered inside", "not quoted"],
)
def test_a_notice_that_is_quoted_whole_is_cut_out(text: str, rest: str) -> None:
    assert without_notice(text, "- Put #note on the first line.") == rest
    assert without_notice(text, "") == text


def test_a_signature_is_left_out() -> None:
    assert unsigned("#note\nYes.\nNo.\n--\nAnn") == "#note\nYes.\nNo."
