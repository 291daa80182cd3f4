"""Bodies: charsets, transfer encodings, the choice of what is shown, flowed text, attachments and files inside text."""

from __future__ import annotations

import base64
import binascii

import pytest

from helpdesk.core.parse import parse
from helpdesk.core.parse.attachments import safe_name
from helpdesk.core.parse.calendar import calendar_words
from helpdesk.core.parse.charsets import codec_of, decode
from helpdesk.core.parse.flowed import unflow
from helpdesk.core.parse.limits import Defects
from helpdesk.core.parse.signed import signed_content, without_armour
from helpdesk.core.parse.transfer import decode_transfer, decoded_size, encoding_of
from helpdesk.core.parse.uuencode import cut_files
from helpdesk.model.message import InboundMessage

HEAD = "From: Sam <sam@example.org>\nDate: Mon, 02 Nov 2026 11:00:00 +0000\n"


def _mail(rest: str) -> InboundMessage:
    return parse((HEAD + rest).encode())


def _mixed(*parts: str, kind: str = "mixed") -> InboundMessage:
    body = "".join(f"--b\n{part}\n" for part in parts)
    return _mail(f"Content-Type: multipart/{kind}; boundary=b\n\n{body}--b--\n")


LABELS = [
    ("x-gbk", "gb18030"),
    ("GB2312", "gb18030"),
    ("ks_c_5601-1987", "cp949"),
    ("euc-kr", "cp949"),
    ("iso-8859-1", "cp1252"),
    ("US-ASCII", "cp1252"),
    ("iso-8859-8-i", "iso8859_8"),
    ("iso-8859-15", "iso8859_15"),
    ("windows-31j", "cp932"),
    ("Shift_JIS", "cp932"),
    ("x-sjis", "cp932"),
    ("cp-850", "cp850"),
    ("unicode-1-1-utf-7", "utf_7"),
    ("utf8", "utf_8"),
    ("UTF-8;format=flowed", "utf_8"),
    ("windows-1252http-equivcontent-type", "cp1252"),
    ("x-mac-roman", "mac_roman"),
    ("tis-620", "cp874"),
    ("big5", "big5hkscs"),
    ("koi8-r", "koi8_r"),
    ("base64", None),
    ("rot13", None),
    ("punycode", None),
    ("unicode_escape", None),
    ("zlib", None),
    ("x-nowhere", None),
    ("\0", None),
    ("é" * 500, None),
    ("", None),
]


@pytest.mark.parametrize(("label", "codec"), LABELS, ids=[repr(case[0][:20]) for case in LABELS])
def test_label_stands_for_what_its_senders_mean(label: str, codec: str | None) -> None:
    assert codec_of(label) == codec


DETECTED = [
    ("utf_8", "Dw i’n poeni am fy mab — diolch"),
    ("utf_8", "مجھے مدد چاہیے میں ڈرا ہوا ہوں"),
    ("utf_8_sig", "Words with a mark"),
    ("utf_16", "Words in pairs"),
    ("utf_32", "Words in fours"),
    ("cp1252", "J’ai peur pour mon fils, à très bientôt, « voilà », 20 m²"),
    ("cp1252", "Ich fürchte um meinen Sohn, »Grüße« aus München"),
    ("cp1252", "Þetta er íslenska, ég þarf hjálp, takk fyrir það"),
    ("cp1254", "Oğlum için yardıma ihtiyacım var, teşekkürler"),
    ("cp1250", "Proszę o pomoc, boję się o syna, który się zmienił. Dziękuję, że są państwo"),
    ("iso8859_2", "Proszę o pomoc, boję się o syna, który się zmienił. Dziękuję, że są państwo"),
    ("cp1250", "Prosím o pomoc, příliš žluťoučký kůň"),
    ("iso8859_2", "Prosím o pomoc, příliš žluťoučký kůň"),
    ("cp1250", "Miał już dość, więc wyszedł i usiadł"),
    ("cp1251", "Здравствуйте, мне нужна ваша помощь. Я боюсь за своего сына."),
    ("koi8_r", "Здравствуйте, мне нужна ваша помощь. Я боюсь за своего сына."),
    ("iso8859_5", "Здравствуйте, мне нужна ваша помощь. Я боюсь за своего сына."),
    ("cp1253", "Χρειάζομαι βοήθεια για τον γιο μου, φοβάμαι"),
    ("cp1256", "أحتاج إلى مساعدة من فضلكم، أنا خائف على ابني"),
    ("iso8859_6", "أحتاج إلى مساعدة من فضلكم، أنا خائف على ابني"),
    ("cp1255", "אני צריך עזרה בבקשה אני מפחד"),
    ("gb18030", "您好，我需要帮助，我很担心我的儿子。谢谢"),
    ("big5hkscs", "您好，我需要幫助，我很擔心我的兒子。謝謝"),
    ("euc_jp", "助けてください。息子のことが心配です。よろしくお願いします"),
    ("cp932", "助けてください。息子のことが心配です。よろしくお願いします"),
    ("iso2022_jp", "助けてください。息子のことが心配です。"),
    ("cp949", "안녕하세요 도움이 필요합니다 아들이 걱정됩니다"),
]


