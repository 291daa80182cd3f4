"""The mailbox's folder of sent mail: finds it, and adds what is not there. It changes nothing else in the mailbox."""

from __future__ import annotations

from datetime import datetime

from imapclient import IMAPClient  # type: ignore[import-untyped]

from helpdesk.boundary import Boundary, reached
from helpdesk.errors import LoginRefused, MailboxUnavailable
from helpdesk.mail.mailbox.session import (
    FAILURES,
    existing_folders,
    hang_up,
    is_refused_login,
    open_session,
    personal_prefix,
    say_goodbye,
    select,
    why,
)
from helpdesk.model.policy import ServerLogin

# What servers without SPECIAL-USE (RFC 6154) call it, in the languages of the programs that made it.
_USUAL_NAMES = ("Sent", "Sent Items", "Sent Messages", "Sent Mail", "Gesendet", "Envoyés", "Enviados")


class ImapSentFolder:
    """Connects when it is first needed, and is closed after use: a copy is made now and then."""

    def __init__(self, login: ServerLogin, name: str = "") -> None:
        self._login = login
        self._name = name
        self._client: IMAPClient | None = None
        self._found = ""

    def put(self, message_id: str, content: bytes, sent_at: datetime) -> bool:
        """Add a mail, as read, unless one with this Message-ID is there; raises MailboxUnavailable."""
        try:
            client = self._opened()
            if client.search(["HEADER", "Message-ID", f"<{message_id}>"]):
                return False
            client.append(self._found, content, (b"\\Seen",), sent_at)
            reached(Boundary.SENT_COPY_MADE)
        except MailboxUnavailable:
            self._give_up()
            raise
        except FAILURES as error:
            self._give_up()
            kind = LoginRefused if is_refused_login(error) else MailboxUnavailable
            raise kind(f"{why(error, self._login)} The answer was sent; its copy is tried again.") from error
        return True

    def close(self) -> None:
        """Log out; the next `put` connects anew."""
        if self._client is not None:
            say_goodbye(self._client)
        self._client = None

    def _opened(self) -> IMAPClient:
        if self._client is None:
            self._client = open_session(self._login)
            # Opened to look for what is there already.
            self._found = select(self._client, self._name or self._find(self._client), read_only=True).name
        else:
            # RFC 3501 section 7: what was added since is told at the next command.
            self._client.noop()
        return self._client

    def _find(self, client: IMAPClient) -> str:
        name = _found_in(client)
        if not name:
            raise MailboxUnavailable(
                "The mailbox has no folder for sent mail that we can find. The answer was sent; its copy is tried again. "
                "Name the folder in config/helpdesk.toml: sent_folder below [staff_mail], or set sent_copy = false there."
            )
        return name

    def _give_up(self) -> None:
        if self._client is not None:
            hang_up(self._client)
        self._client = None


def sent_folder_of(login: ServerLogin, name: str = "") -> str:
    """The name of the folder of sent mail, as the server has it; empty where there is none. Raises MailboxUnavailable."""
    if name:
        return name
    try:
        client = open_session(login)
        try:
            return _found_in(client)
        finally:
            say_goodbye(client)
    except FAILURES as error:
        kind = LoginRefused if is_refused_login(error) else MailboxUnavailable
        raise kind(f"{why(error, login)} Answers sent from the mailbox are looked for again later.") from error


def _found_in(client: IMAPClient) -> str:
    """The folder that the server says is for sent mail, or the one that is called so; empty where there is none."""
    for flags, _, name in client.list_folders():
        if b"\\sent" in {flag.lower() for flag in flags}:
            return str(name)
    there = existing_folders(client)
    prefix = personal_prefix(client)
    for usual in _USUAL_NAMES:
        for candidate in (usual, prefix + usual):
            if candidate in there:
                return candidate
    return ""
