"""Whole mails, one file each: the body, a line that says "new text", and what of it is new."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpdesk.core.reply import new_text

SAMPLES = sorted((Path(__file__).parent.parent / "corpus" / "reply").glob("*.txt"))
DIVIDER = "=== new text ===\n"


def test_there_are_samples() -> None:
    assert SAMPLES


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.stem)
def test_sample_yields_its_new_text(sample: Path) -> None:
    body, divider, expected = sample.read_text(encoding="utf-8").partition(DIVIDER)
    assert divider
    assert new_text(body, "") == expected.rstrip("\n")


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.stem)
def test_new_text_of_new_text_is_itself(sample: Path) -> None:
    _, _, expected = sample.read_text(encoding="utf-8").partition(DIVIDER)
    assert new_text(expected, "") == expected.rstrip("\n")
