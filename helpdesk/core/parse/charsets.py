"""Bytes to text: by the charset's label, by what senders mean with that label, and by detection.

Never raises and never returns a NUL or a lone surrogate. Only codecs that make text are ever reached, whatever a mail
claims its charset to be.
"""

from __future__ import annotations

import re
from encodings.aliases import aliases

from helpdesk.core.parse.detect import MIXED, detect
from helpdesk.core.parse.limits import Defects

# What senders mean: the superset that the WHATWG Encoding Standard reads these labels as, and names that only mail knows.
_MEANT = {
    "ascii": "cp1252",
    "latin_1": "cp1252",
    "iso8859_1": "cp1252",
    "iso8859_9": "cp1254",
    "iso8859_11": "cp874",
    "tis_620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "ks_c_5601_1987": "cp949",
    "shift_jis": "cp932",
    "big5": "big5hkscs",
    "iso2022_jp": "iso2022_jp_ext",
}
_MAIL_NAMES = {
    "ansi": "cp1252",
    "cn_gb": "gb18030",
    "cp_850": "cp850",
    "iso_8859_6_e": "iso8859_6",
    "iso_8859_6_i": "iso8859_6",
    "iso_8859_8_e": "iso8859_8",
    "iso_8859_8_i": "iso8859_8",
    "koi8_ru": "koi8_u",
    "macintosh": "mac_roman",
    "unicode_1_1_utf_7": "utf_7",
    "utf_8mb4": "utf_8",
    "utf8mb4": "utf_8",
    "utf": "utf_8",
    "unicode": "utf_16",
    "us": "ascii",
    "win_1251": "cp1251",
    "win1251": "cp1251",
    "windows_874": "cp874",
    "windows_31j": "cp932",
}
# Codecs of the standard library that make no text, or that take more than linear time.
_NOT_TEXT = frozenset(
    "base64_codec bz2_codec hex_codec idna mbcs oem punycode quopri_codec raw_unicode_escape rot_13 undefined "
    "unicode_escape uu_codec zlib_codec".split()
)
_CODECS = {name: codec for name, codec in aliases.items() if codec not in _NOT_TEXT}
_CODECS |= {codec: codec for codec in _CODECS.values()}
_CODECS |= _MAIL_NAMES | {"utf_8_sig": "utf_8", "cp874": "cp874", "cp856": "cp856", "koi8_u": "koi8_u", "koi8_t": "koi8_t"}

_NOT_A_NAME = re.compile(r"[^a-z0-9]+")
# A byte that is no UTF-8, in text that otherwise is: a footer or a quote that somebody pasted in Windows-1252.
_STRAY = {0xDC00 + byte: bytes((byte,)).decode("cp1252", "replace") for byte in range(0x80, 0x100)}
_SURROGATE = re.compile("[\ud800-\udfff]")
_SAYS_NOTHING = frozenset(
    ("", "unknown_8bit", "unknown", "x_unknown", "default", "default_charset", "none", "_autodetect", "8bit")
)
# A label that only says "some Latin letters": UTF-8 under it is a sender's mistake, never chance.
_LATIN = frozenset(("cp1252", "cp1254", "cp1250", "iso8859_2", "iso8859_15"))


def codec_of(label: str) -> str | None:
    """The Python codec for a charset label, as its senders mean it; None when no text codec has that name."""
    name = _NOT_A_NAME.sub("_", label[:60].lower()).strip("_")
    codec = _CODECS.get(name)
    if codec is None:
        bare = name.removeprefix("x_").removeprefix("charset_")
        # "utf-8;format=flowed" and "windows-1252http-equiv…": the name is there, with something glued to it.
        glued = re.match(r"(utf_?8|iso_8859_\d\d?|windows_125\d|us_ascii)", bare)
        codec = _CODECS.get(bare) or (_CODECS.get(glued[1]) if glued else None)
    return _MEANT.get(codec, codec) if codec else None


def clean(text: str) -> str:
    """Text without NULs and with lone surrogates replaced: neither a database nor a terminal takes them."""
    if "\0" in text:
        text = text.replace("\0", "")
    return text if text.isascii() else _SURROGATE.sub("�", text)


def decode(data: bytes, label: str, defects: Defects) -> str:
    """The text of `data` under a charset label, which may be missing, unknown or wrong."""
    if data.isascii() and b"\x1b" not in data and _keeps_ascii(label):
        text = data.decode("ascii")
        return text.replace("\0", "") if "\0" in text else text
    name = _NOT_A_NAME.sub("_", label[:60].lower()).strip("_")
    codec = codec_of(label)
    if codec is None and name not in _SAYS_NOTHING:
        defects.add(f"unknown charset {clean(label)[:40]}")
    return clean(_decode(data, codec, defects, says_ascii=name in ("us_ascii", "ascii"))).removeprefix("\ufeff")


def _keeps_ascii(label: str) -> bool:
    lowered = label.lower()
    return not ("utf" in lowered and "8" not in lowered) and "hz" not in lowered and "unicode" not in lowered


def _decode(data: bytes, codec: str | None, defects: Defects, *, says_ascii: bool) -> str:
    if codec is None or (b"\x1b$" in data and codec in ("utf_8", *_LATIN)):
        return _detected(data)
    if codec == "utf_8":
        return _utf_8(data, defects)
    if codec in _LATIN:
        if (utf_8 := _strict(data, "utf_8")) is not None:
            if not says_ascii and not data.isascii():
                defects.add(f"utf-8 text labelled {codec}")
            return utf_8
        if says_ascii:
            return _detected(data)
    text = _strict(data, codec)
    if text is not None:
        return text
    if codec.startswith("cp125"):
        # Bytes without a letter in a Windows code page are control characters to every browser; only they are replaced.
        return data.decode(codec, "replace")
    defects.add(f"text is not {codec}")
    damaged = data.decode(codec, "replace")
    return damaged if damaged.count("�") * 20 <= len(damaged) else _detected(data)


def _strict(data: bytes, codec: str) -> str | None:
    try:
        return data.decode(codec)
    except UnicodeError:
        return None


def _utf_8(data: bytes, defects: Defects) -> str:
    text = _strict(data, "utf_8")
    if text is None:
        defects.add("text is not utf_8")
        text = _detected(data)
    return text


def _detected(data: bytes) -> str:
    codec = detect(data)
    if codec == MIXED:
        return data.decode("utf_8", "surrogateescape").translate(_STRAY)
    return data.decode(codec, "replace")
