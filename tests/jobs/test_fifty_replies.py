"""Replies from eleven mail programs in five shapes go through, and nothing of their writers is in any byte that leaves."""

from __future__ import annotations

import base64
import quopri

import pytest

from helpdesk.core.parse import parse
from helpdesk.model.delivery import DeliveryState, Purpose
from helpdesk.model.ticket import TicketState
from tests.jobs.conftest import Office
from tests.jobs.staff_post import SAM, Desk, desk_with_notice, words
from tests.mail_programs.draft import Writer
from tests.mail_programs.table import PROGRAMS, Desktop, Program
from tests.reading import found_in

ANSWER = "Hello Sam,\n\nThursday is fine – shall we say at two?\nThere is no need to bring anything."
SIGNATURE = "Rosalind Fairweather-Poole\nYouth worker, Larkrise House\n07700 900123"
SHAPES = {
    "above the quote": ANSWER,
    "below the quote": ANSWER,
    "with a signature": f"{ANSWER}\n\n-- \n{SIGNATURE}",
    "with a command": f"#close\n\n{ANSWER}",
    "as a note": f"#note\n{ANSWER}\n{SIGNATURE}",
}
CASES = [(program, shape) for program in PROGRAMS for shape in SHAPES]


def desktop(desk: Desk, program: Program) -> Desktop:
    """Whoever got the notice, at this program; it has their real name."""
    name = SIGNATURE.partition("\n")[0]
    return Desktop(Writer(name, desk.notice.recipient, "198.51.100.23", "laptop-of-rosalind", SIGNATURE), program)


def giveaways(desk: Desk, program: Program, message_id: str) -> tuple[str, ...]:
    of_the_notice = ("nobody else can see your screen", "How to answer", "EHT-1001", ".notices@")
    writer = desktop(desk, program).writer
    # Sam's own address has that domain's last word.
    theirs = tuple(word for word in writer.giveaways() if word != writer.domain)
    staff = tuple(member.email for member in desk.office.desk.staff)
    token = desk.notice.message_id.partition("@")[0]
    return (*theirs, *of_the_notice, *program.traces, *staff, message_id, token, "my brother", "7700 900123")


@pytest.mark.parametrize(("program", "shape"), CASES, ids=[f"{program.name}, {shape}" for program, shape in CASES])
def test_a_reply_goes_out_with_its_words_and_nothing_of_its_writer(office: Office, program: Program, shape: str) -> None:
    desk = desk_with_notice(office)
    written = desktop(desk, program).answer(
        desk.notice.content, SHAPES[shape], office.clock.now(), below=shape == "below the quote"
    )
    private = giveaways(desk, program, parse(written).message_id or "")
    office.work(written)
    desk.let_time_pass()
    if shape == "as a note":
        assert desk.replies() == []
        assert "note" in desk.kinds()
    else:
        (answer,) = desk.replies()
        assert " ".join(ANSWER.split()) in words(answer)
        assert words(answer).count("Thursday") == 1
        assert desk.ticket.state is (TicketState.CLOSED if shape == "with a command" else TicketState.PENDING)
    left = office.transport.to(SAM)
    assert next(mail.purpose for mail in left) is Purpose.ACKNOWLEDGEMENT
    assert {word for mail in left for word in found_in(mail.content, private)} == set()
    assert desk.waiting(DeliveryState.FAILED) == []


def test_there_are_fifty() -> None:
    assert len(CASES) >= 50


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_a_signature_that_no_line_sets_off_stays_with_us(office: Office, program: Program) -> None:
    """Its name tells it from words; its writer reads that it was left out."""
    desk = desk_with_notice(office)
    written = desktop(desk, program).answer(desk.notice.content, f"{ANSWER}\n\n{SIGNATURE}", office.clock.now())
    private = giveaways(desk, program, parse(written).message_id or "")
    office.work(written)
    desk.let_time_pass(60)
    (answer,) = desk.replies()
    assert " ".join(ANSWER.split()) in words(answer)
    assert found_in(answer.content, private) == set()
    note = words(desk.last_to(desk.member, Purpose.STAFF_REPLY_WAITING))
    assert "Your signature, which begins with “Rosalind Fairweather-Poole”" in note


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_what_a_program_writes_names_its_writer_and_quotes_what_it_answers(office: Office, program: Program) -> None:
    """Else none of this would prove anything."""
    desk = desk_with_notice(office)
    written = desktop(desk, program).answer(desk.notice.content, ANSWER, office.clock.now())
    needed = ("Rosalind", desk.notice.recipient, desk.notice.message_id, *program.traces, "my brother", "Hello Sam,")
    assert found_in(written, needed) == set(needed)


@pytest.mark.parametrize("word", ["Rosalind", "07700 900123", "rösalind@x.example"])
def test_the_search_finds_what_is_planted(word: str) -> None:
    """Else the fifty would prove nothing."""
    for planted in (
        word.encode(),
        base64.encodebytes(f"hello {word} and more".encode()),
        quopri.encodestring(f"hello {word}".encode(), quotetabs=True),
        "".join(f"&#{ord(letter)};" for letter in word).encode(),
        f"<b>{word[:2]}</b>{word[2:]}".encode(),
        word.encode("utf-16-le"),
        b"".join(f"%{byte:02X}".encode() for byte in word.encode()),
        b"=?utf-8?b?" + base64.b64encode(word.encode()) + b"?=",
    ):
        assert found_in(b"Subject: x\r\n\r\n" + planted, (word,)) == {word}
