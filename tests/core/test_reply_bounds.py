"""Mail that is built to be slow or is simply very long; the sizes would never end if anything were quadratic."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.core.reply import new_text
from helpdesk.core.reply.fold import MAX_LOOKED_AT

PIECES = [
    "> ",
    "On Mon, 2 Nov 2026 at 11:00, ",
    "<a@example.org>",
    " wrote:",
    "\n",
    "\n\n",
    "From: a",
    "Date: b",
    "Subject: c",
    "-- ",
]
MARKUP = ["<div class=gmail_quote>", "<blockquote type=cite>", "</div>", "</blockquote>", "<!--", "-->", "x", "<", ">", "&gt;"]

HOSTILE = {
    "newlines": "\n" * 20_000,
    "newlines and words": "a" + "\n" * 5_000_000 + "b",
    "quoted lines": "a\n" + "> b\n" * 100_000,
    "introductions in a row": "On On On wrote: " * 65_000,
    "introductions": "On On On wrote:\n" * 65_000,
    "open brackets": "<a@b 12:30 \n" * 40_000,
    "labels": "From: x\n" * 100_000,
    "signatures": "-- \n" * 100_000,
    "devices": "Sent from my iPhone\n" * 50_000,
    "notices": "this is confidential private privileged\n" * 20_000,
    "dashes": "-" * 1_000_000,
    "marks that nobody sees": "\ufeff" * 100_000 + "x",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_yields_text_of_its_own(text: str) -> None:
    assert new_text(text, "") in text.replace("\n" * 4, "\n" * 3) or new_text(text, "") in text


@pytest.mark.parametrize("piece", [*MARKUP, "<style>", "gmail_quote", "x<div gmail_quote ", "&#9", "border-top:solid "])
def test_hostile_markup_leaves_plain_words_alone(piece: str) -> None:
    assert new_text("Hello there", piece * 50_000) == "Hello there"


def test_long_mail_without_quote_is_kept_to_its_end() -> None:
    text = "word " * MAX_LOOKED_AT + "end"
    assert new_text(text, "") == text


def test_long_history_is_folded_to_its_end() -> None:
    text = "Yes.\n\n-----Original Message-----\n" + "word\n" * MAX_LOOKED_AT
    assert new_text(text, "") == "Yes."


def test_long_quote_is_folded_to_its_end() -> None:
    text = "Yes.\n\n" + "> word\n" * MAX_LOOKED_AT
    assert new_text(text, "") == "Yes."


def test_answer_below_a_long_quote_is_kept() -> None:
    text = "Hi.\n\n" + "> word\n" * MAX_LOOKED_AT + "\nYes."
    assert new_text(text, "") == text


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=40), st.lists(st.sampled_from(MARKUP), max_size=30))
def test_any_text_and_markup_give_a_text(pieces: list[str], markup: list[str]) -> None:
    text = "".join(pieces)
    new = new_text(text, "".join(markup))
    assert bool(new.strip()) == bool(text.strip())


@given(st.lists(st.text("abc xyz", min_size=1, max_size=12), min_size=1, max_size=12))
def test_words_without_any_sign_of_a_quote_are_all_kept(lines: list[str]) -> None:
    assert new_text("\n".join(lines), "").split() == "\n".join(lines).split()
