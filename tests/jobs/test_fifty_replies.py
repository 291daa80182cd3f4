"""Fifty replies from ten mail programs go through, and nothing of their writers is in any byte that leaves."""

from __future__ import annotations

import base64
import binascii
import io
import quopri
import re
import zipfile
from collections.abc import Iterator
from email import message_from_bytes
from email.header import decode_header
from html import unescape
from urllib.parse import unquote

import pytest

from helpdesk.model.delivery import DeliveryState, Purpose
from helpdesk.model.ticket import TicketState
from tests.jobs.conftest import Office
from tests.jobs.programs import GIVEAWAYS, PROGRAMS, SIGNATURE, Place, Program, Written, reply
from tests.jobs.staff_post import SAM, Desk, desk_with_notice, parsed, words

ANSWER = "Hello Sam,\n\nThursday is fine – shall we say at two?\nThere is no need to bring anything."
SHAPES = {
    "above the quote": Written(ANSWER),
    "below the quote": Written(ANSWER, Place.BELOW),
    "with a signature": Written(ANSWER, signature=True),
    "with a command": Written(f"#close\n\n{ANSWER}"),
    "as a note": Written(f"#note\n{ANSWER}\n{SIGNATURE}"),
}
CASES = [(program, shape) for program in PROGRAMS for shape in SHAPES]
_BASE_64 = re.compile(rb"(?:[A-Za-z0-9+/]{4}\s*){4,}[A-Za-z0-9+/=]*")


def decoded(content: bytes, depth: int = 3) -> Iterator[str]:
    """The bytes in every way in which somebody might read them. Not the leak guard's own way, on purpose."""
    for charset in ("utf-8", "latin-1", "utf-16-le", "utf-16-be"):
        text = content.decode(charset, "replace")
        yield from (text, unquote(text), unescape(text), unescape(re.sub(r"<[^>]*>", "", text)))
        yield from ("".join(_word(part, name) for part, name in decode_header(line)) for line in text.splitlines()[:60])
    if not depth:
        return
    yield from decoded(quopri.decodestring(content), 0)
    for run in _BASE_64.findall(content):
        try:
            yield from decoded(base64.b64decode(run), depth - 1)
        except binascii.Error:
            continue
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for name in archive.namelist():
                yield from decoded(name.encode() + b"\n" + archive.read(name), depth - 1)


def _word(part: bytes | str, charset: str | None) -> str:
    return part.decode(charset or "latin-1", "replace") if isinstance(part, bytes) else part


def found_in(content: bytes, words_: tuple[str, ...]) -> set[str]:
    pieces = [content, *(part.get_payload(decode=True) or b"" for part in message_from_bytes(content).walk())]
    texts = [" ".join(text.split()).casefold() for piece in pieces if isinstance(piece, bytes) for text in decoded(piece)]
    return {word for word in words_ if any(word.casefold() in text for text in texts)}


def giveaways(desk: Desk, program: Program) -> tuple[str, ...]:
    notice = desk.notice
    of_the_notice = ("nobody else can see your screen", "How to answer", "EHT-1001", "x.notices@")
    of_the_program = tuple(line.partition(": ")[2] for line in program.headers.splitlines())
    staff = tuple(member.email for member in desk.office.desk.staff)
    token = notice.message_id.partition("@")[0]
    return (*GIVEAWAYS, *of_the_notice, *of_the_program, *staff, program.message_id, token, "my brother")


@pytest.mark.parametrize(("program", "shape"), CASES, ids=[f"{program.name}, {shape}" for program, shape in CASES])
def test_a_reply_goes_out_with_its_words_and_nothing_of_its_writer(office: Office, program: Program, shape: str) -> None:
    desk = desk_with_notice(office)
    notice = desk.notice
    body = parsed(notice).get_body(("plain",))
    assert body is not None
    private = giveaways(desk, program)
    office.work(reply(program, SHAPES[shape], body.get_content(), notice.message_id, notice.recipient))
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
    assert len(CASES) == 50


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_a_signature_that_no_line_sets_off_waits_for_its_writer(office: Office, program: Program) -> None:
    """Nobody can tell it from words; but it names them, and the guard sees that."""
    desk = desk_with_notice(office)
    notice = desk.notice
    written = Written(f"{ANSWER}\n\n{SIGNATURE}")
    office.work(reply(program, written, "A message is waiting for you.", notice.message_id, notice.recipient))
    desk.let_time_pass(60)
    assert desk.replies() == []
    assert [row.state for row in desk.waiting()] == [DeliveryState.HELD]
    note = words(desk.last_to(desk.member, Purpose.STAFF_REPLY_WAITING))
    assert "“Rosalind Fairweather-Poole”" in note
    assert "“07700 900123”" in note


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
