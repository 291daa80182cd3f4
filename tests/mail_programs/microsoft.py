"""Outlook on a desktop with its HTML from Word, in a browser, and on a phone."""

from __future__ import annotations

import base64
from html import escape

from tests.mail_programs.draft import Draft, wrapped
from tests.mail_programs.mime import US, Fields, Part, alternative, from_home, named, sent

_WORD_HEAD = """<html xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" \
xmlns:w="urn:schemas-microsoft-com:office:word" xmlns="http://www.w3.org/TR/REC-html40"><head>\
<meta http-equiv=Content-Type content="text/html; charset=windows-1252">\
<meta name=Generator content="Microsoft Word 15 (filtered medium)"><style><!--
/* Font Definitions */
@font-face
	{font-family:"Cambria Math";
	panose-1:2 4 5 3 5 4 6 3 2 4;}
/* Style Definitions */
p.MsoNormal, li.MsoNormal, div.MsoNormal
	{margin:0cm;
	font-size:11.0pt;
	font-family:"Calibri",sans-serif;}
@page WordSection1
	{size:612.0pt 792.0pt;
	margin:72.0pt 72.0pt 72.0pt 72.0pt;}
div.WordSection1
	{page:WordSection1;}
--></style><!--[if gte mso 9]><xml>
<o:shapedefaults v:ext="edit" spidmax="1026" />
</xml><![endif]--></head><body lang=EN-GB link="#0563C1" vlink="#954F72" style='word-wrap:break-word'>\
<div class=WordSection1>"""
_RULE = "border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"
_FOR_IOS = "Get Outlook for iOS<https://aka.ms/o0ukef>"
_P = "<p class=MsoNormal><span style='mso-fareast-language:EN-US'>{}<o:p></o:p></span></p>\n"
_EMPTY_P = "<p class=MsoNormal><span style='mso-fareast-language:EN-US'><o:p>&nbsp;</o:p></span></p>\n"
_SENT = {"desktop": "{0:%d %B %Y %H:%M}", "browser": "{0:%A, %B %-d, %Y %-I:%M %p}", "phone": "{0:%A, %B %-d, %Y %-I:%M:%S %p}"}


def outlook(draft: Draft) -> bytes:
    """Paragraphs of Word, a rule above From, Sent, To and Subject, nothing marked; Windows-1252."""
    # Each paragraph of Word is followed by an empty line in the plain form, an empty one too.
    own_text = "\n\n".join(wrapped(line, 76) or " " for line in draft.words.split("\n"))
    own_page = draft.paragraphs(_P, _EMPTY_P)
    if draft.signed:
        # Outlook draws no line above a signature.
        signature = draft.writer.signature.split("\n")
        own_page += _EMPTY_P + "".join(_P.format(f"<b>{escape(line, quote=False)}</b>") for line in signature)
        own_text += f"\n\n{draft.writer.signature}"
    below_text = below_page = ""
    if draft.to:
        text, page = _block(draft, "desktop")
        below_text = f"{text}\n\n{wrapped(draft.to.text, 76)}"
        below_page = (
            f"{_EMPTY_P}<div><div style='{_RULE}'><p class=MsoNormal>{page}<o:p></o:p></p></div></div>"
            f"<p class=MsoNormal><o:p>&nbsp;</o:p></p><div>{draft.to.page}</div>"
        )
    page = f"{_WORD_HEAD}{draft.in_order(own_page, below_page, '')}</div></body></html>\n"
    content = alternative(
        f"----=_NextPart_000_{draft.seed[:4].upper()}_01DC{draft.seed[4:8].upper()}.{draft.seed[8:16].upper()}",
        [
            Part('text/plain;\n\tcharset="Windows-1252"', draft.in_order(own_text, below_text, "\n\n") + "\n", "cp1252"),
            Part('text/html;\n\tcharset="Windows-1252"', page.encode("cp1252", "xmlcharrefreplace").decode("cp1252"), "cp1252"),
        ],
    )
    return _sent(
        draft,
        content,
        (("X-Mailer", "Microsoft Outlook 16.0"), ("X-Priority", "3 (Normal)"), ("X-OlkEid", draft.seed[:40].upper())),
        f"<00{draft.seed[:4]}01dc{draft.seed[4:8]}${draft.seed[8:16]}$@{draft.writer.domain}>",
    )


def outlook_web(draft: Draft) -> bytes:
    """Divisions named elementToProof, a rule across, and a block of headers in bold; ISO-8859-1 that is Windows-1252."""
    style = "font-family: Aptos, Calibri, Helvetica, sans-serif; font-size: 12pt; color: rgb(0, 0, 0);"
    own_page = draft.paragraphs(
        f'<div class="elementToProof" style="{style}">\n{{}}</div>\n',
        f'<div class="elementToProof" style="{style}">\n<br>\n</div>\n',
    )
    return _of_the_cloud(draft, draft.words, own_page, "browser")


