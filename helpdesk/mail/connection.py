"""How a connection to a mail server is trusted, and what a person is told when there is none.

The IMAP and the SMTP edge share it; it speaks neither protocol.
"""

from __future__ import annotations

import socket
import ssl
from datetime import UTC, datetime

from helpdesk.model.policy import ServerLogin

# OpenSSL's X509_V_ERR_* numbers.
_NOT_YET_VALID = 9
_EXPIRED = 10
_UNKNOWN_ISSUER = (18, 19, 20, 21)
_OTHER_NAME = (62, 64)


# A connection whose other end is gone without a word is given up after so many seconds: asked after when it is silent,
# and when nothing comes back for what was sent. A slow server answers these, since its kernel does.
_LONELY_AFTER = 45
_KEEPALIVES = (("TCP_KEEPIDLE", 15), ("TCP_KEEPINTVL", 10), ("TCP_KEEPCNT", 3), ("TCP_USER_TIMEOUT", _LONELY_AFTER * 1000))


class UnreadableCertificates(OSError):
    """The file of trusted certificates that the settings name can't be used."""


def trust(login: ServerLogin) -> ssl.SSLContext:
    """A TLS context that checks certificate and host name, against `ca_file` alone where one is given."""
    try:
        return ssl.create_default_context(cafile=login.ca_file or None)
    except OSError as error:
        raise UnreadableCertificates(error.strerror or str(error)) from error


def tune(sock: socket.socket) -> None:
    """Send short commands at once, and learn within a minute that the other end is gone, whoever waits for whom."""
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _KEEPALIVES:
        # Not every system has every one.
        if (option := getattr(socket, name, None)) is not None:
            sock.setsockopt(socket.IPPROTO_TCP, option, value)


def certificate_ends_at(sock: socket.socket) -> datetime | None:
    """When the server's certificate ends; None on a connection without TLS."""
    told = sock.getpeercert() if isinstance(sock, ssl.SSLSocket) else None
    return _moment(told.get("notAfter")) if told else None


def ca_file_ends_at(login: ServerLogin) -> datetime | None:
    """When the last of the certificates in `ca_file` ends, after which no server is trusted; None where there is no file."""
    if not login.ca_file:
        return None
    try:
        ends = [_moment(certificate.get("notAfter")) for certificate in trust(login).get_ca_certs()]
    except UnreadableCertificates:
        return None
    return max((end for end in ends if end is not None), default=None)


def _moment(not_after: object) -> datetime | None:
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(not_after), UTC) if isinstance(not_after, str) else None


def explain(error: OSError, login: ServerLogin, prefix: str) -> str:
    """Why there is no connection, and what to check; `prefix` is that of the settings' names (HELPDESK_IMAP)."""
    server = f"{login.host}, port {login.port}"
    match error:
        case UnreadableCertificates():
            return f"The certificates in {login.ca_file} can't be read ({error}). Check {prefix}_CA_FILE."
        case ssl.SSLCertVerificationError():
            return _explain_distrust(error, login, prefix)
        case ssl.SSLError() if error.reason in ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE"):
            return f"{server} does not speak TLS at once. Check {prefix}_PORT and {prefix}_SECURITY: it may be starttls."
        case ssl.SSLError():
            return f"{server} broke off while encryption was agreed on ({error.reason}). Check {prefix}_PORT."
        case socket.gaierror():
            return f"No server is known by the name {login.host}. Check {prefix}_HOST, and that this machine is online."
        case ConnectionRefusedError():
            return f"{server} refuses the connection: nothing listens there. Check {prefix}_HOST and {prefix}_PORT."
        case TimeoutError():
            return f"{server} did not answer in time. Check {prefix}_PORT, any firewall between, and the server."
        case ConnectionError():
            return f"{server} ended the connection. If this goes on, ask whoever runs the server."
        case _:
            return f"There is no connection to {server}: {error.strerror or error}."


def _explain_distrust(error: ssl.SSLCertVerificationError, login: ServerLogin, prefix: str) -> str:
    match error.verify_code:
        case code if code == _EXPIRED:
            return f"The certificate of {login.host} has expired. Ask whoever runs the server to renew it."
        case code if code == _NOT_YET_VALID:
            return f"The certificate of {login.host} is not valid yet. Check this machine's clock."
        case code if code in _OTHER_NAME:
            return (
                f"The certificate of the server is not for the name {login.host}. "
                f"Check {prefix}_HOST: it must be the name that the provider gives."
            )
        case code if code in _UNKNOWN_ISSUER:
            return (
                f"Nobody whom this machine trusts has signed the certificate of {login.host}. "
                f"If the server is your own, give its certificate in {prefix}_CA_FILE."
            )
        case _:
            return f"The certificate of {login.host} can't be trusted: {error.verify_message}."
