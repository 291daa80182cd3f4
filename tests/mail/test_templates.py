"""The library: which version serves, and that a mail always comes out."""

from __future__ import annotations

import os
import re
from datetime import date
from pathlib import Path

import pytest

from helpdesk.errors import NotFound
from helpdesk.mail.builtin import builtin_source
from helpdesk.mail.links import Linker
from helpdesk.mail.markup import Markup
from helpdesk.mail.template_render import MAX_PAGES, CompiledTemplate
from helpdesk.mail.template_samples import situations_of
from helpdesk.mail.template_values import CATALOGUE, GROUPS, LIST, Shape
from helpdesk.mail.templates import Serving, TemplateLibrary
from helpdesk.model.delivery import Purpose
from helpdesk.model.template import Values
from tests.mail.templates_ground import (
    ACKNOWLEDGEMENT,
    ORGANISATION,
    SHIPPED,
    SIGNPOSTS,
    library,
    shipped,
    values,
    with_line,
    write,
)

ACK = Purpose.ACKNOWLEDGEMENT
BROKEN = with_line("{{ office.opens_att }}")


def serving(directory: Path, purpose: Purpose = ACK, language: str = "en") -> dict[tuple[Purpose, str], Serving]:
    return {(info.name, info.language): info.serving for info in library(directory).names()}


def test_the_shipped_templates_have_no_problem_and_the_welsh_draft_waits_for_its_reader() -> None:
    desk = shipped()
    assert [(each.where, each.warning) for each in desk.check()] == [(f"{SHIPPED / 'acknowledgement.cy.md'}, line 1", True)]
    assert desk.refresh() == ()
    english = [info for info in desk.names() if info.language == "en"]
    assert {info.serving for info in english} == {Serving.FILE}
    assert [info.name for info in english] == list(Purpose)
    assert [(info.name, info.serving) for info in desk.names() if info.language == "cy"] == [(ACK, Serving.UNCHECKED)]
    assert desk.render(ACK, "cy", values(ACK)).language == "en"
    assert desk.preview(ACK, "cy").text.startswith("Helo,")


def test_a_changed_file_serves_without_a_restart(tmp_path: Path) -> None:
    write(tmp_path, "acknowledgement.md", ACKNOWLEDGEMENT)
    desk = library(tmp_path)
    write(tmp_path, "acknowledgement.md", with_line("We have a new kettle."))
    assert desk.refresh() == ()
    assert "We have a new kettle." in desk.render(ACK, "en", values(ACK)).text


def test_a_changed_piece_serves_without_a_restart(tmp_path: Path) -> None:
    write(tmp_path, "_kettle.md", "An old kettle.")
    write(tmp_path, "acknowledgement.md", with_line('{% include "_kettle" %}'))
    desk = library(tmp_path)
    assert "An old kettle." in desk.render(ACK, "en", values(ACK)).text
    write(tmp_path, "_kettle.md", "A new kettle.")
    assert desk.refresh() == ()
    assert "A new kettle." in desk.render(ACK, "en", values(ACK)).text


def test_the_last_good_version_serves_while_the_file_is_broken(tmp_path: Path) -> None:
    path = write(tmp_path, "acknowledgement.md", with_line("We have a kettle."))
    desk = library(tmp_path)
    write(tmp_path, "acknowledgement.md", BROKEN)
    problems = desk.refresh()
    assert [(problem.where, problem.warning) for problem in problems] == [(f"{path}, line 14", False)]
    assert "office.opens_at" in problems[0].remedy
    assert desk.refresh() == ()
    assert "We have a kettle." in desk.render(ACK, "en", values(ACK)).text
    assert desk.names()[0].serving is Serving.LAST_GOOD
    write(tmp_path, "acknowledgement.md", with_line("Mended."))
    assert desk.refresh() == ()
    assert "Mended." in desk.render(ACK, "en", values(ACK)).text
    assert desk.names()[0].serving is Serving.FILE


def test_a_broken_piece_leaves_the_old_one_in_every_template(tmp_path: Path) -> None:
    write(tmp_path, "_kettle.md", "An old kettle.")
    write(tmp_path, "acknowledgement.md", with_line('{% include "_kettle" %}'))
    desk = library(tmp_path)
    (tmp_path / "_kettle.md").write_bytes(b"A new k\xffttle, on a new line.")
    problems = desk.refresh()
    assert [problem.where for problem in problems] == [f"{tmp_path}/_kettle.md, line 1"]
    assert "An old kettle." in desk.render(ACK, "en", values(ACK)).text


