"""Reads the machine part of a delivery report: RFC 3464, and what is sent in its place. Knows nothing of free text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from helpdesk.model.message import BouncedRecipient

# More recipients than any mail of ours has; a report that goes on is a hostile one.
MAX_RECIPIENTS = 100
_FIELD = re.compile(
    r"[ \t>]{0,8}(original-recipient|final-recipient|action|status|diagnostic-code)[ \t]*:[ \t]*(.*)", re.IGNORECASE
)
# Not a part of an IP address, which stands beside the code in many a reason.
_STATUS = re.compile(r"(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?!\.?\d)")
_ADDRESS = re.compile(r"<?([^\s<>(),;:\"]{1,256}@[^\s<>(),;:\"]{1,255}|\"[^\"\r\n]{1,64}\"@[^\s<>(),;:\"]{1,255})>?")
_NO_FAILURE = ("deliver", "relay", "expand", "transfer")
# RFC 3463 section 3.5: delivery time expired.
_OUT_OF_TIME = "4.4.7"


def read_delivery_status(text: str) -> tuple[BouncedRecipient, ...]:
    """The recipients that a message/delivery-status text says were not reached, each once, in order.

    Tolerant of blank lines inside a group and of missing ones between groups (RFC 3464 section 2.1 wants one between).
    """
    found: dict[str, BouncedRecipient] = {}
    for group in _groups(text):
        recipient = _recipient(group)
        if recipient is not None and len(found) < MAX_RECIPIENTS:
            found.setdefault(recipient.address.casefold(), recipient)
    return tuple(found.values())


def _groups(text: str) -> Iterator[dict[str, str]]:
    """The fields of each recipient, by name in lower case; a recipient field after a gap, or met twice, begins a new one."""
    group: dict[str, str] = {}
    gap = False
    name = ""
    for line in text.splitlines():
        field = _FIELD.match(line)
        if field:
            name = field[1].lower()
            begins = name.endswith("-recipient") and (name in group or (gap and _names_somebody(group)))
            if begins:
                yield group
                group = {}
            group.setdefault(name, field[2].strip())
            gap = False
        elif not line.strip():
            gap, name = True, ""
        elif name and line[0] in " \t" and not group[name]:
            group[name] = line.strip()
    yield group


def _names_somebody(group: dict[str, str]) -> bool:
    return "final-recipient" in group or "original-recipient" in group


def _recipient(group: dict[str, str]) -> BouncedRecipient | None:
    # RFC 3464 section 2.3.1: the original recipient is the address that we wrote to, the final one may be a forward.
    address = address_in(group.get("original-recipient", "")) or address_in(group.get("final-recipient", ""))
    action = group.get("action", "").lower()
    if not address or action.startswith(_NO_FAILURE):
        return None
    status = _status(group)
    if status is not None and status.startswith("2"):
        return None
    permanent = not action.startswith("delay") and not (status or "").startswith("4")
    # RFC 3464 section 2.3.3: "failed" says that no more attempts are made, whatever the class of the status.
    ended = action.startswith("fail") or (not action and status == _OUT_OF_TIME)
    return BouncedRecipient(address, status, permanent, gave_up=ended and not permanent)


def _status(group: dict[str, str]) -> str | None:
    """RFC 3463 section 3.1: x.0.0 says nothing but the class; the server's own answer often says more."""
    status, diagnosed = status_in(group.get("status", "")), status_in(group.get("diagnostic-code", ""))
    if status is None or (status.endswith(".0.0") and diagnosed is not None and diagnosed[0] == status[0]):
        return diagnosed or status
    return status


def address_in(value: str) -> str:
    """The address in "rfc822; <sam@example.org> (Sam)", with or without the type; empty when there is none."""
    kind, semicolon, rest = value.partition(";")
    found = _ADDRESS.search(rest if semicolon and "@" not in kind else value)
    return found[1].strip(".'") if found else ""


def status_in(text: str) -> str | None:
    """The first enhanced status code (RFC 3463 section 2) in a text."""
    found = _STATUS.search(text)
    return found[0] if found else None
