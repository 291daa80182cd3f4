"""All mail programs, and what would give each of them away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from tests.mail_programs.apple import apple_mail, iphone
from tests.mail_programs.draft import Draft, Received, Writer
from tests.mail_programs.google import gmail, gmail_android
from tests.mail_programs.microsoft import outlook, outlook_phone, outlook_web
from tests.mail_programs.others import html_only, samsung, thunderbird, yahoo


@dataclass(frozen=True, slots=True)
class Program:
    """A mail program; `traces` are words that only it writes. `below`: its users have the cursor under the quotation.

    `signs`: it sets a signature off by a line, so that it can be told from words.
    """

    name: str
    build: Callable[[Draft], bytes]
    traces: tuple[str, ...]
    below: bool = False
    signs: bool = False


GMAIL = Program("Gmail", gmail, ("gmail_quote", "gmail_attr", "1e100.net", "X-Gm-"), signs=True)
GMAIL_ANDROID = Program("Gmail on Android", gmail_android, ("gmail_quote", "1e100.net", "X-Gm-"))
OUTLOOK = Program("Outlook", outlook, ("MsoNormal", "Outlook", "WordSection1", "Thread-Index", "Thread-Topic"))
OUTLOOK_WEB = Program("Outlook in a browser", outlook_web, ("elementToProof", "divRplyFwdMsg", "Outlook", "Thread-Topic"))
OUTLOOK_PHONE = Program("Outlook on a phone", outlook_phone, ("Get Outlook", "aka.ms", "divRplyFwdMsg", "Thread-Topic"))
APPLE_MAIL = Program("Apple Mail", apple_mail, ("Apple", "Mac OS X"), signs=True)
IPHONE = Program("iPhone", iphone, ("iPhone", "Apple"))
THUNDERBIRD = Program("Thunderbird", thunderbird, ("Thunderbird", "User-Agent", "Autocrypt"), below=True, signs=True)
YAHOO = Program("Yahoo", yahoo, ("yahoo", "YMail"))
SAMSUNG = Program("Samsung", samsung, ("Galaxy", "samsung", "composer_signature", "X-Android"))
HTML_ONLY = Program("HTML only", html_only, ("trinity-", "X-UI-", "X-Provags", "webde"))
PROGRAMS = (
    *(GMAIL, GMAIL_ANDROID, OUTLOOK, OUTLOOK_WEB, OUTLOOK_PHONE, APPLE_MAIL),
    *(IPHONE, THUNDERBIRD, YAHOO, SAMSUNG, HTML_ONLY),
)


@dataclass(frozen=True, slots=True)
class Desktop:
    """Somebody at a mail program."""

    writer: Writer
    program: Program

    def write(self, subject: str, words: str, at: datetime) -> bytes:
        """The first mail of a person."""
        return self.program.build(Draft(self.writer, words, at, subject=subject))

    def answer(self, mail: bytes, words: str, at: datetime, *, signed: bool = False, below: bool | None = None) -> bytes:
        """An answer to these bytes, as they lie in the writer's own mailbox; the cursor is where its users have it."""
        if below is None:
            # Commands stand at the top, and so do the words below them.
            below = self.program.below and not words.startswith("#")
        return self.program.build(Draft(self.writer, words, at, Received.read(mail), below=below, signed=signed))
