"""Replies as real mail programs write them, down to the headers that give their user away."""

from __future__ import annotations

import base64
import quopri
from dataclasses import dataclass
from enum import StrEnum
from html import escape

ATTRIBUTION = "On Mon, 2 Nov 2026 at 11:01, Mike <info@exithate.org> wrote:"
BLOCK = "From: Mike <info@exithate.org>\nSent: 02 November 2026 11:01\nTo: Rosalind Fairweather\nSubject: A message is waiting"
SIGNATURE = "Rosalind Fairweather-Poole\nYouth worker, Larkrise House\n07700 900123"
SENDER = "Rosalind Fairweather-Poole"
# None of this may be in any byte that goes to a requester.
GIVEAWAYS = (
    *(SENDER, "Rosalind", "Fairweather", "Larkrise", "07700 900123", "07700900123", "7700 900123"),
    *("198.51.100.23", "laptop-of-rosalind", "staff-host.example", "Youth worker", "originating"),
)


class Quote(StrEnum):
    """How a program shows what it quotes."""

    MARKED = "marked"
    BLOCK = "block"
    LINE = "line"


class Bodies(StrEnum):
    BOTH = "both"
    PLAIN = "plain"
    PAGE = "page"


class Place(StrEnum):
    """Where the writer's cursor was."""

    ABOVE = "above"
    BELOW = "below"


@dataclass(frozen=True)
class Program:
    """A mail program: what it adds by itself, and how it quotes."""

    name: str
    headers: str
    message_id: str
    quote: Quote = Quote.MARKED
    bodies: Bodies = Bodies.BOTH
    encoding: str = "quoted-printable"
    attribution: str = ATTRIBUTION
    quoted: str = '<div class="gmail_quote"><div>{attribution}<br></div><blockquote>{page}</blockquote></div>'
    paragraph: str = "<div>{}</div>"
    signed: str = '<div>-- <br></div><div class="gmail_signature">{}</div>'
    device: str = ""


def _outlook(name: str, *, device: str = "", bodies: Bodies = Bodies.BOTH) -> Program:
    return Program(
        name,
        "X-MS-Exchange-Organization-AuthAs: Internal\nThread-Topic: A message is waiting\nx-originating-ip: [198.51.100.23]",
        "DB7PR04MB4618@staff-host.example",
        quote=Quote.BLOCK,
        bodies=bodies,
        encoding="base64" if device else "quoted-printable",
        quoted='<div id="divRplyFwdMsg" dir="ltr"><font face="Calibri">{block}</font></div><div>{page}</div>',
        paragraph='<p class="MsoNormal">{}</p>',
        signed='<p class="MsoNormal">-- <br>{}</p>',
        device=device,
    )