@pytest.mark.parametrize("label", ["", "unknown-8bit", "us-ascii", "x-nowhere"])
@pytest.mark.parametrize(("codec", "text"), DETECTED, ids=[f"{case[0]}: {case[1][:12]}" for case in DETECTED])
def test_charset_is_detected_where_the_label_says_nothing(codec: str, text: str, label: str) -> None:
    data = text.encode(codec, "ignore")
    assert decode(data, label, Defects()) == data.decode(codec)


MISLABELLED = [
    ("utf-8 as latin", "café".encode(), "iso-8859-1", "café", ["utf-8 text labelled cp1252"]),
    ("utf-8 as ascii", "café".encode(), "us-ascii", "café", []),
    ("windows as latin", "“café”".encode("cp1252"), "iso-8859-1", "“café”", []),
    ("windows as utf-8", "“café” – très".encode("cp1252"), "utf-8", "“café” – très", ["text is not utf_8"]),
    ("one stray byte", "café café".encode() + b" caf\xe9", "utf-8", "café café café", ["text is not utf_8"]),
    ("byte without a letter", b"a\x81b\xe9", "windows-1252", "a\ufffdbé", []),
    ("japanese as utf-8", "助けて".encode("iso2022_jp"), "utf-8", "助けて", []),
    ("greek as big5", "Χρειάζομαι βοήθεια".encode("cp1253"), "big5", "Χρειάζομαι βοήθεια", ["text is not big5hkscs"]),
    (
        "cut in the last letter",
        "您好我需要帮助我很担心我的儿子谢谢您好吗".encode("gb18030")[:-1],
        "gb2312",
        None,
        ["text is not gb18030"],
    ),
    ("ascii under no known name", b"words", "x-nowhere", "words", []),
    ("utf-16 bytes", "hé".encode("utf-16-le"), "utf-16le", "hé", []),
    ("half a surrogate pair", b"a+2AA-b", "utf-7", "a\ufffdb", []),
    ("nul", b"a\0b", "us-ascii", "ab", []),
    ("nul beyond ascii", b"a\0\xe9", "iso-8859-1", "aé", []),
    ("mark", b"\xef\xbb\xbfwords \xc3\xa9", "utf-8", "words é", []),
]


@pytest.mark.parametrize(
    ("data", "label", "text", "notes"), [case[1:] for case in MISLABELLED], ids=[case[0] for case in MISLABELLED]
)
def test_text_is_read_in_spite_of_its_label(data: bytes, label: str, text: str | None, notes: list[str]) -> None:
    defects = Defects()
    decoded = decode(data, label, defects)
    assert decoded == text if text is not None else decoded.startswith("您好我需要帮助")
    assert defects.notes == notes


def test_charset_of_a_page_is_taken_from_its_meta_tag() -> None:
    page = '<meta http-equiv="Content-Type" content="text/html; charset=windows-1251">Привет, мама'.encode("cp1251")
    assert parse(HEAD.encode() + b"Content-Type: text/html\n\n" + page).text == "Привет, мама"


