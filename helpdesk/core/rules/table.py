"""The rules in their order: the first that holds decides what a mail is. To add one: a line here, a predicate, an .eml.

The order, and why:
 1. What we sent ourselves, by our own mark, before anything can answer it.
 2. Listed forms: a person, whatever headers the website's mailer adds.
 3. Guards that dress a question up as a delivery report, then reports by their MIME type, then by wording.
 4. Automatic answers by header, then by wording: before `staff`, whose absence notes are no replies to anybody.
 5. Staff, who may write as desks do; then the acknowledgements of other desks.
 6. What went to many; invitations without words; what our server calls spam.
One sign is enough where a standard or a product defines it. Wording decides only by two signs that don't come of one cause:
a machine taken for a person costs one needless answer, a person taken for a machine is not heard.
"""

from __future__ import annotations

from helpdesk.core.rules import bounces, calendars, desks, lists, origins, replies, reports
from helpdesk.core.rules.rule import Rule
from helpdesk.model.message import Kind

RULES: tuple[Rule, ...] = (
    Rule("own-loop-mark", Kind.OWN, origins.has_our_loop_mark, "our X-Loop header"),
    Rule("form-sender", Kind.PERSON, origins.is_form, "configured form senders"),
    Rule("challenge-response", Kind.AUTO_REPLY, desks.is_challenge, "Boxbe, Spam Arrest, Mailinblack, Bluebottle, TMDA"),
    Rule("disposition-notification", Kind.RECEIPT, reports.is_disposition, "RFC 8098 section 3"),
    Rule("delivery-receipt", Kind.RECEIPT, bounces.tells_success, "RFC 3464 section 2.3.3"),
    Rule("feedback-report", Kind.REPORT, reports.is_feedback, "RFC 5965 section 2"),
    Rule("tls-report", Kind.REPORT, reports.is_tls_report, "RFC 8460 section 5.3"),
    Rule("dmarc-aggregate", Kind.REPORT, reports.is_dmarc_aggregate, "RFC 7489 section 7.2.1.1"),
    Rule("authentication-failure-report", Kind.REPORT, reports.is_authentication_failure, "Exim, Netease"),
    Rule("complaint", Kind.REPORT, reports.is_complaint, "Hotmail, AOL feedback loops"),
    Rule("ses-report", Kind.REPORT, reports.is_ses_report, "Amazon SES through SNS"),
    Rule("delivery-status", Kind.BOUNCE, bounces.is_delivery_report, "RFC 3464 section 2"),
    Rule("broken-delivery-status", Kind.BOUNCE, bounces.is_broken_report, "RFC 3464, broken by gateways"),
    Rule("ses-bounce", Kind.BOUNCE, bounces.is_ses_bounce, "Amazon SES through SNS"),
    Rule("failed-recipients", Kind.BOUNCE, bounces.names_failed_recipients, "Exim, Gmail, Exchange"),
    Rule("daemon-failure", Kind.BOUNCE, bounces.is_from_daemon, "qmail, sendmail, Postfix, Exchange, Domino"),
    Rule("null-sender-failure", Kind.BOUNCE, bounces.has_null_sender, "RFC 5321 section 4.5.5"),
    Rule("worded-failure", Kind.BOUNCE, bounces.is_worded_as_failure, "InterScan, MDaemon, old gateways"),
    Rule("returned-mail", Kind.BOUNCE, bounces.returns_a_mail, "old Exim, sendmail"),
    Rule("worded-receipt", Kind.RECEIPT, reports.is_worded_receipt, "Outlook, Notes"),
    Rule("own-address", Kind.OWN, origins.is_from_us, "our own addresses"),
    Rule("auto-submitted", Kind.AUTO_REPLY, replies.is_auto_submitted, "RFC 3834 section 5"),
    Rule("precedence-auto-reply", Kind.AUTO_REPLY, replies.has_auto_reply_precedence, "Exim, cPanel"),
    Rule("responder-header", Kind.AUTO_REPLY, replies.has_responder_mark, "vacation, Gmail, OTRS, FirstClass"),
    Rule("responder-class", Kind.AUTO_REPLY, replies.has_responder_class, "PostMaster, Exchange"),
    Rule("tracker-notification", Kind.AUTO_REPLY, desks.is_tracker_notification, "GitHub, GitLab, Jira, Redmine, Bugzilla"),
    Rule("labelled-auto-reply", Kind.AUTO_REPLY, replies.is_labelled, "Exchange, Notes, GroupWise"),
    Rule("titled-absence", Kind.AUTO_REPLY, replies.is_titled, "webmail responders"),
    Rule("absence-answer", Kind.AUTO_REPLY, replies.is_absence_answer, "webmail responders"),
    Rule("null-sender-answer", Kind.AUTO_REPLY, replies.is_null_sender_answer, "RFC 3834 section 3.3"),
    Rule("staff", Kind.STAFF, origins.is_staff, "configured staff"),
    Rule("desk-acknowledgement", Kind.AUTO_REPLY, desks.is_desk_acknowledgement, "Zendesk, Freshdesk, RT, osTicket, Zammad"),
    Rule("worded-acknowledgement", Kind.AUTO_REPLY, desks.is_worded_acknowledgement, "desks without headers"),
    Rule("ticket-acknowledgement", Kind.AUTO_REPLY, desks.is_ticket_acknowledgement, "desks without headers"),
    Rule("list-header", Kind.BULK, lists.is_list_mail, "RFC 2919 section 3, RFC 2369 section 3"),
    Rule("bulk-precedence", Kind.BULK, lists.has_bulk_precedence, "RFC 2076 section 3.9"),
    Rule("campaign", Kind.BULK, lists.is_campaign, "RFC 8058, Mailchimp and its like"),
    Rule("bare-invitation", Kind.CALENDAR, calendars.is_bare_invitation, "RFC 6047 section 2.4"),
    Rule("spam-flag", Kind.SPAM, lists.is_flagged_spam, "SpamAssassin, rspamd"),
    Rule("junk-folder", Kind.SPAM, origins.lay_in_junk, "our server's own filter"),
)
