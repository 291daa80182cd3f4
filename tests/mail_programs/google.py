"""Gmail in a browser and on an Android phone."""

from __future__ import annotations

from html import escape

from tests.mail_programs.draft import Draft, marked, wrapped
from tests.mail_programs.mime import US, Part, alternative, named, sent

_BLOCKQUOTE = "margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204);padding-left:1ex"


def gmail(draft: Draft) -> bytes:
    """A quotation folded under three dots; the signature behind a prefix of its own; plain lines broken at 72."""
    lines = draft.paragraphs("<div>{}</div>", "<div><br></div>")
    own_page = f'<div dir="ltr">{lines}</div>'
    own_text = wrapped(draft.words)
    if draft.signed:
        signature = escape(draft.writer.signature, quote=False).replace("\n", "<br>")
        own_page += (
            '<div><br clear="all"></div><br><span class="gmail_signature_prefix">-- </span><br><div dir="ltr" '
            f'class="gmail_signature" data-smartmail="gmail_signature"><div dir="ltr">{signature}</div></div>'
        )
        own_text += f"\n\n-- \n{draft.writer.signature}"
    attribution = "On {0:%a, }{0.day}{0: %b %Y at %H:%M}, {1} <{2}> wrote:"
    return _sent(draft, own_text, own_page, attribution, "quoted-printable", "gmail_quote gmail_quote_container")


def gmail_android(draft: Draft) -> bytes:
    """Divisions with dir="auto", a comma behind the name, base64 as soon as a letter is not ASCII."""
    lines = draft.paragraphs('<div dir="auto">{}</div>', '<div dir="auto"><br></div>')
    attribution = "On {0:%a, }{0.day}{0: %b %Y, %H:%M} {1}, <{2}> wrote:"
    return _sent(draft, wrapped(draft.words), lines, attribution, "base64", "gmail_quote")


def _sent(draft: Draft, text: str, page: str, attribution: str, encoding: str, quote: str) -> bytes:
    below_page = below_text = ""
    if draft.to:
        line = attribution.format(draft.to.at, draft.to.sender, draft.to.address)
        linked = escape(line, quote=False).replace(
            draft.to.address, f'<a href="mailto:{draft.to.address}">{draft.to.address}</a>'
        )
        below_page = (
            f'<br><div class="{quote}"><div dir="ltr" class="gmail_attr">{linked}<br></div>'
            f'<blockquote class="gmail_quote" style="{_BLOCKQUOTE}">{draft.to.page}</blockquote></div>'
        )
        below_text = f"{wrapped(line)}\n\n{marked(wrapped(draft.to.text))}"
    boundary = f"000000000000{draft.seed[:16]}"
    content = alternative(
        boundary,
        [
            Part('text/plain; charset="UTF-8"', f"{draft.in_order(text, below_text, chr(10) * 2)}\n", encoding=encoding),
            Part('text/html; charset="UTF-8"', f"{draft.in_order(page, below_page, '')}\n", encoding=encoding),
        ],
    )
    # Google's servers name no home.
    hop = f"by 2002:a05:7208:{draft.seed[:4]}:b0:{draft.seed[4:7]}:{draft.seed[8:12]} with SMTP id {draft.seed[:18]}"
    fields = (
        ("X-Google-DKIM-Signature", f"v=1; a=rsa-sha256; c=relaxed/relaxed;\n        d=1e100.net; s=20230601; b={draft.seed}"),
        ("X-Gm-Message-State", f"AOJu0Y{draft.seed[:40]}"),
        ("X-Google-Smtp-Source", f"AGHT+IF{draft.seed[:30]}"),
        (
            "X-Received",
            f"by 2002:a05:6a20:{draft.seed[12:16]}:b0:1d9:c6c8 with SMTP id {draft.seed[:20]};\n        {draft.date}",
        ),
        ("MIME-Version", "1.0"),
        *draft.thread,
        ("From", named(draft)),
        ("Date", draft.date),
        ("Message-ID", f"<CAE{draft.seed[:46]}@mail.{draft.writer.domain}>"),
        ("Subject", draft.topic()),
        ("To", f"{draft.to.sender} <{US}>" if draft.to else US),
    )
    return sent(draft, [hop], fields, content)
