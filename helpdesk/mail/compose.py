"""An OutboundMail becomes bytes that any SMTP server takes: ASCII, CRLF, no line over 998 bytes, nothing of this machine.

The MIME structure is fixed, so it is written out here; the tests read every mail back with the standard library's
parser. Adds no words and chooses no recipient.
"""

from __future__ import annotations

import binascii
import hashlib
import re
from collections.abc import Iterator
from email.header import Header
from email.utils import format_datetime
from urllib.parse import quote

from helpdesk.model.delivery import OutboundMail, OutgoingFile

# RFC 5322 section 2.1.1: at most 998 characters a line, and better no more than 78.
LONGEST_LINE = 998
_WIDTH = 76
LONGEST_WORDS = 1000
# A thread of years: the first id holds it together, the last ones are what mail programs look at.
MOST_REFERENCES = 40

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_ATEXT_PHRASE = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]*")
_ADDRESS = re.compile(r'(?:[A-Za-z0-9!#$%&\'*+/=?^_`{|}~.-]+|"[\x20\x21\x23-\x5b\x5d-\x7e]+")@[A-Za-z0-9.:\[\]-]+')
_MESSAGE_ID = re.compile(r"[\x21-\x3b\x3d\x3f-\x7e](?:[\x20-\x3b\x3d\x3f-\x7e]*[\x21-\x3b\x3d\x3f-\x7e])?")
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*")
_CONTENT_TYPE = re.compile(r"[a-z]+/[a-z0-9.+-]+")
_UTF_8 = "UTF-8''"
LONGEST_FILE_NAME = 150
_NO_ADDRESS = "undisclosed-recipients:;"


def compose(mail: OutboundMail) -> bytes:
    """The whole mail. Never raises on a value that came from a mail: what a header can't hold is cleaned or left out."""
    # "=_" can't stand in quoted-printable text (RFC 2045 section 6.7), so the boundary is in neither part.
    boundary = "=_" + hashlib.sha256(mail.message_id.encode("utf-8", "replace")).hexdigest()[:32]
    lines = [
        f'Content-Type: multipart/alternative; boundary="{boundary}"',
        "",
        *_part(boundary, "plain", mail.text),
        *_part(boundary, "html", mail.html),
        f"--{boundary}--",
        "",
    ]
    if mail.files:
        lines = _with_files(boundary, lines, mail.files)
    return "\r\n".join((*_headers(mail), *lines)).encode("ascii")


def _headers(mail: OutboundMail) -> Iterator[str]:
    from_address = _header_address(mail.from_address)
    yield _mailbox_line("From", mail.from_name, from_address)
    yield f"To: {_header_address(mail.to_address)}"
    if mail.reply_to:
        yield f"Reply-To: {_header_address(mail.reply_to)}"
    yield f"Subject: {_subject(mail.subject)}"
    yield f"Date: {format_datetime(mail.sent_at)}"
    yield from _id_lines("Message-ID", (mail.message_id,))
    yield from _id_lines("In-Reply-To", (mail.in_reply_to,) if mail.in_reply_to else ())
    yield from _id_lines("References", mail.references or ((mail.in_reply_to,) if mail.in_reply_to else ()))
    if mail.automatic:
        # RFC 3834 section 5. "All" would also suppress delivery reports, which we want.
        yield f"Auto-Submitted: {mail.automatic.value}"
        yield "X-Auto-Response-Suppress: DR, RN, NRN, OOF, AutoReply"
        yield "Precedence: auto_reply"
    # Our loop mark: a mail that comes back with it is our own.
    yield f"X-Loop: {from_address}"
    yield f"Content-Language: {mail.language if _LANGUAGE.fullmatch(mail.language) else 'en'}"
    yield "MIME-Version: 1.0"


def _part(boundary: str, subtype: str, text: str) -> Iterator[str]:
    yield f"--{boundary}"
    lines = _lines(text)
    yield f'Content-Type: text/{subtype}; charset="utf-8"'
    # RFC 2045 section 2.7: short lines of ASCII need no encoding, which costs more than all else here together. A text
    # that holds the boundary would end its part early; encoded, it can't hold it.
    if lines.isascii() and boundary not in lines and max(map(len, lines.split("\r\n"))) <= LONGEST_LINE:
        yield "Content-Transfer-Encoding: 7bit"
        yield ""
        yield lines
    else:
        yield "Content-Transfer-Encoding: quoted-printable"
        yield ""
        yield quoted_printable(text)


def _with_files(boundary: str, body: list[str], files: tuple[OutgoingFile, ...]) -> list[str]:
    """The body and the files behind one another (RFC 2046 section 5.1.3), each file in base64."""
    # Neither begins with the other: some programs compare only so far.
    outer = boundary.replace("=_", "=_files_")
    lines = [f'Content-Type: multipart/mixed; boundary="{outer}"', "", f"--{outer}", *body]
    for file in files:
        content_type = file.content_type if _CONTENT_TYPE.fullmatch(file.content_type) else "application/octet-stream"
        lines += [f"--{outer}", f"Content-Type: {content_type}", "Content-Transfer-Encoding: base64"]
        lines += [f"Content-Disposition: attachment;{_file_name(file.name)}", ""]
        # RFC 2045 section 6.8: 76 letters a line, which are 57 bytes.
        lines += [_base_64(file.content[at : at + 57]) for at in range(0, len(file.content), 57)]
        lines.append("")
    return [*lines, f"--{outer}--", ""]