def test_page_beyond_ascii_without_a_meta_tag_is_detected() -> None:
    assert parse(HEAD.encode() + b"Content-Type: text/html\n\n" + "<p>Привет, мама".encode("cp1251")).text == "Привет, мама"


ENCODINGS = [
    ("base64", "base64"),
    ("BASE-64", "base64"),
    ("quoted_printable", "quoted-printable"),
    ("Quoted-Printable; x", "quoted-printable"),
    ("x-uuencode", "uuencode"),
    ("8 bit", ""),
    ("7bit", ""),
    ("binary", ""),
    ("", ""),
    ("- -", ""),
]


@pytest.mark.parametrize(("label", "encoding"), ENCODINGS, ids=[repr(case[0]) for case in ENCODINGS])
def test_names_of_transfer_encodings(label: str, encoding: str) -> None:
    assert encoding_of(label) == encoding


UU = b"begin 644 a\n" + binascii.b2a_uu(b"Hello there") + b"`\nend\n"
TRANSFERRED = [
    ("base64", "base64", b"SGVsbG8=", b"Hello"),
    ("base64 in lines", "base64", b"SGVs\r\nbG8=\r\n", b"Hello"),
    ("padding missing", "base64", b"SGVsbG8", b"Hello"),
    ("a letter too many", "base64", b"SGVsbG8hQ", b"Hello!"),
    ("other signs", "base64", b"SGV*sb-G8=", b"Hello"),
    ("several texts", "base64", b"SGVs\nbG8=\ndGhlcmU=\n", b"Hellothere"),
    ("words behind it", "base64", b"SGVsbG8=\n-- \nA list's footer\n", b"Hello"),
    ("words behind the padding", "base64", b"SGVsbG8= ignored\n" + b"x" * 3, b"Hello"),
    ("empty", "base64", b"", b""),
    ("qp", "quoted-printable", b"caf=C3=A9 =\r\nbar", b"caf\xc3\xa9 bar"),
    ("bad qp", "quoted-printable", b"50=ZZ=", b"50=ZZ"),
    ("uu", "uuencode", UU, b"Hello there"),
    ("uu without begin", "uuencode", binascii.b2a_uu(b"Hello"), b"Hello"),
    ("uu with letters too many", "uuencode", b"#0V%T!!!!!!\nend\n", b"Cat"),
    ("bad uu", "uuencode", b"begin 644 a\n" + binascii.b2a_uu(b"Hello") + b"\xff\xff\xff\n", b"Hello"),
    ("none", "", b"Hello", b"Hello"),
]


@pytest.mark.parametrize(
    ("encoding", "data", "decoded"), [case[1:] for case in TRANSFERRED], ids=[case[0] for case in TRANSFERRED]
)
def test_transfer_encodings(encoding: str, data: bytes, decoded: bytes) -> None:
    assert decode_transfer(data, encoding) == decoded


@pytest.mark.parametrize("length", range(6))
def test_size_of_base64_is_known_without_decoding(length: int) -> None:
    assert decoded_size(base64.encodebytes(b"x" * length).replace(b"\n", b"\r\n"), "base64") == length


@pytest.mark.parametrize(
    ("encoding", "data", "size"), [("quoted-printable", b"=41=\n", 1), ("uuencode", UU, 11), ("", b"abc", 3)]
)
def test_other_sizes_are_those_of_the_decoded_bytes(encoding: str, data: bytes, size: int) -> None:
    assert decoded_size(data, encoding) == size


@pytest.mark.parametrize("body", ["Plain words, labelled wrongly.", "Some words"], ids=["sentence", "two words"])
def test_words_that_are_only_labelled_base64_are_kept(body: str) -> None:
    message = _mail(f"Content-Transfer-Encoding: base64\n\n{body}\n")
    assert (message.text, message.defects) == (body, ("text is not base64",))


def test_empty_base64_is_no_defect() -> None:
    assert _mail("Content-Transfer-Encoding: base64\n\n").defects == ()


