"""Apple Mail on a Mac and on an iPhone."""

from __future__ import annotations

from html import escape

from tests.mail_programs.draft import Draft, marked
from tests.mail_programs.mime import US, Part, alternative, from_home, named, sent

_STYLE = "overflow-wrap: break-word; -webkit-nbsp-mode: space; line-break: after-white-space;"
_META = '<meta http-equiv="content-type" content="text/html; charset=utf-8">'


def apple_mail(draft: Draft) -> bytes:
    """The first line stands bare in the body; the attribution is inside the quotation, marked like the rest."""
    first, *others = draft.words.split("\n")
    own = escape(first, quote=False) + "".join(f"<div>{escape(line, quote=False) or '<br>'}</div>" for line in others)
    own_text = draft.words
    if draft.signed:
        signature = escape(draft.writer.signature, quote=False).replace("\n", "<br>")
        own += f'<div><br><div><meta charset="UTF-8"><div>-- </div><div>{signature}</div></div></div>'
        own_text += f"\n\n-- \n{draft.writer.signature}"
    below_text = below = ""
    if draft.to:
        line = f"On {draft.to.at.day} {draft.to.at:%b %Y, at %H:%M}, {draft.to.sender} <{draft.to.address}> wrote:"
        below_text = f"{marked(f'{line}{chr(10) * 2}{draft.to.text}')}\n"
        below = (
            f'<div><br><blockquote type="cite"><div>{escape(line, quote=False)}</div><br class="Apple-interchange-newline">'
            f"<div>{draft.to.page}</div></blockquote></div>"
        )
    page = f'<html><head>{_META}</head><body style="{_STYLE}">{draft.in_order(own, below, "<br>")}</body></html>'
    content = alternative(
        f"Apple-Mail=_{draft.uuid}",
        [
            Part("text/plain;\n\tcharset=utf-8", draft.in_order(own_text, below_text, "\n\n") + "\n"),
            Part("text/html;\n\tcharset=utf-8", page),
        ],
    )
    fields = (
        ("From", named(draft)),
        ("X-Apple-Auto-Saved", "1"),
        ("Mime-Version", "1.0 (Mac OS X Mail 16.0 \\(3774.600.62\\))"),
        ("Subject", draft.topic()),
        ("Date", draft.date),
        *draft.thread,
        ("To", f"{draft.to.sender} <{US}>" if draft.to else US),
        ("Message-Id", f"<{draft.uuid}@{draft.writer.domain}>"),
        ("X-Mailer", "Apple Mail (2.3774.600.62)"),
        ("X-Universally-Unique-Identifier", draft.uuid),
    )
    return sent(draft, [from_home(draft)], fields, content)


def iphone(draft: Draft) -> bytes:
    """Says what it was sent from above the quotation, and begins that with a mark that no eye sees; the page comes first."""
    own = draft.paragraphs('<div dir="ltr">{}</div>', '<div dir="ltr"><br></div>')
    device = "Sent from my iPhone"
    own_text = f"{draft.words}\n\n{device}"
    own += f'<br id="lineBreakAtBeginningOfSignature"><div dir="ltr">{device}</div>'
    below_text = below = ""
    if draft.to:
        line = f"On {draft.to.at.day} {draft.to.at:%b %Y, at %H:%M}, {draft.to.sender} <{draft.to.address}> wrote:"
        below_text = marked(f"{line}\n\n\ufeff{draft.to.text}")
        below = (
            f'<div dir="ltr"><br><blockquote type="cite">{escape(line, quote=False)}<br><br></blockquote></div>'
            f'<blockquote type="cite"><div dir="ltr">\ufeff{draft.to.page}</div></blockquote>'
        )
    page = f'<html><head>{_META}</head><body dir="auto">{draft.in_order(own, below, "")}</body></html>'
    content = alternative(
        f"Apple-Mail-{draft.uuid}",
        [
            Part("text/plain;\n\tcharset=utf-8", draft.in_order(own_text, below_text, "\n\n") + "\n"),
            Part("text/html;\n\tcharset=utf-8", page, encoding="base64"),
        ],
        quoted=False,
    )
    fields = (
        ("From", named(draft)),
        ("Mime-Version", "1.0 (1.0)"),
        ("Subject", draft.topic()),
        ("Date", draft.date),
        ("Message-Id", f"<{draft.uuid}@{draft.writer.domain}>"),
        *draft.thread,
        ("To", f"{draft.to.sender} <{US}>" if draft.to else US),
        ("X-Mailer", "iPhone Mail (22B91)"),
    )
    return sent(draft, [from_home(draft)], fields, content)
