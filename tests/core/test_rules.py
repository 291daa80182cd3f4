"""Single rules, where one word changes the verdict: what a machine says, and what a person says in the same words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from helpdesk.core.classify import classify
from helpdesk.core.rules.evidence import Evidence
from helpdesk.core.rules.wording import phrases
from helpdesk.model.message import Address, Attachment, Headers, InboundMessage, Kind, Part
from helpdesk.model.policy import Ourselves

US = Ourselves(addresses=frozenset({"info@exithate.org"}), staff_addresses=frozenset({"robin@private.example.org"}))


def _message(
    subject: str, text: str, *fields: tuple[str, str], sender: str = "sam@example.com", reply: bool = False
) -> InboundMessage:
    """A message as parsed; `reply` gives it an In-Reply-To."""
    return InboundMessage(
        sender=Address("", sender),
        subject=subject,
        text=text,
        new_text=text,
        in_reply_to=("ours-1@exithate.org",) if reply else (),
        headers=Headers(fields),
        parts=(Part("text/plain", text),),
    )


def _rule(message: InboundMessage, *, junk: bool = False) -> str:
    return classify(message, b"", US, junk=junk).rule


def _kind(message: InboundMessage) -> Kind:
    return classify(message, b"", US).kind


@pytest.mark.parametrize(
    "value",
    ["auto-replied", "auto-generated (failure)", "Auto-Notified; owner-email=sam@example.org", "auto-generated", "yes"],
)
def test_any_value_of_auto_submitted_but_no_is_automatic(value: str) -> None:
    assert _rule(_message("Hello", "Hello", ("auto-submitted", value))) == "auto-submitted"


@pytest.mark.parametrize("value", ["no", "No", "no (a person)", "none", ""])
def test_auto_submitted_no_is_a_person(value: str) -> None:
    assert _kind(_message("Hello", "Hello", ("auto-submitted", value))) is Kind.PERSON


@pytest.mark.parametrize(
    "subject",
    [
        "Automatic reply: Your message",
        "Auto-Reply from Robin: Your message",
        "Out of Office AutoReply: Your message",
        "Ymateb awtomatig: Your message",
        "Allan o'r swyddfa: Your message",
        "Automatische Antwort: Your message",
        "Abwesenheitsnotiz: Your message",
        "Réponse automatique : Your message",
        "Respuesta automática: Your message",
        "Risposta automatica: Your message",
        "Automatisch antwoord: Your message",
        "Odpowiedź automatyczna: Your message",
        "Resposta automática: Your message",
        "Automatisk svar: Your message",
        "Autosvar: Your message",
        "Automaattinen vastaus: Your message",
        "Automatická odpověď: Your message",
        "Automatikus válasz: Your message",
        "Автоответ: Your message",
        "Otomatik yanıt: Your message",
        "رد تلقائي: Your message",
        "自動応答: Your message",
        "自动回复: Your message",
        "자동 회신: Your message",
    ],
)
def test_answer_that_is_labelled_automatic_is_one_in_many_languages(subject: str) -> None:
    assert _rule(_message(subject, "…", reply=True)) == "labelled-auto-reply"


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        pytest.param("Automatic reply: what is that?", "I got one from you. Does anybody read this?", id="asks about one"),
        pytest.param("Out of office bullying", "It goes on out of office, until late at night.", id="the title in a sentence"),
        pytest.param(
            "Vacation: my worry", "My son comes back from vacation with new friends, and I worry.", id="a word as a label"
        ),
        pytest.param("On holiday", "I am on holiday until Friday. Please contact me, I am afraid to return.", id="holiday"),
        pytest.param("Autonomy", "I want to decide for myself again.", id="a word that begins like a label"),
        pytest.param("Out of office", "What I tell you here is not for the people whom I work with. " * 30, id="long letter"),
    ],
)
def test_person_who_uses_the_words_of_a_responder_is_a_person(subject: str, text: str) -> None:
    assert _rule(_message(subject, text)) == "default"


def test_word_that_people_use_is_a_label_where_the_text_tells_of_an_absence_on_an_answer() -> None:
    text = "I am on holiday. Kim reads my mail."
    assert _rule(_message("Absence: Your message", text, reply=True)) == "labelled-auto-reply"
    assert _rule(_message("Absence: Your message", text)) == "default"
    assert _rule(_message("Absence: Your message", text, ("precedence", "normal"))) == "labelled-auto-reply"


def test_title_needs_a_text_that_says_so() -> None:
    away = "I am out of the office."
    assert _rule(_message("Out of office", away)) == "default"
    assert _rule(_message("Out of office", away, ("x-auto-response-suppress", "All"))) == "titled-absence"
    assert _rule(_message("Out of office", away + " I will return on Friday.")) == "titled-absence"
    assert _rule(_message("Out of office until Friday", away + " I will return on Friday.")) == "default"
    assert _rule(_message("Out of office until Friday", "This is an automatic reply.")) == "titled-absence"


@pytest.mark.parametrize(
    "text",
    [
        "I know this is an automatic reply, but I'm on holiday and can write now.",
        "Please do not reply to this address. I'm on holiday with my family.",
        "I am on holiday until Friday, please contact me then.",
    ],
)
def test_answer_of_a_person_on_holiday_is_a_person(text: str) -> None:
    assert _rule(_message("Re: Your message", text, reply=True)) == "default"


def test_long_answer_with_a_null_sender_is_a_person() -> None:
    text = "The colleague who knows this is on leave. "
    null = ("return-path", "<>")
    assert _rule(_message("Re: Your message", text, null, reply=True)) == "null-sender-answer"
    assert _rule(_message("Re: Your message", text * 30, null, reply=True)) == "default"


def test_absence_answer_needs_its_declaration_at_the_start_of_a_sentence() -> None:
    text = "I am on leave.\n* This is an automated message *"
    assert _rule(_message("Re: Your message", text)) == "absence-answer"
    assert _rule(_message("Your message", text)) == "default"
    assert _rule(_message("Re: Your message", "Thank you. " + text + " …" * 1_000, reply=True)) == "default"


@pytest.mark.parametrize("value", ["Autoresponder", "autoresponder"])
def test_mail_delivered_to_an_autoresponder_is_automatic(value: str) -> None:
    assert _rule(_message("Hello", "Hello", ("delivered-to", value))) == "responder-class"


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        pytest.param(
            "Re: Your message [EHT-1042]", "Thank you for your message. Please ask our team to call.", id="our own reference"
        ),
        pytest.param("Thank you for your email", "Thank you for your email. I will answer when I can.", id="polite"),
        pytest.param("A referral", "Thank you for your message. The case number is 2026117. May I call?", id="a professional"),
        pytest.param("Ticket received", "I got a ticket for sticking up posters. What now?", id="another kind of ticket"),
    ],
)
def test_person_who_uses_the_words_of_a_desk_is_a_person(subject: str, text: str) -> None:
    assert _rule(_message(subject, text, reply=True)) == "default"


@pytest.mark.parametrize(
    ("subject", "text", "rule"),
    [
        (
            "Hello",
            "We have received your email.\nThis is an automatic reply. Your ticket number is 20261.",
            "ticket-acknowledgement",
        ),
        ("Case 20261", "We have received your email. This is an automated message.", "ticket-acknowledgement"),
        ("Request received", "Your request has been received. Ticket #20261.", "worded-acknowledgement"),
        ("Request received", "Your request has been received.\nThis is an automated message.", "worded-acknowledgement"),
        ("Eingangsbestätigung", "Vielen Dank für Ihre Anfrage. Wir antworten schnellstmöglich.", "worded-acknowledgement"),
    ],
)
def test_acknowledgement_of_a_desk_is_known_without_its_headers(subject: str, text: str, rule: str) -> None:
    assert _rule(_message(subject, text)) == rule


def test_what_staff_of_a_desk_write_by_hand_is_a_person() -> None:
    fields = ("x-zendesk-from-account-id", "1")
    assert _rule(_message("Re: A family", "I spoke to them today. May I give them your number?", fields)) == "default"
    assert _rule(_message("Ticket received", "We have received your email.", fields)) == "desk-acknowledgement"


def test_guards_name_without_its_question_is_a_person() -> None:
    assert _rule(_message("My settings", "I use Boxbe. I hope that I get your answer.")) == "default"


@pytest.mark.parametrize(
    ("sender", "name", "rule"),
    [
        ("mailer-daemon@example.com", "", "daemon-failure"),
        ("MAILER-DAEMON", "", "daemon-failure"),
        ("post_master@example.com", "", "daemon-failure"),
        ("robot@example.com", "Mail Delivery System", "daemon-failure"),
        ("sam@example.com", "Sam", "default"),
    ],
)
def test_failure_in_the_text_counts_from_a_mail_system(sender: str, name: str, rule: str) -> None:
    message = _message("A message", "User unknown: kim@example.com")
    assert _rule(replace(message, sender=Address(name, sender))) == rule


def test_mail_system_that_speaks_of_no_failure_is_no_bounce() -> None:
    assert _rule(_message("Quarantine summary", "You have no new messages.", sender="postmaster@example.com")) == "default"


@pytest.mark.parametrize(
    "subject",
    [
        "Undeliverable: Your message",
        "Mail delivery failed: returning message to sender",
        "Warning: message has not yet been delivered",
        "Unzustellbar: Your message",
        "Non remis : Your message",
        "No se puede entregar: Your message",
        "Non recapitabile: Your message",
        "Onbestelbaar: Your message",
        "Niedostarczone: Your message",
        "Kan ikke leveres: Your message",
        "Olevererbart: Your message",
        "Ei voitu toimittaa: Your message",
        "Nedoručitelné: Your message",
        "Kézbesíthetetlen: Your message",
        "Недоставленное сообщение",
        "Teslim edilemedi: Your message",
        "تعذر التسليم: Your message",
        "配信不能: Your message",
        "退信通知",
    ],
)
def test_failure_subject_with_a_null_sender_is_a_bounce_in_many_languages(subject: str) -> None:
    assert _rule(_message(subject, "sam@example.com", ("return-path", "<>"))) == "null-sender-failure"


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Re: Undelivered Mail", "This is the mail system at host mx.example.com.\n<kim@example.com>: 550 5.1.1 unknown"),
        ("Message not delivered", "The message to you could not be delivered yesterday. It said 550 5.1.1 unknown user."),
        ("Message not delivered", "My message could not be delivered.\n- Original message -\nReceived: from phone"),
        (
            "Message not delivered",
            "What happened here? " + "Somebody must know. " * 40 + "It could not be delivered. Received: from phone",
        ),
        ("Message not delivered", "It said nothing else. What now?"),
    ],
)
def test_person_who_writes_about_a_bounce_is_a_person(subject: str, text: str) -> None:
    assert _rule(_message(subject, text)) == "default"


def test_failure_by_wording_needs_the_returned_mail_or_an_opening_with_an_address() -> None:
    opening = "The following message could not be delivered."
    assert _rule(_message("Delivery failure", opening)) == "default"
    assert _rule(_message("Delivery failure", opening + " kim@example.com")) == "worded-failure"
    assert _rule(_message("Delivery failure", opening + " Message removed")) == "worded-failure"
    assert _rule(_message("Delivery failure", "Delivery failed.\n- Original message -")) == "worded-failure"


def test_delivery_report_part_counts_from_a_machine_or_from_nobody() -> None:
    status = Part("message/delivery-status", "Final-Recipient: rfc822; kim@example.com\nAction: failed")
    message = replace(_message("Fwd: a failure", "Look at this."), content_type="multipart/mixed", parts=(status,))
    assert _rule(message) == "default"
    assert _rule(replace(message, sender=None)) == "broken-delivery-status"
    assert _rule(replace(message, content_type="multipart/report")) == "broken-delivery-status"
    assert _rule(replace(message, subject="Undelivered Mail")) == "broken-delivery-status"
    assert _rule(replace(message, headers=Headers((("return-path", "<>"),)))) == "broken-delivery-status"
    assert _rule(replace(message, sender=Address("", "mailer-daemon@example.com"))) == "broken-delivery-status"


def test_report_that_failed_for_one_recipient_is_no_receipt() -> None:
    status = Part("message/delivery-status", "Action: delivered\n\nAction: failed\nFinal-Recipient: rfc822; kim@example.com")
    message = _message("Report", "…", ("content-type", 'Multipart/Report; report-type="delivery-status"; boundary=b'))
    assert _rule(replace(message, parts=(status,))) == "delivery-status"


def test_sns_notification_of_another_kind_is_no_bounce() -> None:
    message = _message("AWS Notification", '{"notificationType": "Received"}', ("x-amz-sns-message-id", "1"))
    assert _rule(message) == "default"


def test_dmarc_report_is_known_by_the_name_of_its_file() -> None:
    attachment = Attachment("google.com!exithate.org!1793577600!1793664000.zip", "application/zip", 1)
    assert _rule(replace(_message("Report", "…"), attachments=(attachment,))) == "dmarc-aggregate"
    assert _rule(replace(_message("Report", "…"), attachments=(replace(attachment, name="report.zip"),))) == "default"


def test_read_receipt_needs_subject_and_text() -> None:
    assert _rule(_message("Read: Your message", "Your message was read on Monday.")) == "worded-receipt"
    assert _rule(_message("Read: Your message", "Did you?")) == "default"
    assert _rule(_message("Your message", "It was read on Monday.")) == "default"


def test_complaint_and_failure_report_need_two_signs() -> None:
    assert _rule(_message("Complaint about message from 192.0.2.1", "Please stop.")) == "default"
    assert _rule(_message("DKIM failure report", "I don't know what that is.")) == "default"


def test_list_header_of_somebody_elses_list_is_bulk() -> None:
    fields = (("list-id", "<members.example.org>"), ("x-beenthere", "members@example.org"))
    assert _rule(_message("Minutes", "Online.", *fields)) == "list-header"


def test_list_id_alone_can_name_our_own_group() -> None:
    assert _rule(_message("Hello", "Hello.", ("list-id", "Info <info.exithate.org>"), ("precedence", "bulk"))) == "default"


def test_campaign_needs_more_than_a_list_unsubscribe() -> None:
    unsubscribe = ("list-unsubscribe", "<https://example.org/u>")
    assert _rule(_message("News", "Socks.", unsubscribe)) == "default"
    assert _rule(_message("News", "Socks. Unsubscribe here.", unsubscribe)) == "campaign"
    assert _rule(_message("News", "Socks.", unsubscribe, ("x-campaign-id", "1"))) == "campaign"
    assert _rule(_message("News", "Socks. Unsubscribe here.", unsubscribe, sender="sam@gmail.com")) == "default"


def test_staff_member_who_is_away_is_an_auto_reply_and_else_staff() -> None:
    away = _message("Automatic reply: A message is waiting", "Back on Friday.", sender="robin@private.example.org", reply=True)
    assert _rule(away) == "labelled-auto-reply"
    assert _rule(replace(away, subject="Re: A message is waiting")) == "staff"


def test_mail_in_junk_is_spam_unless_a_rule_knows_better() -> None:
    assert _rule(_message("Hello", "Hello"), junk=True) == "junk-folder"
    assert _rule(_message("Hello", "Hello", sender="robin@private.example.org"), junk=True) == "staff"
    assert _rule(_message("Minutes", "Online.", ("precedence", "list")), junk=True) == "bulk-precedence"


@pytest.mark.parametrize(
    ("lines", "kind"),
    [
        pytest.param(("When: Monday 10:00", "Join Zoom Meeting", "https://example.org/j/1"), Kind.CALENDAR, id="Zoom"),
        pytest.param(
            ("____________", "Microsoft Teams Need help?", "Meeting ID: 123 456", "Passcode: x1"), Kind.CALENDAR, id="Teams"
        ),
        pytest.param(("Robin Example has accepted this invitation.",), Kind.CALENDAR, id="accepted"),
        pytest.param(("Need help? I do.",), Kind.PERSON, id="asks for help"),
        pytest.param(("Monday was the day when I left.",), Kind.PERSON, id="a weekday"),
        pytest.param(("Yes, that suits me.",), Kind.PERSON, id="an answer"),
    ],
)
def test_invitation_with_a_line_of_a_person_is_a_person(lines: tuple[str, ...], kind: Kind) -> None:
    calendar = Part("text/calendar", "BEGIN:VEVENT\nSUMMARY:A first\n  talk\nDESCRIPTION:\\n\nEND:VEVENT")
    message = _message("A first talk", "\n".join(lines))
    assert _kind(replace(message, parts=(*message.parts, calendar))) is kind


def test_long_text_is_read_only_at_its_beginning() -> None:
    message = _message("Hello", "a " * 5_000 + "This is an automatic reply.")
    assert len(Evidence(message, US).head) <= 1_000
    assert len(Evidence(message, US).body) <= 8_000


def test_text_of_a_broken_mail_is_that_of_its_first_part() -> None:
    message = InboundMessage(parts=(Part("text/plain", " "), Part("text/plain", "Hello  there")))
    assert Evidence(message, US).body == "hello there"
    assert Evidence(InboundMessage(), US).head_lines == ""


def test_table_of_phrases_is_read_line_by_line_without_its_languages() -> None:
    assert phrases("[en] Two words | one\n\n[cy]  un | one ") == ("two words", "one", "un")
