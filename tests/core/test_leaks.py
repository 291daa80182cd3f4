"""The leak guard finds a private word however it is written."""

from __future__ import annotations

import base64
import io
import quopri
import zipfile
from collections.abc import Callable
from email.header import Header
from urllib.parse import quote

import pytest

from helpdesk.core import decoded
from helpdesk.core.leaks import Guard, find_private, find_unfit, first_name, private_words
from helpdesk.model.message import Address
from helpdesk.model.staff import StaffMember

DANA = StaffMember("dana", "Dana", "dana.private@example.net", private_words=("01632 960123", "Lark Rise"))
MIKE = StaffMember("mike", "Mike", "mj@example.net", private_words=("Mike",))
NAME = "Danuta Müller-Ash"
WORDS = ("dana.private@example.net", "01632 960123", NAME)


def mail(body: bytes, content_type: str = "text/plain; charset=utf-8", encoding: str = "8bit", **headers: str) -> bytes:
    fields = {"From": "Dana <info@exithate.org>", **headers}
    head = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in fields.items())
    return f"{head}Content-Type: {content_type}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n".encode() + body


def zipped(name: str, content: bytes) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as opened:
        opened.writestr(name, content)
    return written.getvalue()


def in_base_64(content: bytes) -> bytes:
    return mail(base64.encodebytes(content), "application/octet-stream", "base64")


WRITTEN: dict[str, Callable[[str], bytes]] = {
    "as it is": lambda word: mail(word.encode()),
    "in capitals": lambda word: mail(word.upper().encode()),
    "base64": lambda word: mail(base64.encodebytes(word.encode()), encoding="base64"),
    "quoted-printable": lambda word: mail(
        quopri.encodestring(f"hello {word}".encode(), quotetabs=True), encoding="quoted-printable"
    ),
    "over two lines": lambda word: mail(word.replace(" ", "\r\n").encode()),
    "non-breaking spaces": lambda word: mail(word.replace(" ", "\u00a0").encode()),
    "an unseen letter inside": lambda word: mail((word[:3] + "\u200b" + word[3:]).encode()),
    "encoded word": lambda word: mail(b"", Subject=Header(word, "utf-8").encode()),
    "folded encoded words": lambda word: mail(b"", Subject=Header(word * 3, "utf-8", maxlinelen=30).encode()),
    "parameter": lambda word: mail(b"", f"image/png; name*=utf-8''{quote(word)}"),
    "parameter as an encoded word": lambda word: mail(b"", f'image/png; name="{Header(word, "utf-8").encode()}"'),
    "file name in pieces": lambda word: mail(
        b"", Content_Disposition=f"attachment; filename*0*=utf-8''{quote(word[:4])}; filename*1*={quote(word[4:])}"
    ),
    "percent": lambda word: mail(quote(word, safe="").encode()),
    "HTML entities": lambda word: mail("".join(f"&#{ord(letter)};" for letter in word).encode(), "text/html"),
    "tags inside": lambda word: mail(f"<p>{word[:3]}<b>{word[3:]}</b></p>".encode(), "text/html"),
    "UTF-16 in a file": lambda word: in_base_64(b"\0\1" + word.encode("utf-16-le")),
    "in a document": lambda word: in_base_64(zipped("a.xml", f"<a>{word}</a>".encode())),
    "a name in an archive": lambda word: in_base_64(zipped(f"{word}.txt", b"")),
    "an archive in an archive": lambda word: in_base_64(zipped("b.zip", zipped("a.txt", word.encode()))),
}


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("way", WRITTEN)
def test_a_private_word_is_found_however_it_is_written(way: str, word: str) -> None:
    assert find_private(WRITTEN[way](word), WORDS) == (word,)


@pytest.mark.parametrize(
    "written",
    ["01632960123", "+44 1632 960123", "0044 (0)1632 960-123", "01632/960 123", "01632.960.123"],
)
def test_a_number_is_found_in_every_spelling(written: str) -> None:
    assert find_private(mail(f"Call {written} please.".encode()), WORDS) == ("01632 960123",)


@pytest.mark.parametrize(
    "text",
    ["Hello Sam, the arksome larks rise.", "01632 960124", "Danuta writes", "a@example.net", "%zz &bogus; <"],
)
def test_what_is_only_alike_is_let_through(text: str) -> None:
    assert find_private(mail(text.encode()), (*WORDS, "Lark Rise")) == ()


@pytest.mark.parametrize(
    "content",
    [b"PK\x03\x04 broken", b"PK", zipped("a", bytes(3))[:-20], b"\xff\xfe\xfd"],
    ids=["no archive", "nothing", "cut", "no text"],
)
def test_what_can_not_be_unpacked_is_searched_as_it_is(content: bytes) -> None:
    assert find_private(in_base_64(content), WORDS) == ()
    assert find_private(in_base_64(content + b"dana.private@example.net"), WORDS) == ("dana.private@example.net",)


def test_a_header_that_can_not_be_decoded_is_searched_as_it_is() -> None:
    broken = mail(b"", Subject="=?utf-8?b?!!!?= =?bogus?q?dana.private@example.net?=")
    assert find_private(broken, WORDS) == ("dana.private@example.net",)


