"""What a requester reads can be read at eleven: Flesch-Kincaid, counted here, in every situation."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from helpdesk.mail.templates import TemplateLibrary
from helpdesk.model.delivery import Purpose
from tests.mail.templates_ground import library, shipped

# Year 7 in England is grade 6 in the formula's terms.
GRADE = 6.0
LONGEST_SENTENCE = 25
TO_REQUESTERS = (Purpose.ACKNOWLEDGEMENT, Purpose.ACKNOWLEDGEMENT_AGAIN)
_VOWELS = re.compile(r"[aeiouy]+")


def syllables(word: str) -> int:
    """An estimate that is good enough for English: groups of vowels, without a silent e."""
    plain = re.sub(r"[^a-z]", "", word.casefold())
    silent = 1 if re.search(r"[^aeiouyl]e$|[^aeiouydt]ed$", plain) else 0
    return max(1, len(_VOWELS.findall(plain)) - silent)


def sentences(text: str) -> list[list[str]]:
    """The letter without its small print: each sentence, and each line of a list, as its words."""
    letter = text.partition("\n-- \n")[0]
    parts = re.split(r"(?<=[.!?])\s+|\n+", letter)
    found = [re.findall(r"[A-Za-z][A-Za-z']*", part) for part in parts]
    return [words for words in found if words]


def grade(text: str) -> float:
    said = sentences(text)
    words = [word for sentence in said for word in sentence]
    return 0.39 * len(words) / len(said) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59


@pytest.mark.parametrize(
    ("text", "at_least", "at_most"),
    [
        ("The cat sat on the mat. It was warm.", -5, 2),
        (
            "Notwithstanding the aforementioned organisational considerations, individuals requiring immediate professional "
            "intervention should communicate their circumstances to the appropriate authorities.",
            15,
            50,
        ),
    ],
    ids=["a primer", "a form"],
)
def test_the_grade_tells_a_primer_from_a_form(text: str, at_least: float, at_most: float) -> None:
    assert at_least <= grade(text) <= at_most


@pytest.mark.parametrize(
    ("word", "count"),
    [("cat", 1), ("message", 2), ("hate", 1), ("automatically", 6), ("table", 2), ("reached", 1), ("people", 2)],
)
def test_syllables_are_counted_as_they_are_spoken(word: str, count: int) -> None:
    assert syllables(word) == count


def _letters() -> list[tuple[str, str]]:
    sources: list[tuple[str, TemplateLibrary]] = [("file", shipped()), ("built-in", library(Path("no such directory")))]
    return [
        (f"{source} {purpose.value} {situation}", desk.preview(purpose, situation=situation).text)
        for source, desk in sources
        for purpose in TO_REQUESTERS
        for situation in desk.situations(purpose)
    ]


@pytest.mark.parametrize(("text"), [pytest.param(text, id=name) for name, text in _letters()])
def test_a_letter_can_be_read_at_eleven(text: str) -> None:
    assert grade(text) <= GRADE
    # Hours and dates make one sentence long; nothing else may be.
    assert [words for words in sentences(text) if len(words) > LONGEST_SENTENCE] == []