def _base_64(content: bytes) -> str:
    return binascii.b2a_base64(content, newline=False).decode("ascii")


def _file_name(name: str) -> str:
    """The name of a file: quoted, or encoded (RFC 2231) in pieces that fit into a line each."""
    shown = _cleaned(name)[:LONGEST_FILE_NAME] or "attachment"
    if shown.isascii() and len(shown) <= _WIDTH - 12:
        quoted = shown.replace("\\", "\\\\").replace('"', '\\"')
        return f'\r\n filename="{quoted}"'
    encoded = quote(shown, safe="")
    # No piece may end within an escape.
    pieces = re.findall(r"(?:%[0-9A-F]{2}|[^%]){1,20}", encoded)
    return ";".join(f"\r\n filename*{at}*={'' if at else _UTF_8}{piece}" for at, piece in enumerate(pieces))


def _lines(text: str) -> str:
    """The text with CRLF between its lines and none at its end."""
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "").rstrip("\n").replace("\n", "\r\n")


def quoted_printable(text: str) -> str:
    """The text in quoted-printable with CRLF, ending in one line break at most; lone surrogates become "?"."""
    raw = f"{_lines(text)}\r\n".encode("utf-8", "replace")
    return binascii.b2a_qp(raw, istext=True).decode("ascii").removesuffix("\r\n")


def _cleaned(value: str) -> str:
    """One line without control characters, of bounded length, and without what UTF-8 can't hold."""
    line = " ".join(_CONTROL.sub(" ", value).split())
    line = line.encode("utf-8", "replace").decode("utf-8")
    return line if len(line) <= LONGEST_WORDS else line[: LONGEST_WORDS - 1] + "…"


def _subject(value: str) -> str:
    """Unstructured text (RFC 5322 section 3.2.5), folded; encoded words (RFC 2047) only where ASCII can't say it."""
    line = _cleaned(value)
    plain = line.isascii() and "=?" not in line
    name_length = len("Subject: ")
    if plain and name_length + len(line) <= _WIDTH:
        return line
    if plain and max(map(len, line.split(" "))) <= _WIDTH:
        return _folded(line, name_length)
    return Header(line, "utf-8", maxlinelen=_WIDTH, header_name="Subject").encode(linesep="\r\n")


def _folded(line: str, name_length: int) -> str:
    folded, width = "", name_length
    for word in line.split(" "):
        joint = "" if not folded else " " if width + 1 + len(word) <= _WIDTH else "\r\n "
        width = len(word) + (1 if joint == "\r\n " else width + len(joint))
        folded += joint + word
    return folded


def _mailbox_line(name: str, display_name: str, address: str) -> str:
    shown = _cleaned(display_name)[:100].strip()
    if not shown:
        return f"{name}: {address}"
    if not shown.isascii() or "=?" in shown:
        # One encoded word holds 45 bytes (RFC 2047 section 2); of several, some readers make a name with gaps.
        start = shown.encode("utf-8")[:45].decode("utf-8", "ignore")
        words = f"=?utf-8?b?{binascii.b2a_base64(start.encode(), newline=False).decode('ascii')}?="
    elif _ATEXT_PHRASE.fullmatch(shown):
        words = shown
    else:
        words = '"' + shown.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return f"{name}: {words}\r\n <{address}>" if len(words) + len(address) > _WIDTH - 10 else f"{name}: {words} <{address}>"


def _header_address(address: str) -> str:
    """An address as a header may show it: one, in ASCII, its domain in IDNA; else the empty group of RFC 5322.

    What is not one plain address could name further recipients to whoever answers to all. The envelope decides where
    the mail goes, so nothing is lost.
    """
    local, _, domain = address.strip().rpartition("@")
    try:
        ascii_address = f"{local}@{domain if domain.isascii() else domain.encode('idna').decode('ascii')}"
    except UnicodeError:
        return _NO_ADDRESS
    return ascii_address if _ADDRESS.fullmatch(ascii_address) and len(ascii_address) <= 320 else _NO_ADDRESS


def _id_lines(name: str, message_ids: tuple[str | None, ...]) -> Iterator[str]:
    """Message-IDs, each whole and on a line of its own; one that no ASCII line can hold is left out."""
    stripped = [message_id.strip() for message_id in message_ids if message_id]
    usable = [each for each in dict.fromkeys(stripped) if len(each) <= LONGEST_LINE - 40 and _MESSAGE_ID.fullmatch(each)]
    if len(usable) > MOST_REFERENCES:
        usable = [usable[0], *usable[-(MOST_REFERENCES - 1) :]]
    if usable:
        yield f"{name}: " + "\r\n ".join(f"<{each}>" for each in usable)