def test_one_broken_file_does_not_keep_back_the_others(tmp_path: Path) -> None:
    write(tmp_path, "acknowledgement.md", BROKEN)
    write(tmp_path, "acknowledgement_again.md", with_line("The other one."))
    desk = library(tmp_path)
    again = Purpose.ACKNOWLEDGEMENT_AGAIN
    assert "The other one." in desk.render(again, "en", values(again)).text


def test_a_fresh_start_with_a_broken_file_serves_the_built_in_one(tmp_path: Path) -> None:
    write(tmp_path, "acknowledgement.md", BROKEN)
    desk = library(tmp_path)
    assert len(desk.refresh()) == 1
    assert desk.refresh() == ()
    assert desk.names()[0].serving is Serving.BUILT_IN
    rendered = desk.render(ACK, "en", values(ACK))
    assert rendered.subject == "Your message"
    assert "You Are Not Alone." in rendered.text


def test_a_missing_directory_is_one_problem_and_stops_nothing(tmp_path: Path) -> None:
    desk = library(tmp_path / "nowhere")
    problems = desk.refresh()
    assert [problem.what.partition(". ")[0] for problem in problems] == ["There is no such folder"]
    assert [problem.warning for problem in problems] == [False]
    assert "HELPDESK_TEMPLATES_DIR" in problems[0].remedy
    assert desk.check() == problems
    assert desk.refresh() == ()
    assert "You Are Not Alone." in desk.render(ACK, "en", values(ACK)).text


def test_a_directory_that_goes_away_is_one_problem_and_not_one_for_each_file(tmp_path: Path) -> None:
    directory = tmp_path / "templates"
    directory.mkdir()
    path = write(directory, "acknowledgement.md", with_line("We have a kettle."))
    desk = library(directory)
    path.unlink()
    directory.rmdir()
    assert [problem.where for problem in desk.refresh()] == [str(directory)]
    assert "We have a kettle." in desk.render(ACK, "en", values(ACK)).text


def test_a_file_that_goes_away_serves_on_and_is_told_once(tmp_path: Path) -> None:
    path = write(tmp_path, "acknowledgement.md", with_line("We have a kettle."))
    desk = library(tmp_path)
    path.unlink()
    assert [problem.where for problem in desk.refresh()] == [str(path)]
    assert desk.refresh() == ()
    assert "We have a kettle." in desk.render(ACK, "en", values(ACK)).text
    assert desk.names()[0].serving is Serving.LAST_GOOD


def test_a_file_that_can_not_be_read_any_more_serves_on_and_says_why(tmp_path: Path) -> None:
    path = write(tmp_path, "acknowledgement.md", with_line("We have a kettle."))
    desk = library(tmp_path)
    path.unlink()
    path.write_bytes(b"Subject: \xff")
    assert [problem.what for problem in desk.refresh()] == ["This line is not UTF-8 text."]
    assert "We have a kettle." in desk.render(ACK, "en", values(ACK)).text
    write(tmp_path, "acknowledgement.md", with_line("We have a kettle."))
    assert desk.refresh() == ()
    assert desk.names()[0].serving is Serving.FILE


def test_a_translation_that_goes_away_is_told_by_its_name(tmp_path: Path) -> None:
    write(tmp_path, "acknowledgement.md", ACKNOWLEDGEMENT)
    path = write(tmp_path, "acknowledgement.cy.md", ACKNOWLEDGEMENT.replace("\n", "\nChecked-by: Siân Price 2026-11-03\n", 1))
    desk = library(tmp_path)
    path.unlink()
    assert [problem.where for problem in desk.refresh()] == [str(path)]


def test_an_unchanged_directory_is_not_read_again(tmp_path: Path) -> None:
    path = write(tmp_path, "acknowledgement.md", with_line("One kettle."))
    desk = library(tmp_path)
    status = path.stat()
    # The same size, time and inode: what refresh goes by. Read again, the change would be seen.
    path.write_text(with_line("Two kettle."), encoding="utf-8")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert desk.refresh() == ()
    assert "One kettle." in desk.render(ACK, "en", values(ACK)).text