PORTER = ("Dana Porter", "Porter")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Our supporters are kind, and a porter opens the door.", ()),
        ("Ask for Porter at the door.", ("Porter",)),
        ("ASK FOR PORTER", ("Porter",)),
        ("Ask for Por\u200bter.", ("Porter",)),
        ("love, dana porter x", ("Dana Porter",)),
    ],
)
def test_a_surname_that_is_a_common_word_counts_where_it_is_written_as_a_name(text: str, found: tuple[str, ...]) -> None:
    assert find_private(mail(text.encode()), PORTER, ("Porter",)) == found
    html = mail(f"<p>{text}</p>".encode(), "text/html; charset=utf-8")
    assert find_private(html, PORTER, ("Porter",)) == found


def test_a_name_that_its_bearer_writes_small_counts_where_it_is_written_as_one() -> None:
    assert find_private(mail(b"Ask for Young."), ("young",), ("young",)) == ("young",)
    assert find_private(mail(b"The young man."), ("young",), ("young",)) == ()


def test_in_a_file_a_name_counts_in_any_spelling() -> None:
    assert find_private(in_base_64(b"c:/users/danaporter/x"), PORTER, ("Porter",)) == ("Porter",)
    assert find_private(mail(b"x", "text/plain; name=danaporter.txt"), PORTER, ("Porter",)) == ("Porter",)


def test_without_private_words_nothing_is_searched() -> None:
    assert find_private(mail(b"hello"), ()) == ()


@pytest.mark.parametrize(
    ("written_as", "words"),
    [
        (NAME, (NAME, "Müller-Ash")),
        ("Danuta", ("Danuta",)),
        ("Dana", ()),
        ("dana ", ()),
        ("", ()),
        ("Danuta de Wit", ("Danuta de Wit", "Wit")),
    ],
)
def test_private_are_addresses_listed_words_and_the_name_in_the_mail_program(written_as: str, words: tuple[str, ...]) -> None:
    listed = ("dana.private@example.net", "01632 960123", "Lark Rise", "dana.private", "mj@example.net")
    assert private_words([DANA, MIKE], DANA, Address(written_as, DANA.email)) == (*listed, *words)


@pytest.mark.parametrize(
    ("written_as", "requester", "name"),
    [(NAME, "Sam", "Danuta"), ("Dana Ash", "Sam", ""), ("Danuta", "Danuta Elm", ""), ("Jo Ash", "", ""), ("", "", "")],
    ids=["private", "public", "the requester's too", "too short to tell", "none"],
)
def test_first_name_is_guarded_where_it_is_nobody_elses(written_as: str, requester: str, name: str) -> None:
    assert first_name(DANA, Address(written_as, DANA.email), requester) == name


GUARD = Guard(("safeguarding", "case notes"), "Will", ("info@exithate.org", "116 123", "0800 1111", "sam@example.org"))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Will you come? We will.", ("Will",)),
        ("We will be there.", ()),
        ("It is a Safeguarding matter.", ("safeguarding",)),
        ("I read your case\nnotes.", ("case notes",)),
        ("safeguardings", ()),
        ("Call Samaritans: 116 123, or 0800 1111.", ()),
        ("Write to INFO@exithate.org or sam@example.org", ()),
        ("My number is 07700 900123.", ("07700 900123",)),
        ("Call (01632) 960-999", ("(01632) 960-999",)),
        ("or +44 7700 900 123", ("+44 7700 900 123",)),
        ("Mail me: jones@example.net", ("jones@example.net",)),
        ("On 2026-12-14, 14/12/2026 or 14.12.2026 at 10:30, 2 pm, room 12345", ()),
        ("07700 900123 and 07700 900123", ("07700 900123",)),
        ("On 12-11-2026, or 12/11-14/11/2026, or 2026-11-12 14:30, 14.30 - 15.30. 1939-1945, 2024/2025.", ()),
        ("From 14.12.2026 07700 900123", ("07700 900123",)),
        ("07700 900123 14/12/2026", ("07700 900123",)),
        ("01.12.20.33.44 and 01.12.20 33 44", ("01.12.20.33.44", "01.12.20 33 44")),
    ],
)
def test_what_belongs_in_a_note_is_found_in_the_authors_own_words(text: str, found: tuple[str, ...]) -> None:
    assert find_unfit(text, GUARD) == found


def test_every_part_of_a_mail_is_searched() -> None:
    plain = b"--b\r\nContent-Type: text/plain\r\n\r\nHello\r\n"
    page = b"--b\r\nContent-Type: text/html\r\n\r\n<p>dana.private@example.net\r\n--b--\r\n"
    assert find_private(mail(plain + page, "multipart/alternative; boundary=b"), WORDS) == ("dana.private@example.net",)


def test_an_archive_beyond_all_bounds_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not sent by itself either: nobody could look through it."""
    packed = in_base_64(zipped("a.xml", b"dana.private@example.net" * 100))
    monkeypatch.setattr(decoded, "_MOST_BYTES", 100)
    assert find_private(packed, WORDS) == ()


@pytest.mark.parametrize(
    ("text", "is_signed"),
    [
        ("See you then.\n\nwill", True),
        ("See you then.\n\nlove, will xx\n", True),
        ("See you then.\nBest wishes\nWILL.", True),
        ("I hope that you will\nhave a good week, and we will too.", False),
        ("will you come?", False),
    ],
    ids=["alone", "with love", "in capitals", "the end of a line", "a question"],
)
def test_a_first_name_is_found_in_any_spelling_where_a_mail_is_signed_with_it(text: str, is_signed: bool) -> None:
    assert find_unfit(text, Guard(first_name="Will")) == (("Will",) if is_signed else ())
