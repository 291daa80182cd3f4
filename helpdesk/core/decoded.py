"""All that somebody could find in the bytes of a mail of ours, however it is written there.

For looking, not for reading: a text may come twice, and make no sense. Bounded, like the mails that we write.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.utils import collapse_rfc2231_value
from html import unescape
from urllib.parse import unquote

_TAG = re.compile(r"<[^<>]*>")
# A document in a document in an archive; deeper is nothing that goes out.
_DEEPEST = 3
# No text has a NUL, and a picture or a packed file has one soon.
_SAMPLE = 4_000
_MOST_MEMBERS = 5_000
_MOST_BYTES = 100_000_000
_BROKEN = (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError, ValueError, OSError)


def contents_in(mail: bytes) -> Iterator[bytes]:
    """The decoded header fields of each part, its decoded body, and whatever is packed into that."""
    for part in message_from_bytes(mail).walk():
        yield "\n".join(_headers(part)).encode("utf-8", "replace")
        content = part.get_payload(decode=True)
        if isinstance(content, bytes):
            yield content
            yield from _members(content, _DEEPEST)


def bodies_in(mail: bytes) -> frozenset[bytes]:
    """Those of these contents that are the words of the mail itself, and no file."""
    parts = [
        part for part in message_from_bytes(mail).walk() if part.get_content_maintype() == "text" and not part.get_filename()
    ]
    found = (part.get_payload(decode=True) for part in parts)
    return frozenset(content for content in found if isinstance(content, bytes))


def texts_of(content: bytes) -> Iterator[str]:
    """The content as a text, with and without its escapes and tags; nothing where it is none."""
    if b"\0" not in content[:_SAMPLE]:
        text = content.decode("utf-8", "replace")
        yield text
        if "%" in text:
            yield unquote(text)
        if "&" in text or "<" in text:
            yield unescape(text)
            # Without tags: "<b>Mi</b>chael" is a name to whoever reads it.
            yield unescape(_TAG.sub("", text))


def _headers(part: Message) -> Iterator[str]:
    for value in part.values():
        yield str(value)
        yield _words(str(value))
    for header in ("content-type", "content-disposition"):
        for _, parameter in part.get_params(failobj=[], header=header):
            yield collapse_rfc2231_value(parameter)
            yield _words(collapse_rfc2231_value(parameter))


def _words(written: str) -> str:
    """RFC 2047."""
    try:
        return "".join(
            word.decode(charset or "latin-1", "replace") if isinstance(word, bytes) else word
            for word, charset in decode_header(written)
        )
    except (HeaderParseError, LookupError, ValueError):
        return written


def _members(content: bytes, deepest: int) -> Iterator[bytes]:
    if not content.startswith(b"PK") or not deepest:
        return
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            if len(members) > _MOST_MEMBERS or sum(member.file_size for member in members) > _MOST_BYTES:
                return
            for member in members:
                inner = archive.read(member)
                yield member.filename.encode("utf-8", "replace")
                yield inner
                yield from _members(inner, deepest - 1)
    except _BROKEN:
        return