def test_a_file_saved_again_unchanged_tells_nothing_new(tmp_path: Path) -> None:
    write(tmp_path, "acknowledgement.md", BROKEN)
    desk = library(tmp_path)
    assert len(desk.refresh()) == 1
    write(tmp_path, "acknowledgement.md", BROKEN)
    assert desk.refresh() == ()


@pytest.mark.parametrize("purpose", list(Purpose))
@pytest.mark.parametrize("wrong", [{}, {"office": ()}, {"office": {"open": True}}, {"message": {"new_text": None}}], ids=str)
def test_render_gives_a_mail_whatever_values_come(purpose: Purpose, wrong: Values) -> None:
    rendered = shipped().render(purpose, "en", wrong)
    assert rendered.subject
    assert rendered.text.strip()
    assert rendered.html.startswith("<!DOCTYPE html>")


def test_a_template_that_fails_on_real_values_is_told_at_the_next_refresh() -> None:
    desk = shipped()
    desk.render(ACK, "en", {})
    desk.render(ACK, "en", {})
    problems = desk.refresh()
    assert len(problems) == 1
    assert re.fullmatch(r".*/acknowledgement\.md, line \d+", problems[0].where)
    assert desk.refresh() == ()


def test_values_never_bring_a_number_or_link_of_their_own() -> None:
    given: Values = {
        **values(ACK),
        "signposts": ({"text": "Call 0900 555 555", "number": "0900 555 555", "action": "call", "name": "x"},),
        "organisation": {"website": "www.example.org"},
    }
    assert shipped().render(ACK, "en", given) == shipped().render(ACK, "en", values(ACK))


def test_only_signposts_that_are_enabled_and_listed_are_shown() -> None:
    text = shipped().render(ACK, "en", values(ACK)).text
    assert [line for line in text.splitlines() if line.startswith("- ")] == [
        f"- {signpost.text}" for signpost in SIGNPOSTS if signpost.enabled and signpost.listed
    ]


def test_without_signposts_no_empty_list_is_announced(tmp_path: Path) -> None:
    for path in SHIPPED.glob("*.md"):
        write(tmp_path, path.name, path.read_text(encoding="utf-8"))
    desk = library(tmp_path, SIGNPOSTS[:1])
    assert all(problem.warning for problem in desk.check())
    assert "someone to talk to" not in desk.render(ACK, "en", values(ACK)).text


CHECKED = (
    "Subject: Eich neges\nChecked-by: Siân Price 2026-11-03\n\nHelo,\n\n"
    + "Diolch am ysgrifennu. " * 8
    + "\n\n{{ organisation.signature }}\n"
)


def test_a_translation_serves_once_somebody_has_checked_it(tmp_path: Path) -> None:
    write(tmp_path, "acknowledgement.md", ACKNOWLEDGEMENT)
    write(tmp_path, "acknowledgement.cy.md", CHECKED.replace("Checked-by: Siân Price 2026-11-03\n", ""))
    desk = library(tmp_path)
    assert desk.render(ACK, "cy", values(ACK)).language == "en"
    assert desk.names()[1].serving is Serving.UNCHECKED
    assert desk.preview(ACK, "cy").text.startswith("Helo,")
    assert any("Checked-by" in problem.remedy and problem.warning for problem in desk.check())
    write(tmp_path, "acknowledgement.cy.md", CHECKED)
    assert desk.refresh() == ()
    rendered = desk.render(ACK, "cy", values(ACK))
    assert (rendered.language, rendered.subject) == ("cy", "Eich neges")
    assert '<html lang="cy"' in rendered.html
    assert desk.names()[1].serving is Serving.FILE


@pytest.mark.parametrize(("language", "served"), [("cy-GB", "cy"), ("CY", "cy"), ("fr", "en"), ("", "en")])
def test_the_nearest_language_serves(tmp_path: Path, language: str, served: str) -> None:
    write(tmp_path, "acknowledgement.md", ACKNOWLEDGEMENT)
    write(tmp_path, "acknowledgement.cy.md", CHECKED)
    assert library(tmp_path).render(ACK, language, values(ACK)).language == served


