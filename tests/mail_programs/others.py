"""Thunderbird, Yahoo, a Samsung phone, and a webmail that writes HTML alone."""

from __future__ import annotations

from html import escape

from tests.mail_programs.draft import Draft, marked, wrapped
from tests.mail_programs.mime import US, Part, alternative, from_home, named, sent


def thunderbird(draft: Draft) -> bytes:
    """Plain text, format=flowed (RFC 3676): a space at the end of a line says that it goes on."""
    own = wrapped(draft.words, end=" ")
    if draft.signed:
        own += f"\n\n-- \n{draft.writer.signature}"
    below = ""
    if draft.to:
        below = f"On {draft.to.at:%d/%m/%Y %H:%M}, {draft.to.sender} wrote:\n{marked(wrapped(draft.to.text, end=' '))}"
    text = "\n".join(_stuffed(line) for line in draft.in_order(own, below, "\n\n").split("\n"))
    fields = (
        ("Message-ID", f"<{draft.uuid.lower()}@{draft.writer.domain}>"),
        ("Date", draft.date),
        ("MIME-Version", "1.0"),
        ("User-Agent", "Mozilla Thunderbird"),
        ("Subject", draft.topic()),
        ("To", f"{draft.to.sender} <{US}>" if draft.to else US),
        *draft.thread,
        ("Content-Language", "en-GB"),
        ("From", named(draft)),
        ("Autocrypt", f"addr={draft.writer.address}; keydata=\n xsFNBF{draft.seed}"),
    )
    return sent(
        draft,
        [from_home(draft)],
        fields,
        Part("text/plain; charset=UTF-8; format=flowed", text + "\n", encoding="8bit").written(),
    )


def _stuffed(line: str) -> str:
    """RFC 3676 section 4.4."""
    return f" {line}" if line.startswith((" ", "From ")) else line


def yahoo(draft: Draft) -> bytes:
    """In the plain form nothing marks the quotation but its attribution, and lines stand together without a space."""
    own = draft.paragraphs('<div dir="ltr" data-setdir="false">{}</div>', '<div dir="ltr" data-setdir="false"><br></div>')
    style = "font-family:Helvetica Neue, Arial;font-size:13px;"
    own_page = f'<div class="ydp{draft.seed[:8]}yahoo-style-wrap" style="{style}">{own}</div>'
    glued = "\n".join(paragraph.replace("\n", "") for paragraph in draft.words.split("\n\n"))
    below_text = below_page = ""
    if draft.to:
        at = draft.to.at
        line = f"On {at:%A}, {at.day} {at:%B %Y at %H:%M:%S} GMT, {draft.to.sender} <{draft.to.address}> wrote:"
        body = "\n".join(f" {each}" for each in draft.to.text.split("\n"))
        below_text = f"    {line}  \n \n{body}  "
        below_page = (
            f'<div id="yahoo_quoted_{draft.seed[:10]}" class="yahoo_quoted"><div style="font-family:\'Helvetica Neue\', Arial;'
            f'font-size:13px;color:#26282a;"><div>{escape(line, quote=False)}</div><div><br></div><div><br></div>'
            f"<div>{draft.to.page}</div></div></div>"
        )
    page = f"<html><head></head><body>{draft.in_order(own_page, below_page, '<div><br></div>')}</body></html>"
    content = alternative(
        f"----=_Part_{draft.seed[:7]}_{draft.seed[7:16]}.{draft.seed[16:29]}",
        [
            Part(
                "text/plain; charset=UTF-8",
                draft.in_order(f" {glued}", below_text, "\n"),
                encoding="base64",
            ),
            Part("text/html; charset=UTF-8", page),
        ],
    )
    hop = f"from [{draft.writer.ip}] by sonic.gate.mail.{draft.writer.domain} with HTTP"
    fields = (
        ("X-YMail-OSG", draft.seed),
        ("X-Originating-IP", f"[{draft.writer.ip}]"),
        ("Date", draft.date),
        ("From", named(draft)),
        ("To", f"{draft.to.sender} <{US}>" if draft.to else f'"{US}" <{US}>'),
        ("Message-ID", f"<{draft.seed[:9]}.{draft.seed[9:16]}.{int(draft.at.timestamp())}@mail.{draft.writer.domain}>"),
        *draft.thread,
        ("Subject", draft.topic()),
        ("MIME-Version", "1.0"),
        ("References", "") if not draft.to else ("X-Mailer", "WebService/1.1.22876 YMailNorrin"),
    )
    return sent(draft, [hop], [field for field in fields if field[1]], content)


