"""Office documents (OOXML, ODF) without their author: the parts that name people and programs are written anew, empty.

Whatever else may name somebody, such as comments, tracked changes, macros or signatures, is not taken apart: such a document
is left as it is, with the reason. Bounded, so that no archive makes it slow or large.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field

MOST_MEMBERS = 2_000
MOST_BYTES = 60_000_000

_XML = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_OOXML_TYPES = (
    ("word/", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ("xl/", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("ppt/", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
)
_OFFICE_2006 = b"http://schemas.openxmlformats.org/officeDocument/2006"
_ODF = b"urn:oasis:names:tc:opendocument:xmlns:office:1.0"
# The parts that name the author, the firm, the printer and the time spent, and what stands in their place.
_EMPTIED = {
    "docProps/core.xml": _XML + b'<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/'
    b'core-properties"/>',
    "docProps/app.xml": _XML + b'<Properties xmlns="' + _OFFICE_2006 + b'/extended-properties"/>',
    "docProps/custom.xml": _XML + b'<Properties xmlns="' + _OFFICE_2006 + b'/custom-properties"/>',
    "meta.xml": _XML + b'<office:document-meta xmlns:office="' + _ODF + b'" office:version="1.2"/>',
    "settings.xml": _XML + b'<office:document-settings xmlns:office="' + _ODF + b'" office:version="1.2"/>',
}
_PICTURE = re.compile(r"\.(?:jpe?g|png|gif|webp)$", re.IGNORECASE)
_NAMED_PEOPLE = re.compile(
    rb"<w:(?:ins|del|moveFrom|moveTo|comment)\b|<(?:\w+:)?(?:author|creator|lastModifiedBy|tracked-changes|annotation|initials)\b"
    rb"|[\s:](?:author|initials|userName|displayName)\s*=|<p:cmAuthor\b|<dc:creator\b|userId=|<x15ac:absPath\b"
    rb"|<(?:\w+:)?(?:docVar|userInfo|person)\b",
)
# Parts that programs keep for themselves, whose form we don't know: a firm's labels, a form's data, who has opened it.
_PROGRAMS_OWN = re.compile(
    r"^(?:docProps|customXml|docMetadata|xl/revisions|xl/persons|xl/externalLinks)/.*[^/]$", re.IGNORECASE
)
# What is linked as a page on the web is there to be seen; a template on a server of somebody's firm is not.
_LINKED = re.compile(
    rb"<(?:\w+:)?Relationship\b(?![^>]{0,4000}/hyperlink[\"'])[^>]{0,4000}\bTargetMode\s*=\s*[\"']External", re.IGNORECASE
)
PATH_OF_A_MACHINE = re.compile(rb"file:///|[A-Za-z]:\\\\?Users\\\\?|/Users/|/home/|/Volumes/|[\"'=]\\\\\w", re.IGNORECASE)
_SAFE_PART = re.compile(r"\.(?:xml|rels|vml)$|^mimetype$|/$", re.IGNORECASE)

NAMES_FOLDER = "it names a folder on somebody's computer"
_BROKEN = "it can't be read as a document"
_TOO_LARGE = "it is too large to be looked through"
_FAILURES = (
    *(zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError),
    *(EOFError, ValueError, OSError, OverflowError),
)


@dataclass(frozen=True, slots=True)
class Document:
    """A document without its author, or why there is none."""

    content_type: str = "application/octet-stream"
    content: bytes | None = field(default=None, repr=False)
    why_not: str = ""


class _Unclean(ValueError):
    """Why a document is left as it is."""


def clean_document(content: bytes, clean_picture: Callable[[bytes], bytes | None]) -> Document:
    """The document of this archive; `clean_picture` gives a picture without its metadata."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            content_type = _content_type(archive)
            return Document(content_type, _rewritten(archive, clean_picture))
    except _Unclean as reason:
        return Document(why_not=str(reason))
    except _FAILURES:
        return Document(why_not=_BROKEN)


def _content_type(archive: zipfile.ZipFile) -> str:
    names = archive.namelist()
    if "mimetype" in names and "meta.xml" in names:
        mimetype = archive.read("mimetype")[:100].decode("ascii").strip()
        if mimetype.startswith("application/vnd.oasis.opendocument."):
            return mimetype
    if "[Content_Types].xml" in names:
        for folder, content_type in _OOXML_TYPES:
            if any(name.startswith(folder) for name in names):
                return content_type
    raise _Unclean("it is an archive, and what is in it can't be looked through")


def _rewritten(archive: zipfile.ZipFile, clean_picture: Callable[[bytes], bytes | None]) -> bytes:
    members = archive.infolist()
    if len(members) > MOST_MEMBERS or sum(member.file_size for member in members) > MOST_BYTES:
        raise _Unclean(_TOO_LARGE)
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as anew:
        for member in members:
            # A new entry: the old one holds times, rights and what the program noted of its machine.
            entry = zipfile.ZipInfo(member.filename)
            # ODF 1.2 part 3, section 3.3: the first member is not compressed.
            entry.compress_type = zipfile.ZIP_STORED if member.filename == "mimetype" else zipfile.ZIP_DEFLATED
            anew.writestr(entry, _cleaned_member(member.filename, archive.read(member), clean_picture))
    return written.getvalue()


def _cleaned_member(name: str, content: bytes, clean_picture: Callable[[bytes], bytes | None]) -> bytes:
    if name in _EMPTIED:
        return _EMPTIED[name]
    if _PICTURE.search(name):
        picture = clean_picture(content)
        if picture is None:
            raise _Unclean("a picture in it can't be cleaned")
        return picture
    if not _SAFE_PART.search(name):
        raise _Unclean("there is something in it besides text and pictures")
    if _PROGRAMS_OWN.search(name):
        raise _Unclean("there is something in it that only programs read")
    if b"\0" in content or content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _Unclean(_BROKEN)
    if _NAMED_PEOPLE.search(content):
        raise _Unclean("it has comments or tracked changes, which name people")
    if _LINKED.search(content):
        raise _Unclean("it is linked to something that lies elsewhere")
    if PATH_OF_A_MACHINE.search(content):
        raise _Unclean(NAMES_FOLDER)
    return content