FLOWED = [
    ("joined", "one \ntwo\nthree", False, "one two\nthree"),
    ("delsp", "one \ntwo", True, "onetwo"),
    ("signature", "one \n-- \nSam", False, "one \n-- \nSam"),
    ("quote", "> one \n> two\nthree", False, "> one two\nthree"),
    ("deeper quote", ">> one \n> two", False, ">> one \n> two"),
    ("stuffed", " From me\n >no quote", False, "From me\n>no quote"),
    ("flowed to the end", "one \ntwo ", False, "one two "),
    ("cr", "one \r\ntwo\r\n", False, "one two\n"),
    ("empty", "", False, ""),
]


@pytest.mark.parametrize(("text", "delete_space", "joined"), [case[1:] for case in FLOWED], ids=[case[0] for case in FLOWED])
def test_flowed_text(text: str, delete_space: bool, joined: str) -> None:
    assert unflow(text, delete_space=delete_space) == joined


def test_inline_texts_are_joined() -> None:
    message = _mixed("\nFirst words", "Content-Type: image/png\n\nx", "Content-Type: text/plain\n\nMore words")
    assert message.text == "First words\n\nMore words"


def test_plain_text_is_chosen_from_alternatives_in_any_order() -> None:
    plain, page = "Content-Type: text/plain\n\nThe words", "Content-Type: text/html\n\n<p>The <b>words</b></p>"
    for parts in ((plain, page), (page, plain)):
        message = _mixed(*parts, kind="alternative")
        assert (message.text, message.attachments) == ("The words", ())


def test_page_is_chosen_where_the_plain_text_is_blank() -> None:
    message = _mixed("Content-Type: text/plain\n\n \n", "Content-Type: text/html\n\n<p>The words</p>", kind="alternative")
    assert message.text == "The words"


def test_page_is_chosen_where_the_plain_text_lacks_its_words() -> None:
    page = "Content-Type: text/html\n\n<p>I wrote you a long letter about what happened at home last night, please read it.</p>"
    assert "long letter" in _mixed("Content-Type: text/plain\n\nRead me online", page, kind="alternative").text


def test_plain_text_stays_where_the_page_only_adds_a_few_words() -> None:
    words = "I would like to talk to someone about my brother and what he reads all night long"
    page = f"Content-Type: text/html\n\n<p>{words} and says https://example.org/a/b/c/d/e/f/g</p>"
    assert _mixed(f"Content-Type: text/plain\n\n{words}", page, kind="alternative").text == words


_LETTER = "I am writing since my brother has gone and nobody here knows where he sleeps now or who looks after him at all"
_NOTICE = "This mail was sent through the free service of our partner company; open the attached page for its contents please"


def _alternatives(plain: str, page: str) -> str:
    return _mixed(f"Content-Type: text/plain\n\n{plain}", f"Content-Type: text/html\n\n<p>{page}</p>", kind="alternative").text


def test_page_is_chosen_where_the_plain_text_is_another_text() -> None:
    assert _alternatives(f"{_NOTICE} in any program", _LETTER) == _LETTER


OTHER_PAGES = [
    ("half of it is in both", f"{_LETTER} {_NOTICE}", f"{_LETTER} {_NOTICE.upper()}"),
    ("a fragment", _LETTER, "Sent with a free program"),
    ("a notice below a long letter", f"{_LETTER}. {_LETTER.swapcase()}. {_LETTER.title()}", _NOTICE),
]


@pytest.mark.parametrize(("plain", "page"), [case[1:] for case in OTHER_PAGES], ids=[case[0] for case in OTHER_PAGES])
def test_plain_text_stays_where_the_page_says_less_or_much_of_the_same(plain: str, page: str) -> None:
    assert _alternatives(plain, page) == plain


def test_alternatives_without_words_are_no_words() -> None:
    assert _mixed("Content-Type: text/plain\n\n \n", "Content-Type: text/html\n\n<p> </p>", kind="alternative").text == ""
    assert _mixed("Content-Type: image/png\n\nx", kind="alternative").text == ""


