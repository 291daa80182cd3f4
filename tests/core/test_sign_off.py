"""A signature without its "-- " is left out where it is plain, and no word of an author is."""

from __future__ import annotations

import pytest

from helpdesk.core.sign_off import SignedText, is_sign_off, split_signature

PUBLIC = ("info@exithate.org", "116 123", "0800 1111")
WORDS = "Hello Sam,\n\nThursday is fine.\n\n"


def split(text: str) -> SignedText:
    return split_signature(text, "Rosalind Jones", "Dana", PUBLIC)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Kind regards\nRosalind Jones\n07700 900123", "Kind regards"),
        (
            "Kind regards,\n\nRosalind Jones\nYouth worker, Larkrise House\n\nTel. 01632 960 123\nwww.example.org\n",
            "Kind regards,",
        ),
        ("Best wishes\n*Rosalind*\nrosalind@example.net", "Best wishes"),
        ("Many thanks!\nR. Jones | M: +44 7700 900123", None),
        ("Thanks\nRosalind", "Thanks"),
        (
            "Kind regards\n\nRosalind Jones BA (Hons)\nYouth Worker | Larkrise\nT: 01632 960123 | E: r@x.example\n",
            "Kind regards",
        ),
        ("Rosalind Jones (she/her)\n01632 960123", ""),
        ("Kind regards\nDana\n07700 900123", "Kind regards\nDana"),
        ("Rosalind Jones\nMobile phone: (01632) 960123", ""),
        ("With warmest regards\nROSALIND\n12 High Street, Leeds\n01632 960123", "With warmest regards"),
    ],
    ids=[
        "name and number",
        "a whole one",
        "an address",
        "all on a line",
        "a name",
        "a degree",
        "pronouns",
        "a public name",
        "no closing",
        "a street",
    ],
)
def test_a_signature_is_left_out_and_the_words_above_it_stay(text: str, words: str | None) -> None:
    signed = split(WORDS + text)
    assert signed.words == (WORDS + text if words is None else (WORDS + words).rstrip())
    assert bool(signed.signature) is (words is not None)


@pytest.mark.parametrize(
    "text",
    [
        "Kind regards\nDana",
        "Kind regards\nDana\n\nPS. 01632 960123",
        "Kind regards\nDana\nRing me on 07700 900123",
        "Kind regards\nRosalind\nSee you on Thursday\n07700 900123",
        "Take care\nDana\nSamaritans 116 123",
        "Take care\nDana\nwww.example.org\nWrite to info@exithate.org",
        "Kind regards\nDana\nLarkrise House",
        "Kind regards\nThe clinic\n01632 960123",
        "Rosalind\n07700 900123",
        "Rosalind Jones will call you\n07700 900123",
        "Ask for:\n\nRosalind Jones, Larkrise House",
        "You met Rosalind Jones\n07700 900123",
        "Kind regards\nDana\n" + "One more line\n" * 8 + "01632 960123",
        "Kind regards\nDana\nA very long line that goes on and on with many words of somebody 01632 960123",
        "Kind regards\nDana\n" + "x" * 90 + " 01632 960123",
        "Rosalind Jones " * 8 + "\n01632 960123",
    ],
)
def test_what_may_be_words_stays(text: str) -> None:
    assert split(WORDS + text) == SignedText(WORDS + text)


@pytest.mark.parametrize("text", ["", "Dana", "Rosalind Jones\n07700 900123", "\n\nRosalind Jones\n07700 900123"])
def test_nothing_but_a_signature_is_left_to_the_guard(text: str) -> None:
    assert split(text) == SignedText(text)


@pytest.mark.parametrize(
    ("text", "is_all"),
    [
        ("Thanks!", True),
        ("Dana", True),
        ("Kind regards,\n\nRosalind Jones\nYouth worker\n07700 900123", True),
        ("Kind regards\nYouth worker", False),
        ("Thursday is fine.\n\nDana", False),
        ("Dana\nSee you on Thursday", False),
        ("", False),
    ],
)
def test_what_ends_every_mail_is_told_from_an_answer(text: str, is_all: bool) -> None:
    assert is_sign_off(text, "Rosalind Jones", "Dana") is is_all