def outlook_phone(draft: Draft) -> bytes:
    """Its advertisement stands between the words and the quotation."""
    own_page = draft.paragraphs('<div dir="auto">{}</div>\n', '<div dir="auto"><br></div>\n') + (
        '<div id="ms-outlook-mobile-body-separator-line" dir="auto"><br></div>\n'
        '<div id="ms-outlook-mobile-signature" class="ms-outlook-mobile-signature"><div dir="auto">'
        'Get <a href="https://aka.ms/o0ukef">Outlook for iOS</a></div></div>\n'
    )
    return _of_the_cloud(draft, f"{draft.words}\n\n{_FOR_IOS}", own_page, "phone")


def _of_the_cloud(draft: Draft, own_text: str, own_page: str, where: str) -> bytes:
    below_text = below_page = ""
    if draft.to:
        text, page = _block(draft, where)
        below_text = f"________________________________\n{text}\n\n{draft.to.text}"
        reference = (
            '<div id="mail-editor-reference-message-container">\n' if where == "phone" else '<div id="appendonsend"></div>\n'
        )
        below_page = (
            f'{reference}<hr style="display:inline-block;width:98%" tabindex="-1">\n<div id="divRplyFwdMsg" dir="ltr">'
            f'<font face="Calibri, sans-serif" style="font-size:11pt" color="#000000">{page}</font>\n<div>&nbsp;</div>\n'
            f"</div>\n<div>{draft.to.page}</div>{'</div>' if where == 'phone' else ''}"
        )
    charset = "cp1252" if where == "browser" else "utf-8"
    named_charset = "iso-8859-1" if where == "browser" else "utf-8"
    page = (
        f'<html>\n<head>\n<meta http-equiv="Content-Type" content="text/html; charset={named_charset}">\n<style '
        'type="text/css" style="display:none;"> P {margin-top:0;margin-bottom:0;} </style>\n</head>\n<body dir="ltr">\n'
        f"{draft.in_order(own_page, below_page, '')}\n</body>\n</html>\n"
    )
    content = alternative(
        f"_000_{draft.seed[:20].upper()}{draft.seed[20:40]}_",
        [
            Part(f'text/plain; charset="{named_charset}"', draft.in_order(own_text, below_text, "\n\n") + "\n", charset),
            Part(
                f'text/html; charset="{named_charset}"',
                page.encode(charset, "xmlcharrefreplace").decode(charset),
                charset,
                "base64" if where == "phone" else "quoted-printable",
            ),
        ],
    )
    message_id = f"<DB7PR04MB{draft.seed[:24].upper()}@DB7PR04MB4618.eurprd04.prod.outlook.example>"
    return _sent(draft, content, (("Content-Transfer-Encoding", "7bit"),) if where == "phone" else (), message_id)


def _block(draft: Draft, where: str) -> tuple[str, str]:
    """From, Sent, To and Subject as text, and as HTML with the labels in bold."""
    quoted = draft.quoted
    at = _SENT[where].format(quoted.at)
    lines = {"From": f"{quoted.sender} <{quoted.address}>", "Sent": at, "To": quoted.to, "Subject": quoted.subject}
    text = "\n".join(f"{label}: {value}" for label, value in lines.items())
    return text, "<br>\n".join(f"<b>{label}:</b> {escape(value, quote=False)}" for label, value in lines.items())


def _sent(draft: Draft, content: str, more: Fields, message_id: str) -> bytes:
    index = base64.b64encode(bytes.fromhex(f"01dc{draft.seed[:40]}")).decode()
    fields = (
        ("From", named(draft)),
        ("To", f'"{draft.to.sender}" <{US}>' if draft.to else f"<{US}>"),
        ("Subject", draft.topic("RE" if ("X-Mailer", "Microsoft Outlook 16.0") in more else "Re")),
        ("Thread-Topic", draft.topic().removeprefix("Re: ")),
        ("Thread-Index", index),
        ("Date", draft.date),
        ("Message-ID", message_id),
        *draft.thread,
        ("Accept-Language", "en-GB, en-US"),
        ("Content-Language", "en-GB"),
        ("X-MS-Has-Attach", ""),
        ("X-MS-TNEF-Correlator", ""),
        ("x-originating-ip", f"[{draft.writer.ip}]"),
        ("x-ms-publictraffictype", "Email"),
        ("x-ms-traffictypediagnostic", f"DB7PR04MB4618:EE_|AM0PR04MB{draft.seed[:4]}:EE_"),
        ("x-ms-office365-filtering-correlation-id", draft.uuid.lower()),
        ("x-microsoft-antispam-message-info", base64.b64encode(draft.writer.device.encode()).decode()),
        ("X-MS-Exchange-CrossTenant-fromentityheader", "Hosted"),
        ("X-MS-Exchange-CrossTenant-userprincipalname", draft.writer.address),
        *more,
        ("MIME-Version", "1.0"),
    )
    # Parts name their own encoding; one above a multipart is against RFC 2045 section 6.4 only where it is not an identity.
    return sent(draft, [from_home(draft, "mail")], fields, content)