def test_text_of_another_kind_is_read() -> None:
    enriched = _mail("Content-Type: text/enriched\n\n<bold>Now</bold> is <<the> time.\n\nYes")
    assert enriched.text == "Now is <the> time.\n\nYes"
    assert _mail("Content-Type: text/html\n\n<p>Words").text == "Words"
    assert _mail("\n<html><body><p>No type at all</p></body></html>").text == "No type at all"
    assert _mail("Content-Type: text\n\nOld words").text == "Old words"


def test_attached_text_is_not_shown_but_text_with_a_name_shown_inline_is_both() -> None:
    message = _mixed(
        "Content-Type: text/plain\n\nWords",
        "Content-Type: text/plain; name=a.txt\n\nnot shown",
        "Content-Type: text/plain\nContent-Disposition: attachment\n\nnot shown",
        "Content-Type: text/plain; name=b.txt\nContent-Disposition: inline\n\nshown",
    )
    assert message.text == "Words\n\nshown"
    assert [attachment.name for attachment in message.attachments] == ["a.txt", "attachment-2.txt", "b.txt"]
    assert [attachment.inline for attachment in message.attachments] == [False, False, True]


TYPES = [
    ("no subtype", "image; name=a.png", "application/octet-stream"),
    ("multipart without subtype", "multipart; boundary=x", "text/plain"),
    ("html alone", "html", "text/html"),
    ("nonsense", "@@/", "text/plain"),
    ("capitals", "IMAGE/PNG", "image/png"),
]


@pytest.mark.parametrize(("header", "kind"), [case[1:] for case in TYPES], ids=[case[0] for case in TYPES])
def test_content_types_that_are_hard_to_read(header: str, kind: str) -> None:
    assert _mail(f"Content-Type: {header}\n\nx").content_type == kind


def test_multipart_without_any_part_is_its_words() -> None:
    message = _mail("Content-Type: multipart/mixed; boundary=b\n\nJust words\n")
    assert (message.text, message.content_type, message.defects) == (
        "Just words",
        "text/plain",
        ("multipart without its boundary",),
    )


def test_delimiter_line_that_is_left_over_is_no_word() -> None:
    assert _mail("Content-Type: multipart/mixed; boundary=b\n\n--b--\n").text == ""
    inner = "Content-Type: multipart/mixed; boundary=a\n\n--a\n\nWords\n--b\nContent-Type: text/plain\n\nMore\n--a--"
    assert _mixed(inner).text == "Words\n\nMore"
    assert _mail("\nWords\n--\n").text == "Words\n--"
    assert _mail("\nWords\n--sam\n").text == "Words\n--sam"


def test_delimiter_inside_a_line_is_a_word() -> None:
    assert _mixed("\nWords, and --b too").text == "Words, and --b too"


def test_digest_holds_messages() -> None:
    message = _mixed("\nSubject: One\n\nFirst", "\nSubject: Two\n\nSecond", kind="digest")
    assert [attachment.name for attachment in message.attachments] == ["One.eml", "Two.eml"]
    assert message.text == "First"


def test_addresses_that_outlook_repeats_are_dropped_and_others_stay() -> None:
    body = (
        "See www.example.org <http://www.example.org/> or kim@example.org<mailto:kim@example.org>,\n"
        "and this page <https://example.org/x> or <https://example.org/y>\n"
    )
    text = "See www.example.org or kim@example.org,\nand this page <https://example.org/x> or <https://example.org/y>"
    assert _mail(f"\n{body}").text == text


def test_words_of_a_message_inside_are_not_taken_for_the_writers_in_a_report() -> None:
    message = _mixed("Content-Type: message/rfc822\n\nSubject: x\n\nOld", kind="report; report-type=x")
    assert (message.text, message.attachments) == ("", ())


def test_message_without_words_inside_is_passed_over() -> None:
    message = _mixed("Content-Type: message/rfc822\n\nSubject: a/b\n\n", "Content-Type: message/rfc822\n\n\nWords")
    assert message.text == "Words"
    assert [attachment.name for attachment in message.attachments] == ["a_b.eml", "message-2.eml"]


