"""What a person is told when the IMAP server can't be used."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from helpdesk.clock import SystemClock
from helpdesk.errors import MailboxUnavailable
from helpdesk.mail.mailbox import ImapFolder, probe_mailbox
from helpdesk.model.policy import FolderPolicy, Security, ServerLogin
from tests.servers.certificates import make_certificate
from tests.servers.dovecot import Dovecot, running_dovecot
from tests.servers.ports import free_ports
from tests.servers.scripted_imap import Do, ScriptedImap


def failure(login: ServerLogin) -> str:
    """What is said at the first use."""
    folder = ImapFolder(login, FolderPolicy("INBOX"), SystemClock())
    try:
        with pytest.raises(MailboxUnavailable) as raised:
            folder.status()
    finally:
        folder.close()
    assert raised.value.__cause__ is not None
    return str(raised.value)


@pytest.fixture(scope="module")
def expired() -> Iterator[Dovecot]:
    with running_dovecot(days=-1) as server:
        yield server


@pytest.fixture(scope="module")
def misnamed() -> Iterator[Dovecot]:
    with running_dovecot(host="imap.example.org") as server:
        yield server


def test_wrong_password(dovecot: Dovecot) -> None:
    text = failure(dovecot.login(dovecot.fresh_user(), password="guess"))

    assert "refused the login" in text
    assert "HELPDESK_IMAP_PASSWORD" in text
    assert text.endswith("No mail was touched, and the next poll tries again.")


def test_mere_look_says_the_same_and_speaks_of_no_poll(dovecot: Dovecot) -> None:
    login = dovecot.login(dovecot.fresh_user(), password="guess")

    with pytest.raises(MailboxUnavailable) as probed:
        probe_mailbox(login, ["INBOX"])

    assert failure(login) == f"{probed.value} No mail was touched, and the next poll tries again."


def test_unknown_host(dovecot: Dovecot) -> None:
    text = failure(replace(dovecot.login("sam"), host="imap.example.invalid"))

    assert "imap.example.invalid" in text
    assert "HELPDESK_IMAP_HOST" in text


def test_refused_connection(dovecot: Dovecot) -> None:
    (port,) = free_ports(1)

    text = failure(replace(dovecot.login("sam"), port=port))

    assert f"port {port} refuses the connection" in text


def test_expired_certificate(expired: Dovecot) -> None:
    assert "has expired" in failure(expired.login("sam"))


def test_certificate_for_another_name(misnamed: Dovecot) -> None:
    assert "is not for the name localhost" in failure(misnamed.login("sam"))


def test_certificate_of_an_unknown_authority(dovecot: Dovecot) -> None:
    text = failure(replace(dovecot.login("sam"), ca_file=""))

    assert "Nobody whom this machine trusts" in text
    assert "HELPDESK_IMAP_CA_FILE" in text


def test_certificate_of_another_authority_than_the_one_given(dovecot: Dovecot, tmp_path: Path) -> None:
    other = make_certificate(tmp_path)

    assert "localhost" in failure(replace(dovecot.login("sam"), ca_file=str(other.cert_file)))


@pytest.mark.parametrize("content", [None, "no certificate"], ids=["missing", "something else"])
def test_file_of_trusted_certificates_that_is_none(dovecot: Dovecot, tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "ca.pem"
    if content:
        path.write_text(content)

    text = failure(replace(dovecot.login("sam"), ca_file=str(path)))

    assert f"{path} can't be read" in text


def test_tls_where_the_server_wants_starttls(dovecot: Dovecot) -> None:
    text = failure(replace(dovecot.login("sam"), port=dovecot.port))

    assert "does not speak TLS at once" in text
    assert "HELPDESK_IMAP_SECURITY" in text


def test_starttls_that_the_server_does_not_offer(script: ScriptedImap) -> None:
    text = failure(script.login(security=Security.STARTTLS))

    assert "STARTTLS" in text
    assert "HELPDESK_IMAP_SECURITY" in text
    assert not any(command.startswith("LOGIN") for command in script.commands)


def test_server_that_does_not_answer(script: ScriptedImap) -> None:
    script.once("LOGIN", Do.HANG)

    assert "did not answer in time" in failure(script.login(timeout=0.2))


def test_server_that_does_not_greet(script: ScriptedImap) -> None:
    script.once("greeting", Do.HANG)

    assert "did not answer in time" in failure(script.login(timeout=0.2))


def test_server_that_says_goodbye(script: ScriptedImap) -> None:
    script.once("LOGIN", "* BYE [UNAVAILABLE] too many connections", Do.CLOSE)

    text = failure(script.login())

    assert "too many connections" in text


def test_something_that_is_no_imap_server(script: ScriptedImap) -> None:
    script.once("greeting", "HTTP/1.1 400 Bad Request", Do.CLOSE)

    assert "IMAP server localhost" in failure(script.login())


def test_server_that_loses_the_connection_is_dialled_again(script: ScriptedImap) -> None:
    script.once("UID SEARCH", Do.CLOSE)
    script.once("UID SEARCH", "* SEARCH 1 2 3", "{tag} OK done")
    folder = ImapFolder(script.login(), FolderPolicy("INBOX"), SystemClock())
    folder.status()

    with pytest.raises(MailboxUnavailable):
        folder.uids_from(1)

    assert folder.uids_from(1) == [1, 2, 3]
    assert script.connections == 2
    folder.close()


def test_answer_that_cannot_be_read_ends_the_connection(script: ScriptedImap) -> None:
    script.once("UID SEARCH", "* SEARCH one two", "{tag} OK done")
    folder = ImapFolder(script.login(), FolderPolicy("INBOX"), SystemClock())
    folder.status()

    with pytest.raises(MailboxUnavailable, match="gave an answer that stops us"):
        folder.uids_from(1)

    folder.status()
    assert script.connections == 2
    folder.close()
