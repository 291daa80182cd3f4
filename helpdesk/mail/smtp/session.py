"""A connection to the SMTP server, greeted, encrypted and logged in, on which no answer is waited for without end.

It must not send mail.
"""

from __future__ import annotations

import base64
import io
import math
import smtplib
import socket
import time
from contextlib import suppress

from helpdesk.mail.connection import explain, trust, tune
from helpdesk.model.policy import Security, ServerLogin

# smtplib's own errors are OSErrors too; ValueError is what it raises for text that it can't encode.
FAILURES = (OSError, ValueError)

_SECONDS_TO_SAY_GOODBYE = 2.0


class Patience:
    """How long to wait: `silence` seconds for the next bytes, and until a moment for all of them together.

    A socket's own timeout starts anew with each byte, so that a slow server could hold us for hours.
    """

    def __init__(self, silence: float) -> None:
        self._allowed_silence = silence
        self._silence = silence
        self._ends_at = math.inf

    def start(self, seconds: float) -> None:
        """From now on, all that is waited for must come within `seconds`."""
        self._silence = self._allowed_silence
        self._ends_at = time.monotonic() + seconds

    def bear_silence(self) -> None:
        """Wait for the next bytes until the end, if it must be."""
        self._silence = math.inf

    def left(self) -> float:
        """For how many seconds to wait now; raises TimeoutError when the time is up."""
        left = min(self._silence, self._ends_at - time.monotonic())
        if left <= 0:
            raise TimeoutError("timed out")
        return left


class _PatientReader(io.RawIOBase):
    """The reading side of a socket, as patient as its owner."""

    def __init__(self, sock: socket.socket, patience: Patience) -> None:
        self._sock = sock
        self._patience = patience

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
        self._sock.settimeout(self._patience.left())
        return self._sock.recv_into(buffer)


def open_session(login: ServerLogin, helo: str, patience: Patience) -> smtplib.SMTP:
    """Connect, agree on encryption, and log in where a user name is given; raises OSError or ValueError."""
    sock = socket.create_connection((login.host, login.port), timeout=patience.left())
    tune(sock)
    if login.security is Security.TLS:
        sock = _encrypted(sock, login)
    smtp = _over(sock, helo, patience)
    try:
        code, words = smtp.getreply()
        if code != 220:
            raise smtplib.SMTPConnectError(code, words)
        smtp.ehlo_or_helo_if_needed()
        if login.security is Security.STARTTLS:
            smtp = _start_tls(smtp, sock, login, patience)
        if login.username:
            _log_in(smtp, login)
    except FAILURES:
        smtp.close()
        raise
    return smtp


def _over(sock: socket.socket, helo: str, patience: Patience) -> smtplib.SMTP:
    # Given a name to say, smtplib does not look up and tell the name of this machine.
    smtp = smtplib.SMTP(local_hostname=helo)
    smtp.sock = sock
    smtp.command_encoding = "utf-8"
    smtp.file = io.BufferedReader(_PatientReader(sock, patience))
    return smtp


def _encrypted(sock: socket.socket, login: ServerLogin) -> socket.socket:
    try:
        return trust(login).wrap_socket(sock, server_hostname=login.host)
    except FAILURES:
        sock.close()
        raise


def _start_tls(smtp: smtplib.SMTP, sock: socket.socket, login: ServerLogin, patience: Patience) -> smtplib.SMTP:
    if not smtp.has_extn("starttls"):
        raise smtplib.SMTPNotSupportedError("the server offers no STARTTLS")
    code, words = smtp.docmd("STARTTLS")
    if code != 220:
        raise smtplib.SMTPResponseException(code, words)
    # RFC 3207 section 4.2: forget all that was said before. A new object, with new buffers, knows none of it.
    encrypted = _over(_encrypted(sock, login), smtp.local_hostname, patience)
    try:
        encrypted.ehlo_or_helo_if_needed()
    except FAILURES:
        encrypted.close()
        raise
    return encrypted


def _log_in(smtp: smtplib.SMTP, login: ServerLogin) -> None:
    offered = smtp.esmtp_features.get("auth", "").upper().split()
    if "PLAIN" not in offered:
        smtp.login(login.username, login.password)
        return
    # By hand, since smtplib can't encode a password beyond ASCII; RFC 4616 has UTF-8.
    secret = base64.b64encode(f"\0{login.username}\0{login.password}".encode()).decode("ascii")
    code, words = smtp.docmd("AUTH", f"PLAIN {secret}")
    if code == 334:
        code, words = smtp.docmd(secret)
    if secret.lower().encode() in words.lower():
        # A server that does not understand a command may say it again.
        words = b"its words repeat the password"
    if code != 235:
        raise smtplib.SMTPAuthenticationError(code, words)


def say_goodbye(smtp: smtplib.SMTP, patience: Patience) -> None:
    """End a connection in good order, without waiting long for a server that does not answer."""
    patience.start(_SECONDS_TO_SAY_GOODBYE)
    with suppress(*FAILURES):
        smtp.quit()
    smtp.close()


def why(error: Exception, login: ServerLogin) -> str:
    """What to tell a person of a failure on the way to, or in, a session."""
    # smtplib makes one error of every end of a connection; what ended it is behind.
    ended_by = error.__context__ if isinstance(error, smtplib.SMTPServerDisconnected) else None
    cause = ended_by if isinstance(ended_by, OSError) else error
    match cause:
        case smtplib.SMTPAuthenticationError():
            return (
                f"The SMTP server {login.host} refused the login ({_reply(cause)}). "
                "Check HELPDESK_SMTP_USERNAME and HELPDESK_SMTP_PASSWORD."
            )
        case smtplib.SMTPResponseException():
            return f"The SMTP server {login.host} takes no mail now ({_reply(cause)})."
        case smtplib.SMTPNotSupportedError():
            return f"The SMTP server {login.host} can't do what was asked ({cause}). Check HELPDESK_SMTP_SECURITY."
        case smtplib.SMTPException():
            return f"The SMTP server {login.host} ended the connection ({error})."
        case OSError():
            return explain(cause, login, "HELPDESK_SMTP")
        case _:
            return f"The SMTP server {login.host} can't be talked to ({error})."


def _reply(error: smtplib.SMTPResponseException) -> str:
    words = error.smtp_error
    return f"{error.smtp_code} {text_of(words if isinstance(words, bytes) else words.encode())}"


def text_of(words: bytes) -> str:
    """A server's words in one line, of bounded length."""
    return " ".join(words.decode("utf-8", "replace").split())[:500]
