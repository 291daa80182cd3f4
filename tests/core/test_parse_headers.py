"""Header values: encoded words, addresses, Message-IDs, dates, parameters, and where a header block ends."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from helpdesk.core.parse.dates import parse_date
from helpdesk.core.parse.fields import split_headers
from helpdesk.core.parse.limits import Defects
from helpdesk.core.parse.parameters import parse_parameters
from helpdesk.core.parse.people import parse_addresses
from helpdesk.core.parse.references import parse_message_id, parse_references
from helpdesk.core.parse.words import decode_words

WORDS = [
    ("plain", "Hello there", "Hello there"),
    ("b", "=?utf-8?B?Y2Fmw6k=?=", "café"),
    ("q", "=?iso-8859-1?Q?caf=E9_one?=", "café one"),
    ("lower case letters", "=?UTF-8?q?caf=c3=a9?=", "café"),
    ("language tag", "=?utf-8*en?Q?caf=C3=A9?=", "café"),
    ("space between two is dropped", "=?utf-8?Q?a?= =?utf-8?Q?b?=", "ab"),
    ("space between charsets is dropped", "=?utf-8?Q?a?=  =?iso-8859-1?Q?=E9?=", "aé"),
    ("space around words is kept", "one =?utf-8?Q?two?= three", "one two three"),
    ("words between two", "=?utf-8?Q?a?= and =?utf-8?Q?b?=", "a and b"),
    ("letter cut between two", "=?utf-8?Q?=C3?= =?utf-8?Q?=A9?=", "é"),
    ("letter cut between q and b", "=?utf-8?Q?=C3?= =?utf-8?B?qQ==?=", "é"),
    ("base64 group cut between two", "=?utf-8?B?Y2Fmw?= =?utf-8?B?6kh?=", "café!"),
    ("padding missing", "=?utf-8?B?Y2Fmw6k?=", "café"),
    ("padding missing, q follows", "=?utf-8?B?YQ?= =?utf-8?Q?b?=", "ab"),
    ("base64 with a letter too many", "=?utf-8?B?YWJjZ?=", "abc"),
    ("base64 with other signs", "=?utf-8?B?Y2 F-mw6k=?=", "café"),
    ("touching", "=?utf-8?Q?a?==?utf-8?Q?b?=", "ab"),
    ("glued to words", "x=?utf-8?Q?y?=z", "xyz"),
    ("spaces inside", "=?utf-8?Q?two words?=", "two words"),
    ("question mark inside", "=?utf-8?Q?really? yes?=", "really? yes"),
    ("bad escape", "=?utf-8?Q?50=_=ZZ?=", "50= =ZZ"),
    ("cut off", "=?utf-8?Q?Hello_wor", "Hello wor"),
    ("one cut off before the next", "=?utf-8?Q?a =?utf-8?Q?b?=", "a b"),
    ("space before the charset", "=? utf-8 ? Q ?a?=", "a"),
    ("unknown charset", "=?x-nowhere?Q?caf=E9?=", "café"),
    ("empty charset", "=??Q?a?=", "=??Q?a?="),
    ("no encoding", "=?utf-8?X?a?=", "=?utf-8?X?a?="),
    ("empty", "=?utf-8?Q??=", ""),
    ("raw letters in q", "=?utf-8?Q?café?=", "café"),
    ("surrogate in utf-7", "=?utf-7?Q?+2AA-x?=", "\ufffdx"),
]


@pytest.mark.parametrize(("value", "text"), [case[1:] for case in WORDS], ids=[case[0] for case in WORDS])
def test_encoded_words(value: str, text: str) -> None:
    assert decode_words(value, Defects()) == text


def test_broken_encoded_words_are_defects() -> None:
    defects = Defects()
    decode_words("=?x-nowhere?Q?caf=E9?= =?utf-8?Q?cut", defects)
    assert defects.notes == ["encoded word without an end", "unknown charset x-nowhere"]


ADDRESSES = [
    ("bare", "sam@example.org", [("", "sam@example.org")]),
    ("name", "Sam Person <sam@example.org>", [("Sam Person", "sam@example.org")]),
    ("quoted name", '"Person, Sam" <sam@example.org>', [("Person, Sam", "sam@example.org")]),
    ("escaped quote", '"Sam \\"S\\" Person" <sam@example.org>', [('Sam "S" Person', "sam@example.org")]),
    ("encoded name", "=?utf-8?Q?Si=C3=A2n?= <sian@example.org>", [("Siân", "sian@example.org")]),
    ("encoded name in quotes", '"=?utf-8?Q?Si=C3=A2n?=" <sian@example.org>', [("Siân", "sian@example.org")]),
    ("encoded comma", "=?utf-8?Q?Llŷr=2C_Siân?= <s@example.org>", [("Llŷr, Siân", "s@example.org")]),
    ("encoded brackets", "=?utf-8?Q?=3Ca=40b=2Ec=3E?= <real@example.org>", [("a@b.c", "real@example.org")]),
    ("all encoded", "=?utf-8?Q?Sam_=3Csam=40example.org=3E?=", [("Sam", "sam@example.org")]),
    ("address as name", '"sam@example.com" <sam@example.org>', [("sam@example.com", "sam@example.org")]),
    ("address twice", "sam@example.org <sam@example.org>", [("", "sam@example.org")]),
    ("comment name", "sam@example.org (Sam Person)", [("Sam Person", "sam@example.org")]),
    ("comment in the address", "Pete <pete(his account)@example.org(his host)>", [("Pete", "pete@example.org")]),
    ("no closing bracket", "Sam <sam@example.org", [("Sam", "sam@example.org")]),
    ("double brackets", "Sam <<sam@example.org>>", [("Sam", "sam@example.org")]),
    ("no brackets around it", "Sam sam@example.org", [("Sam", "sam@example.org")]),
    ("encoded name, bare address", "=?utf-8?Q?Si=C3=A2n?= sian@example.org", [("Siân", "sian@example.org")]),
    ("name in single quotes", "'Sam' <sam@example.org>", [("Sam", "sam@example.org")]),
    ("address in single quotes", "<'sam@example.org'>", [("", "'sam@example.org'")]),
    ("local part in single quotes", "<'sam'@example.org>", [("", "sam@example.org")]),
    ("mailto", "<mailto:sam@example.org>", [("", "sam@example.org")]),
    ("route", "<@relay.example,@b.example:sam@example.org>", [("", "sam@example.org")]),
    ("space around the at", "<sam @ example . org>", [("", "sam@example.org")]),
    ("spaces in the local part", "<sam and kim@example.org>", [("", "sam and kim@example.org")]),
    ("folded name", "Sam\t Person <sam@example.org>", [("Sam Person", "sam@example.org")]),
    ("two", "a@example.org, B <b@example.org>", [("", "a@example.org"), ("B", "b@example.org")]),
    ("semicolons", "a@example.org; b@example.org", [("", "a@example.org"), ("", "b@example.org")]),
    ("comma forgotten", "A <a@example.org> B <b@example.org>", [("A", "a@example.org"), ("B", "b@example.org")]),
    ("second bracket is no address", "A <a@example.org> <x>", [("A", "a@example.org")]),
    ("group", "Friends: a@example.org, B <b@example.org>;", [("", "a@example.org"), ("B", "b@example.org")]),
    ("group of nobody", "undisclosed-recipients:;", []),
    ("colon in a name", "Desk: Sam <sam@example.org>", [("Desk: Sam", "sam@example.org")]),
    ("name alone", "Sam Person", []),
    ("null", "MAILER-DAEMON <>", []),
    ("no local part", "<@example.org>", []),
    ("no domain", "<sam@>", []),
    ("empty", "", []),
    ("domain literal", "sam@[192.0.2.1]", [("", "sam@[192.0.2.1]")]),
    ("dot at the end", "<sam@example.org.>", [("", "sam@example.org")]),
    ("spelling is kept", "<Sam.Person+Tag@Example.ORG>", [("", "Sam.Person+Tag@Example.ORG")]),
    ("invisible letters in a name", "Sa\u202em\x07 <sam@example.org>", [("Sam", "sam@example.org")]),
    ("too long", f"<{'a' * 400}@example.org>", []),
    ("stray quote", 'Sam " Person <sam@example.org>', [('Sam " Person', "sam@example.org")]),
]


@pytest.mark.parametrize(("value", "found"), [case[1:] for case in ADDRESSES], ids=[case[0] for case in ADDRESSES])
def test_addresses(value: str, found: list[tuple[str, str]]) -> None:
    assert [(address.name, address.address) for address in parse_addresses(value, Defects())] == found


def test_of_thousands_of_addresses_the_first_are_read() -> None:
    defects = Defects()
    assert len(parse_addresses("a@example.org," * 1_000, defects)) == 500
    assert defects.notes == ["only the first 500 addresses were read"]


IDS = [
    ("usual", "<a@example.org>", "a@example.org", []),
    ("comment behind", "<a@example.org> (sent again)", "a@example.org", []),
    ("no brackets", "a@example.org", "a@example.org", ["malformed Message-ID"]),
    ("half brackets", "<a@example.org", "a@example.org", ["malformed Message-ID"]),
    ("space inside", "<a b@c>", "a b@c", ["malformed Message-ID"]),
    ("no at", "<abc>", "abc", ["malformed Message-ID"]),
    ("brackets twice", "<<a@example.org>>", "a@example.org", []),
    ("encoded", "=?utf-8?Q?=3Ca=40example.org=3E?=", "a@example.org", []),
    ("empty brackets", "<>", None, ["malformed Message-ID"]),
    ("empty", "", None, []),
    ("very long", f"<{'a' * 2_000}@example.org>", "a" * 998, []),
]


@pytest.mark.parametrize(("value", "written", "notes"), [case[1:] for case in IDS], ids=[case[0] for case in IDS])
def test_message_id(value: str, written: str | None, notes: list[str]) -> None:
    defects = Defects()
    assert parse_message_id(value, defects) == written
    assert defects.notes == notes


REFERENCES = [
    ("usual", ["<a@b> <c@d>"], ("a@b", "c@d")),
    ("nothing between", ["<a@b><c@d>"], ("a@b", "c@d")),
    ("each once", ["<a@b> <c@d> <a@b>"], ("a@b", "c@d")),
    ("several fields", ["<a@b>", "<c@d>"], ("a@b", "c@d")),
    ("no brackets", ["a@b, c@d (note)"], ("a@b", "c@d")),
    ("words around", ['Your message of "Mon" <a@b>'], ("a@b",)),
    ("words alone", ["your message of Monday"], ()),
    ("empty brackets", ["<> <a@b>"], ("a@b",)),
    ("encoded by old Exchange", ["=?us-ascii?Q?=3Ca=40b=3E?= =?us-ascii?Q?_=3Cc=40d=3E?="], ("a@b", "c@d")),
]


@pytest.mark.parametrize(("values", "ids"), [case[1:] for case in REFERENCES], ids=[case[0] for case in REFERENCES])
def test_references(values: list[str], ids: tuple[str, ...]) -> None:
    assert parse_references(values, Defects()) == ids


def test_of_very_many_references_the_newest_are_kept() -> None:
    assert parse_references([" ".join(f"<{number}@b>" for number in range(1_000))], Defects())[-1] == "999@b"


DATES = [
    ("usual", "Mon, 02 Nov 2026 12:00:00 +0100", datetime(2026, 11, 2, 11, tzinfo=UTC)),
    ("no weekday", "2 Nov 2026 12:00 +0100", datetime(2026, 11, 2, 11, tzinfo=UTC)),
    ("zone in words", "Mon, 2 Nov 2026 12:00:00 EST", datetime(2026, 11, 2, 17, tzinfo=UTC)),
    ("zone comment", "Mon, 2 Nov 2026 12:00:00 +0000 (GMT)", datetime(2026, 11, 2, 12, tzinfo=UTC)),
    ("unknown zone", "Mon, 2 Nov 2026 12:00:00 -0000", datetime(2026, 11, 2, 12, tzinfo=UTC)),
    ("no zone", "Mon, 2 Nov 2026 12:00:00", datetime(2026, 11, 2, 12, tzinfo=UTC)),
    ("iso", "2026-11-02T12:00:00+01:00", datetime(2026, 11, 2, 11, tzinfo=UTC)),
    ("month 13", "Mon, 32 Nov 2026 12:00:00 +0000", None),
    ("zone of 99 hours", "Mon, 2 Nov 2026 12:00:00 +9999", None),
    ("year 1 before its beginning", "0001-01-01T00:00:00+10:00", None),
    ("words", "yesterday", None),
    ("colons", ":::", None),
    ("missing", "", None),
]


@pytest.mark.parametrize(("value", "date"), [case[1:] for case in DATES], ids=[case[0] for case in DATES])
def test_dates(value: str, date: datetime | None) -> None:
    defects = Defects()
    assert parse_date(value, defects) == date
    assert bool(defects.notes) == (date is None)


PARAMETERS = [
    ("quoted", 'text/plain; charset="utf-8"', "text/plain", {"charset": "utf-8"}),
    ("bare", "text/plain;charset=utf-8", "text/plain", {"charset": "utf-8"}),
    ("capitals", "Text/HTML; CharSet=UTF-8", "text/html", {"charset": "UTF-8"}),
    ("no semicolon", "text/plain charset=utf-8", "text/plain", {"charset": "utf-8"}),
    ("no semicolon between", 'multipart/mixed; boundary="a" type="b"', "multipart/mixed", {"boundary": "a", "type": "b"}),
    (
        "space instead of semicolon",
        "text/plain; name=a b.txt charset=utf-8",
        "text/plain",
        {"name": "a b.txt", "charset": "utf-8"},
    ),
    ("spaces around", "text/plain ; charset = utf-8 ;", "text/plain", {"charset": "utf-8"}),
    ("comment", "text/plain (plain); charset=utf-8 (yes)", "text/plain", {"charset": "utf-8"}),
    ("brackets in a name", 'image/png; name="a (1).png"', "image/png", {"name": "a (1).png"}),
    ("brackets in quotes", 'text/plain; charset="(x)"', "text/plain", {"charset": "(x)"}),
    ("quote not closed", 'text/plain; name="a.txt', "text/plain", {"name": "a.txt"}),
    ("quote not opened", 'text/plain; name=a.txt"', "text/plain", {"name": "a.txt"}),
    ("semicolon in quotes", 'text/plain; name="a;b.txt"', "text/plain", {"name": "a;b.txt"}),
    ("escaped quote", r'text/plain; name="a\"b.txt"', "text/plain", {"name": 'a"b.txt'}),
    ("windows path", r'text/plain; name="C:\new\a.txt"', "text/plain", {"name": r"C:\new\a.txt"}),
    ("first one counts", "text/plain; a=1; a=2", "text/plain", {"a": "1"}),
    ("word without a value", "attachment; foo; filename=a.txt", "attachment", {"filename": "a.txt"}),
    ("last word without a value", "attachment; foo", "attachment", {}),
    ("value forgotten", "filename=a.txt", "", {"filename": "a.txt"}),
    ("empty", "", "", {}),
    ("encoded word", 'a; name="=?utf-8?Q?caf=C3=A9?="', "a", {"name": "café"}),
    ("percent", "a; name=caf%C3%A9.txt", "a", {"name": "café.txt"}),
    ("percent of no charset", "a; name=100%E9.txt", "a", {"name": "100%E9.txt"}),
    ("extended", "a; name*=utf-8'en'caf%C3%A9", "a", {"name": "café"}),
    ("extended, latin", "a; name*=iso-8859-1''caf%E9", "a", {"name": "café"}),
    ("extended, quoted", "a; name*=\"utf-8''caf%C3%A9\"", "a", {"name": "café"}),
    ("extended without charset", "a; name*=caf%C3%A9", "a", {"name": "café"}),
    ("extended, broken percent", "a; name*=utf-8''50%ZZ%", "a", {"name": "50%ZZ%"}),
    ("extended beats plain", "a; name=plain; name*=utf-8''ext", "a", {"name": "ext"}),
    ("empty extended leaves plain", "a; name=plain; name*=utf-8''", "a", {"name": "plain"}),
    ("sections", 'a; name*0="one "; name*1="two"', "a", {"name": "one two"}),
    ("sections out of order", "a; name*1=b; name*0=a", "a", {"name": "ab"}),
    ("sections, some extended", "a; name*0*=utf-8''%C3; name*1*=%A9; name*2=%41", "a", {"name": "é%41"}),
    ("sections from one", "a; name*1=a; name*2=b", "a", {"name": "ab"}),
    ("encoded word in sections", "a; name*0==?utf-8?Q?caf; name*1==C3=A9?=", "a", {"name": "café"}),
]


@pytest.mark.parametrize(("header", "value", "found"), [case[1:] for case in PARAMETERS], ids=[case[0] for case in PARAMETERS])
def test_parameters(header: str, value: str, found: dict[str, str]) -> None:
    parsed = parse_parameters(header, Defects())
    assert (parsed.value, dict(parsed.parameters)) == (value, found)


def test_missing_parameter_is_empty() -> None:
    assert parse_parameters("text/plain", Defects()).get("charset") == ""


BLOCKS = [
    ("usual", b"A: 1\nB: 2\n\nbody", [("a", "1"), ("b", "2")], b"body", []),
    ("crlf", b"A: 1\r\nB: 2\r\n\r\nbody", [("a", "1"), ("b", "2")], b"body", []),
    ("cr doubled", b"A: 1\r\r\nB: 2\r\r\n\r\r\nbody", [("a", "1"), ("b", "2")], b"body", []),
    ("folded", b"A: 1\n 2\n\t3\n\nbody", [("a", "1 2\t3")], b"body", []),
    ("space before the colon", b"A : 1\n\nbody", [("a", "1")], b"body", []),
    ("empty value", b"A:\n\nbody", [("a", "")], b"body", []),
    ("no header", b"\nbody", [], b"body", ["no blank line between headers and body"]),
    ("no body", b"A: 1\n", [("a", "1")], b"", []),
    ("no line end", b"A: 1", [("a", "1")], b"", []),
    ("mbox line", b"From sam@example.org Mon Nov  2 11:00:00 2026\nA: 1\n\nbody", [("a", "1")], b"body", []),
    (
        "mbox line in the middle",
        b"A: 1\nFrom x\nB: 2\n\nbody",
        [("a", "1"), ("b", "2")],
        b"body",
        ["header line without a name"],
    ),
    ("quoted mbox line", b">From sam@example.org Mon Nov  2\nA: 1\n\nbody", [("a", "1")], b"body", []),
    ("blank lines first", b"\r\n\n\xef\xbb\xbfA: 1\n\nbody", [("a", "1")], b"body", []),
    (
        "continuation not indented",
        b"A: 1\nmore\nB: 2\n\nbody",
        [("a", "1 more"), ("b", "2")],
        b"body",
        ["header line without a name"],
    ),
    ("parameter not indented", b"A: 1;\nb=2\n\nbody", [("a", "1; b=2")], b"body", ["header line without a name"]),
    ("garbage first", b"junk\nA: 1\n\nbody", [("a", "1")], b"body", ["header line without a name"]),
    (
        "body without blank line",
        b"A: 1\nx\ny\nz\nB: 2\n",
        [("a", "1")],
        b"x\ny\nz\nB: 2\n",
        ["no blank line between headers and body"],
    ),
    ("one line of body", b"A: 1\nwords", [("a", "1")], b"words", ["no blank line between headers and body"]),
    ("one whole line of body", b"A: 1\nwords\n", [("a", "1")], b"words\n", ["no blank line between headers and body"]),
    ("beyond ascii", "A: é\n\nbody".encode(), [("a", "é")], b"body", ["header with bytes beyond ascii"]),
    ("nul", b"A: x\0y\n\nbody", [("a", "xy")], b"body", []),
]


@pytest.mark.parametrize(("block", "items", "rest", "notes"), [case[1:] for case in BLOCKS], ids=[case[0] for case in BLOCKS])
def test_header_blocks(block: bytes, items: list[tuple[str, str]], rest: bytes, notes: list[str]) -> None:
    defects = Defects()
    fields, body = split_headers(block, 0, len(block), defects)
    assert list(fields.items) == items
    assert block[body:] == rest
    assert defects.notes == notes


@pytest.mark.parametrize("part", [b"\nbody", b"\r\nbody"], ids=["lf", "crlf"])
def test_part_without_header_begins_with_a_blank_line(part: bytes) -> None:
    data = b"--b\n" + part
    defects = Defects()
    fields, body = split_headers(data, 4, len(data), defects)
    assert (fields.items, data[body:], defects.notes) == ((), b"body", [])


def test_every_value_of_a_repeated_field_is_there() -> None:
    fields, _ = split_headers(b"A: 1\nB: 2\nA: 3\n\n", 0, 16, Defects())
    assert (fields.first("a"), fields.every("a"), fields.first("c")) == ("1", ["1", "3"], "")
