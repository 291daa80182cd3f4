"""Files lose what they say of whoever made them, and nothing else."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.core.clean import clean_file, documents
from tests.core.pictures import (
    DOCX,
    GRAPHIC_CONTROL,
    JFIF,
    LOOP,
    ODT,
    PRIVATE_GIF,
    PRIVATE_JPEG,
    PRIVATE_PNG,
    PRIVATE_WEBP,
    SCAN,
    TABLES,
    archive,
    exif,
    gif,
    jpeg,
    jpeg_segment,
    png,
    png_chunk,
    webp,
)

ADOBE = jpeg_segment(0xEE, b"Adobe\0d\0\0\0\0\0\1")
PICTURES = {
    "image/jpeg": (PRIVATE_JPEG, jpeg(ADOBE)),
    "image/png": (PRIVATE_PNG, png(png_chunk(b"gAMA", bytes(4)))),
    "image/gif": (PRIVATE_GIF, gif(LOOP, GRAPHIC_CONTROL)),
    "image/webp": (PRIVATE_WEBP, webp((b"VP8X", bytes(10)), (b"VP8 ", b"abc"))),
}


@pytest.mark.parametrize("content_type", PICTURES)
def test_a_picture_keeps_its_pixels_and_loses_the_rest(content_type: str) -> None:
    private, clean = PICTURES[content_type]
    cleaned = clean_file("photo.bin", private)
    assert (cleaned.content_type, cleaned.why_not) == (content_type, "")
    assert cleaned.content == clean
    assert clean_file("photo", clean).content == clean


@pytest.mark.parametrize("order", ["II", "MM"])
@pytest.mark.parametrize("orientation", [3, 6, 8])
def test_a_photo_stays_upright(order: str, orientation: int) -> None:
    cleaned = clean_file("photo.jpg", jpeg(exif(orientation, order))).content
    kept = cleaned[2 : cleaned.index(JFIF)]
    assert kept.startswith(b"\xff\xe1")
    assert b"\x01\x12\x00\x03\x00\x00\x00\x01\x00" + bytes((orientation,)) in kept
    assert b"Michael" not in cleaned
    assert clean_file("photo.jpg", cleaned).content == cleaned


@pytest.mark.parametrize(
    "broken",
    [
        jpeg_segment(0xE1, b"Exif\0\0XX*\0"),
        jpeg_segment(0xE1, b"Exif\0\0II*\0\xff\xff\xff\x7f"),
        jpeg_segment(0xE1, b"Exif\0\0II*\0\x08\0\0\0\0\0"),
        exif(1),
        exif(9),
    ],
    ids=["no order", "points beyond its end", "empty", "upright", "no orientation"],
)
def test_without_an_orientation_that_can_be_read_there_is_no_exif(broken: bytes) -> None:
    assert clean_file("photo.jpg", jpeg(broken)).content == jpeg()


def test_what_stands_behind_a_picture_is_no_part_of_it() -> None:
    for private, clean in PICTURES.values():
        assert b"Michael" not in clean_file("photo", private + b"Michael Jones").content
        assert clean


def test_filling_bytes_between_segments_are_left_out() -> None:
    filled = b"\xff\xd8\xff\xff" + JFIF + b"\xff" + TABLES + SCAN + b"\xff\xff\xd9"
    assert clean_file("photo.jpg", filled).content == b"\xff\xd8" + JFIF + TABLES + SCAN + b"\xff\xff\xd9"


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xd8\xff",
        b"\xff\xd8\xff\xe1\xff\xff",
        b"\xff\xd8\xff\xe1\x00\x01",
        b"\xff\xd8\xff\xe0\x00\x04ab\x00\x00",
        jpeg()[:-2],
        b"\x89PNG\r\n\x1a\n",
        png()[:-4],
        PRIVATE_PNG[:60],
        PRIVATE_PNG[:70],
        b"GIF89a",
        gif()[:-1],
        gif()[:20],
        b"GIF89a" + bytes(7) + b"\x21\xf9\x04ab",
        b"GIF89a" + bytes(7) + b"\x99",
        b"GIF89a" + bytes(7) + b"\x2c",
        b"RIFF\0\0\0\0WAVE",
        b"RIFF\0\0\0\0WEBP",
        webp((b"EXIF", b"ab")),
    ],
    ids=[
        *("JPEG: nothing", "too long", "too short", "no marker", "no end"),
        *("PNG: nothing", "cut", "cut in the head of a chunk", "cut in a chunk"),
        *("GIF: nothing", "no end", "cut", "cut in a block", "unknown block", "half a picture"),
        *("RIFF: a sound", "WebP: empty", "no pixels"),
    ],
)  # fmt: skip
def test_a_broken_picture_is_not_taken_for_clean(content: bytes) -> None:
    cleaned = clean_file("photo.jpg", content)
    assert cleaned.content == content
    assert cleaned.why_not


def test_a_short_chunk_of_webp_has_no_flags_to_take_back() -> None:
    assert clean_file("a.webp", webp((b"VP8X", b""), (b"VP8 ", b"ab"))).content == webp((b"VP8X", b""), (b"VP8 ", b"ab"))


def members(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        assert opened.comment == b""
        assert {entry.date_time for entry in opened.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        return {name: opened.read(name) for name in opened.namelist()}


@pytest.mark.parametrize(
    ("document", "content_type", "kept"),
    [
        (DOCX, "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "word/document.xml"),
        (ODT, "application/vnd.oasis.opendocument.text", "content.xml"),
    ],
    ids=["OOXML", "ODF"],
)
def test_a_document_loses_its_author_and_keeps_its_words(document: Mapping[str, bytes], content_type: str, kept: str) -> None:
    cleaned = clean_file("letter", archive(document))
    assert (cleaned.content_type, cleaned.why_not) == (content_type, "")
    found = members(cleaned.content)
    assert list(found) == list(document)
    assert found[kept] == document[kept]
    assert not [name for name, content in found.items() if b"Michael" in content]
    assert b"Michael" not in cleaned.content


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"word/comments.xml": b'<w:comment w:author="Michael"/>'}, "comments or tracked changes"),
        ({"word/document.xml": b'<w:ins w:author="x">Hello</w:ins>'}, "comments or tracked changes"),
        ({"word/vbaProject.bin": b"macro"}, "besides text and pictures"),
        ({"word/media/image1.png": b"no picture"}, "a picture in it"),
        ({"word/_rels/settings.xml.rels": b'<R Target="file:///C:\\Users\\Michael\\a.dotx"/>'}, "somebody's computer"),
        ({"word/document.xml": b'<x:ins x:author="x">Hello</x:ins>'}, "comments or tracked changes"),
        ({"word/document.xml": '<w:ins w:author="x">Hello</w:ins>'.encode("utf-16")}, "can't be read"),
        ({"word/people.xml": b'<w15:person w15:author="Michael"/>'}, "comments or tracked changes"),
        ({"word/settings.xml": b'<w:docVar w:name="writer" w:val="Michael"/>'}, "comments or tracked changes"),
        ({"xl/workbook.xml": b'<fileSharing userName="Michael"/>'}, "comments or tracked changes"),
        ({"xl/persons/person.xml": b"<personList/>"}, "only programs read"),
        ({"docProps/Core.xml": b"<dc:title>Michael</dc:title>"}, "only programs read"),
        ({"customXml/item1.xml": b"<owner>Michael</owner>"}, "only programs read"),
        (
            {
                "word/_rels/settings.xml.rels": b'<Relationships><Relationship Type="x/attachedTemplate" '
                b'Target="https://firm.example/michael/a.dotx" TargetMode="External"/></Relationships>'
            },
            "lies elsewhere",
        ),
        ({"word/_rels/settings.xml.rels": b'<Relationship Target="\\\\host\\michael\\a.dotx"/>'}, "somebody's computer"),
    ],
    ids=[
        *("comments", "tracked changes", "macros", "broken picture", "a path", "another prefix", "another encoding"),
        *("people", "variables", "who has it open", "persons", "unknown properties", "a form's data", "a template", "a server"),
    ],
)
def test_a_document_that_may_name_somebody_else_is_left_as_it_is(changes: Mapping[str, bytes], why: str) -> None:
    content = archive({**DOCX, **changes})
    cleaned = clean_file("letter.docx", content)
    assert why in cleaned.why_not
    assert cleaned.content == content


@pytest.mark.parametrize(
    "content",
    [
        archive({"a.txt": b"Hello"}),
        archive({"[Content_Types].xml": b"", "other/a.xml": b""}),
        archive({"mimetype": b"application/epub+zip", "meta.xml": b""}),
        archive({"mimetype": b"\xff\xff", "meta.xml": b""}),
        archive(DOCX)[:200],
        b"PK\x03\x04",
    ],
    ids=["an archive", "no known kind", "a book", "no kind at all", "cut", "nothing"],
)
def test_what_is_no_document_is_left_as_it_is(content: bytes) -> None:
    cleaned = clean_file("letter.docx", content)
    assert cleaned.why_not
    assert cleaned.content == content


@pytest.mark.parametrize("limit", ["MOST_MEMBERS", "MOST_BYTES"])
def test_an_archive_beyond_all_bounds_is_not_unpacked(monkeypatch: pytest.MonkeyPatch, limit: str) -> None:
    monkeypatch.setattr(documents, limit, 3)
    assert "too large" in clean_file("letter.docx", archive(DOCX)).why_not


@pytest.mark.parametrize(
    ("name", "content", "is_clean"),
    [
        ("notes.txt", b"Hello\r\n", True),
        ("LIST.CSV", "a;ä\n".encode(), True),
        ("notes.txt", b"\xff\xfe\x00", False),
        ("notes.txt", b"a\x00b", False),
        ("card.vcf", b"BEGIN:VCARD", False),
        ("map.pdf", b"%PDF-1.7", False),
        ("noname", b"Hello", False),
        ("page.txt", b'\xef\xbb\xbf<html><meta name="author" content="Michael">', False),
        ("paper.txt", b"%PDF-1.7 /Author (Michael)", False),
        ("letter.txt", b"{\\rtf1{\\info{\\author Michael}}}", False),
        ("card.vcf.txt", b"BEGIN:VCARD\r\nFN:Michael", False),
        ("key.txt", b"-----BEGIN PGP PUBLIC KEY BLOCK-----", False),
        ("mail.txt", b"Received: from a laptop\r\n", False),
    ],
)
def test_only_a_text_that_is_one_goes_as_it_is(name: str, content: bytes, is_clean: bool) -> None:
    cleaned = clean_file(name, content)
    assert cleaned.content == content
    assert (not cleaned.why_not) is is_clean
    assert cleaned.content_type == ("text/plain" if is_clean else "application/octet-stream")


def test_a_text_that_names_a_folder_of_its_writer_waits() -> None:
    assert "somebody's computer" in clean_file("list.csv", b"C:\\Users\\michael\\a.txt;1\r\n").why_not


def test_a_link_to_a_page_may_stand_in_a_document() -> None:
    link = b'<Relationship Type="x/hyperlink" Target="https://www.example.org" TargetMode="External"/>'
    assert clean_file("letter.docx", archive({**DOCX, "word/_rels/document.xml.rels": link})).why_not == ""


@given(
    beginning=st.sampled_from([b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"RIFF\0\0\0\0WEBP", b"PK\x03\x04", b""]),
    rest=st.binary(max_size=200),
)
def test_no_bytes_break_the_cleaning(beginning: bytes, rest: bytes) -> None:
    cleaned = clean_file("a.txt", beginning + rest)
    assert clean_file("a.txt", cleaned.content).content == cleaned.content


@given(at=st.integers(min_value=0), byte=st.integers(min_value=0, max_value=255), which=st.sampled_from(sorted(PICTURES)))
def test_no_changed_byte_breaks_the_cleaning(at: int, byte: int, which: str) -> None:
    content = bytearray(PICTURES[which][0])
    content[at % len(content)] = byte
    cleaned = clean_file("a", bytes(content))
    assert cleaned.why_not or len(cleaned.content) <= len(content) + 40
