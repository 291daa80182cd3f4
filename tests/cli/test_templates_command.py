"""`helpdesk templates`, as an admin types it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Command


@pytest.fixture
def words(desk_folder: Path) -> Path:
    """The file with the words of the acknowledgement."""
    return desk_folder / "templates" / "acknowledgement.md"


def test_list_names_each_template_and_what_serves(helpdesk: Command) -> None:
    said = helpdesk("templates", "list")
    assert said.code == 0
    assert "acknowledgement_again" in said.out
    assert "templates/acknowledgement.md" in said.out


def test_list_as_json_is_a_list_of_objects(helpdesk: Command) -> None:
    rows = json.loads(helpdesk("templates", "list", "--json").out)
    first = {"template": "acknowledgement", "language": "en", "serving": "file", "file": "templates/acknowledgement.md"}
    assert rows[0] == first
    assert len(rows) >= 6


def test_list_shows_that_a_broken_template_does_not_serve(helpdesk: Command, words: Path) -> None:
    words.write_text("Subject: Your message\n\nHello {{ nobody.knows }}\n")
    rows = json.loads(helpdesk("templates", "list", "--json").out)
    assert [row["serving"] for row in rows if row["file"].endswith("/acknowledgement.md")] == ["built-in"]


def test_list_names_a_file_outside_the_folder_by_its_whole_path(
    helpdesk: Command, desk_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("words")
    (desk_folder / "templates").rename(elsewhere / "templates")
    with (desk_folder / ".env").open("a") as settings:
        settings.write(f"HELPDESK_TEMPLATES_DIR='{elsewhere / 'templates'}'\n")
    rows = json.loads(helpdesk("templates", "list", "--json").out)
    assert rows[0]["file"] == str(elsewhere / "templates" / "acknowledgement.md")


def test_check_finds_the_shipped_templates_in_order_but_for_the_unchecked_draft(helpdesk: Command, words: Path) -> None:
    said = helpdesk("templates", "check", "--json")
    assert said.code == 0
    assert [(each["where"], each["warning"]) for each in json.loads(said.out)] == [
        ("templates/acknowledgement.cy.md, line 1", True)
    ]
    words.with_name("acknowledgement.cy.md").unlink()
    assert "Every template is in order" in helpdesk("templates", "check").out
    assert json.loads(helpdesk("templates", "check", "--json").out) == []


def test_an_unchecked_draft_is_listed_as_such_and_can_be_previewed(helpdesk: Command) -> None:
    rows = json.loads(helpdesk("templates", "list", "--json").out)
    assert [row["serving"] for row in rows if row["language"] == "cy"] == ["not used: nobody has checked it"]
    assert "Diolch am ysgrifennu." in helpdesk("templates", "preview", "acknowledgement", "--language", "cy").out


def test_check_tells_every_mistake_with_its_line_and_ends_with_one(helpdesk: Command, desk_folder: Path, words: Path) -> None:
    words.write_text(words.read_text().replace("Hello", "Hello {{ requester.nmae }}"))
    again = desk_folder / "templates" / "acknowledgement_again.md"
    again.write_text(again.read_text().replace("Hello", "Call 020 7946 0000"))
    said = helpdesk("templates", "check")
    assert said.code == 1
    assert "templates/acknowledgement.md" in said.out
    assert "templates/acknowledgement_again.md, line " in said.out
    assert "Until then" in said.out


def test_check_with_warnings_alone_ends_well_and_shows_them(helpdesk: Command, words: Path) -> None:
    words.write_text(words.read_text().replace("You can delete this note.", "What you write stays confidential."))
    said = helpdesk("templates", "check", "--json")
    assert said.code == 0
    assert [problem["warning"] for problem in json.loads(said.out)] == [True, True]
    assert "2 to think about" in helpdesk("templates", "check").out


def test_preview_shows_the_mail_in_its_usual_situation(helpdesk: Command) -> None:
    said = helpdesk("templates", "preview", "acknowledgement")
    assert said.code == 0
    assert said.out.startswith("Subject: Your message\n")
    assert "You Are Not Alone." in said.out


def test_preview_of_a_broken_template_says_what_is_shown_and_why(helpdesk: Command, words: Path) -> None:
    assert helpdesk("templates", "preview", "acknowledgement").err == ""
    words.write_text("Subject: Your message\n\nHello {{ nobody.knows }}\n")
    said = helpdesk("templates", "preview", "acknowledgement")
    assert said.code == 0
    assert said.out.startswith("Subject: Your message\n")
    assert said.err == (
        "templates/acknowledgement.md, line 3: This template knows no “nobody.knows”. The built-in text is shown.\n"
    )


def test_preview_takes_a_situation(helpdesk: Command) -> None:
    said = helpdesk("templates", "preview", "acknowledgement", "--situation", "closed until Monday")
    assert "Monday 9 November" in said.out
    assert "Monday 9 November" not in helpdesk("templates", "preview", "acknowledgement").out


def test_preview_of_an_unknown_situation_names_those_that_there_are(helpdesk: Command) -> None:
    said = helpdesk("templates", "preview", "acknowledgement", "--situation", "on the moon")
    assert said.code == 1
    assert "closed over Christmas" in said.err


def test_preview_of_an_unknown_template_is_wrong_usage(helpdesk: Command) -> None:
    assert helpdesk("templates", "preview", "farewell").code == 2


def test_preview_shows_a_translation_that_nobody_has_checked(helpdesk: Command, desk_folder: Path) -> None:
    english = (desk_folder / "templates" / "acknowledgement.md").read_text()
    welsh = desk_folder / "templates" / "acknowledgement.cy.md"
    welsh.write_text(english.replace("Thank you for writing.", "Diolch am ysgrifennu."))
    said = helpdesk("templates", "preview", "acknowledgement", "--language", "cy", "--json")
    shown = json.loads(said.out)
    assert shown["language"] == "cy"
    assert "Diolch am ysgrifennu." in shown["text"]


def test_preview_in_a_language_without_a_template_is_english(helpdesk: Command) -> None:
    assert json.loads(helpdesk("templates", "preview", "acknowledgement", "--language", "fr", "--json").out)["language"] == "en"


def test_preview_writes_the_html_to_a_file(helpdesk: Command, desk_folder: Path) -> None:
    said = helpdesk("templates", "preview", "acknowledgement", "--html", "mail.html")
    assert said.code == 0
    assert "mail.html" in said.out
    page = (desk_folder / "mail.html").read_text(encoding="utf-8")
    assert 'lang="en"' in page
    assert 'href="tel:' in page


def test_preview_that_can_not_write_its_file_says_so(helpdesk: Command) -> None:
    said = helpdesk("templates", "preview", "acknowledgement", "--html", "no/such/folder/mail.html")
    assert said.code == 1
    assert "can't be written" in said.err
