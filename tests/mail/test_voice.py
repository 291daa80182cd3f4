"""What must be true of every word to a requester or on a staff member's lock screen, whoever edits the files."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from helpdesk.core.commands import Verb
from helpdesk.mail.builtin import builtin_source
from helpdesk.mail.templates import TemplateLibrary
from helpdesk.model.delivery import Purpose
from helpdesk.model.template import Rendered
from tests.mail.templates_ground import ORGANISATION, SIGNPOSTS, library, shipped, write

TO_REQUESTERS = (Purpose.ACKNOWLEDGEMENT, Purpose.ACKNOWLEDGEMENT_AGAIN)
_LIBRARIES: dict[str, TemplateLibrary] = {"file": shipped(), "built-in": library(Path("no such directory"))}


def _mails(purposes: tuple[Purpose, ...]) -> list[object]:
    return [
        pytest.param(desk.preview(purpose, situation=situation), situation, id=f"{source}: {purpose.value}, {situation}")
        for source, desk in _LIBRARIES.items()
        for purpose in purposes
        for situation in desk.situations(purpose)
    ]


def visible(html: str) -> str:
    body = re.sub(r"<head>.*?</head>", "", html, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", body).replace("&amp;", "&").split())


@pytest.mark.parametrize(("mail", "situation"), _mails(TO_REQUESTERS))
def test_a_lock_screen_gives_nobody_away(mail: Rendered, situation: str) -> None:
    assert mail.subject == "Your message"
    for shown in (" ".join(mail.text.split())[:140], visible(mail.html)[:140]):
        assert not re.search(r"\d|exit|hate|danger|police|rowan|extrem|suicid", shown, re.IGNORECASE)
        assert shown.startswith("Hello, Thank you for writing")


@pytest.mark.parametrize(("mail", "situation"), _mails(TO_REQUESTERS))
def test_help_hours_sign_off_and_register_are_all_there_in_this_order(mail: Rendered, situation: str) -> None:
    listed = [signpost.text for signpost in SIGNPOSTS if signpost.enabled and signpost.listed]
    wanted = [
        "it came locked, and we can't open it" if "locked" in situation else "ou do not need to send it again",
        "Monday to Friday, 10:00 to 16:00 UK time",
        "We can't say exactly when our answer will come",
        "We will not judge you",
        "Call 999",
        *listed,
        "You Are Not Alone.",
        ORGANISATION.signature,
        ORGANISATION.registered_name,
        ORGANISATION.registered_office,
        ORGANISATION.charity_number,
        ORGANISATION.company_number,
    ]
    flat = " ".join(mail.text.split())
    places = [flat.find(words) for words in wanted]
    assert -1 not in places
    assert places == sorted(places)
    assert "0800 011 3764" not in flat


@pytest.mark.parametrize(("mail", "situation"), _mails(TO_REQUESTERS))
def test_a_closed_office_says_when_it_opens_and_an_open_one_does_not_say_it_was_closed(mail: Rendered, situation: str) -> None:
    flat = " ".join(mail.text.split())
    opening = re.search(r"open again on (\w+day \d{1,2} \w+ at \d\d:\d\d UK time)", flat)
    assert ("was closed" in flat) is situation.startswith("closed")
    assert ("before we open" in flat) is situation.startswith("closed")
    assert bool(opening) is (situation.startswith("closed") and "no opening" not in situation)


@pytest.mark.parametrize(("mail", "situation"), _mails(TO_REQUESTERS))
def test_nothing_is_promised_that_nobody_can_keep(mail: Rendered, situation: str) -> None:
    promises = r"confidential|always|24/7|immediately|today|tomorrow|tonight|within \d|ticket|case|EHT-|reference"
    assert not re.search(rf"\b(?:{promises})\b", mail.text, re.IGNORECASE)


@pytest.mark.parametrize(("mail", "situation"), _mails(TO_REQUESTERS))
def test_numbers_can_be_tapped(mail: Rendered, situation: str) -> None:
    hrefs = re.findall(r'href="([^"]+)"', mail.html)
    assert hrefs == ["tel:999", "tel:116123", "sms:85258", "tel:111", "tel:08001111", "https://www.exithate.com"]


@pytest.mark.parametrize(("mail", "situation"), _mails((Purpose.STAFF_ASSIGNED, Purpose.STAFF_MESSAGE)))
def test_a_staff_lock_screen_says_only_that_a_message_waits(mail: Rendered, situation: str) -> None:
    assert mail.subject == "A message is waiting"
    for shown in (" ".join(mail.text.split())[:140], visible(mail.html)[:140]):
        assert "message is waiting" in shown
        assert not re.search(r"rowan|brother|thursday|EHT|mike|@|hate", shown, re.IGNORECASE)


@pytest.mark.parametrize(("mail", "situation"), _mails((Purpose.STAFF_ASSIGNED, Purpose.STAFF_MESSAGE)))
def test_a_notice_says_how_to_answer_and_holds_content_only_where_wanted(mail: Rendered, situation: str) -> None:
    flat = " ".join(mail.text.split())
    how = (
        "it can't be answered by email"
        if situation == "hardly anything"
        else "Reply to this mail. What you write at the top goes to the person, from info@exithate.org"
    )
    assert how in flat
    assert "EHT-1042" in flat
    assert ("begins further down" in flat) is (situation != "minimal")
    assert ("Monday 9 November at 11:32 UK time" in flat.partition("Ticket:")[0]) is True
    content = (
        "my brother",
        "Rowan",
        "rowan@example.org",
        "letter.pdf",
        "rowan.ashdown@example.net",
        "rowan.at.home@example.com",
    )
    if situation == "minimal":
        assert [word for word in content if word in mail.text or word in mail.html] == []
    if situation == "everything at once":
        assert [word for word in content if word not in mail.text or word not in mail.html] == []
        assert flat.count("Please take care") >= 2


@pytest.mark.parametrize(("mail", "situation"), _mails((Purpose.STAFF_ASSIGNED, Purpose.STAFF_MESSAGE)))
def test_nothing_that_came_in_a_mail_can_be_tapped(mail: Rendered, situation: str) -> None:
    assert not re.search(r"href=", mail.html)


@pytest.mark.parametrize(("mail", "situation"), _mails((Purpose.STAFF_REPLY_WAITING,)))
def test_an_author_sees_what_goes_out_and_how_to_stop_it(mail: Rendered, situation: str) -> None:
    flat = " ".join(mail.text.split())
    assert ("has not gone out" in flat) is (situation == "it is held")
    assert ("#stop" in flat) is (situation != "it is held")
    assert "#send" in flat
    assert ("Thursday would be good" in flat) is (situation != "minimal")


@pytest.mark.parametrize(("mail", "situation"), _mails((Purpose.STAFF_HELP,)))
def test_help_names_every_command(mail: Rendered, situation: str) -> None:
    assert [verb for verb in Verb if f"#{verb}" not in mail.text] == []


@pytest.mark.parametrize(("mail", "situation"), _mails((Purpose.REPLY,)))
def test_an_answer_shows_nothing_on_a_locked_screen_and_signs_with_the_public_name(mail: Rendered, situation: str) -> None:
    assert mail.subject == "Re: Your message"
    for shown in (" ".join(mail.text.split())[:140], visible(mail.html)[:140]):
        assert not re.search(r"rowan|thursday|EHT|mike|@|hate", shown, re.IGNORECASE)
    assert "You Are Not Alone.\n\nMike - Exit Hate Trust\n" in mail.text
    assert "border" not in mail.html


@pytest.mark.parametrize("purpose", list(Purpose))
def test_a_built_in_template_passes_every_check_itself(tmp_path: Path, purpose: Purpose) -> None:
    source = builtin_source(purpose)
    write(tmp_path, f"{purpose.value}.md", f"Subject: {source.subject}\n\n{source.body}")
    assert [problem for problem in library(tmp_path).check() if "last good" not in problem.what] == []
