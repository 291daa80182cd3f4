"""Finds the failed addresses in bounces that are written for people: old Exim, qmail, sendmail, Exchange, Domino.

Only for mail that the rules already call a bounce: in any other mail every address would look like a failed one.
"""

from __future__ import annotations

import re

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
    r"not yet been delivered|will continue to (?:try|attempt)|(?:is|just|only) a warning|no action is required|delayed"
    r"|still (?:being|trying|undelivered)|could not send message for|will (?:keep|be retried|retry|try again)|temporarily"
    r"|deferred|verzögert|noch nicht zugestellt|n'a pas encore été|todavía no|ещё не|пока не",
    re.IGNORECASE,
)
_GIVEN_UP = re.compile(
    r"permanent(?:ly)? (?:error|fail|fatal)|giv(?:en|ing|e) up|not going to try again|in the queue too long|user unknown"
    r"|unknown user|no such user|returned to sender|will not be retried|cannot send message for",
    re.IGNORECASE,
)


def read_plain_bounce(text: str, subject: str, not_these: frozenset[str]) -> tuple[BouncedRecipient, ...]:
    """The addresses that the notice says were not reached; `not_these` (casefolded) are those of sender and receiver.

    Tries the surest sign first, and stops at the first that names somebody else than them.
    """
    notice = notice_of(text)
    permanent = not is_delay(subject, notice)
    ours: tuple[BouncedRecipient, ...] = ()
    for pattern in (_JSON, _LINE, _LABELLED, _ANY):
        found = _found(pattern, notice, permanent=permanent)
        others = tuple(recipient for recipient in found if recipient.address.casefold() not in not_these)
        if others:
            return others
        # Who wrote to themselves, or a notice that names only the address that it came to.
        ours = ours or (found if pattern is _LINE else ())
    return ours


def _found(pattern: re.Pattern[str], notice: str, *, permanent: bool) -> tuple[BouncedRecipient, ...]:
    found: dict[str, BouncedRecipient] = {}
    for match in pattern.finditer(notice):
        address = match[1].strip(".'")
        if _NOBODY.match(address) and pattern is not _LINE:
            continue
        found.setdefault(address.casefold(), describe(address, notice, permanent=permanent))
        if len(found) >= _MAX_ADDRESSES:
            break
    return tuple(found.values())


def describe(address: str, notice: str, *, permanent: bool) -> BouncedRecipient:
    """The address with the status that the notice gives on its line or soon after."""
    place = notice.find(address)
    if place < 0:
        return BouncedRecipient(address, None, permanent)
    line_start = notice.rfind("\n", max(0, place - 200), place) + 1 or place
    status = status_in(notice[line_start : place + len(address) + 300])
    return BouncedRecipient(address, status, permanent and not (status or "").startswith("4"))


def notice_of(text: str) -> str:
    """What the mail system wrote itself, without the mail that it returns."""
    shortened = text[:TEXT_LENGTH]
    separator = _SEPARATOR.search(shortened)
    # A notice that opens with the returned mail has its own words below it.
    return shortened[: separator.start()] if separator and separator.start() > 40 else shortened


def is_delay(subject: str, notice: str) -> bool:
    """Whether the notice says "not yet" rather than "no"."""
    text = f"{subject}\n{notice[:5_000]}"
    return bool(_DELAY.search(text)) and not _GIVEN_UP.search(text)
