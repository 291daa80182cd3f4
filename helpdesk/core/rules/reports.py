"""Predicates for receipts that a mail was read, and for reports between mail systems."""

from __future__ import annotations

import re

from helpdesk.core.rules.evidence import Evidence
from helpdesk.core.rules.wording import phrases

# "Read: …", "Gelesen: …": how Outlook names a receipt, in the languages of its readers.
_RECEIPT_WORDS = phrases("""
[en] read | not read | read receipt | return receipt
[cy] darllenwyd
[de] gelesen | nicht gelesen | ungelesen gelöscht | lesebestätigung
[fr] lu | non lu | accusé de lecture
[es] leído | leido | no leído
[it] letto | non letto
[nl] gelezen | niet gelezen
[pl] przeczytane | nieprzeczytane
[pt] lida | não lida
[da] læst | ikke læst
[no] lest
[sv] läst | ej läst
[fi] luettu
[cs] přečteno
[hu] elolvasva
[ru] прочитано | не прочитано
[tr] okundu
[ar] تمت القراءة
[ja] 開封済み
[zh] 已读 | 已讀
""")
_RECEIPT_SUBJECT = re.compile(rf"(?:{'|'.join(map(re.escape, _RECEIPT_WORDS))}) ?(?:\([^)]{{1,30}}\))? ?[:：]")
_RECEIPT_PHRASES = phrases("""
[en] was read on | was read at | was displayed on | has been displayed | was deleted without being read
[en] this is a return receipt
[en] no guarantee that the message has been read
[de] wurde gelesen | wurde am | ohne gelesen zu werden
[fr] a été lu | a été supprimé sans
[es] se ha leído | fue leído | ha sido leído
[it] è stato letto
[nl] is gelezen op
[pl] został przeczytany | została przeczytana
[pt] foi lida
[da] blev læst
[sv] lästes
[fi] luettiin
[cs] byla přečtena
[ru] было прочитано | прочтено
[ja] 開封され
[zh] 已于 | 阅读时间
""")
# RFC 7489 section 7.2.1.1 fixes both: "Report Domain: … Submitter: …" and receiver!domain!begin!end.xml.gz.
_DMARC_SUBJECT = re.compile(r"(?:\[preview\] ?)?report[ -]?domain: ?\S+.{0,80}?(?:submitter|report-id):")
_DMARC_FILE = re.compile(
    r"[\w.-]{1,120}![\w.-]{1,120}!\d{8,12}!\d{8,12}(?:!\S{1,60})?\.(?:xml(?:\.gz)?|zip|gz)$", re.IGNORECASE
)
_FAILURE_REPORT = re.compile(r"(?:\W?[a-z]{1,20} )?(?:dmarc|dkim|spf|auth(?:entication)?) (?:failure|forensic) report\b")
_COMPLAINT_SUBJECT = re.compile(r"complaint about message from \d|e-?mail feedback report for ip|abuse report\b")


def is_disposition(evidence: Evidence) -> bool:
    """RFC 8098 section 3: multipart/report of type disposition-notification, or a part of that type."""
    return evidence.report_type == "disposition-notification" or "message/disposition-notification" in evidence.part_types


def is_worded_receipt(evidence: Evidence) -> bool:
    """Outlook and Notes without the report part: the subject says "Read:", and the text says when."""
    return bool(_RECEIPT_SUBJECT.match(evidence.subject)) and any(phrase in evidence.body for phrase in _RECEIPT_PHRASES)


def is_feedback(evidence: Evidence) -> bool:
    """RFC 5965 section 2: multipart/report of type feedback-report, or a part of that type."""
    return evidence.report_type == "feedback-report" or "message/feedback-report" in evidence.part_types


def is_complaint(evidence: Evidence) -> bool:
    """Hotmail and AOL feedback loops without the report part: their subject, and the mail complained about attached."""
    return bool(_COMPLAINT_SUBJECT.match(evidence.subject)) and "message/rfc822" in evidence.part_types


def is_dmarc_aggregate(evidence: Evidence) -> bool:
    """RFC 7489 section 7.2.1.1: the prescribed subject, or an attachment with the prescribed name."""
    return bool(_DMARC_SUBJECT.search(evidence.subject)) or any(
        _DMARC_FILE.match(attachment.name) for attachment in evidence.message.attachments
    )


def is_authentication_failure(evidence: Evidence) -> bool:
    """Failure reports without the report part (Exim, Netease): the subject, and what failed in the text."""
    return bool(_FAILURE_REPORT.match(evidence.subject)) and ("dmarc" in evidence.body or "authentication" in evidence.body)


def is_tls_report(evidence: Evidence) -> bool:
    """RFC 8460 section 5.3: multipart/report of type tlsrpt, or the headers that go with it."""
    return evidence.report_type == "tlsrpt" or evidence.has_any(frozenset({"tls-report-domain", "tls-report-submitter"}))


def is_ses_report(evidence: Evidence) -> bool:
    """Amazon SNS passes complaints and deliveries of Amazon SES on as JSON."""
    if "x-amz-sns-message-id" not in evidence.headers:
        return False
    return any(f'"notificationtype":"{kind}"' in evidence.body.replace(" ", "") for kind in ("complaint", "delivery"))
