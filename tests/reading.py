"""Looks for words in the bytes of a mail, however somebody might read them. Not in the leak guard's way, on purpose."""

from __future__ import annotations

import base64
import binascii
import codecs
import io
import quopri
import re
import zipfile
from collections.abc import Iterable, Iterator
from email import message_from_bytes
from email.header import decode_header
from html import unescape
from urllib.parse import unquote

_BASE_64 = re.compile(rb"(?:[A-Za-z0-9+/]{4}\s*){4,}[A-Za-z0-9+/=]*")
_FOLD = re.compile(r"\r?\n(?=[ \t])")


def decoded(content: bytes, depth: int = 3) -> Iterator[str]:
    """The bytes as text of any charset, and what is encoded in them, and in that."""
    for charset in ("utf-8", "latin-1", "utf-16-le", "utf-16-be"):
        text = content.decode(charset, "replace")
        yield from (text, unquote(text), unescape(text), unescape(re.sub(r"<[^>]*>", "", text)))
        lines = (line for line in _FOLD.sub("", text).splitlines() if "=?" in line)
        yield from ("".join(_word(part, name) for part, name in decode_header(line)) for line in lines)
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


def found_in(content: bytes, words: Iterable[str]) -> set[str]:
    """Those of the words that stand in a mail, in whatever way, with any blanks between them."""
    pieces = [content, *(part.get_payload(decode=True) or b"" for part in message_from_bytes(content).walk())]
    texts = [" ".join(text.split()).casefold() for piece in pieces if isinstance(piece, bytes) for text in decoded(piece)]
    whole = "\n".join(dict.fromkeys(texts))
    turned = codecs.encode(whole, "rot13")
    return {word for word in words if (said := " ".join(word.split()).casefold()) in whole or said in turned}
