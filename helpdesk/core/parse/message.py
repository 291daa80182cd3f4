"""A whole message out of its bytes: puts together what the other modules of this package read.

Total: whatever the bytes are, there is a message, and `defects` says what was mended or left out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from helpdesk.core.language import language_of
from helpdesk.core.parse.attachments import list_attachments, tnef_attachments
from helpdesk.core.parse.body import BodyReader, Words, file_name
from helpdesk.core.parse.dates import parse_date
from helpdesk.core.parse.fields import Fields
from helpdesk.core.parse.html import html_to_text
from helpdesk.core.parse.limits import FIRST_BYTES, TEXT_CHARS, Budget, Defects, over_limit
from helpdesk.core.parse.people import parse_addresses
from helpdesk.core.parse.references import parse_message_id, parse_references
from helpdesk.core.parse.signed import is_signed_data
from helpdesk.core.parse.sources import Sources
from helpdesk.core.parse.tnef import Tnef, read_tnef
from helpdesk.core.parse.transfer import decode_transfer
from helpdesk.core.parse.tree import Node, read_tree
from helpdesk.core.parse.uuencode import cut_files
from helpdesk.core.parse.words import decode_words
from helpdesk.core.reply import new_text
from helpdesk.model.message import Address, Attachment, Headers, InboundMessage, Part

_CONTROL = re.compile("[\\x00-\\x1f\\x7f-\\x9f]+")
_WHITE = re.compile(r"\s+")
_SMIME_TYPES = frozenset(("application/pkcs7-mime", "application/x-pkcs7-mime"))
_SMIME_HEAD = 200
_TNEF_TYPES = frozenset(("application/ms-tnef", "application/vnd.ms-tnef"))
# A field that may stand once is repeated by broken programs a few times, and by hostile ones thousands of times.
_REPEATED = 20


@dataclass(frozen=True, slots=True)
class _Content:
    """What is behind the headers; `written` is the text without the files that stand in it."""

    text: str = field(repr=False)
    written: str = field(repr=False)
    html: str = field(repr=False)
    attachments: tuple[Attachment, ...]
    locked: bool


def parse(raw: bytes) -> InboundMessage:
    """Read a message. Any bytes give one; time and memory are bounded by `limits`."""
    defects = Defects()
    limit = over_limit(raw)
    if limit:
        defects.add(f"{limit}: only the headers and the first text were read")
    root = read_tree(_with_line_feeds(raw[:FIRST_BYTES] if limit else raw), Budget(), defects)
    sources = Sources(defects)
    content = _content(root, BodyReader(sources).read(root), defects)
    fields, references, addresses = root.fields, _references(root.fields, defects), _addresses(root.fields, defects)
    written = new_text(content.written, content.html)
    return InboundMessage(
        message_id=parse_message_id(fields.first("message-id"), defects),
        in_reply_to=references[0],
        references=references[1],
        sender=_sender(fields, addresses),
        reply_to=addresses["reply-to"],
        to=tuple(dict.fromkeys(address.address for address in addresses["to"] + addresses["cc"])),
        subject=_one_line(decode_words(fields.first("subject"), defects)),
        date=parse_date(fields.first("date"), defects),
        text=content.text,
        new_text=written,
        language=language_of(written),
        attachments=content.attachments,
        headers=Headers(tuple((name, decode_words(value, defects)) for name, value in fields.items)),
        content_type=root.content_type,
        parts=_parts(root, sources),
        size=len(raw),
        defects=tuple(defects.notes),
        locked=content.locked,
    )


def _with_line_feeds(raw: bytes) -> bytes:
    """Old Macs and broken gateways end lines with CR alone; everything else here looks for LF."""
    sample = raw[:4_000]
    if b"\r\n" in sample or sample.count(b"\r") <= sample.count(b"\n"):
        return raw
    return raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def _addresses(fields: Fields, defects: Defects) -> dict[str, tuple[Address, ...]]:
    found = {
        name: tuple(address for value in fields.every(name)[:_REPEATED] for address in parse_addresses(value, defects))
        for name in ("from", "reply-to", "to", "cc")
    }
    if not found["from"]:
        defects.add("no usable From")
    return found


def _sender(fields: Fields, addresses: dict[str, tuple[Address, ...]]) -> Address | None:
    """From (RFC 5322 section 3.6.2). Where that field is missing, nobody is impersonated by taking the address to answer to."""
    if addresses["from"] or fields.first("from"):
        return next(iter(addresses["from"]), None)
    return next(iter(addresses["reply-to"]), None)


def _references(fields: Fields, defects: Defects) -> tuple[tuple[str, ...], tuple[str, ...]]:
    values = (fields.every("in-reply-to")[:_REPEATED], fields.every("references")[:_REPEATED])
    return parse_references(values[0], defects), parse_references(values[1], defects)


def _one_line(text: str) -> str:
    return _CONTROL.sub("", _WHITE.sub(" ", text)).strip()


def _content(root: Node, words: Words, defects: Defects) -> _Content:
    text, html = words.text, words.html
    written, files = cut_files(text)
    attachments = list_attachments(root, words, files, defects)
    for tnef in _tnefs(root, defects):
        if tnef.files:
            attachments = tuple(item for item in attachments if not _is_winmail(item)) + tnef_attachments(tnef.files)
        if not text.strip():
            text = written = tnef.text or html_to_text(tnef.html)
            html = tnef.html
    locks = _locks(root, text)
    for lock in locks:
        defects.add(f"encrypted: {lock}")
    if len(text) > TEXT_CHARS:
        defects.add("text cut: too long")
    return _Content(text[:TEXT_CHARS].strip(), written[:TEXT_CHARS].strip(), html[:TEXT_CHARS], attachments, bool(locks))


def _tnefs(root: Node, defects: Defects) -> list[Tnef]:
    found = (
        read_tnef(decode_transfer(leaf.body(), leaf.encoding), defects)
        for leaf in root.leaves()
        if leaf.content_type in _TNEF_TYPES or file_name(leaf).lower() == "winmail.dat"
    )
    return [tnef for tnef in found if tnef is not None]


def _is_winmail(attachment: Attachment) -> bool:
    return attachment.content_type in _TNEF_TYPES or attachment.name.lower() == "winmail.dat"


def _locks(root: Node, text: str) -> tuple[str, ...]:
    """What locks the mail, by name: only its addressee's key can open that, so it stays an attachment."""
    found: list[str] = []
    for node in (root, *root.leaves()):
        if node.content_type == "multipart/encrypted":
            found.append("PGP/MIME")
        if node.content_type in _SMIME_TYPES and not is_signed_data(decode_transfer(node.body(_SMIME_HEAD), node.encoding)):
            found.append("S/MIME")
    if "-----BEGIN PGP MESSAGE-----" in text:
        found.append("PGP in the text")
    return tuple(dict.fromkeys(found))


def _parts(root: Node, sources: Sources) -> tuple[Part, ...]:
    return tuple(
        Part(
            leaf.content_type,
            sources.beginning(leaf) if leaf.content_type.startswith(("text/", "message/")) else "",
            leaf.depth,
        )
        for leaf in root.leaves()
    )
