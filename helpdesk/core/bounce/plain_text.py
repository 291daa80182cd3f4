"""Finds the failed addresses in bounces that are written for people: old Exim, qmail, sendmail, Exchange, Domino.

Only for mail that the rules already call a bounce: in any other mail every address would look like a failed one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from helpdesk.core.bounce.delivery_status import status_in
from helpdesk.model.message import BouncedRecipient

TEXT_LENGTH = 30_000
_MAX_ADDRESSES = 50
_ADDRESS = r"[^\s<>()\[\],;:\"'*=|]{1,64}@[a-z0-9](?:[a-z0-9.-]{0,252}[a-z0-9])?"
# Where the returned mail begins: what stands below is ours, and the addresses in it are everybody's.
_SEPARATOR = re.compile(
    r"""^[ \t>*-]{0,40}(?:
      (?:this|here|below\ this\ line|enclosed|a\ copy).{0,40}\ (?:is\ )?a?\ ?copy\ of\  | mensaje\ original
    | (?:original|unsent|returned|undelivered|bounced)\ (?:message|mail|e-mail)\b | message\ headers?\ (?:follows?|:)
    | text\ of\ your\ message | the\ (?:header|first\ part).{0,60}(?:message|mail) | original\ message\ headers
    | received:\ (?:from|by)\  | return-path:\ < | -{2,40}\ ?(?:message|original|returned|the\ header)\b
    ).{0,200}$""",
    re.VERBOSE | re.IGNORECASE | re.MULTILINE,
)
# Amazon SNS passes bounces on as JSON.
_JSON = re.compile(rf'"emailAddress" ?: ?"({_ADDRESS})"', re.IGNORECASE)
# A line that begins with an address, or holds nothing else: qmail, Postfix, sendmail, Exim, Exchange.
_LINE = re.compile(
    rf"^[ \t>*-]{{0,12}}(?:\d{{3}}[ -])?(?:(?:[0-9.]+ )?(?:smtp|rfc822|to)[:;] ?)?<?({_ADDRESS})>?(?=[\s:;,(*\[<]|\.?(?:\s|$))",
    re.IGNORECASE | re.MULTILINE,
)
_LABELLED = re.compile(
    rf"""(?:(?:failed|undeliverable|unknown|invalid|bad|final|intended)?\ ?recipients?(?:\(s\))?
      |(?:unknown|invalid)\ (?:user|address)
      |undeliverable\ (?:to|address)|deliver(?:ed|y)\ (?:failed|to)|failed\ for|address|user\ mailbox|target\ mail\ address
      |rcpt\ to|not\ be\ delivered\ to|said)\ ?:?\s{{0,10}}(?:\[?smtp:)?<?({_ADDRESS})""",
    re.VERBOSE | re.IGNORECASE,
)
_ANY = re.compile(rf"<?({_ADDRESS})>?", re.IGNORECASE)
_NOBODY = re.compile(
    r"(?:postmaster|mailer-daemon|abuse|support|help(?:desk)?|hostmaster|root|admin(?:istrator)?)@", re.IGNORECASE
)
_DELAY = re.compile(
    r"not yet been delivered|will continue to (?:try|attempt)|attempts will continue|(?:is|just|only) a warning"
    r"|no action is required|delayed|still (?:being|trying|undelivered)|could not send message for"
    r"|will (?:keep|be retried|retry|try again)|temporarily|deferred|verzögert"
    r"|noch nicht zugestellt|n'a pas encore été|todavía no|ещё не|пока не",
    re.IGNORECASE,
)
_GIVEN_UP = re.compile(
    # Not what Exim says of the future in a warning: "Eventually the mail delivery software will give up".
    r"permanent(?:ly)? (?:error|fail|fatal)|gave up|(?<!be )given up|(?<!before )giving up|not going to try again"
    r"|in the queue too long|user unknown|unknown user|no such user|returned to sender|will not be retried"
    r"|cannot send message for",
    re.IGNORECASE,
)
# Temporary errors all the time, and now it is over: Exim, sendmail, Exchange.
_OUT_OF_TIME = re.compile(
    r"retry time(?:out)? (?:was |has been )?exceeded|(?:have|has) been failing for a long time"
    r"|(?:delivery|retry|queue) (?:time|period|lifetime) (?:has |was )?(?:expired|exceeded)|will be deleted from queue"
    r"|exceeded (?:the )?maximum (?:number of )?(?:delivery|retry) attempts"
    r"|no (?:further|more) (?:delivery )?attempts will be made",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Tone:
    """How a notice speaks of its addresses: `permanent` unless a status says otherwise, `ended` where nobody tries any more."""

    permanent: bool
    ended: bool

    def said_of(self, address: str, status: str | None = None) -> BouncedRecipient:
        """The address as the notice speaks of it, beside its own status (RFC 3463 section 2: 4.x.x may pass)."""
        permanent = self.permanent and not (status or "").startswith("4")
        return BouncedRecipient(address, status, permanent, gave_up=self.ended and not permanent)


def read_plain_bounce(text: str, subject: str, not_these: frozenset[str]) -> tuple[BouncedRecipient, ...]:
    """The addresses that the notice says were not reached; `not_these` (casefolded) are those of sender and receiver.

    Tries the surest sign first, and stops at the first that names somebody else than them.
    """
    notice = notice_of(text)
    tone = tone_of(subject, notice)
    ours: tuple[BouncedRecipient, ...] = ()
    for pattern in (_JSON, _LINE, _LABELLED, _ANY):
        found = _found(pattern, notice, tone)
        others = tuple(recipient for recipient in found if recipient.address.casefold() not in not_these)
        if others:
            return others
        # Who wrote to themselves, or a notice that names only the address that it came to.
        ours = ours or (found if pattern is _LINE else ())
    return ours


def _found(pattern: re.Pattern[str], notice: str, tone: Tone) -> tuple[BouncedRecipient, ...]:
    found: dict[str, BouncedRecipient] = {}
    for match in pattern.finditer(notice):
        address = match[1].strip(".'")
        if _NOBODY.match(address) and pattern is not _LINE:
            continue
        found.setdefault(address.casefold(), describe(address, notice, tone))
        if len(found) >= _MAX_ADDRESSES:
            break
    return tuple(found.values())


def describe(address: str, notice: str, tone: Tone) -> BouncedRecipient:
    """The address with the status that the notice gives on its line or soon after."""
    place = notice.find(address)
    if place < 0:
        return tone.said_of(address)
    line_start = notice.rfind("\n", max(0, place - 200), place) + 1 or place
    return tone.said_of(address, status_in(notice[line_start : place + len(address) + 300]))


def notice_of(text: str) -> str:
    """What the mail system wrote itself, without the mail that it returns."""
    shortened = text[:TEXT_LENGTH]
    separator = _SEPARATOR.search(shortened)
    # A notice that opens with the returned mail has its own words below it.
    return shortened[: separator.start()] if separator and separator.start() > 40 else shortened


def tone_of(subject: str, notice: str) -> Tone:
    """Whether the notice says "not yet", "no", or "not yet" for so long that it ends."""
    text = f"{subject}\n{notice[:5_000]}"
    delay = bool(_DELAY.search(text)) and not _GIVEN_UP.search(text)
    return Tone(permanent=not delay, ended=not delay or bool(_OUT_OF_TIME.search(text)))
