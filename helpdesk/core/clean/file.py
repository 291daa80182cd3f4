"""Which kind of file this is, by its bytes and not by its name, and what is left of it to be sent."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field

from helpdesk.core.clean import documents, pictures

# Of these names the bytes are words alone; a calendar file or a contact card is a text too, and full of names.
_TEXTS = (".txt", ".csv", ".md", ".log")
# Whatever its name: a page, a paper, a contact card, a calendar, a key or a whole mail says who made it, or whose it is.
_NO_PLAIN_TEXT = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:%PDF-|\{\\rtf|<[!?A-Za-z]|BEGIN:V(?:CARD|CALENDAR)|-----BEGIN "
    rb"|(?:From|To|Received|Return-Path|Delivered-To):)",
    re.IGNORECASE,
)
_PRINTABLE_CONTROLS = "\t\n\r\f\ufeff"


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A file that may go; `why_not` says why it must not before a person has looked, and `content` is then as it came."""

    content_type: str
    content: bytes = field(repr=False)
    why_not: str = ""


_UNCLEAN = "what it says of its author can't be taken out"
_PICTURES: tuple[tuple[bytes, str, Callable[[bytes], bytes | None]], ...] = (
    (b"\xff\xd8\xff", "image/jpeg", pictures.clean_jpeg),
    (b"\x89PNG\r\n\x1a\n", "image/png", pictures.clean_png),
    (b"GIF87a", "image/gif", pictures.clean_gif),
    (b"GIF89a", "image/gif", pictures.clean_gif),
    (b"RIFF", "image/webp", pictures.clean_webp),
)


def clean_file(name: str, content: bytes) -> Cleaned:
    """The file without what it says of its author, or as it is with the reason why that can't be done."""
    picture = clean_picture(content)
    if picture:
        return picture
    if content.startswith(b"PK\x03\x04"):
        document = documents.clean_document(content, lambda inner: _picture_content(inner))
        return Cleaned(document.content_type, document.content or content, document.why_not)
    if name.casefold().endswith(_TEXTS) and _is_text(content) and not _NO_PLAIN_TEXT.match(content):
        if documents.PATH_OF_A_MACHINE.search(content):
            return Cleaned("text/plain", content, documents.NAMES_FOLDER)
        return Cleaned("text/plain", content)
    return Cleaned("application/octet-stream", content, _UNCLEAN)


def clean_picture(content: bytes) -> Cleaned | None:
    """The picture without its metadata; None where it is none that we know, or is broken."""
    for beginning, content_type, clean in _PICTURES:
        if content.startswith(beginning):
            cleaned = clean(content)
            return Cleaned(content_type, cleaned) if cleaned else None
    return None


def _picture_content(content: bytes) -> bytes | None:
    cleaned = clean_picture(content)
    return cleaned.content if cleaned else None


def _is_text(content: bytes) -> bool:
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return False
    return not any(unicodedata.category(letter) == "Cc" and letter not in _PRINTABLE_CONTROLS for letter in text)