def test_parts_for_machines_are_attachments_only_where_they_have_a_name() -> None:
    status = "Content-Type: message/delivery-status{}\n\nAction: failed"
    assert [item.name for item in _mixed(status.format(""), status.format("; name=s.txt")).attachments] == ["s.txt"]


NAMES = [
    ("cv.pdf", "cv.pdf"),
    ("/etc/passwd", "etc_passwd"),
    ("..\\..\\a.txt", "a.txt"),
    ("C:\\Temp\\a.txt", "C:_Temp_a.txt"),
    ("Report 3/2026.pdf", "Report 3_2026.pdf"),
    ("a/../../b", "a_.._.._b"),
    ("a/b/", "a_b"),
    ("..", ""),
    ("", ""),
    (".htaccess", "htaccess"),
    ("a\r\nb\tc.txt", "a b c.txt"),
    ("invoice\u202etxt.exe", "invoicetxt.exe"),
    ("a\0b.txt", "ab.txt"),
    ("x" * 400 + ".pdf", "x" * 235 + ".pdf"),
    ("x" * 400, "x" * 255),
    ("x" * 99_000 + ".pdf", "x" * 235 + ".pdf"),
]


@pytest.mark.parametrize(("written", "shown"), NAMES, ids=[repr(case[0][:20]) for case in NAMES])
def test_attachment_names_are_safe(written: str, shown: str) -> None:
    assert safe_name(written) == shown


HINTS = [
    ("outlook's picture", "image/png\nContent-ID: <image001.png@01DA2B3C.4D5E6F70>", "image001.png"),
    ("a page's picture", "image/gif\nContent-Location: https://example.org/a/bell.gif", "bell.gif"),
    ("description", "image/jpeg\nContent-Description: =?utf-8?q?Caf=C3=A9.jpg?=", "Café.jpg"),
    ("path in an id", "image/png\nContent-ID: <../a.png@example.org>", "a.png"),
    ("id that ends as another type", "image/png\nContent-ID: <image001.jpg@example.org>", "attachment-1.png"),
    ("id without an ending", "image/png\nContent-ID: <part1.0203@example.org>", "attachment-1.png"),
    ("words", "image/png\nContent-Description: A picture of us", "attachment-1.png"),
    ("a name of its own", "image/png; name=us.png\nContent-ID: <image001.png@example.org>", "us.png"),
]


@pytest.mark.parametrize(("fields", "name"), [case[1:] for case in HINTS], ids=[case[0] for case in HINTS])
def test_part_without_a_name_is_called_what_its_other_fields_call_it(fields: str, name: str) -> None:
    assert [item.name for item in _mixed(f"Content-Type: {fields}\n\nx").attachments] == [name]


UU_FILES = [
    ("file", f"before\n{UU.decode()}after", "before\nafter", [("a", 11)]),
    ("spaces cut at the line's end", "begin 644 a\n#0V%T\n`\nend\n", "", [("a", 3)]),
    ("crlf", UU.decode().replace("\n", "\r\n"), "", [("a", 11)]),
    ("without its end", "begin 644 a\n#0V%T\n", "", [("a", 3)]),
    ("without its end, words follow", "begin 644 a\n#0V%T\nGood bye to you all\n", "Good bye to you all\n", [("a", 3)]),
    ("no lines", "begin 644 a\nend\n", "begin 644 a\nend\n", []),
    ("a sentence", "begin 644 times over\nand so on\n", "begin 644 times over\nand so on\n", []),
    ("blank line", "begin 644 a\n#0V%T\n\nend\n", "", [("a", 3)]),
    ("space that counts nothing", "begin 644 a\n#0V%T\n  words\n", "  words\n", [("a", 3)]),
    ("word", "to begin with", "to begin with", []),
]


@pytest.mark.parametrize(("text", "rest", "files"), [case[1:] for case in UU_FILES], ids=[case[0] for case in UU_FILES])
def test_uuencoded_files_are_cut(text: str, rest: str, files: list[tuple[str, int]]) -> None:
    kept, found = cut_files(text)
    assert (kept, [(file.name, file.size) for file in found]) == (rest, files)