PROGRAMS = (
    Program("Gmail in a browser", "X-Gm-Message-State: rosalind", "CAEfairweather@mail.staff-host.example"),
    Program(
        "Gmail on Android", "X-Gm-Message-State: rosalind", "CAFandroid@mail.staff-host.example",
        attribution="On Mon, 2 Nov 2026, 11:01 Mike, <info@exithate.org> wrote:", encoding="base64",
    ),
    _outlook("Outlook on a desktop"),
    _outlook("Outlook in a browser", bodies=Bodies.PAGE),
    _outlook("Outlook on a phone", device="Get Outlook for iOS<https://aka.ms/o0ukef>"),
    Program(
        "Apple Mail", "X-Mailer: Apple Mail (2.3774.600.62)", "7F1D-rosalind@staff-host.example",
        attribution="On 2 Nov 2026, at 11:01, Mike <info@exithate.org> wrote:", encoding="7bit",
        quoted='<div><blockquote type="cite"><div>{attribution}</div><br>{page}</blockquote></div>',
        signed="<div>-- <br>{}</div>",
    ),
    Program(
        "iPhone", "X-Mailer: iPhone Mail (22B91)", "0B2C-rosalind@staff-host.example",
        attribution="On 2 Nov 2026, at 11:01, Mike <info@exithate.org> wrote:", device="Sent from my iPhone",
        quoted='<div dir="ltr"><br><blockquote type="cite">{attribution}<br><br></blockquote></div>'
        '<blockquote type="cite"><div dir="ltr">{page}</div></blockquote>',
    ),
    Program(
        "Thunderbird", "User-Agent: Mozilla Thunderbird (laptop-of-rosalind)", "5d1e@staff-host.example",
        bodies=Bodies.PLAIN, encoding="8bit", attribution="On 02/11/2026 11:01, Mike wrote:",
    ),
    Program(
        "Samsung", "X-Mailer: Samsung Email", "l4k-rosalind@staff-host.example", quote=Quote.LINE, encoding="base64",
        quoted="<div>-------- Original message --------</div><div>{block}</div><div>{page}</div>",
        device="Sent from my Galaxy",
    ),
    Program(
        "Yahoo", "X-Mailer: WebService/1.1 YMailNorrin", "169999-rosalind@staff-host.example",
        attribution="On Monday, 2 November 2026 at 11:01:00 GMT, Mike <info@exithate.org> wrote:",
        quoted='<div id="yahoo_quoted_1" class="yahoo_quoted"><div>{attribution}</div><div>{page}</div></div>',
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Written:
    """What somebody wrote into one of them."""

    words: str
    place: Place = Place.ABOVE
    signature: bool = False


def reply(program: Program, written: Written, notice: str, notice_id: str, sender: str) -> bytes:
    """The bytes that such a program sends in answer to a notice with this text and Message-ID."""
    plain = _assembled(
        written, "\n\n", written.words, f"-- \n{SIGNATURE}", _quoted_plain(program, notice), program.device
    )  # fmt: skip
    page = _assembled(
        written, "<br>", "".join(program.paragraph.format(escape(line) or "<br>") for line in written.words.split("\n")),
        program.signed.format(escape(SIGNATURE).replace("\n", "<br>")), _quoted_page(program, notice),
        f"<div>{escape(program.device)}</div>" if program.device else "",
    )  # fmt: skip
    html = f'<html><head><meta charset="utf-8"></head><body dir="ltr">{page}</body></html>'
    head = (
        "Received: from laptop-of-rosalind (host.staff-host.example [198.51.100.23])\n\tby mx.exithate.org; Mon, 2 Nov 2026\n"
        f"From: {SENDER} <{sender}>\nTo: info@exithate.org\nSubject: Re: A message is waiting\n"
        f"Message-ID: <{program.message_id}>\nIn-Reply-To: <{notice_id}>\nReferences: <x.notices@exithate.org> <{notice_id}>\n"
        f"Date: Mon, 2 Nov 2026 11:05:00 +0000\n{program.headers}\nMIME-Version: 1.0\n"
    )
    return (head + _body(program, plain, html)).replace("\n", "\r\n").encode()


def _assembled(written: Written, gap: str, words: str, signature: str, quoted: str, device: str) -> str:
    own = gap.join(part for part in (words, signature if written.signature else "", device) if part)
    return gap.join((own, quoted) if written.place is Place.ABOVE else (quoted, own))


def _quoted_plain(program: Program, notice: str) -> str:
    marked = "\n".join(f"> {line}".rstrip() for line in notice.splitlines())
    if program.quote is Quote.MARKED:
        return f"{program.attribution}\n\n{marked}"
    line = "-------- Original message --------\n" if program.quote is Quote.LINE else "________________________________\n"
    return f"{line}{BLOCK}\n\n{notice}"


def _quoted_page(program: Program, notice: str) -> str:
    page = "".join(f"<p>{escape(line)}</p>" for line in notice.splitlines() if line)
    block = "<br>".join(f"<b>{label}:</b>{rest}" for label, _, rest in (line.partition(":") for line in BLOCK.splitlines()))
    return program.quoted.format(attribution=escape(program.attribution), page=page, block=block)


def _body(program: Program, plain: str, html: str) -> str:
    if program.bodies is Bodies.PLAIN:
        return _part(program, "plain", plain)
    if program.bodies is Bodies.PAGE:
        return _part(program, "html", html)
    parts = "".join(f"--frontier\n{_part(program, kind, text)}\n" for kind, text in (("plain", plain), ("html", html)))
    return f'Content-Type: multipart/alternative; boundary="frontier"\n\n{parts}--frontier--\n'


def _part(program: Program, kind: str, text: str) -> str:
    encoded = text
    if program.encoding == "base64":
        encoded = base64.encodebytes(text.encode()).decode()
    elif program.encoding == "quoted-printable":
        encoded = quopri.encodestring(text.encode()).decode()
    return f'Content-Type: text/{kind}; charset="utf-8"\nContent-Transfer-Encoding: {program.encoding}\n\n{encoded}\n'
