"""How the SMTP edge connects, encrypts and logs in, and what a person is told when it can't."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from helpdesk.errors import TransportUnavailable
from helpdesk.mail.smtp import SmtpTransport, probe_transport
from helpdesk.model.delivery import Outcome
from helpdesk.model.policy import Security, ServerLogin
from tests.mail.test_smtp import DELIVERY, outcome
from tests.servers.certificates import Certificate, make_certificate
from tests.servers.ports import free_ports
from tests.servers.smtp_sink import ASCII_PASSWORD, DROP, USERNAME, SmtpSink, running_sink

ENCRYPTED = [Security.TLS, Security.STARTTLS]


@pytest.fixture
def starttls(certificate: Certificate) -> Iterator[SmtpSink]:
    with running_sink(security=Security.STARTTLS, certificate=certificate) as sink:
        yield sink


def failure(login: ServerLogin) -> str:
    """What the probe says; a mail that is tried meanwhile waits."""
    with pytest.raises(TransportUnavailable) as raised:
        probe_transport(login)
    transport = SmtpTransport(login)
    attempt = transport.send(DELIVERY)
    transport.close()
    assert (attempt.outcome, attempt.reached_server) == (Outcome.TRANSIENT, False)
    text = str(raised.value)
    assert text == attempt.detail
    return text


@pytest.mark.parametrize("security", list(Security), ids=str)
def test_logs_in_and_sends_however_the_connection_is_protected(security: Security, certificate: Certificate) -> None:
    with running_sink(security=security, certificate=certificate) as sink:
        transport = SmtpTransport(sink.login(username=USERNAME))

        assert transport.send(DELIVERY).outcome is Outcome.SENT
        assert transport.send(DELIVERY).outcome is Outcome.SENT

        assert sink.connections == 1
        assert "AUTH PLAIN" in sink.commands
        transport.close()


def test_probe_logs_in_and_sends_nothing(starttls: SmtpSink) -> None:
    probe_transport(starttls.login(username=USERNAME))

    assert "AUTH PLAIN" in starttls.commands
    assert starttls.caught == []


def test_greeting_tells_nothing_of_this_machine(sink: SmtpSink) -> None:
    probe_transport(sink.login())
    probe_transport(sink.login(), helo="desk.example.org")

    assert sink.commands == ["EHLO [127.0.0.1]", "EHLO desk.example.org"]


def test_server_that_knows_no_ehlo_is_greeted_the_old_way(sink: SmtpSink) -> None:
    sink.script["EHLO"] = ["502 what"]

    probe_transport(sink.login())


def test_wrong_password(starttls: SmtpSink) -> None:
    text = failure(starttls.login(username=USERNAME, password="guess"))

    assert "refused the login" in text
    assert "HELPDESK_SMTP_PASSWORD" in text


@pytest.mark.parametrize("reply", ["535 5.7.8 wrong", "454 4.7.0 later", "503 5.5.1 out of order"])
def test_refused_login_is_not_the_fault_of_the_mail(sink: SmtpSink, reply: str) -> None:
    sink.script["AUTH"] = [reply]
    transport = SmtpTransport(sink.login(username=USERNAME))

    assert outcome(transport.send(DELIVERY)) == (Outcome.TRANSIENT, int(reply[:3]), False)
    assert transport.send(DELIVERY).outcome is Outcome.SENT
    transport.close()


def test_server_that_asks_before_it_is_told_the_password(sink: SmtpSink) -> None:
    sink.script["AUTH"] = ["334 ", "334 "]

    # The sink takes the password for a command, and says it again, as some servers do.
    assert "refused the login (500 its words repeat the password)" in failure(sink.login(username=USERNAME))


def test_server_without_plain_is_logged_in_to_another_way() -> None:
    with running_sink(mechanisms=("LOGIN",)) as sink:
        probe_transport(sink.login(username=USERNAME, password=ASCII_PASSWORD))
        with pytest.raises(TransportUnavailable, match="refused the login"):
            probe_transport(sink.login(username=USERNAME, password="guess"))

        assert "AUTH LOGIN" in sink.commands


def test_password_beyond_ascii_needs_plain() -> None:
    with running_sink(mechanisms=("LOGIN",)) as sink:
        assert "can't be talked to" in failure(sink.login(username=USERNAME))


def test_server_that_offers_no_login_at_all(sink: SmtpSink) -> None:
    sink.script["EHLO"] = ["250 sink.example.org", "250 sink.example.org"]

    text = failure(sink.login(username=USERNAME))

    assert "can't do what was asked" in text


def test_starttls_that_is_not_offered(sink: SmtpSink, certificate: Certificate) -> None:
    login = replace(sink.login(), security=Security.STARTTLS, ca_file=str(certificate.cert_file))

    text = failure(login)

    assert "STARTTLS" in text
    assert "HELPDESK_SMTP_SECURITY" in text


@pytest.mark.parametrize("reply", ["454 4.7.0 not now", DROP])
def test_starttls_that_is_refused_sends_nothing_in_the_clear(starttls: SmtpSink, reply: str) -> None:
    starttls.script["STARTTLS"] = [reply, reply]

    failure(starttls.login(username=USERNAME))

    assert not any(command.startswith(("AUTH", "MAIL")) for command in starttls.commands)


def test_server_that_hangs_up_after_starttls(starttls: SmtpSink) -> None:
    # The first greeting goes well, the one over TLS does not.
    starttls.script["EHLO"] = ["250-sink\r\n250 STARTTLS", DROP]

    with pytest.raises(TransportUnavailable, match="ended the connection"):
        probe_transport(starttls.login())


@pytest.mark.parametrize("security", ENCRYPTED, ids=str)
def test_expired_certificate(security: Security, tmp_path: Path) -> None:
    with running_sink(security=security, certificate=make_certificate(tmp_path, days=-1)) as sink:
        assert "has expired" in failure(sink.login())


@pytest.mark.parametrize("security", ENCRYPTED, ids=str)
def test_certificate_for_another_name(security: Security, tmp_path: Path) -> None:
    with running_sink(security=security, certificate=make_certificate(tmp_path, host="smtp.example.org")) as sink:
        assert "is not for the name localhost" in failure(sink.login())


@pytest.mark.parametrize("security", ENCRYPTED, ids=str)
def test_certificate_of_an_unknown_authority(security: Security, certificate: Certificate) -> None:
    with running_sink(security=security, certificate=certificate) as sink:
        assert "HELPDESK_SMTP_CA_FILE" in failure(replace(sink.login(), ca_file=""))


def test_tls_where_the_server_wants_starttls(starttls: SmtpSink) -> None:
    assert "does not speak TLS at once" in failure(replace(starttls.login(), security=Security.TLS))


def test_unknown_host(sink: SmtpSink) -> None:
    assert "HELPDESK_SMTP_HOST" in failure(replace(sink.login(), host="smtp.example.invalid"))


def test_refused_connection(sink: SmtpSink) -> None:
    (port,) = free_ports(1)

    assert f"port {port} refuses the connection" in failure(replace(sink.login(), port=port))


def test_server_that_takes_nothing_now(sink: SmtpSink) -> None:
    sink.script["CONNECT"] = ["554 5.7.1 your address is listed"] * 2

    assert "takes no mail now (554 5.7.1 your address is listed)" in failure(sink.login())
