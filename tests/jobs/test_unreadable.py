"""Mail that our rules can't read, through the whole line: in another language, or locked."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from helpdesk.mail.templates import TemplateLibrary
from helpdesk.model.delivery import Purpose
from helpdesk.model.staff import Notices
from helpdesk.model.ticket import Priority
from tests.fakes import make_mail
from tests.jobs.conftest import DANA, MIKE, ORGANISATION, TEMPLATES, Office, make_desk, make_office
from tests.jobs.test_letters import notice_of, parsed, text_of

CORPUS = Path(__file__).parents[1] / "corpus" / "parse"
WELSH = "Bore da,\n\nHoffwn siarad â rhywun am fy mrawd. Dydw i ddim yn gwybod beth i'w wneud.\n"
POLISH = "Dzień dobry,\n\nchciałabym porozmawiać z kimś o moim bracie. Nie wiem, co robić.\n"
LOCKED = ["encrypted-pgp", "encrypted-pgp-inline", "encrypted-smime"]


def locked(name: str) -> bytes:
    return (CORPUS / f"{name}.eml").read_bytes()


def priority_reasons(office: Office) -> list[str]:
    with office.store.reading() as uow:
        events = [event for ticket in office.tickets() for event in uow.tickets.events(ticket.id)]
    return [event.why for event in events if event.kind.value == "priority"]


def acknowledgement_of(office: Office) -> str:
    (letter,) = [each for each in office.transport.to("sam@example.org") if each.purpose is Purpose.ACKNOWLEDGEMENT]
    return " ".join(text_of(letter).split())


def test_mail_in_another_language_is_high_and_staff_see_why(office: Office) -> None:
    office.start()
    office.work(make_mail(body=POLISH))
    (ticket,) = office.tickets()
    assert (ticket.priority, ticket.language) == (Priority.HIGH, "pl")
    assert priority_reasons(office) == ["high: written in Polish, which our rules can't read"]
    notice = text_of(notice_of(office))
    assert "priority high" in notice
    assert "Language: Polish" in notice


def test_english_mail_stays_normal_and_names_no_language(office: Office) -> None:
    office.start()
    office.work(make_mail())
    assert [ticket.priority for ticket in office.tickets()] == [Priority.NORMAL]
    assert priority_reasons(office) == []
    assert "Language:" not in text_of(notice_of(office))


def test_a_follow_up_raises_the_priority_and_a_later_one_never_lowers_it(office: Office) -> None:
    office.start()
    office.work(make_mail())
    office.work(make_mail(message_id="<two@example.org>", body=POLISH))
    office.work(make_mail(message_id="<three@example.org>", body="Sorry, here it is in English once more.\n"))
    assert [ticket.priority for ticket in office.tickets()] == [Priority.HIGH]
    assert priority_reasons(office) == ["high: written in Polish, which our rules can't read"]


def with_translation(path: Path, text: str) -> Office:
    """A desk whose templates hold this Welsh acknowledgement."""
    folder = path / "templates"
    shutil.copytree(TEMPLATES, folder)
    (folder / "acknowledgement.cy.md").write_text(text, encoding="utf-8")
    desk = make_desk()
    library = TemplateLibrary(folder, ORGANISATION.signposts, ORGANISATION)
    return make_office(path, replace(desk, letters=replace(desk.letters, templates=library)))


@pytest.mark.parametrize(
    ("checked_by", "language", "beginning"),
    [("Checked-by: Siân Price 2026-11-03\n", "cy", "Helo,"), ("", "en", "Hello,")],
    ids=["checked", "unchecked"],
)
def test_a_translation_serves_those_who_write_in_it_once_it_is_checked(
    tmp_path: Path, checked_by: str, language: str, beginning: str
) -> None:
    draft = (TEMPLATES / "acknowledgement.cy.md").read_text(encoding="utf-8")
    office = with_translation(tmp_path, draft.replace("\n", f"\n{checked_by}", 1))
    office.start()
    office.work(make_mail(body=WELSH))
    (letter,) = office.transport.to("sam@example.org")
    assert parsed(letter)["Content-Language"] == language
    assert text_of(letter).startswith(beginning)
    office.work(make_mail(sender="Kim <kim@example.org>", message_id="<two@example.org>"))
    assert text_of(office.transport.to("kim@example.org")[0]).startswith("Hello,")
    office.store.close()


def test_the_shipped_welsh_draft_is_checked_by_nobody() -> None:
    assert "Checked-by" not in (TEMPLATES / "acknowledgement.cy.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", LOCKED)
def test_locked_mail_gets_a_ticket_and_its_writer_is_told_kindly(office: Office, name: str) -> None:
    office.start()
    office.work(locked(name))
    (ticket,) = office.tickets()
    assert ticket.priority is Priority.HIGH
    assert priority_reasons(office) == ["high: it came locked, so our rules can't read it"]
    said = acknowledgement_of(office)
    assert "it came locked, and we can't open it" in said
    assert "Please write to us once more without the lock, or from another address." in said
    assert "you do not need to send it again" not in said
    assert not any(word in said for word in ("PGP", "S/MIME", "encrypt"))
    assert "This mail came locked, so we can't open it" in text_of(notice_of(office))


def test_mail_that_is_not_locked_says_nothing_of_locks(office: Office) -> None:
    office.start()
    office.work(make_mail())
    assert "lock" not in acknowledgement_of(office)
    assert "came locked" not in text_of(notice_of(office))


def test_a_second_mail_that_came_locked_is_not_said_to_be_readable(office: Office) -> None:
    office.start()
    office.work(make_mail())
    office.work(locked("encrypted-smime"))
    (letter,) = [each for each in office.transport.sent if each.purpose is Purpose.ACKNOWLEDGEMENT_AGAIN]
    assert "it came locked, and we can't open it" in " ".join(text_of(letter).split())
    assert [ticket.priority for ticket in office.tickets()] == [Priority.HIGH]


def test_a_minimal_notice_says_that_the_mail_came_locked_too(tmp_path: Path) -> None:
    staff = tuple(replace(member, notices=Notices.MINIMAL) for member in (MIKE, DANA))
    office = make_office(tmp_path, make_desk(staff=staff))
    office.start()
    office.work(locked("encrypted-pgp"))
    assert "This mail came locked, so we can't open it" in text_of(notice_of(office))
    office.store.close()
