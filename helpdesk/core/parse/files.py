"""The content of what is attached to a message; what it is called and how large it is, `attachments` says of every mail.

For those few mails whose files are passed on. Total and bounded like the rest of this package.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from helpdesk.core.parse.attachments import attached_leaves
from helpdesk.core.parse.body import BodyReader
from helpdesk.core.parse.limits import Budget, Defects, over_limit
from helpdesk.core.parse.sources import Sources
from helpdesk.core.parse.transfer import decode_transfer
from helpdesk.core.parse.tree import read_tree

_SHOWN_INSIDE = re.compile(r"""cid:([^\s"'<>)]{1,500})""", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class AttachedFile:
    """One file of a mail; `in_text` where the page shows it among its words, as it does with the logo of a signature."""

    name: str = field(repr=False)
    content_type: str
    content: bytes = field(repr=False)
    in_text: bool = False


def attached_files(raw: bytes) -> tuple[AttachedFile, ...]:
    """The attached parts of a message, in order; none of one that is over the limits, which `parse` did not read whole.

    Files inside the text (uuencode) or inside winmail.dat are not among them, though `parse` lists them.
    """
    if over_limit(raw):
        return ()
    defects = Defects()
    root = read_tree(raw, Budget(), defects)
    words = BodyReader(Sources(defects)).read(root)
    shown = {found.strip("<>").casefold() for found in _SHOWN_INSIDE.findall(words.html)}
    return tuple(
        AttachedFile(
            name,
            leaf.content_type,
            decode_transfer(leaf.body(), leaf.encoding),
            in_text=leaf.fields.first("content-id").strip("<> ").casefold() in shown,
        )
        for name, leaf in attached_leaves(root, words, defects)
    )
