"""A guess at the charset of bytes that carry no label, or a wrong one.

UTF-8 first, since it can hardly be met by chance; then the signs by which one legacy charset differs from its
neighbours. Looks at a bounded sample, and always has an answer: Windows-1252, which most unlabelled mail is.
"""

from __future__ import annotations

import re

# UTF-8 with single bytes of Windows-1252 in it.
MIXED = "mixed"
_SAMPLE = 20_000
_BOMS = ((b"\xef\xbb\xbf", "utf_8"), (b"\xff\xfe\0\0", "utf_32"), (b"\xff\xfe", "utf_16"), (b"\xfe\xff", "utf_16"))
_ISO_2022 = ((b"\x1b$)C", "iso2022_kr"), (b"\x1b$", "iso2022_jp_ext"), (b"\x1b(J", "iso2022_jp_ext"))
_BEFORE_SAMPLE = 2_000
_LETTER_BYTE = re.compile(rb"[\xc0-\xff]")
_EASTERN_LETTERS = 2
_WIDE_SHARE = 0.6
_HIGH_RUN = re.compile(rb"[\x80-\xff]+")

# Lead bytes of the everyday characters of each charset: level 1 hanzi and kanji, hangul syllables, kana.
_EUC_HANGUL = re.compile(rb"[\xb0-\xc8][\xa1-\xfe]")
_GB_LEVEL_1 = re.compile(rb"[\xb0-\xd7][\xa1-\xfe]|[\xa1\xa3][\xa1-\xfe]")
_EUC_KANA = re.compile(rb"[\xa4\xa5][\xa1-\xf6]")
_BIG5_LEVEL_1 = re.compile(rb"[\xa4-\xc6][\x40-\x7e\xa1-\xfe]|\xa1[\x40-\x7e\xa1-\xfe]")
_SJIS_KANA = re.compile(rb"\x82[\x9f-\xf1]|\x83[\x40-\x96]|\x81[\x41\x42\x45\x5b]")

# Bytes that are letters of Polish, Czech or Hungarian words, and signs in Windows-1252, which stand beside no letter.
_EASTERN = re.compile(rb"(?<=[a-zA-Z\xe0-\xff])[\xb1\xb3\xb6\xb9\xbc\xbe\xbf]|[\xb6\xb9\xbc\xbe](?=[a-z\xe0-\xff])")
_SQUARE_OR_CUBE = re.compile(rb"\bk?c?m[\xb2\xb3\xb9]")
# The same letters are elsewhere in the two charsets of these languages.
_ONLY_CP1250 = re.compile(rb"(?<=[a-zA-Z\xe0-\xff])[\x9a\x9c\x9d\x9e\x9f]|[\x9a\x9c\x9e\x9f](?=[a-z])")
_ONLY_ISO_8859_2 = re.compile(rb"(?<=[a-zA-Z])[\xb1\xb6\xbc]|[\xb6\xbc](?=[a-z])|[\xec\xf8]")
_CZECH = re.compile(rb"[\xec\xf8]")
_CZECH_CP1250 = re.compile(rb"[\x9a\x9d\x9e]")
_TURKISH = re.compile(rb"(?<=[a-z])[\xf0\xfd\xfe]|[\xfd\xfe](?=[a-z])")
_ICELANDIC = re.compile(rb"[\xe1\xe6\xe9\xed\xf3\xfa]")


def detect(data: bytes) -> str:
    """The name of the Python codec that most likely wrote `data`."""
    for bom, codec in _BOMS:
        if data.startswith(bom):
            return codec
    if data.isascii():
        return next((codec for escape, codec in _ISO_2022 if escape in data), "ascii")
    text = data.decode("utf_8", "replace")
    bad = text.count("�")
    # Sequences that are UTF-8 are no chance: one of them outweighs a stray byte.
    if bad <= len(text) - len(text.encode("ascii", "ignore")) - bad:
        return MIXED if bad else "utf_8"
    first = _HIGH_RUN.search(data)
    start = max(0, first.start() - _BEFORE_SAMPLE) if first else 0
    return _legacy(data[start : start + _SAMPLE])


