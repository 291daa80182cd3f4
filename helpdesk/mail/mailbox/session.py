"""Logging in to an IMAP server and opening a folder, with words for a person when either fails.

It must not fetch or change mail.
"""

from __future__ import annotations

import logging
import re
from contextlib import suppress
from dataclasses import dataclass

from imapclient import IMAPClient, SocketTimeout  # type: ignore[import-untyped]
from imapclient.exceptions import CapabilityError, IMAPClientAbortError, IMAPClientError, LoginError  # type: ignore[import-untyped]

from helpdesk.errors import MailboxUnavailable
from helpdesk.mail.connection import explain, trust, tune
from helpdesk.mail.idle import quieten
from helpdesk.model.mailbox import FolderStatus
from helpdesk.model.policy import Security, ServerLogin

# imapclient raises a plain ValueError for some answers that it can't read.
FAILURES = (IMAPClientError, OSError, ValueError)

_SHOWN_FOLDERS = 20
# RFC 5530 section 3: the same login may be taken later.
_LATER = ("[UNAVAILABLE]", "[INUSE]", "[LIMIT]", "[SERVERBUG]")
_SECONDS_TO_SAY_GOODBYE = 2.0
_PLAIN_ATOM = re.compile(r"[A-Za-z0-9.@_+=!#$&'*,/:;<>?^`|~-]+")


@dataclass(frozen=True, slots=True)
class SelectedFolder:
    """An open folder: `name` as the server has it, the flags that may be set for good, in lower case."""

    name: str
    status: FolderStatus
    permanent_flags: frozenset[bytes]


def is_refused_login(error: Exception) -> bool:
    """Whether the server does not take our login, and will not until a person has looked."""
    # A connection that ends in the middle of LOGIN is the same kind of error to imapclient.
    if not isinstance(error, LoginError) or isinstance(error.__context__, IMAPClientAbortError):
        return False
    return not any(code in str(error).upper() for code in _LATER)


def why(error: Exception, login: ServerLogin) -> str:
    """What to tell a person of this failure."""
    match error:
        case LoginError():
            return (
                f"The IMAP server {login.host} refused the login ({_words(error)}). "
                "Check HELPDESK_IMAP_USERNAME and HELPDESK_IMAP_PASSWORD."
            )
        case CapabilityError():
            return f"The IMAP server {login.host} can't do what was asked ({_words(error)}). Check HELPDESK_IMAP_SECURITY."
        case IMAPClientAbortError():
            return f"The IMAP server {login.host} broke off the connection ({_words(error)})."
        case OSError():
            return explain(error, login, "HELPDESK_IMAP")
        case _:
            return f"The IMAP server {login.host} gave an answer that stops us ({_words(error)})."


def _words(error: Exception) -> str:
    """The server's words; imaplib shows some as the repr of bytes."""
    text = re.sub(r"""b(['"])(.*)\1""", r"\2", " ".join(str(error).split()))
    return text[:200].rstrip(".")


def open_session(login: ServerLogin) -> IMAPClient:
    """Connect and log in; raises one of FAILURES."""
    # imapclient logs the user name and every command of a session at the level of debugging.
    logging.getLogger("imapclient").setLevel(logging.WARNING)
    encrypted = login.security is Security.TLS
    client = IMAPClient(
        login.host,
        login.port,
        ssl=encrypted,
        ssl_context=trust(login) if encrypted else None,
        timeout=SocketTimeout(connect=login.timeout, read=login.timeout),
    )
    try:
        quieten(client)
        client.normalise_times = False
        tune(client.socket())
        if login.security is Security.STARTTLS:
            client.starttls(trust(login))
        _log_in(client, login)
    except FAILURES:
        hang_up(client)
        raise
    return client


def _log_in(client: IMAPClient, login: ServerLogin) -> None:
    # LOGIN sends the user name as it is, in ASCII; PLAIN (RFC 4616) takes any name and password, in UTF-8.
    if _PLAIN_ATOM.fullmatch(login.username) and login.password.isascii():
        client.login(login.username, login.password)
    else:
        client.plain_login(login.username, login.password)


def hang_up(client: IMAPClient) -> None:
    """End a connection that is of no use any more."""
    with suppress(*FAILURES):
        client.shutdown()


def say_goodbye(client: IMAPClient) -> None:
    """End a connection in good order, without waiting long for a server that does not answer."""
    try:
        client.socket().settimeout(_SECONDS_TO_SAY_GOODBYE)
        client.logout()
    except FAILURES:
        hang_up(client)


def select(client: IMAPClient, folder: str, *, read_only: bool) -> SelectedFolder:
    """Open a folder; raises MailboxUnavailable when it is missing, naming those that are there."""
    try:
        return _select(client, folder, read_only=read_only)
    except IMAPClientAbortError:
        raise
    except IMAPClientError as error:
        there = existing_folders(client)
        prefixed = personal_prefix(client) + folder
        if prefixed != folder and prefixed in there:
            return _select(client, prefixed, read_only=read_only)
        if folder in there or folder.upper() == "INBOX":
            raise
        shown = ", ".join(f'"{name}"' for name in there[:_SHOWN_FOLDERS])
        raise MailboxUnavailable(
            f'The mailbox has no folder "{folder}". It has {shown}. '
            "Name one of these in the settings, or make the folder in your mail program. No mail was touched."
        ) from error


def _select(client: IMAPClient, folder: str, *, read_only: bool) -> SelectedFolder:
    try:
        answer = client.select_folder(folder, readonly=read_only)
    except IMAPClient.ReadOnlyError:
        # We may only look into this folder (a shared one): that is enough to read it.
        answer = client.select_folder(folder, readonly=True)
    if b"UIDVALIDITY" not in answer:
        raise IMAPClientError("the server gives its messages no lasting numbers (UIDVALIDITY)")
    exists = int(answer.get(b"EXISTS", 0))
    uidnext = answer.get(b"UIDNEXT") or max(client.search("UID *"), default=0) + 1
    flags = answer.get(b"PERMANENTFLAGS") or ()
    return SelectedFolder(
        name=folder,
        status=FolderStatus(uidvalidity=int(answer[b"UIDVALIDITY"]), uidnext=int(uidnext), exists=exists),
        permanent_flags=frozenset(flag.lower() for flag in flags),
    )


def existing_folders(client: IMAPClient) -> list[str]:
    """The names of all folders that can be opened."""
    return [name for flags, _, name in client.list_folders() if b"\\noselect" not in {flag.lower() for flag in flags}]


def personal_prefix(client: IMAPClient) -> str:
    """What the user's own folders begin with (RFC 2342): "INBOX." on some servers, mostly nothing."""
    if not client.has_capability("NAMESPACE"):
        return ""
    personal = client.namespace().personal
    return str(personal[0][0]) if personal else ""
