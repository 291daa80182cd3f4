"""Predicates for mail that went to many: lists, newsletters, campaigns; and for what our own server calls spam."""

from __future__ import annotations

from helpdesk.core.addresses import FREE_MAIL_DOMAINS
from helpdesk.core.rules.evidence import Evidence
from helpdesk.core.rules.wording import phrases

_LIST_HEADERS = frozenset(
    {"list-id", "list-post", "list-help", "list-archive", "x-mailman-version", "x-beenthere", "mailing-list"}
)
_CAMPAIGN_HEADERS = frozenset(
    """
    feedback-id x-feedback-id list-unsubscribe-post x-campaign x-campaignid x-campaign-id x-mailchimp-campaign x-mc-user
    x-csa-complaints x-mailgun-tag x-sfmc-stack x-job x-emarsys-identify x-newsletter x-mailing-id x-mktmailing x-mailjet-
    campaign x-ses-outgoing x-sg-eid x-klaviyo-message-id x-hubspot-message-id x-roving-id x-cmail-id x-rpcampaign
    x-eloqua x-mailer-info
    """.split()
)
_BULK_PRECEDENCE = frozenset({"bulk", "list", "junk"})
_UNSUBSCRIBE = phrases("""
[en] unsubscribe | opt out | opt-out | email preferences
[cy] dad-danysgrifio | dad-danysgrifiwch
[de] abbestell | abmelden | austragen
[fr] désabonn | désinscri | se désinscrire
[es] darse de baja | cancelar suscripción | cancelar la suscripción
[it] disiscri | cancella l'iscrizione
[nl] afmelden | uitschrijven
[pl] wypisz | rezygnacj
[pt] cancelar a inscrição | cancelar inscrição | descadastr
[da] afmeld | meld av
[sv] avregistrera | avprenumerera
[ru] отписаться
[zh] 退订
[ja] 配信停止
""")


def is_list_mail(evidence: Evidence) -> bool:
    """RFC 2919, RFC 2369: headers that list software adds."""
    return evidence.has_any(_LIST_HEADERS) and not _is_through_our_list(evidence)


def has_bulk_precedence(evidence: Evidence) -> bool:
    """RFC 2076 section 3.9: bulk, list and junk ask not to be answered."""
    return evidence.header("precedence") in _BULK_PRECEDENCE and not _is_through_our_list(evidence)


def is_campaign(evidence: Evidence) -> bool:
    """List-Unsubscribe, and a header of a mass mailer or "unsubscribe" in the text; alone it says nothing of a mail."""
    if "list-unsubscribe" not in evidence.headers or evidence.sender_domain in FREE_MAIL_DOMAINS:
        return False
    return evidence.has_any(_CAMPAIGN_HEADERS) or any(phrase in evidence.body for phrase in _UNSUBSCRIBE)


def is_flagged_spam(evidence: Evidence) -> bool:
    """SpamAssassin's and rspamd's verdict; scores and levels are none."""
    return evidence.header("x-spam-flag").startswith("yes") or evidence.header("x-spam-status").startswith("yes")


def _is_through_our_list(evidence: Evidence) -> bool:
    """Whether the list is one of our own addresses: a mailbox run as a group puts list headers on every person's mail."""
    named = " ".join(evidence.header(name) for name in ("list-post", "x-beenthere", "mailing-list"))
    list_id = evidence.header("list-id")
    return any(address in named or f"<{address.replace('@', '.')}>" in list_id for address in evidence.us.addresses)