def test_a_translation_takes_its_own_checked_pieces(tmp_path: Path) -> None:
    write(tmp_path, "_a.md", "English a.")
    write(tmp_path, "_b.md", "English b.")
    write(tmp_path, "_a.cy.md", "Checked-by: Siân Price 2026-11-03\n\nCymraeg a.")
    write(tmp_path, "_b.cy.md", "Cymraeg b.")
    write(tmp_path, "acknowledgement.cy.md", CHECKED.replace("Helo,", 'Helo,\n\n{% include "_a" %}\n\n{% include "_b.md" %}'))
    desk = library(tmp_path)
    text = desk.render(ACK, "cy", values(ACK)).text
    assert "Cymraeg a.\n\nEnglish b." in text
    assert [problem.where for problem in desk.check() if "translation" in problem.what] == [f"{tmp_path}/_b.cy.md, line 1"]


def test_a_translation_that_was_signed_on_a_day_to_come_does_not_serve(tmp_path: Path) -> None:
    write(tmp_path, "acknowledgement.cy.md", CHECKED)
    early = TemplateLibrary(tmp_path, SIGNPOSTS, ORGANISATION, lambda: date(2026, 11, 1))
    # A clock that runs a few hours behind the reader's own.
    behind = TemplateLibrary(tmp_path, SIGNPOSTS, ORGANISATION, lambda: date(2026, 11, 2))
    assert [desk.render(ACK, "cy", values(ACK)).language for desk in (early, behind)] == ["en", "cy"]
    assert any("2026-11-03, and that day is still to come" in problem.what for problem in early.check())


@pytest.mark.parametrize(
    ("files", "language", "said"),
    [
        ({"acknowledgement.md": ACKNOWLEDGEMENT}, "en", ""),
        ({}, "en", "There is no acknowledgement.md. The built-in text is shown."),
        ({"acknowledgement.md": ACKNOWLEDGEMENT}, "fr", "There is no acknowledgement.fr.md. The English text is shown."),
        ({}, "fr", "There is no acknowledgement.fr.md. The built-in text is shown."),
        ({"acknowledgement.md": BROKEN}, "en",
            "line 14: This template knows no “office.opens_att”. The built-in text is shown."),
        ({"acknowledgement.md": "Hello"}, "en", "line 1: This is no header line. The built-in text is shown."),
        ({"acknowledgement.md": ACKNOWLEDGEMENT, "acknowledgement.cy.md": "x"}, "cy",
            "line 1: This is no header line. The English text is shown."),
    ],
    ids=["sound", "missing", "no such language", "neither", "refused", "unreadable", "unreadable language"],
)  # fmt: skip
def test_it_is_said_why_a_preview_shows_another_text(tmp_path: Path, files: dict[str, str], language: str, said: str) -> None:
    for name, text in files.items():
        write(tmp_path, name, text)
    why = library(tmp_path).why_not_shown(ACK, language)
    assert why.endswith(said)
    assert bool(why) is bool(said)


def test_a_preview_of_the_last_good_version_says_so(tmp_path: Path) -> None:
    write(tmp_path, "acknowledgement.md", ACKNOWLEDGEMENT)
    desk = library(tmp_path)
    write(tmp_path, "acknowledgement.md", BROKEN)
    desk.refresh()
    assert desk.why_not_shown(ACK).endswith("The last good version is shown.")


NOTICE_URLS = "See https://www.example.org/a.pdf, www.1.example or example.com; write to sam@example.org."


@pytest.mark.parametrize("purpose", [Purpose.STAFF_ASSIGNED, Purpose.STAFF_MESSAGE])
@pytest.mark.parametrize("directory", [SHIPPED, SHIPPED / "nowhere"], ids=["file", "built-in"])
def test_the_plain_text_of_a_notice_holds_no_address_that_a_mail_program_would_link(purpose: Purpose, directory: Path) -> None:
    given = values(purpose)
    rendered = library(directory).render(purpose, "en", {**given, "message": {**given["message"], "new_text": NOTICE_URLS}})  # type: ignore[dict-item]
    told = "See https: //www .example .org/a .pdf, www .1 .example or example .com; write to sam@example.org."
    assert told in rendered.text
    assert "info@exithate.org" in rendered.text