def _legacy(sample: bytes) -> str:
    runs = _HIGH_RUN.findall(sample)
    high = sum(map(len, runs))
    # An alphabet has its letters from 0xC0 on, while two bytes a character are of every kind.
    if len(_LETTER_BYTE.findall(sample)) * 20 < high * 19 and (wide := _wide(sample, runs, high)):
        return wide
    letters = len(re.findall(rb"[A-Za-z]", sample))
    # A Latin text has a few letters beyond ASCII, each alone in its word; other scripts are written in runs of them.
    if high * 2 < letters or high < 1.5 * len(runs):
        return _latin(sample)
    return _alphabet(sample, high)


def _latin(sample: bytes) -> str:
    if _CZECH_CP1250.search(sample) and _CZECH.search(sample):
        return "cp1250"
    eastern = len(_EASTERN.findall(sample)) - len(_SQUARE_OR_CUBE.findall(sample))
    if eastern >= _EASTERN_LETTERS:
        return "cp1250" if _ONLY_CP1250.search(sample) or not _ONLY_ISO_8859_2.search(sample) else "iso8859_2"
    # What Icelandic has at these places comes with its accented vowels, which Turkish lacks.
    if len(_TURKISH.findall(sample)) >= _EASTERN_LETTERS and not _ICELANDIC.search(sample):
        return "cp1254"
    return "cp1252"


def _wide(sample: bytes, runs: list[bytes], high: int) -> str | None:
    """Chinese, Japanese or Korean, where most bytes fall into pairs of everyday characters that also decode."""
    patterns = {"cp932": (_SJIS_KANA, 2.0), "big5hkscs": (_BIG5_LEVEL_1, 0.9)}
    if sum(len(run) % 2 for run in runs) * 4 <= len(runs):
        # Both bytes of these are beyond ASCII, so that runs of them are even.
        patterns |= {"euc_jp": (_EUC_KANA, 3.0), "cp949": (_EUC_HANGUL, 1.0), "gb18030": (_GB_LEVEL_1, 1.0)}
    shares = {
        codec: weight * sum(1 + (pair[-1] > 127) for pair in pattern.findall(sample)) / high
        for codec, (pattern, weight) in patterns.items()
    }
    likely = sorted((codec for codec, share in shares.items() if share >= _WIDE_SHARE), key=lambda codec: -shares[codec])
    return next((codec for codec in likely if _decodes(sample, codec)), None)


def _decodes(sample: bytes, codec: str) -> bool:
    """Whether hardly anything is damaged; the sample may begin or end within a character."""
    text = sample.decode(codec, "replace")
    return text.count("�") * 50 <= len(text)


def _alphabet(sample: bytes, high: int) -> str:
    """An alphabet of one byte a letter: the one whose small letters fill the text."""
    small = {
        "cp1251": rb"[\xe0-\xff]",
        "koi8_u": rb"[\xc0-\xdf]",
        "iso8859_5": rb"[\xd0-\xef]",
        "cp1253": rb"[\xdc-\xdf\xe1-\xfe]",
        "cp1256": rb"[\xc7-\xd6\xd8-\xdf\xe1\xe3-\xe6\xec\xed]",
        "iso8859_6": rb"[\xc1-\xda\xe0-\xea]",
        "cp1255": rb"[\xe0-\xfa]",
    }
    shares = {codec: len(re.findall(letters, sample)) / high for codec, letters in small.items()}
    # Each alphabet is told from its neighbours by its commonest letters, which the counts of small letters alone can't.
    common = {
        "cp1251": rb"[\xee\xe5\xe0\xe8\xed\xf2]",
        "koi8_u": rb"[\xcf\xc5\xc1\xc9\xce\xd4]",
        "iso8859_5": rb"[\xde\xd5\xd0\xd8\xdd\xe2]",
        "cp1253": rb"[\xe1\xef\xe9\xf4\xf3\xe5]",
        "cp1256": rb"[\xc7\xe1\xe3\xed\xe6\xe4]",
        "iso8859_6": rb"[\xc7\xe4\xea\xe5\xe6\xe8]",
        "cp1255": rb"[\xe5\xe9\xec\xe4\xe0\xf8]",
    }
    scores = {codec: share + 1.5 * len(re.findall(common[codec], sample)) / high for codec, share in shares.items()}
    codec, score = max(scores.items(), key=lambda item: item[1])
    return codec if score >= 1.2 else "cp1252"
