from __future__ import annotations

import pytest

from helpdesk.core.greeting import greeting_name


@pytest.mark.parametrize(
    ("display_name", "name"),
    [
        ("Sam", "Sam"),
        ("  Sam   Person ", "Sam Person"),
        ("Siân O’Neill-Jones", "Siân O’Neill-Jones"),
        ("آمنہ", "آمنہ"),
        ("", ""),
        ("sam@example.org", ""),
        ("Visit www.example.org", ""),
        ("Sam 1488", ""),
        ("-Sam", ""),
        ("'", ""),
        ("S" * 41, ""),
        ("S" * 40, "S" * 40),
        ("Sam\nBcc", "Sam Bcc"),
    ],
    ids=range(13),
)
def test_only_a_plain_name_is_used(display_name: str, name: str) -> None:
    assert greeting_name(display_name) == name
