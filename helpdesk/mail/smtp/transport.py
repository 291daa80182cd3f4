"""Handing mail to the SMTP server, over one connection that is kept, and saying what became of each.

It decides neither when nor whether to try again, and never changes a byte of what is sent.
"""

from __future__ import annotations

import re
import smtplib
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from helpdesk.boundary import Boundary, reached
from helpdesk.errors import TransportUnavailable
from helpdesk.mail.connection import certificate_ends_at
from helpdesk.mail.smtp.envelope import Envelope, envelope_of, in_transit
from helpdesk.mail.smtp.session import FAILURES, Patience, open_session, say_goodbye, text_of, why
from helpdesk.model.delivery import Attempt, Delivery, Outcome
from helpdesk.model.policy import ServerLogin

# One delivery takes no longer than this, in seconds, whatever the server does.
# Each step has the login's timeout; the answer to the content may take ten minutes (RFC 5321 section 4.5.3.2.6).
DEADLINE = 660.0
# A connection that was quiet for longer may be dead without our knowing: a NAT forgets it, and says nothing.
LONGEST_QUIET = 60.0
# What we call ourselves in EHLO: an address literal (RFC 5321 section 4.1.3) that tells nothing of the machine.
HELO = "[127.0.0.1]"

_CLOSING = 421
_TOO_LARGE = 552
# Replies that find fault with our session or login, whatever the step: out of order, authentication.
_OUR_FAULT = frozenset({503, 530, 534, 535, 538})
# Enhanced codes (RFC 3463) that speak of our account or of their system: sending limit, bad sender, system not ready.
_ABOUT_US = re.compile(r"5\.(?:4\.5|1\.8|1\.90|3\.[0-35]|7\.232|7\.708)\b")
_NO_RELAYING = re.compile(
    r"\brelay(?:ing)?\b.*\b(?:denied|prohibited|not (?:permitted|allowed))|unable to relay", re.IGNORECASE
)


class _Stale(Exception):
    """The server had ended the kept connection before it took MAIL FROM: the mail can be offered anew."""


class SmtpTransport:
    """The jobs' `Transport` on a real server. One thread uses it.

    `send` takes no longer than `deadline` seconds, so that a claim's lease can be chosen. `certificate_ends_at` is that of
    the connection that was made last, None without TLS.
    """

    def __init__(self, login: ServerLogin, *, helo: str = HELO, deadline: float = DEADLINE) -> None:
        self.deadline = deadline
        self.certificate_ends_at: datetime | None = None
        self._login = login
        self._helo = helo
        self._patience = Patience(login.timeout)
        self._smtp: smtplib.SMTP | None = None
        self._used_at = 0.0

    def send(self, delivery: Delivery) -> Attempt:
        """Offer one mail to the server. Whatever goes wrong is in the answer; nothing is raised.

        Permanent is a refusal (5xx) of this recipient or this content, RFC 5321 section 4.2.1. All else is transient,
        a refusal of our login or our sender too: the mail is not at fault. `reached_server` tells whether the server
        was given any of the content.
        """
        envelope = envelope_of(delivery.envelope_sender, delivery.recipient)
        if envelope is None:
            return _unsendable("The address can't be written in SMTP. Nothing was sent; correct the address.")
        self._patience.start(self.deadline)
        if self._smtp is not None and time.monotonic() - self._used_at > LONGEST_QUIET:
            self._hang_up(self._smtp)
        try:
            with suppress(_Stale):
                return self._offer(envelope, delivery.content)
            return self._offer(envelope, delivery.content)
        finally:
            self._used_at = time.monotonic()

    def close(self) -> None:
        """Say goodbye; the next `send` connects again."""
        if self._smtp is not None:
            say_goodbye(self._smtp, self._patience)
        self._smtp = None

    def _offer(self, envelope: Envelope, content: bytes) -> Attempt:
        kept = self._smtp is not None
        try:
            smtp = self._smtp or open_session(self._login, self._helo, self._patience)
        except FAILURES as error:
            return Attempt(Outcome.TRANSIENT, _code_of(error), why(error, self._login), reached_server=False)
        self._smtp = smtp
        if not kept and smtp.sock is not None:
            self.certificate_ends_at = certificate_ends_at(smtp.sock)
        reached(Boundary.SMTP_CONNECTED)
        if problem := _unfit(smtp, envelope, content):
            return _unsendable(problem)
        transaction = _Transaction(smtp, self._patience)
        try:
            attempt = transaction.run(envelope, content)
        except FAILURES as error:
            self._hang_up(smtp)
            if kept and not transaction.sender_taken:
                raise _Stale from error
            return Attempt(Outcome.TRANSIENT, None, why(error, self._login), reached_server=transaction.content_given)
        if transaction.spoilt:
            self._hang_up(smtp)
        if kept and attempt.code == _CLOSING and not transaction.sender_taken:
            raise _Stale
        return attempt

    def _hang_up(self, smtp: smtplib.SMTP) -> None:
        smtp.close()
        self._smtp = None


