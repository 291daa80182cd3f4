"""Latin letters with a mark, by which `detect` tells languages whose words we don't know apart."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

# Letters with a mark that few languages have: they speak for these in a word that is no name. Those of words that English
# took over ("café", "naïve", "fiancé", "jalapeño") and of British names ("Siân") are left out.
_LETTERS: Mapping[str, str] = {
    "ą": "pl lt",
    "ę": "pl lt",
    "ł": "pl",
    "ż": "pl",
    "ź": "pl",
    "ś": "pl",
    "ć": "pl hr",
    "ń": "pl",
    "ğ": "tr",
    "ı": "tr az",
    "ş": "tr az ro ku",
    "ə": "az",
    "ț": "ro",
    "ţ": "ro",
    "ș": "ro",
    "ă": "ro vi",
    "î": "ro fr ku cy",
    "ß": "de",
    "ã": "pt vi",
    "õ": "pt et vi",
    "ŵ": "cy",
    "ŷ": "cy",
    "å": "sv da no",
    "ø": "da no",
    "æ": "da no is",
    "ě": "cs",
    "ř": "cs",
    "ů": "cs",
    "ľ": "sk",
    "ő": "hu",
    "ű": "hu",
    "ė": "lt",
    "į": "lt",
    "ų": "lt",
    "ū": "lt lv",
    "ā": "lv",
    "ē": "lv",
    "ī": "lv",
    "ļ": "lv",
    "ņ": "lv",
    "đ": "hr vi",
    "č": "cs sk hr sl lt lv",
    "š": "cs sk hr sl lt lv et",
    "ž": "cs sk hr sl lt lv et",
    "ẹ": "yo vi",
    "ọ": "yo vi",
    "ṣ": "yo",
    "þ": "is",
    "ð": "is",
    "ä": "de sv fi et sk",
    "ö": "de sv fi et tr hu is",
    "ü": "de tr et hu",
    "ë": "sq nl",
    "ì": "it vi",
    "ù": "it fr vi",
    "ò": "it ca vi",
}

# Letter -> the languages that have it.
TELLING_LETTERS: Mapping[str, frozenset[str]] = MappingProxyType(
    {letter: frozenset(languages.split()) for letter, languages in _LETTERS.items()}
)