def samsung(draft: Draft) -> bytes:
    """An original message of which neither form marks a line, below the name of the phone."""
    device = "Sent from my Galaxy"
    own_page = draft.paragraphs('<div dir="auto">{}</div>', '<div dir="auto"><br></div>') + (
        '<div dir="auto"><br></div><div id="composer_signature" dir="auto">'
        f'<div style="font-size:12px;color:#575757" dir="auto">{device}</div></div><div dir="auto"><br></div>'
    )
    own_text = f"{draft.words}\n\n{device}"
    below_text = below_page = ""
    if draft.to:
        lines = (
            "-------- Original message --------",
            f"From: {draft.to.sender} <{draft.to.address}> ",
            f"Date: {draft.to.at:%d/%m/%Y  %H:%M  (GMT+00:00)} ",
            f"To: {draft.to.to} ",
            f"Subject: {draft.to.subject} ",
        )
        below_text = "\n".join((*lines, "", draft.to.text))
        shown = "".join(f"<div>{escape(line, quote=False)}</div>" for line in lines)
        below_page = (
            f'<div><br></div><div align="left" dir="auto" style="font-size:100%;color:#000000">{shown}<div><br></div></div>'
            f"{draft.to.page}"
        )
    head = '<meta http-equiv="Content-Type" content="text/html; charset=UTF-8">'
    page = f'<html><head>{head}</head><body dir="auto">{draft.in_order(own_page, below_page, "")}</body></html>'
    content = alternative(
        f"--_com.samsung.android.email_{int(draft.at.timestamp())}1230",
        [
            Part("text/plain; charset=utf-8", draft.in_order(own_text, below_text, "\n\n"), encoding="base64"),
            Part("text/html; charset=utf-8", page, encoding="base64"),
        ],
    )
    fields = (
        ("Date", draft.date),
        ("Subject", draft.topic()),
        ("Message-ID", f"<{draft.seed[:24]}.{int(draft.at.timestamp())}123@email.android.example>"),
        ("X-Android-Message-ID", f"<{draft.seed[:24]}@email.android.example>"),
        *draft.thread,
        ("Importance", "normal"),
        ("From", named(draft)),
        ("To", f"{draft.to.sender} <{US}>" if draft.to else US),
        ("MIME-Version", "1.0"),
    )
    return sent(draft, [from_home(draft)], fields, content)


def html_only(draft: Draft) -> bytes:
    """As GMX and web.de write: no plain form at all, the quotation told by a name and its block by bold labels."""
    own = draft.paragraphs("<div>{}</div>\n\n", "<div>&nbsp;</div>\n\n")
    below = ""
    if draft.to:
        at = f"{draft.to.at:%A, %B %d, %Y at %I:%M %p}"
        lines = {
            "Sent": at,
            "From": f'"{draft.to.sender}" <{draft.to.address}>',
            "To": draft.to.to,
            "Subject": draft.to.subject,
        }
        shown = "<br/>\n".join(f"<b>{label}:</b>&nbsp;{escape(value, quote=False)}" for label, value in lines.items())
        below = (
            '<div>&nbsp;\n<div>&nbsp;\n<div name="quote" style="margin:10px 5px 5px 10px; padding: 10px 0 10px 10px; '
            'border-left:2px solid #C3D9E5; word-wrap: break-word;">\n<div style="margin:0 0 10px 0;">'
            f'{shown}</div>\n\n<div name="quoted-content">{draft.to.page}</div>\n</div>\n</div>\n</div>'
        )
    page = (
        '<html><head></head><body><div style="font-family: Verdana;font-size: 12.0px;">'
        f"{draft.in_order(own, below, '')}</div></body></html>\n"
    )
    fields = (
        ("MIME-Version", "1.0"),
        ("Message-ID", f"<trinity-{draft.uuid.lower()}-{int(draft.at.timestamp())}@3c-app-webde-bs08.{draft.writer.domain}>"),
        ("From", named(draft)),
        ("To", f"{draft.to.sender} <{US}>" if draft.to else US),
        ("Subject", draft.topic()),
        ("Date", draft.date),
        ("Importance", "normal"),
        ("Sensitivity", "Normal"),
        *draft.thread,
        ("X-UI-Message-Type", "mail"),
        ("X-Priority", "3"),
        ("X-Provags-ID", f"V03:K1:{draft.seed}"),
    )
    hop = f"from [{draft.writer.ip}] ([{draft.writer.ip}]) by 3c-app-webde-bs08.{draft.writer.domain}\n\t(via HTTP)"
    # Its charset has no dash and no curly quotation mark, so these come as references.
    latin = page.encode("latin-1", "xmlcharrefreplace").decode("latin-1")
    return sent(draft, [hop], fields, Part("text/html; charset=ISO-8859-1", latin, "latin-1", "quoted-printable").written())