def test_check_finds_every_problem_of_every_file_at_once(tmp_path: Path) -> None:
    write(tmp_path, "acknowledgement.md", with_line("{{ office.opens_att }}").replace("Call 999", "Call 0900 555 555"))
    write(tmp_path, "acknowledgement_again.md", with_line("{{ 2 ** 3 }}\n\n{{ range }}"))
    write(tmp_path, "staff_assigned.md", "Hello")
    write(tmp_path, "acknowledgment.md", ACKNOWLEDGEMENT)
    desk = library(tmp_path)
    places = [problem.where.rpartition("/")[2] for problem in desk.check()]
    broken = (ACK, Purpose.ACKNOWLEDGEMENT_AGAIN, Purpose.STAFF_ASSIGNED)
    assert places == [
        "acknowledgment.md", "staff_assigned.md, line 1", "acknowledgement.md, line 14", "acknowledgement_again.md, line 14",
        "acknowledgement_again.md, line 16", *(f"{purpose.value}.md" for purpose in Purpose if purpose not in broken),
    ]  # fmt: skip


def test_check_changes_nothing_that_serves(tmp_path: Path) -> None:
    write(tmp_path, "acknowledgement.md", ACKNOWLEDGEMENT)
    desk = library(tmp_path)
    write(tmp_path, "acknowledgement.md", with_line("We have a kettle."))
    desk.check()
    assert "kettle" not in desk.render(ACK, "en", values(ACK)).text
    desk.refresh()
    assert "kettle" in desk.render(ACK, "en", values(ACK)).text


def test_shapes_of_a_template_are_kept_but_not_without_end() -> None:
    template = CompiledTemplate(builtin_source(ACK), Markup(Linker(SIGNPOSTS, ORGANISATION)))
    first = template.page("Shape 0")
    assert template.page("Shape 0") is first
    for number in range(MAX_PAGES):
        template.page(f"Shape {number}")
    template.page("One more")
    assert len(template.pages()) == 1


def test_preview_shows_each_situation() -> None:
    desk = shipped()
    texts = {name: desk.preview(ACK, situation=name).text for name in desk.situations(ACK)}
    assert "Monday 9 November at 10:00 UK time" in texts["closed until Monday"]
    assert "Monday 4 January at 10:00 UK time" in texts["closed over Christmas"]
    assert desk.preview(ACK).text == texts["open"]
    assert desk.preview(ACK, "fr").language == "en"


def test_preview_of_an_unknown_situation_names_those_there_are() -> None:
    with pytest.raises(NotFound, match="closed until Monday"):
        shipped().preview(ACK, situation="closed until doomsday")


@pytest.mark.parametrize("purpose", list(Purpose))
def test_samples_hold_every_value_that_the_template_knows(purpose: Purpose) -> None:
    wanted = {field.full_name: field for field in CATALOGUE if field.group in GROUPS[purpose]}
    ours = {"organisation", LIST}
    for situation in situations_of(purpose):
        given = {f"{group}.{name}": value for group, fields in situation.values.items() for name, value in dict(fields).items()}  # type: ignore[arg-type]
        assert set(given) == {name for name, field in wanted.items() if field.group not in ours}
        assert {name for name, value in given.items() if isinstance(value, bool)} == {
            name for name in given if wanted[name].shape is Shape.FLAG
        }


def test_the_readme_lists_exactly_the_values_of_the_catalogue() -> None:
    table = (SHIPPED / "README.md").read_text(encoding="utf-8").partition("## Values")[2]
    rows = re.findall(r"^\| `(\w+\.\w+)` \| (.*?) \| (.*) \|$", table, re.MULTILINE)
    expected = []
    for field in CATALOGUE:
        knowing = [purpose.value for purpose in Purpose if field.group in GROUPS[purpose]]
        flag = " (only for `if`)" if field.shape is Shape.FLAG else ""
        where = "all" if len(knowing) == len(Purpose) else ", ".join(f"`{name}`" for name in knowing)
        expected.append((field.full_name.replace(f"{LIST}.", "signpost."), field.meaning + flag, where))
    assert rows == expected


def test_the_readme_names_every_file() -> None:
    readme = (SHIPPED / "README.md").read_text(encoding="utf-8")
    shipped_names = {path.name for path in SHIPPED.glob("*.md")} - {"README.md"}
    assert {f"{purpose.value}.md" for purpose in Purpose} <= shipped_names
    assert [name for name in sorted(shipped_names) if f"`{name}`" not in readme] == []
