"""Tells languages that are not written in Latin letters: most by their script alone, the others by letters and words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

_OTHER_SCRIPTS = re.compile("[\u0370-\u1dff\u3040-\ud7ff\uf900-\ufaff\ufb1d-\ufdff\ufe70-\ufefc]")
# Vowel signs and joiners belong to a word, and are no letters to the regular expressions of Python.
_WORD = re.compile(r"[^\s.,:;!?()،؟۔।]+")
_SAMPLE = 200

# A name alone is no language, and is seldom longer in letters than this; Chinese says much in few.
_FEWEST_LETTERS = 6
_FEWEST_IN_HAN = 2

# Unicode gives scripts their letters in blocks; these are counted by the number of their first 128 letters (Unicode 16).
_BLOCK = 7
SCRIPTS: Mapping[str, tuple[int, ...]] = {
    "el": (6, 7),
    "cyrillic": (8, 9),
    "hy": (10,),
    "he": (11,),
    "arabic": (12, 13, 14, *range(0xFB80 >> 7, 0xFF00 >> 7)),
    "devanagari": (18,),
    "bn": (19,),
    "pa": (20,),
    "gu": (21,),
    "or": (22,),
    "ta": (23,),
    "te": (24,),
    "kn": (25,),
    "ml": (26,),
    "si": (27,),
    "th": (28,),
    "lo": (29,),
    "bo": (30, 31),
    "my": (32,),
    "ka": (33,),
    "ethiopic": (36, 37, 38),
    "km": (47,),
    "mn": (48, 49),
    "kana": (96, 97),
    "han": tuple(range(0x3400 >> 7, 0xA000 >> 7)),
    "ko": (34, 35, *range(0xAC00 >> 7, 0xD800 >> 7)),
}
_SCRIPT_OF_BLOCK = {block: script for script, blocks in SCRIPTS.items() for block in blocks}

# Of the languages that share a script: what stands in the words of one and not of the others, then small words of each.
MARKS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "cyrillic": {
        "ru": tuple("ыэёищь"),
        "uk": tuple("їєґіищь"),
        "be": tuple("ўэыіь"),
        "bg": tuple("ъщи"),
        "sr": tuple("јљњђћџи"),
        "mk": tuple("јљњѓќѕџи"),
        "kk": tuple("әғқңөұүһі"),
    },
    "arabic": {
        "ar": (*"ةىأإؤ", " ال", " وال", " لل"),
        "fa": (*"یکگچپژ", " مي", " می", "هاي"),
        "ur": tuple("ٹڈڑںےہھیکگچپ"),
        "ps": tuple("ټډړږښځڅېۍګڼیکچپ"),
        "ku": tuple("ێۆڵڕەیکگچپژ"),
    },
    "ethiopic": {"am": ("አ",), "ti": tuple("ኣኸቕ")},
    "devanagari": {"hi": ("़", "ों "), "mr": ("ळ",), "ne": ()},
}
_WORDS: Mapping[str, Mapping[str, frozenset[str]]] = {
    "cyrillic": {
        "ru": frozenset(
            """
                и в не на что как я мне мой моя меня он она с по это его её есть кто нет да или вас вы мы бы для
                за от но то все так же был было будет очень ваш спасибо
            """.split()
        ),
        "uk": frozenset(
            """
                і в не на що як я мені мій моя мене він вона з по це його її є хто ні та або вас ви ми би для чи
            """.split()
        ),
        "be": frozenset("і ў не на што як я мне мой мая мяне ён яна з па гэта яго яе ёсць хто або вас вы мы для".split()),
        "bg": frozenset(
            """
                и в не на че как аз ми моя мен той тя с по това го е кой няма да или ви вие ние за се си от съм
                са
            """.split()
        ),
        "sr": frozenset(
            """
                и у не на да како ја ми мој моја мене он она са по то га је ко нема или вас ви ми за се од сам
                су
            """.split()
        ),
        "mk": frozenset(
            """
                и во не на дека како јас ми мој моја мене тој таа со по тоа го е кој нема или вас вие ние за се
                од сум
            """.split()
        ),
        "kk": frozenset("және мен сен ол біз сіз бұл да де үшін туралы бар жоқ емес не керек рахмет сәлем".split()),
    },
    "arabic": {
        "ar": frozenset("في من على إلى الى أن ان هل لا ما هذا هذه عن مع أنا انا هو هي لكن كان التي الذي".split()),
        "fa": frozenset("از به که را این آن است با در می من هم برای تا نیست بود ما شما هست یک".split()),
        "ur": frozenset("ہے ہیں میں کے کی کا کو سے اور نہیں مجھے آپ یہ وہ ہوں نے کیا پر".split()),
        "ps": frozenset("د په زه ته له او چې نه دی ده کړم کوم سره زما مې یې دا چا".split()),
        "ku": frozenset("لە بە کە و من ئەو ئەم بۆ نا هەیە".split()),
    },
    "ethiopic": {"am": frozenset("ነው እና እኔ የ ላይ ግን ወይም".split()), "ti": frozenset("እዩ ናይ ኣብ ኣነ ድማ ግን ወይ".split())},
    "devanagari": {
        "hi": frozenset(
            """
                है हैं हूँ हूं में मैं के की का को से और नहीं मुझे आप यह वह ने कि क्या पर एक इस इसके बाद लिए गया
                रहा रही थी था भी
            """.split()
        ),
        "mr": frozenset("आहे आहेत आणि मी मला नाही हे तो ती च्या का काय मध्ये होते होता या ते".split()),
        "ne": frozenset("छ छन् र म मलाई हो होइन को मा लाई गर्न भएको यो त्यो पनि तपाईं छैन".split()),
    },
}


def letters_of_other_scripts(text: str) -> list[str]:
    """The letters of a text that are not Latin, in order."""
    return _OTHER_SCRIPTS.findall(text)


def language_in_script(text: str, letters: list[str]) -> str | None:
    """The language of a text whose `letters` are mostly not Latin; None where they don't tell."""
    blocks = Counter(_SCRIPT_OF_BLOCK.get(ord(letter) >> _BLOCK, "") for letter in letters[:_SAMPLE])
    script, _ = blocks.most_common(1)[0]
    if script in ("han", "kana"):
        return _in_han(blocks)
    if len(letters) < _FEWEST_LETTERS or not script:
        return None
    return _among(script, text.casefold()) if script in MARKS else script


def _in_han(blocks: Counter[str]) -> str | None:
    """Japanese mixes its own letters with Chinese ones; Chinese has no others."""
    if blocks.total() < _FEWEST_IN_HAN:
        return None
    return "ja" if blocks["kana"] * 10 > blocks.total() else "zh"


def _among(script: str, text: str) -> str | None:
    """Which of the languages of one script has most of its own letters and words here; None where two are level."""
    words = Counter(_WORD.findall(text))
    scores = Counter(
        {
            language: sum(text.count(mark) for mark in marks) + sum(words[each] for each in _WORDS[script][language])
            for language, marks in MARKS[script].items()
        }
    )
    (best, most), (_, next_most) = scores.most_common(2)
    return best if most > next_most else None
