"""Copies in the mailbox's folder of sent mail, on a real server and on odd ones."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from helpdesk.errors import LoginRefused, MailboxUnavailable
from helpdesk.mail.mailbox import ImapSentFolder, sent_folder_of
from tests.servers.dovecot import Dovecot
from tests.servers.scripted_imap import Do, ScriptedImap

AT = datetime(2026, 11, 2, 11, 6, tzinfo=UTC)
MAIL = b"From: Dana <info@exithate.org>\r\nMessage-ID: <one@exithate.org>\r\nSubject: Re: Your message\r\n\r\nHello\r\n"


@pytest.fixture
def sent(script: ScriptedImap) -> Iterator[ImapSentFolder]:
    folder = ImapSentFolder(script.login())
    yield folder
    folder.close()


def put(folder: ImapSentFolder) -> bool:
    try:
        return folder.put("one@exithate.org", MAIL, AT)
    finally:
        folder.close()


def test_copy_is_there_as_read_with_the_time_of_sending_and_only_once(dovecot: Dovecot) -> None:
    user = dovecot.fresh_user()
    with dovecot.client(user, "Sent"):
        pass
    folder = ImapSentFolder(dovecot.login(user))
    assert put(folder)
    assert not put(folder)
    assert not put(ImapSentFolder(dovecot.login(user), "Sent"))
    with dovecot.client(user, "Sent") as client:
        client.select_folder("Sent", readonly=True)
        (uid,) = client.search("ALL")
        found = client.fetch([uid], ["FLAGS", "INTERNALDATE", "BODY.PEEK[]"])[uid]
    assert b"\\Seen" in found[b"FLAGS"]
    assert found[b"INTERNALDATE"].astimezone(UTC) == AT
    assert found[b"BODY[]"] == MAIL


def test_second_copy_over_the_same_connection_sees_the_first(dovecot: Dovecot) -> None:
    user = dovecot.fresh_user()
    with dovecot.client(user, "Sent"):
        pass
    folder = ImapSentFolder(dovecot.login(user))
    assert folder.put("one@exithate.org", MAIL, AT)
    assert not folder.put("one@exithate.org", MAIL, AT)
    folder.close()


def test_configured_folder_that_is_not_there_is_named_with_those_that_are(dovecot: Dovecot) -> None:
    with pytest.raises(MailboxUnavailable, match='no folder "Posted"'):
        put(ImapSentFolder(dovecot.login(dovecot.fresh_user()), "Posted"))


def test_mailbox_without_such_a_folder_says_what_to_do(dovecot: Dovecot) -> None:
    with pytest.raises(MailboxUnavailable, match="sent_copy = false"):
        put(ImapSentFolder(dovecot.login(dovecot.fresh_user())))


def test_wrong_login_is_told_as_such(dovecot: Dovecot) -> None:
    with pytest.raises(LoginRefused, match="its copy is tried again"):
        put(ImapSentFolder(dovecot.login(dovecot.fresh_user(), password="wrong")))


@pytest.mark.parametrize(
    ("listed", "chosen"),
    [
        (('* LIST (\\Sent) "/" Verzonden', '* LIST () "/" Sent'), '"Verzonden"'),
        (('* LIST (\\HasNoChildren) "/" INBOX', '* LIST () "/" "Sent Items"'), '"Sent Items"'),
        (('* LIST () "." INBOX.Sent',), '"INBOX.Sent"'),
    ],
    ids=["by what the server says", "by its usual name", "below INBOX"],
)
def test_folder_is_found_by_what_it_is_for_or_by_its_name(
    script: ScriptedImap, sent: ImapSentFolder, listed: tuple[str, ...], chosen: str
) -> None:
    script.capabilities("NAMESPACE")
    script.always("NAMESPACE", '* NAMESPACE (("INBOX." ".")) NIL NIL', "{tag} OK done")
    script.always("LIST", *listed, "{tag} OK done")
    script.always("UID SEARCH", "* SEARCH", "{tag} OK done")
    script.always("APPEND", "{tag} NO [OVERQUOTA] full")
    with pytest.raises(MailboxUnavailable, match="full"):
        put(sent)
    (command,) = [command for command in script.commands if command.startswith("APPEND")]
    assert command.startswith(f"APPEND {chosen} (\\Seen)")


def test_connection_that_breaks_is_made_anew(script: ScriptedImap, sent: ImapSentFolder) -> None:
    script.always("LIST", '* LIST (\\Sent) "/" Sent', "{tag} OK done")
    script.once("UID SEARCH", Do.CLOSE)
    with pytest.raises(MailboxUnavailable):
        sent.put("one@exithate.org", MAIL, AT)
    script.always("UID SEARCH", "* SEARCH 7", "{tag} OK done")
    assert not sent.put("one@exithate.org", MAIL, AT)


def test_folder_of_sent_mail_is_named_as_the_server_has_it(dovecot: Dovecot) -> None:
    user = dovecot.fresh_user()
    assert sent_folder_of(dovecot.login(user), "Posted") == "Posted"
    assert sent_folder_of(dovecot.login(user)) == ""
    with dovecot.client(user, "Sent Items"):
        pass
    assert sent_folder_of(dovecot.login(user)) == "Sent Items"


def test_folder_of_sent_mail_behind_a_wrong_login_is_told_as_such(dovecot: Dovecot) -> None:
    with pytest.raises(LoginRefused):
        sent_folder_of(dovecot.login(dovecot.fresh_user(), password="wrong"))
