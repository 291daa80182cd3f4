"""What a person is told of each way in which a connection can fail."""

from __future__ import annotations

import errno
import socket
import ssl

import pytest

from helpdesk.mail.connection import UnreadableCertificates, explain, tune
from helpdesk.model.policy import Security, ServerLogin

LOGIN = ServerLogin("imap.example.org", 993, Security.TLS, "desk", "secret", "/etc/ca.pem")


def distrust(code: int, message: str = "odd") -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError()
    error.verify_code = code
    error.verify_message = message
    return error


def tls(reason: str) -> ssl.SSLError:
    error = ssl.SSLError()
    error.reason = reason
    return error


@pytest.mark.parametrize(
    ("error", "said"),
    [
        pytest.param(UnreadableCertificates("no such file"), "HELPDESK_IMAP_CA_FILE", id="certificates"),
        pytest.param(distrust(9), "not valid yet", id="not yet valid"),
        pytest.param(distrust(10), "has expired", id="expired"),
        pytest.param(distrust(18), "Nobody whom this machine trusts", id="self-signed"),
        pytest.param(distrust(20), "Nobody whom this machine trusts", id="unknown issuer"),
        pytest.param(distrust(62), "is not for the name imap.example.org", id="other name"),
        pytest.param(distrust(79, "invalid CA certificate"), "invalid CA certificate", id="other distrust"),
        pytest.param(tls("WRONG_VERSION_NUMBER"), "does not speak TLS at once", id="no TLS"),
        pytest.param(tls("UNEXPECTED_EOF_WHILE_READING"), "broke off while encryption", id="TLS ends"),
        pytest.param(socket.gaierror(-2, "unknown"), "HELPDESK_IMAP_HOST", id="name"),
        pytest.param(ConnectionRefusedError(), "refuses the connection", id="refused"),
        pytest.param(TimeoutError(), "did not answer in time", id="silence"),
        pytest.param(ConnectionResetError(), "ended the connection", id="reset"),
        pytest.param(BrokenPipeError(), "ended the connection", id="broken pipe"),
        pytest.param(OSError(errno.ENETUNREACH, "Network is unreachable"), "Network is unreachable", id="no network"),
        pytest.param(OSError("odd"), "odd", id="anything else"),
    ],
)
def test_failure_is_explained(error: OSError, said: str) -> None:
    text = explain(error, LOGIN, "HELPDESK_IMAP")

    assert said in text
    assert text.endswith(".")
    assert "secret" not in text


def test_a_connection_asks_after_a_silent_server_and_gives_it_up_within_a_minute() -> None:
    with socket.socket() as sock:
        tune(sock)

        assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        asked = [sock.getsockopt(socket.IPPROTO_TCP, getattr(socket, f"TCP_KEEP{name}")) for name in ("IDLE", "INTVL", "CNT")]
        assert asked[0] + asked[1] * asked[2] < 60
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) < 60_000
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
