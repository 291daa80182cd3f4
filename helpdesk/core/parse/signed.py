"""Words inside a signature: S/MIME that wraps the mail it signs (RFC 8551 section 3.5.2), and PGP around plain text.

Nothing is verified here: it only gets at what anybody can read.
"""

from __future__ import annotations

import re

# 1.2.840.113549.1.7.2 signed-data, and 1.2.840.113549.1.7.1 data (RFC 5652), as DER writes them.
_SIGNED = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"
_DATA = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01"
_SIGNED_WITHIN = 40
_OCTETS, _OCTETS_IN_PIECES = 0x04, 0x24

_ARMOUR = re.compile(r"^-----BEGIN PGP SIGNED MESSAGE-----\n(?:[A-Za-z]+: [^\n]*\n)*\n?", re.MULTILINE)
_SIGNATURE = re.compile(
    r"^-----BEGIN PGP SIGNATURE-----\n[A-Za-z0-9+/=:.,()\- \n]*?^-----END PGP SIGNATURE-----[ \t]*\n?", re.MULTILINE
)
_DASHED = re.compile(r"^- (?=-)", re.MULTILINE)


def signed_content(der: bytes) -> bytes | None:
    """The MIME entity inside CMS signed-data; None when there is none to be read."""
    if not is_signed_data(der):
        return None
    start = der.find(_DATA)
    if start < 0:
        return None
    _, explicit, _ = _header(der, start + len(_DATA))
    tag, position, length = _header(der, explicit)
    if tag == _OCTETS and length:
        return der[position : position + length]
    return _pieces(der, position) if tag == _OCTETS_IN_PIECES else None


def is_signed_data(der: bytes) -> bool:
    """Whether these are the first bytes of CMS signed-data, which may hold certificates alone, rather than of a secret."""
    return _SIGNED in der[:_SIGNED_WITHIN]


def _pieces(der: bytes, position: int) -> bytes:
    """BER's constructed string: octet strings one after the other, until something else comes."""
    pieces: list[bytes] = []
    tag, content, length = _header(der, position)
    while tag == _OCTETS and length:
        pieces.append(der[content : content + length])
        tag, content, length = _header(der, content + length)
    return b"".join(pieces)


def _header(der: bytes, position: int) -> tuple[int, int, int]:
    """Tag, where the content begins, and its length (X.690 section 8.1); length 0 is also the indefinite form."""
    if position + 2 > len(der):
        return 0, position, 0
    tag, first = der[position], der[position + 1]
    if first < 0x80:
        return tag, position + 2, first
    count = first & 0x7F
    if count > 4:
        return 0, position, 0
    return tag, position + 2 + count, int.from_bytes(der[position + 2 : position + 2 + count], "big")


def without_armour(text: str) -> str:
    """RFC 9580 section 7: the text that was signed, as it was before the signing, and what stands around it."""
    if "-----BEGIN PGP SIGNED MESSAGE-----" not in text:
        return text
    return _DASHED.sub("", _SIGNATURE.sub("", _ARMOUR.sub("", text)))
