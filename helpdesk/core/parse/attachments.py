"""Names, types and sizes of what is attached: safe to show, never empty, whatever the sender called it.

Content is decoded only where a size or the files of a winmail.dat can't be known otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from mimetypes import MimeTypes

from helpdesk.core.parse.body import Words, file_name, is_attached, is_text
from helpdesk.core.parse.limits import Defects
from helpdesk.core.parse.tnef import TnefFile
from helpdesk.core.parse.transfer import decoded_size
from helpdesk.core.parse.tree import Node
from helpdesk.core.parse.uuencode import UuFile
from helpdesk.core.parse.words import decode_words
from helpdesk.model.message import Attachment

# Parts that machines write for machines, which a mail program doesn't list.
_REPORTS = frozenset(
    "message/delivery-status message/global-delivery-status message/disposition-notification "
    "message/global-disposition-notification message/feedback-report text/rfc822-headers message/rfc822-headers "
    "text/x-amp-html".split()
)
# The standard table alone: what the machine's own tables add must not change what a mail is read as.
_EXTENSIONS = MimeTypes(filenames=())
_OWN_EXTENSIONS = {
    "application/pgp-encrypted": ".pgp",
    "application/pgp-signature": ".asc",
    "application/pkcs7-mime": ".p7m",
    "application/pkcs7-signature": ".p7s",
    "application/x-pkcs7-mime": ".p7m",
    "application/x-pkcs7-signature": ".p7s",
    "audio/amr": ".amr",
    "image/heic": ".heic",
    "image/jpeg": ".jpg",
    "image/webp": ".webp",
    "message/rfc822": ".eml",
    "text/calendar": ".ics",
    "text/html": ".html",
    "text/plain": ".txt",
    "text/vcard": ".vcf",
    "text/x-vcard": ".vcf",
}
_STEMS = {"message/rfc822": "message", "text/calendar": "invitation"}
_DIVIDED = str.maketrans("/\\", "__")
_NAME_CHARS = 255
_SUBJECT_CHARS = 80
_HINT_CHARS = 500


def list_attachments(root: Node, words: Words, files: Iterable[UuFile], defects: Defects) -> tuple[Attachment, ...]:
    """Every part that is no word of the mail and no machine's note, then the files inside the text."""
    listed: list[Attachment] = []
    for name, leaf in attached_leaves(root, words, defects):
        size = decoded_size(leaf.body(), leaf.encoding)
        inline = leaf.disposition.value == "inline" or (not leaf.disposition.value and bool(leaf.fields.first("content-id")))
        listed.append(Attachment(name, leaf.content_type, size, inline))
    for number, file in enumerate(files, len(listed) + 1):
        listed.append(Attachment(safe_name(file.name) or f"attachment-{number}", _type_of(file.name), file.size))
    return tuple(listed)


def attached_leaves(root: Node, words: Words, defects: Defects) -> Iterator[tuple[str, Node]]:
    """Every part that is no word of the mail and no machine's note, with its name."""
    shown = {id(leaf) for leaf in words.shown}
    files = (
        leaf
        for leaf in root.leaves()
        if _is_file(leaf, shown_as_words=id(leaf) in shown, in_report=root.content_type == "multipart/report")
    )
    for number, leaf in enumerate(files, 1):
        yield safe_name(file_name(leaf)) or _made_name(leaf, number, defects), leaf


def tnef_attachments(files: Iterable[TnefFile]) -> tuple[Attachment, ...]:
    """The files inside a winmail.dat, in its stead."""
    return tuple(
        Attachment(safe_name(file.name) or f"attachment-{number}", _type_of(file.name), file.size)
        for number, file in enumerate(files, 1)
    )


def safe_name(name: str) -> str:
    """One part of a path (RFC 2183 section 2.3), printable, without leading dots; empty when nothing is left.

    What divides folders becomes "_", since "Report 3/2026.pdf" names no folder. Letters that turn the direction of writing
    are dropped: they make "exe.txt" of "txt.exe".
    """
    if len(name) > 4 * _NAME_CHARS:
        name = name[: 2 * _NAME_CHARS] + name[-2 * _NAME_CHARS :]
    name = name.strip().rstrip("/\\").lstrip("./\\ ").translate(_DIVIDED)
    name = "".join(letter if letter.isprintable() else " " if letter.isspace() else "" for letter in name)
    name = " ".join(name.split()).lstrip(".")
    if len(name) > _NAME_CHARS:
        stem, dot, extension = name.rpartition(".")
        name = f"{stem[: _NAME_CHARS - 20]}{dot}{extension[:19]}" if stem else name[:_NAME_CHARS]
    return name


def _is_file(leaf: Node, *, shown_as_words: bool, in_report: bool) -> bool:
    if leaf.content_type.startswith("message/") and in_report:
        return False
    if leaf.content_type.startswith("multipart/"):
        return False
    if leaf.content_type in _REPORTS:
        return bool(file_name(leaf)) and not in_report
    if is_text(leaf):
        # An alternative that was not chosen is no attachment; a text with a name is one even where it is shown.
        return is_attached(leaf) or (bool(file_name(leaf)) and leaf.depth > 0)
    return not shown_as_words


def _made_name(leaf: Node, number: int, defects: Defects) -> str:
    extension = _OWN_EXTENSIONS.get(leaf.content_type) or _EXTENSIONS.guess_extension(leaf.content_type) or ""
    if leaf.children:
        subject = safe_name(decode_words(leaf.children[0].fields.first("subject"), defects))
        if subject:
            return subject[:_SUBJECT_CHARS].strip() + ".eml"
    return _hinted_name(leaf, defects) or f"{_STEMS.get(leaf.content_type, 'attachment')}-{number}{extension}"


def _hinted_name(leaf: Node, defects: Defects) -> str:
    """The name that stands elsewhere: Outlook's "<image001.png@01DA…>", a page's picture, the description of old programs.

    None of these fields is for names, so that only what ends as its type asks for is taken for one.
    """
    identity, location, description = (
        leaf.fields.first(f"content-{field}")[:_HINT_CHARS] for field in ("id", "location", "description")
    )
    hints = (identity.strip("<> ").partition("@")[0], location.rpartition("/")[2], decode_words(description, defects))
    names = (safe_name(hint) for hint in hints)
    return next((name for name in names if name and _EXTENSIONS.guess_type(name[-50:])[0] == leaf.content_type), "")


def _type_of(name: str) -> str:
    return _EXTENSIONS.guess_type(name[-50:])[0] or "application/octet-stream"