def test_uuencoded_file_without_a_usable_name_gets_one() -> None:
    message = _mail("\nbegin 644 ../\n#0V%T\n`\nend\n")
    assert [attachment.name for attachment in message.attachments] == ["attachment-1"]


def test_calendar_without_words_has_none() -> None:
    assert calendar_words("BEGIN:VCALENDAR\nSUMMARY:\nEND:VCALENDAR") == ""
    assert calendar_words("SUMMARY;LANGUAGE=en:Talk\nSUMMARY:Talk\nDESCRIPTION:a\\\\b\\;c\n") == "Talk\na\\b;c"
    assert len(calendar_words("".join(f"SUMMARY:{n}\n" for n in range(500))).splitlines()) == 200


def test_calendar_beside_words_stays_an_attachment() -> None:
    message = _mixed(
        "\nWords", "Content-Type: text/calendar\n\nBEGIN:VCALENDAR\nSUMMARY:Talk\nEND:VCALENDAR", kind="alternative"
    )
    assert message.text == "Words"
    assert [(item.name, item.content_type) for item in message.attachments] == [("invitation-1.ics", "text/calendar")]


def test_calendar_without_words_leaves_the_mail_blank() -> None:
    assert _mixed("\n ", "Content-Type: text/calendar\n\nBEGIN:VCALENDAR\nEND:VCALENDAR").text == ""


def test_pgp_message_in_the_text_is_noted() -> None:
    assert "encrypted: PGP in the text" in _mail("\n-----BEGIN PGP MESSAGE-----\nx\n-----END PGP MESSAGE-----\n").defects


def test_armour_without_a_signature_only_loses_its_head() -> None:
    assert without_armour("a\n-----BEGIN PGP SIGNED MESSAGE-----\nHash: X\n\nb\n") == "a\nb\n"


SIGNED = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"
DATA = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01"
WRAPPED = [
    ("short form", SIGNED + DATA + b"\xa0\x05\x04\x03abc", b"abc"),
    ("long form", SIGNED + DATA + b"\xa0\x81\x05\x04\x81\x03abc", b"abc"),
    ("pieces", SIGNED + DATA + b"\xa0\x80\x24\x80\x04\x02ab\x04\x01c\0\0", b"abc"),
    ("no content", SIGNED + DATA + b"\xa0\x02\x04\x00", None),
    ("certificates alone", SIGNED + DATA, None),
    ("no data", SIGNED, None),
    ("secret", DATA + b"\xa0\x05\x04\x03abc", None),
    ("length of lengths", SIGNED + DATA + b"\xa0\x89" + b"\1" * 9, None),
    ("other type", SIGNED + DATA + b"\xa0\x05\x30\x03abc", None),
]


@pytest.mark.parametrize(("der", "content"), [case[1:] for case in WRAPPED], ids=[case[0] for case in WRAPPED])
def test_content_of_signed_data(der: bytes, content: bytes | None) -> None:
    assert signed_content(der) == content


def test_certificates_alone_are_no_secret() -> None:
    body = base64.encodebytes(SIGNED + DATA).decode()
    message = _mixed(
        "\nWords", f"Content-Type: application/pkcs7-mime; name=c.p7c\nContent-Transfer-Encoding: base64\n\n{body}"
    )
    assert (message.defects, [item.name for item in message.attachments]) == ((), ["c.p7c"])


def test_signed_data_that_is_nested_too_deep_stays_a_file() -> None:
    level = "Content-Type: message/rfc822\n\n" * 29
    body = base64.encodebytes(SIGNED + DATA + b"\xa0\x05\x04\x03\n\nc").decode()
    deep = f"Content-Type: application/pkcs7-mime; name=c.p7m\nContent-Transfer-Encoding: base64\n\n{body}"
    assert parse((level + "Content-Type: message/rfc822\n\n" + deep).encode()).text == ""
    assert parse((level + deep).encode()).text == "c"