@dataclass(slots=True)
class _Transaction:
    """One mail on an open connection; remembers how far it came, for when the connection ends in the middle.

    `spoilt`: the connection is no good for another mail.
    """

    smtp: smtplib.SMTP
    patience: Patience
    sender_taken: bool = False
    content_given: bool = False
    spoilt: bool = False

    def run(self, envelope: Envelope, content: bytes) -> Attempt:
        """MAIL, RCPT and DATA; raises OSError or ValueError when the connection ends."""
        code, words = self.smtp.docmd("MAIL", f"FROM:<{envelope.sender}>{self._parameters(envelope, content)}")
        reached(Boundary.SENDER_TAKEN)
        if not _is_positive(code):
            # Our sender, or the server's state, but never the recipient's: only the size is this mail's own fault.
            return self._refused(code, words, Outcome.PERMANENT if code == _TOO_LARGE else Outcome.TRANSIENT)
        self.sender_taken = True
        code, words = self.smtp.docmd("RCPT", f"TO:<{envelope.recipient}>")
        reached(Boundary.RECIPIENT_TAKEN)
        if not _is_positive(code):
            no_relaying = _NO_RELAYING.search(text_of(words).replace(envelope.recipient, ""))
            ours = no_relaying or _ABOUT_US.match(text_of(words))
            return self._refused(code, words, Outcome.TRANSIENT if ours else _outcome(code))
        code, words = self.smtp.docmd("DATA")
        reached(Boundary.CONTENT_INVITED)
        if code != 354:
            return self._refused(code, words, _outcome(code))
        self.content_given = True
        self.smtp.send(in_transit(content))
        reached(Boundary.CONTENT_GIVEN)
        # RFC 5321 section 4.5.3.2.6: giving up on this answer early makes duplicates.
        self.patience.bear_silence()
        code, words = self.smtp.getreply()
        reached(Boundary.CONTENT_TAKEN)
        if not _is_positive(code):
            about_us = _ABOUT_US.match(text_of(words))
            return self._refused(code, words, Outcome.TRANSIENT if about_us else _outcome(code))
        return Attempt(Outcome.SENT, code, text_of(words))

    def _parameters(self, envelope: Envelope, content: bytes) -> str:
        parameters = ""
        if self.smtp.has_extn("size"):
            parameters += f" SIZE={len(content)}"
        if not content.isascii() and self.smtp.has_extn("8bitmime"):
            parameters += " BODY=8BITMIME"
        return f"{parameters} SMTPUTF8" if envelope.needs_utf8 else parameters

    def _refused(self, code: int, words: bytes, outcome: Outcome) -> Attempt:
        self.spoilt = code == _CLOSING or code in _OUR_FAULT or not self._reset()
        return Attempt(outcome, code if code > 0 else None, text_of(words), reached_server=self.content_given)

    def _reset(self) -> bool:
        """End the transaction that was refused, so that the next mail starts clean."""
        try:
            return _is_positive(self.smtp.rset()[0])
        except FAILURES:
            return False


def probe_transport(login: ServerLogin, *, helo: str = HELO) -> datetime | None:
    """Connect and log in, sending nothing; raises TransportUnavailable with what is wrong.

    Returns when the server's certificate ends, None without TLS.
    """
    patience = Patience(login.timeout)
    patience.start(DEADLINE)
    try:
        smtp = open_session(login, helo, patience)
    except FAILURES as error:
        raise TransportUnavailable(why(error, login)) from error
    ends_at = certificate_ends_at(smtp.sock) if smtp.sock is not None else None
    say_goodbye(smtp, patience)
    return ends_at


def _is_positive(code: int) -> bool:
    return 200 <= code < 300


def _outcome(code: int) -> Outcome:
    return Outcome.PERMANENT if 500 <= code < 600 and code not in _OUR_FAULT else Outcome.TRANSIENT


def _code_of(error: Exception) -> int | None:
    return error.smtp_code if isinstance(error, smtplib.SMTPResponseException) and error.smtp_code > 0 else None


def _unfit(smtp: smtplib.SMTP, envelope: Envelope, content: bytes) -> str:
    """Why this server can't take this mail, as it told in EHLO; empty when it can."""
    limit = smtp.esmtp_features.get("size", "")
    # RFC 1870 section 4: 0 means that there is no limit.
    if limit.isdecimal() and 0 < int(limit) < len(content):
        return f"The server takes mails of up to {limit} bytes, this one has {len(content)}. Nothing was sent."
    if envelope.needs_utf8 and not smtp.has_extn("smtputf8"):
        return "The part before the @ is not ASCII, and the server does not know SMTPUTF8. Nothing was sent."
    return ""


def _unsendable(why_not: str) -> Attempt:
    return Attempt(Outcome.PERMANENT, None, why_not, reached_server=False)
