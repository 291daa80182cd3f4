"""What must be true of every word of a reminder, a digest and the note to somebody who waits, whoever edits the files."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from helpdesk.mail.templates import TemplateLibrary
from helpdesk.model.delivery import Purpose
from helpdesk.model.template import Rendered
from tests.mail.templates_ground import ORGANISATION, SIGNPOSTS, library, shipped, write
from tests.mail.test_readability import GRADE, LONGEST_SENTENCE, grade, sentences
from tests.mail.test_voice import visible

TO_STAFF = (Purpose.STAFF_REMINDER, Purpose.STAFF_ESCALATION, Purpose.DIGEST)
_LIBRARIES: dict[str, TemplateLibrary] = {"file": shipped(), "built-in": library(Path("no such directory"))}


def _mails(*purposes: Purpose) -> list[object]:
    return [
        pytest.param(desk.preview(purpose, situation=situation), situation, id=f"{source}: {purpose.value}, {situation}")
        for source, desk in _LIBRARIES.items()
        for purpose in purposes
        for situation in desk.situations(purpose)
    ]


def lock_screens(mail: Rendered) -> tuple[str, str]:
    """What a phone shows of the two versions of a mail."""
    return " ".join(mail.text.split())[:140], visible(mail.html)[:140]


@pytest.mark.parametrize(("mail", "situation"), _mails(Purpose.STILL_WITH_YOU))
def test_the_note_to_somebody_who_waits_gives_nobody_away_on_a_lock_screen(mail: Rendered, situation: str) -> None:
    assert mail.subject == "Re: Your message"
    for shown in lock_screens(mail):
        assert shown.startswith("Hello, We have your message, and we have not forgotten you.")
        assert not re.search(r"\d|exit|hate|danger|police|rowan|extrem|suicid|ticket", shown, re.IGNORECASE)


@pytest.mark.parametrize(("mail", "situation"), _mails(Purpose.STILL_WITH_YOU))
def test_the_note_is_kind_promises_nothing_and_names_help_before_the_sign_off(mail: Rendered, situation: str) -> None:
    listed = [signpost.text for signpost in SIGNPOSTS if signpost.enabled and signpost.listed]
    wanted = [
        "This note is sent automatically.",
        "A person will answer you.",
        "You did nothing wrong.",
        "We can't say exactly when our answer will come.",
        "We will not judge you.",
        "You do not need to write again, but you can",
        "If it is not safe for us to answer you at this address",
        "You can delete this note.",
        "Call 999",
        *listed,
        "You Are Not Alone.",
        ORGANISATION.signature,
        ORGANISATION.registered_name,
    ]
    flat = " ".join(mail.text.split())
    places = [flat.find(words) for words in wanted]
    assert -1 not in places
    assert places == sorted(places)
    promises = (
        r"confidential|always|24/7|immediately|soon|today|tomorrow|tonight|within \d|ticket|case|EHT-|reference|queue|busy"
    )
    assert not re.search(rf"\b(?:{promises})\b", mail.text, re.IGNORECASE)


@pytest.mark.parametrize(("mail", "situation"), _mails(Purpose.STILL_WITH_YOU))
def test_the_note_can_be_read_at_eleven(mail: Rendered, situation: str) -> None:
    assert grade(mail.text) <= GRADE
    assert [words for words in sentences(mail.text) if len(words) > LONGEST_SENTENCE] == []


@pytest.mark.parametrize(("mail", "situation"), _mails(*TO_STAFF))
def test_a_lock_screen_of_staff_shows_no_ticket_and_no_name(mail: Rendered, situation: str) -> None:
    for shown in (mail.subject, *lock_screens(mail)):
        assert not re.search(r"EHT|\d|mike|dana|hate|urgent|@", shown, re.IGNORECASE)


@pytest.mark.parametrize(("mail", "situation"), _mails(*TO_STAFF))
def test_staff_are_reminded_without_blame(mail: Rendered, situation: str) -> None:
    assert not re.search(
        r"\b(?:must|fail\w*|late|overdue|still have not|immediately|warning|escalat\w*)\b", mail.text, re.IGNORECASE
    )


@pytest.mark.parametrize(("mail", "situation"), _mails(Purpose.STAFF_REMINDER, Purpose.STAFF_ESCALATION))
def test_it_says_which_ticket_waits_since_when_and_what_can_be_done_by_replying(mail: Rendered, situation: str) -> None:
    flat = " ".join(mail.text.split())
    assert "since Monday 9 November at 11:32 UK time" in flat
    assert "EHT-1042" in flat
    assert "#assign" in flat
    assert ("urgent" in flat) is ("urgent" in situation or "away" in situation)


@pytest.mark.parametrize(("mail", "situation"), _mails(Purpose.STAFF_ESCALATION))
def test_leads_read_who_has_it_and_why_they_hear(mail: Rendered, situation: str) -> None:
    flat = " ".join(mail.text.split())
    assert ("With: Dana" in flat) is (situation != "nobody has it")
    assert "#take" in flat
    why = "no answer in 8 office hours" if situation == "no answer yet" else situation
    assert f"Why you hear of it: {why}" in flat


@pytest.mark.parametrize(("mail", "situation"), _mails(Purpose.DIGEST))
def test_a_digest_holds_the_lists_that_are_not_empty_each_line_on_its_own(mail: Rendered, situation: str) -> None:
    lines = mail.text.splitlines()
    listed = [line.partition(":")[0] for line in lines if re.match(r"EHT-\d+:", line)]
    expected = {
        "own tickets": ["EHT-1042", "EHT-1051"],
        "an answer that was held": [],
        "a lead, everything at once": ["EHT-1042", "EHT-1047", "EHT-1039", "EHT-1048", "EHT-1049"],
        "a lead, with nobody": ["EHT-1047"],
        "a lead, junk alone": [],
    }
    assert listed == expected[situation]
    assert ("#send" in mail.text) is (situation in ("own tickets", "an answer that was held"))
    assert ("junk" in mail.text) is ("everything" in situation or "junk" in situation)
    assert ("daily comparison" in mail.text) is ("everything" in situation)


@pytest.mark.parametrize(("mail", "situation"), _mails(*TO_STAFF))
def test_nothing_in_it_can_be_tapped(mail: Rendered, situation: str) -> None:
    assert "href=" not in mail.html


def test_another_subject_than_that_of_the_conversation_is_warned_of(tmp_path: Path) -> None:
    text = (Path(__file__).parents[2] / "templates" / "still_with_you.md").read_text(encoding="utf-8")
    for piece in ("_signposts.md", "_signature.md", "_footer.md"):
        write(tmp_path, piece, (Path(__file__).parents[2] / "templates" / piece).read_text(encoding="utf-8"))
    write(tmp_path, "still_with_you.md", text.replace("Subject: Re: Your message", "Subject: Your message"))
    (problem,) = [each for each in library(tmp_path).check() if "still_with_you" in each.where and "missing" not in each.what]
    assert (problem.warning, problem.what) == (True, "The subject is not “Re: Your message”.")
