"""A whole conversation on real servers, with what real mail programs write; at the end every mailbox is read.

No program, no server and no clock is waited for: each step ends when the worker has gone round.
"""

from __future__ import annotations

import json
import re
import sys
import threading
from collections.abc import Iterator, Sequence
from html import unescape

import pytest

from helpdesk.cli import main
from helpdesk.model.ticket import TicketState
from tests.e2e import conversation as story
from tests.e2e.conftest import Place
from tests.e2e.conversation import STAFF, Conversation, TakeOver
from tests.e2e.post import Post, Side, form, mails_in, parsed
from tests.fakes import FixedClock
from tests.mail_programs.table import PROGRAMS, Program
from tests.reading import found_in

# Every program once on every side, and each way of taking over with several.
CASTS = [
    ((program, PROGRAMS[number - 4], PROGRAMS[number - 7]), tuple(TakeOver)[number % 3])
    for number, program in enumerate(PROGRAMS)
]
NAMES = [", ".join((*(program.name for program in programs), way)) for programs, way in CASTS]

NEW, OPEN, PENDING, CLOSED = TicketState.NEW, TicketState.OPEN, TicketState.PENDING, TicketState.CLOSED
STATES = [NEW, PENDING, OPEN, OPEN, PENDING, OPEN, CLOSED, OPEN, PENDING]
ACKNOWLEDGED, ANSWERED = "Your message", "Re: Your message"
NOTICE, SHOWN, TOLD, MOVED = "A message is waiting", "Your reply", "About your mail", "A note for you"
REMINDED, LISTED, ESCALATED = "A message is still waiting", "This morning's list", "A message needs somebody"
_SEEN_ON_A_LOCK_SCREEN = 140
_TELLING = ("Alex", "Winterbourne", "Exit Hate", "EHT-", "suicid", "extrem")


