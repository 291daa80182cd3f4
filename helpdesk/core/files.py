"""Which files of a staff member's mail go to the requester, each without what it says of its author."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from helpdesk.core.clean import clean_file
from helpdesk.core.parse.files import attached_files
from helpdesk.core.parse.limits import over_limit
from helpdesk.model.delivery import OutgoingFile
from helpdesk.model.message import InboundMessage

# Made by programs to say who wrote, which is what must not leave; no author would miss them.
_IDENTITIES = frozenset(
    (
        *("application/pgp-keys", "application/pgp-signature", "application/pgp-encrypted", "text/vcard", "text/x-vcard"),
        *("application/pkcs7-signature", "application/x-pkcs7-signature", "application/pkcs7-mime", "text/directory"),
        "application/x-pkcs7-mime",
    )
)
_LEFT_OUT = {
    "message/rfc822": "a whole mail, which names who wrote it and who got it",
    "text/calendar": "an invitation, which names who sent it",
    "application/ics": "an invitation, which names who sent it",
}
_IN_TEXT = "a picture that stands among the words, as signatures have them"
# Old programs for Windows send the whole path, with the name of whoever is logged in; the parser writes "_" for its "\\".
_FOLDERS = re.compile(r"^[A-Za-z]:_(?:.*_)?(?=.)")
_WRAPPED = "a file that can't be taken out of the mail"


@dataclass(frozen=True, slots=True)
class Enclosed:
    """What was attached: `files` go, cleaned; `unclean` are among them and can't be cleaned, `left_out` do not go at all.

    `is_cut`: the mail was too large to be read whole, so that something of it may be missing.
    """

    files: tuple[OutgoingFile, ...] = ()
    unclean: tuple[str, ...] = field(default=(), repr=False)
    left_out: tuple[str, ...] = field(default=(), repr=False)
    is_cut: bool = False


def enclosed_in(message: InboundMessage, raw: bytes) -> Enclosed:
    """The files of a message that was parsed from `raw`."""
    files: list[OutgoingFile] = []
    unclean: list[str] = []
    left_out: list[str] = []
    attached = attached_files(raw)
    for file in attached:
        if file.content_type in _IDENTITIES:
            left_out.append(f"{file.name}: it says who you are")
        elif file.content_type in _LEFT_OUT:
            left_out.append(f"{file.name}: {_LEFT_OUT[file.content_type]}")
        elif file.in_text:
            left_out.append(f"{file.name}: {_IN_TEXT}")
        else:
            name = _FOLDERS.sub("", file.name)
            cleaned = clean_file(name, file.content)
            files.append(OutgoingFile(name, cleaned.content_type, cleaned.content))
            unclean += [f"{name}, because {cleaned.why_not}"] if cleaned.why_not else []
    found = {file.name for file in attached}
    left_out += [f"{each.name}: {_WRAPPED}" for each in message.attachments if each.name not in found]
    return Enclosed(tuple(files), tuple(unclean), tuple(left_out), is_cut=bool(over_limit(raw)))
