"""What the edges tell whoever watches: that a login is refused, for good, and when a certificate ends."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from helpdesk.clock import SystemClock
from helpdesk.errors import LoginRefused, MailboxUnavailable
from helpdesk.mail.connection import ca_file_ends_at
from helpdesk.mail.mailbox import ImapFolder
from helpdesk.mail.smtp import SmtpTransport
from helpdesk.model.policy import FolderPolicy, Security, ServerLogin
from tests.mail.test_smtp import DELIVERY
from tests.servers.certificates import Certificate, make_certificate
from tests.servers.dovecot import Dovecot
from tests.servers.scripted_imap import Do, ScriptedImap, Step
from tests.servers.smtp_sink import SmtpSink, running_sink


def kind_of_failure(login: ServerLogin) -> type[MailboxUnavailable]:
    folder = ImapFolder(login, FolderPolicy("INBOX"), SystemClock())
    try:
        with pytest.raises(MailboxUnavailable) as raised:
            folder.status()
    finally:
        folder.close()
    return raised.type


def test_a_wrong_password_is_a_login_that_is_refused(dovecot: Dovecot) -> None:
    assert kind_of_failure(dovecot.login(dovecot.fresh_user(), password="guess")) is LoginRefused


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        pytest.param(("{tag} NO [AUTHENTICATIONFAILED] wrong",), LoginRefused, id="wrong"),
        pytest.param(("{tag} NO [EXPIRED] too old",), LoginRefused, id="expired"),
        pytest.param(("{tag} NO no",), LoginRefused, id="no reason"),
        pytest.param(("{tag} NO [UNAVAILABLE] the list of users is away",), MailboxUnavailable, id="unavailable"),
        pytest.param(("{tag} NO [LIMIT] too many connections",), MailboxUnavailable, id="limit"),
        pytest.param(("* BYE too busy", Do.CLOSE), MailboxUnavailable, id="bye"),
        pytest.param((Do.CLOSE,), MailboxUnavailable, id="connection ends"),
    ],
)
def test_a_server_that_is_away_or_busy_refuses_no_login(
    script: ScriptedImap, answer: tuple[Step, ...], kind: type[MailboxUnavailable]
) -> None:
    script.always("LOGIN", *answer)
    assert kind_of_failure(script.login()) is kind


def is_about(at: datetime | None, days: float) -> bool:
    return at is not None and abs(at - datetime.now(UTC) - timedelta(days=days)) < timedelta(hours=1)


@pytest.mark.parametrize("security", list(Security), ids=str)
def test_a_folder_knows_when_the_certificate_of_its_server_ends(dovecot: Dovecot, security: Security) -> None:
    folder = ImapFolder(dovecot.login(dovecot.fresh_user(), security=security), FolderPolicy("INBOX"), SystemClock())
    assert folder.certificate_ends_at is None
    folder.status()
    folder.close()
    # Known still, when the connection is gone.
    assert is_about(folder.certificate_ends_at, 30) if security is not Security.NONE else folder.certificate_ends_at is None


@pytest.mark.parametrize("security", list(Security), ids=str)
def test_a_transport_knows_when_the_certificate_of_its_server_ends(certificate: Certificate, security: Security) -> None:
    with running_sink(security=security, certificate=certificate) as sink:
        transport = SmtpTransport(sink.login())
        assert transport.certificate_ends_at is None
        transport.send(DELIVERY)
        transport.close()
    assert (
        is_about(transport.certificate_ends_at, 30) if security is not Security.NONE else transport.certificate_ends_at is None
    )


def login_with(ca_file: Path | str) -> ServerLogin:
    return ServerLogin("imap.example.org", 993, Security.TLS, "desk", "secret", str(ca_file))


def test_a_file_of_certificates_lasts_as_long_as_its_last(tmp_path: Path) -> None:
    both = tmp_path / "both.pem"
    first, second = make_certificate(tmp_path, "first", days=3), make_certificate(tmp_path, "second", days=90)
    both.write_bytes(first.cert_file.read_bytes() + second.cert_file.read_bytes())
    assert is_about(ca_file_ends_at(login_with(first.cert_file)), 3)
    assert is_about(ca_file_ends_at(login_with(both)), 90)


def test_no_file_and_one_that_is_gone_end_never(tmp_path: Path) -> None:
    assert ca_file_ends_at(login_with("")) is None
    assert ca_file_ends_at(login_with(tmp_path / "gone.pem")) is None


@pytest.mark.parametrize(("reply", "code"), [("535 5.7.8 no", 535), ("534 5.7.9 too weak", 534), ("454 4.7.0 later", 454)])
def test_the_answer_to_a_login_for_sending_is_in_the_attempt(sink: SmtpSink, reply: str, code: int) -> None:
    sink.script["AUTH"] = [reply]
    transport = SmtpTransport(sink.login(username="someone"))
    attempt = transport.send(DELIVERY)
    transport.close()
    assert (attempt.code, attempt.reached_server) == (code, False)