@pytest.mark.parametrize(("programs", "take_over"), CASTS, ids=NAMES)
def test_each_side_sees_what_it_should_and_nothing_else(
    place: Place,
    programs: tuple[Program, Program, Program],
    take_over: TakeOver,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (place.directory / "config" / "staff.toml").write_text(STAFF)
    place.more["HELPDESK_MAILBOX__TRUSTED_AUTHSERV"] = "mx.exithate.org"
    with Post.at(place, FixedClock()) as post:
        played = Conversation.between(post, programs, take_over)
        played.play()
    assert played.states == STATES
    check_requester(played)
    check_staff(played)
    check_lock_screens(played)
    check_mailbox(played)
    assert history(place, monkeypatch, capsys) == expected_history(played)


def test_every_program_is_on_every_side_and_every_way_is_taken() -> None:
    for side in range(3):
        assert {programs[side].name for programs, _ in CASTS} == {program.name for program in PROGRAMS}
    assert {way for _, way in CASTS} == set(TakeOver)


def check_requester(played: Conversation) -> None:
    """Acknowledgements and answers, word for word, in threads of their own mails, and no private word in any byte."""
    mails = played.alex.mails()
    answers = expected_answers(played)
    (first, *middle, back), *_ = [[raw for side, raw in played.sent if side is played.alex]]
    second, third = middle
    late = [second] if played.is_late_let_go else []
    parents = [first, first, *late, second, third, back, back]
    assert played.alex.subjects() == [ACKNOWLEDGED, *[ANSWERED] * (len(answers) - 1), ACKNOWLEDGED, ANSWERED]
    assert [said for raw in mails if (said := answer_in(raw))] == answers
    known = {str(parsed(raw)["Message-ID"]).strip() for raw in (*mails, first, second, third, back)}
    for raw, parent in zip(mails, parents, strict=True):
        mail = parsed(raw)
        assert mail["In-Reply-To"] == parsed(parent)["Message-ID"]
        references = str(mail["References"]).split()
        assert references[-1] == mail["In-Reply-To"]
        assert set(references) <= known
        assert mail["To"] == played.alex.address
        assert mail["From"].addresses[0].addr_spec == "info@exithate.org"
    private = [*private_words(played, played.staff), *tokens(played.staff), *notice_lines(played), *INSIDE]
    assert {word for raw in mails for word in found_in(raw, private)} == set()


# Words of ours that only staff see, and commands.
INSIDE = ("EHT-", ".notices@", "#close", "#assign", "#take", "#away", "#send", story.NOTE, "Notes among us")


def expected_answers(played: Conversation) -> list[tuple[str, str]]:
    """Who seems to have written each answer, and its exact words."""
    second = played.second_name
    late = [("Dana", story.LATE)] if played.is_late_let_go else []
    words = [(second, each) for each in (story.TAKEN_OVER, story.FAREWELL, story.AGAIN)]
    return [("Dana", story.ANSWER), *late, *words]


def answer_in(raw: bytes) -> tuple[str, str] | None:
    """The name that an answer comes from, and what stands between our first line and our last; None for other mail."""
    mail = parsed(raw)
    if mail["Subject"] != ANSWERED:
        return None
    name = mail["From"].addresses[0].display_name
    opening, _, rest = form(raw).partition("\n\n")
    words, closing, ending = rest.partition("\n\nYou Are Not Alone.\n\n")
    assert opening.startswith("Thank you for your patience.")
    assert closing
    assert ending.startswith(f"{name} - Exit Hate Trust\n")
    return name, words


def check_staff(played: Conversation) -> None:
    """Each has the notices that are theirs, and learns nothing of the others but public names."""
    for address, subjects in expected_subjects(played).items():
        assert played.post.sides[address].subjects() == subjects
    for side in played.staff:
        others = [other for other in played.staff if other is not side]
        private = [*private_words(played, others), *tokens(others), story.ALEX.ip, story.ALEX.device]
        for raw in side.mails():
            assert found_in(raw, private) == set()
            # A click would show where its reader is. What stands in an <a> that leads nowhere, no mail program makes a link of.
            assert not re.search(r"(?i)href|<img|https?:", re.sub(r"<a>[^<]*</a>", "", form(raw, "html")))
            assert not re.search(r"https?://|www\.(?!exithate)", form(raw))
    notices = [raw for raw in played.second.mails() if parsed(raw)["Subject"] == NOTICE]
    for raw, words in zip(notices, (story.SECOND, story.THIRD, story.BACK), strict=True):
        shown = " ".join(form(raw).split())
        assert f"This is what they wrote: {' '.join(words.split())} Who wrote, and when" in shown
    taken_over = " ".join(form(notices[0]).split())
    assert [words for words in (story.FIRST, story.ANSWER) if " ".join(words.split()) not in taken_over] == []
    assert (story.NOTE in taken_over) is (played.take_over is TakeOver.ASSIGNED)
    check_late_answer(played)


def check_late_answer(played: Conversation) -> None:
    """Dana's answer to a ticket that has moved on was held, and she was told why; the other heard of it."""
    held = " ".join(form(played.dana.last(SHOWN)).split())
    assert "Your reply has not gone out" in held
    assert f"The ticket is with {played.second_name} now." in held
    assert f"{played.second_name} is answering this person too, and was there first." in held
    assert story.LATE.split("\n")[-1] in held
    told = [" ".join(form(raw).split()) for raw in played.second.mails() if parsed(raw)["Subject"] == TOLD]
    assert [words for words in told if "Dana has answered EHT-1001 too, while your answer waits." in words]


def expected_subjects(played: Conversation) -> dict[str, list[str]]:
    # Who has it now hears that Dana has answered too, and that she lets it go.
    told = [TOLD, TOLD] if played.is_late_let_go else [TOLD]
    first, second = [NOTICE, SHOWN, NOTICE], [NOTICE, SHOWN, *told, NOTICE, SHOWN, NOTICE, SHOWN]
    nothing: list[str] = []
    if played.take_over is TakeOver.ASSIGNED:
        dana, mike, sam = [*first, TOLD, SHOWN, TOLD], nothing, second
    elif played.take_over is TakeOver.ON_LEAVE:
        dana, mike, sam = [*first, MOVED, TOLD, SHOWN], nothing, second
    else:
        dana, sam = [*first, REMINDED, LISTED, MOVED, SHOWN], nothing
        mike = [ESCALATED, NOTICE, TOLD, *second[1:]]
    return {played.dana.address: dana, played.mike.address: mike, played.sam.address: sam}


def private_words(played: Conversation, sides: Sequence[Side]) -> Iterator[str]:
    """All that would tell who somebody is, where they are, and what they write with."""
    for side in sides:
        yield from side.desktop.writer.giveaways()
        if side.mails():
            yield from side.desktop.program.traces
        yield from (str(parsed(raw)["Message-ID"]).strip("<> ") for sender, raw in played.sent if sender is side)


def tokens(sides: Sequence[Side]) -> Iterator[str]:
    """What proves a reply to a notice: only whom the notice was sent to may have it."""
    for side in sides:
        yield from (str(parsed(raw)["Message-ID"]).strip("<>").partition("@")[0] for raw in side.mails())


def notice_lines(played: Conversation) -> Iterator[str]:
    """Sentences of our mails to staff, without those in which they show what somebody wrote or gets."""
    theirs = " ".join(" ".join(form(raw).split()) for raw in played.alex.mails())
    theirs += " ".join(" ".join(form(raw).split()) for side, raw in played.sent if side is played.alex and has_plain(raw))
    for side in played.staff:
        for raw in side.mails():
            lines = (" ".join(line.strip("> ").split()) for line in form(raw).split("\n"))
            yield from (line for line in lines if line.count(" ") > 3 and line not in theirs)


def has_plain(raw: bytes) -> bool:
    return parsed(raw).get_body(("plain",)) is not None


def check_lock_screens(played: Conversation) -> None:
    """From, subject and first words give nobody away, in either form and on any side."""
    texts = (story.FIRST, story.ANSWER, story.SECOND, story.TAKEN_OVER, story.LATE, story.THIRD, story.FAREWELL, story.BACK)
    telling = [*_TELLING, story.SUBJECT, *(run for text in texts for run in runs(text))]
    for side in (played.alex, *played.staff):
        for raw in side.mails():
            mail = parsed(raw)
            for start in (visible(form(raw)), visible(form(raw, "html"))):
                seen = f"{mail['From']} {mail['Subject']} {start[:_SEEN_ON_A_LOCK_SCREEN]}".casefold()
                assert [word for word in telling if word.casefold() in seen] == []
                assert not re.search(r"\d", seen)


def runs(text: str) -> Iterator[str]:
    """Three words in a row."""
    words = text.split()
    return (" ".join(three) for three in zip(words, words[1:], words[2:], strict=False))


def visible(text: str) -> str:
    shown = re.sub(r"(?is)<(head|style|title)\b.*?</\1>|<[^>]*>", " ", text)
    return " ".join(unescape(shown).split())


def check_mailbox(played: Conversation) -> None:
    """Our own mailbox holds all that was sent to it, untouched, and a copy of each answer once."""
    place = played.post.place
    assert mails_in(place, place.user, "INBOX") == [raw for _, raw in played.sent]
    went = [caught.content for caught in place.sink.caught if parsed(caught.content)["Subject"] == ANSWERED]
    assert sorted(mails_in(place, place.user, "Sent")) == sorted(went)
    assert len(went) == len(expected_answers(played))


def history(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> tuple[str, list[tuple[str, str]]]:
    """The state and the events that `helpdesk tickets show` names."""
    for name, value in place.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(place.directory)
    monkeypatch.setattr(sys, "argv", ["helpdesk", "tickets", "show", "EHT-1001", "--json"])
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    capsys.readouterr()
    with pytest.raises(SystemExit, match="0"):
        main()
    shown = json.loads(capsys.readouterr().out)
    return shown["state"], [(event["event"], event["actor"]) for event in shown["events"]]


def expected_history(played: Conversation) -> tuple[str, list[tuple[str, str]]]:
    dana, second = "staff:dana", f"staff:{played.second_name.lower()}"
    moves = {
        TakeOver.ASSIGNED: [("note", dana), ("assigned", dana)],
        TakeOver.ON_LEAVE: [("handed_over", dana), ("assigned", "worker")],
        TakeOver.TAKEN: [("reminded", "worker"), ("escalated", "worker"), ("assigned", second)],
    }[played.take_over]
    late = [("reply_let_go", dana), ("replied", dana)] if played.is_late_let_go else []
    follow_up = [("follow_up", "requester"), ("not_acknowledged", "worker")]
    events = [
        *(("opened", "requester"), ("acknowledged", "worker"), ("assigned", "worker")),
        *(("reply_waiting", dana), ("replied", dana)),
        *(*follow_up, *moves),
        *(("reply_waiting", second), ("reply_held", dana), *late, ("replied", second)),
        *(*follow_up, ("closed", second), ("reply_waiting", second), ("replied", second)),
        *(("reopened", "requester"), ("acknowledged", "worker")),
        *(("reply_waiting", second), ("replied", second)),
    ]
    return "pending", events
