"""Who sits at a mail program, the mail that they answer as their program shows it, and what they type."""

from __future__ import annotations

import hashlib
import re
import textwrap
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import format_datetime, parseaddr, parsedate_to_datetime
from html import escape
from uuid import UUID

_OUTSIDE_BODY = re.compile(r"(?is)^.*?<body[^>]*>|</body>.*$")


@dataclass(frozen=True, slots=True)
class Writer:
    """A person, and what their machine and their provider know of them."""

    name: str
    address: str
    ip: str
    device: str
    signature: str = ""

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]

    def giveaways(self) -> tuple[str, ...]:
        """All that would tell who they are or where."""
        lines = self.signature.split("\n") if self.signature else []
        names = [self.name, *re.split(r"[\s-]+", self.name)]
        return (
            *(*names, self.address, self.address.partition("@")[0], self.domain, self.ip, self.device),
            *(*lines, *(line.replace(" ", "") for line in lines)),
        )


@dataclass(frozen=True, slots=True)
class Received:
    """A mail as its reader's program has it; `text` and `page` are its two forms."""

    sender: str
    address: str
    to: str
    subject: str
    at: datetime
    message_id: str
    references: tuple[str, ...]
    text: str
    page: str

    @classmethod
    def read(cls, raw: bytes) -> Received:
        mail = message_from_bytes(raw, policy=default)
        assert isinstance(mail, EmailMessage)
        plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
        assert plain is not None
        assert html is not None
        name, address = parseaddr(str(mail["From"]))
        return cls(
            sender=name,
            address=address,
            to=str(mail["To"]),
            subject=str(mail["Subject"]),
            at=parsedate_to_datetime(str(mail["Date"])),
            message_id=str(mail["Message-ID"]).strip(),
            references=tuple(str(mail["References"] or "").split()),
            text=_lines(plain.get_content()).strip("\n"),
            page=_OUTSIDE_BODY.sub("", _lines(html.get_content())).strip(),
        )


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n")


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody types, and in answer to what; `below` has the cursor under the quotation."""

    writer: Writer
    words: str
    at: datetime
    to: Received | None = None
    subject: str = ""
    below: bool = False
    signed: bool = False

    @property
    def seed(self) -> str:
        """Letters and figures that no other draft has, for the names that programs give to mails and parts."""
        return hashlib.sha256(f"{self.writer.address} {self.at} {self.words}".encode()).hexdigest()

    @property
    def uuid(self) -> str:
        return str(UUID(self.seed[:32])).upper()

    @property
    def quoted(self) -> Received:
        assert self.to is not None
        return self.to

    def topic(self, prefix: str = "Re") -> str:
        """The subject, with the program's own word for an answer before it."""
        if self.to is None:
            return self.subject
        bare = re.sub(r"(?i)^re:\s*", "", self.to.subject)
        return f"{prefix}: {bare}"

    @property
    def thread(self) -> tuple[tuple[str, str], ...]:
        """RFC 5322 section 3.6.4."""
        if self.to is None:
            return ()
        references = "\n ".join((*self.to.references, self.to.message_id))
        return (("In-Reply-To", self.to.message_id), ("References", references))

    @property
    def date(self) -> str:
        return format_datetime(self.at)

    def paragraphs(self, line: str, blank: str) -> str:
        """The words as a page, each line in the program's own element; `line` holds {}."""
        return "".join(line.format(escape(each, quote=False)) if each.strip() else blank for each in self.words.split("\n"))

    def in_order(self, own: str, quotation: str, gap: str) -> str:
        """Own words and quotation as the cursor stood; without a quotation the words alone."""
        parts = (own, quotation) if not self.below else (quotation, own)
        return gap.join(part for part in parts if part)


def wrapped(text: str, width: int = 72, end: str = "") -> str:
    """Long lines broken hard, as many programs do in their plain form; `end` stands at each break."""
    lines: list[str] = []
    for line in text.split("\n"):
        pieces = textwrap.wrap(line, width, break_long_words=False, break_on_hyphens=False) or [line]
        lines += [*(f"{piece}{end}" for piece in pieces[:-1]), pieces[-1]]
    return "\n".join(lines)


def marked(text: str) -> str:
    """Lines with the mark of a quotation; what is quoted already gets one more."""
    return "\n".join(f">{'' if line.startswith('>') or not line else ' '}{line}" for line in text.split("\n"))
