"""What an address tells by itself: whether two are the same, and whether anybody reads what is sent to it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

# Providers whose domain says nothing about who writes: the breaker and "known professionals" must not count them as one.
FREE_MAIL_DOMAINS = frozenset(
    """
    aol.com aol.co.uk blueyonder.co.uk btinternet.com btopenworld.com duck.com fastmail.com free.fr gmail.com gmx.at
    gmx.co.uk gmx.com gmx.de gmx.net googlemail.com hey.com hotmail.co.uk hotmail.com hotmail.fr hotmail.it icloud.com
    laposte.net libero.it live.co.uk live.com live.nl mac.com mail.com mail.ru me.com msn.com ntlworld.com o2.pl
    orange.fr outlook.com outlook.de outlook.fr pm.me proton.me protonmail.com qq.com riseup.net rocketmail.com
    sky.com t-online.de talktalk.net tiscali.co.uk tuta.com tutanota.com virginmedia.com wanadoo.fr web.de wp.pl
    yahoo.co.in yahoo.co.uk yahoo.com yahoo.de yahoo.es yahoo.fr yahoo.it yandex.com yandex.ru ymail.com zoho.com
    """.split()
)

_NO_REPLY = re.compile(
    r"(?:^|[._+-])(?:no|do[._-]?not|non?|never|ne[._-]?pas|ne|nicht|keine|n[aã]o|nie|geen|ikke|dim)[._-]?"
    r"(?:repl(?:y|ies)|respond|responder|response|answer|antworten|antwort|r[eé]pon\w{2,4}|rispondere|responda|odpowiada[jc]|"
    r"antwoord|svar|ateb)"
    r"|^(?:mailer[._-]?daemon|postmaster|bounces?|bounced?-?mail|listserv|majordomo|null|devnull|auto[._-]?(?:reply|responder)"
    r"|unattended)(?:[+=-].*)?$",
    re.IGNORECASE,
)


def lookup_form(address: str) -> str:
    """The form in which two spellings of one address are equal: NFC, IDNA domain, casefolded.

    Dots and plus tags stay: only the receiving domain knows whether they count (RFC 5321 section 2.3.11).
    """
    local, at, domain = unicodedata.normalize("NFC", address.strip()).rpartition("@")
    if not at:
        return domain.casefold()
    try:
        # The codec is slow, and leaves what is ASCII as it is.
        ascii_domain = domain if domain.isascii() else domain.encode("idna").decode("ascii")
    except UnicodeError:
        ascii_domain = domain
    return f"{local.casefold()}@{ascii_domain.casefold().rstrip('.')}"


def domain_of(address: str) -> str:
    """The domain in lookup form; empty when there is none."""
    form = lookup_form(address)
    return form.rpartition("@")[2] if "@" in form else ""


def is_no_reply(address: str) -> bool:
    """Whether the address says by its name that nobody reads it: no-reply, mailer-daemon, bounces."""
    return bool(_NO_REPLY.search(address.strip().rpartition("@")[0]))


def without_tag(address: str) -> str:
    """The lookup form without a plus tag: "info+letters@example.org" is "info@example.org". For our own addresses only."""
    local, at, domain = lookup_form(address).rpartition("@")
    return f"{local.partition('+')[0]}{at}{domain}"


def is_shared_domain(domain: str) -> bool:
    """Whether so many people write from this domain that it says nothing about who does."""
    return domain in FREE_MAIL_DOMAINS


def is_listed(address: str, entries: Iterable[str]) -> bool:
    """Whether the address, or its @domain, is among entries in lookup form ("sam@example.org", "@example.org")."""
    wanted = frozenset(entries)
    return lookup_form(address) in wanted or f"@{domain_of(address)}" in wanted
