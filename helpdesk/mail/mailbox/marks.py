"""What becomes of a message on the server once it is in the database: it stays, gets a keyword, or is moved.

Whatever the server can't do, it does not do: the message stays as it is, since the database is the memory. It must
never expunge what somebody else has marked as deleted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from imapclient import DELETED, IMAPClient  # type: ignore[import-untyped]
from imapclient.exceptions import IMAPClientError  # type: ignore[import-untyped]

from helpdesk.boundary import Boundary, reached
from helpdesk.mail.mailbox.session import SelectedFolder, existing_folders, personal_prefix
from helpdesk.model.policy import AfterProcessing, FolderPolicy

# Servers limit the length of a command line, some to 8,000 characters.
UIDS_IN_A_COMMAND = 500


def chunks(uids: Sequence[int]) -> Iterator[Sequence[int]]:
    """The UIDs in portions that fit into one command."""
    for start in range(0, len(uids), UIDS_IN_A_COMMAND):
        yield uids[start : start + UIDS_IN_A_COMMAND]


@dataclass(slots=True)
class Marker:
    """Does what the policy says with messages of an open folder, as far as the server can."""

    client: IMAPClient
    policy: FolderPolicy
    folder: SelectedFolder
    # The folder to move to, once it was found or made.
    _target: str = ""

    def mark(self, uids: Sequence[int]) -> None:
        """Keep, flag or move these messages; raises what imapclient raises."""
        if self.policy.after is AfterProcessing.KEYWORD and _may_set(self.policy.keyword, self.folder):
            for chunk in chunks(uids):
                self.client.add_flags(chunk, [self.policy.keyword], silent=True)
                reached(Boundary.KEYWORD_SET)
        elif self.policy.after is AfterProcessing.MOVE and _may_move(self.client):
            self._target = self._target or _find_or_make(self.client, self.policy.move_to)
            for chunk in chunks(uids):
                _move(self.client, chunk, self._target)


def _may_set(keyword: str, folder: SelectedFolder) -> bool:
    # RFC 3501 section 7.1: "\*" says that new keywords can be made.
    return not folder.permanent_flags.isdisjoint((rb"\*", keyword.lower().encode("ascii", "replace")))


def _may_move(client: IMAPClient) -> bool:
    return any(client.has_capability(name) for name in ("MOVE", "UIDPLUS"))


def _move(client: IMAPClient, uids: Sequence[int], target: str) -> None:
    if client.has_capability("MOVE"):
        client.move(uids, target)
        reached(Boundary.MOVED)
        return
    client.copy(uids, target)
    reached(Boundary.COPIED)
    client.add_flags(uids, [DELETED], silent=True)
    reached(Boundary.MARKED_DELETED)
    # RFC 4315: a bare EXPUNGE would also remove what a person marked as deleted and may still want back.
    client.uid_expunge(uids)
    reached(Boundary.EXPUNGED)


def _find_or_make(client: IMAPClient, name: str) -> str:
    """The name that the server has for a folder of ours, which is made where it is missing."""
    there = existing_folders(client)
    prefix = personal_prefix(client)
    prefixed = name if name.startswith(prefix) else prefix + name
    for candidate in (name, prefixed):
        if candidate in there:
            return candidate
    try:
        client.create_folder(prefixed)
        reached(Boundary.FOLDER_MADE)
    except IMAPClientError:
        # Another worker may have made it since we looked.
        if prefixed not in existing_folders(client):
            raise
    client.subscribe_folder(prefixed)
    reached(Boundary.FOLDER_SUBSCRIBED)
    return prefixed
