"""Somebody answers from the mailbox itself, in webmail: seen in a real folder of sent mail."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from helpdesk.clock import SystemClock
from helpdesk.model.policy import StartMode
from helpdesk.upkeep import examine
from tests.e2e.conftest import STAFF_ADDRESSES, Place
from tests.fakes import FixedClock, make_mail

SAM = "sam@example.org"


def answer_in_webmail(place: Place) -> None:
    raw = make_mail(
        "Exit Hate <info@exithate.org>",
        "Re: Hello",
        "Dear Sam,\nThursday is fine.\n\nOn Monday, Sam wrote:\n> I would like to talk to somebody.\n",
        message_id="<webmail1@exithate.org>",
        to=f"Sam <{SAM}>",
        In_Reply_To="<one@example.org>",
    )
    place.dovecot.append_all(place.user, [raw], received_at=datetime.now(UTC), folder="Sent")


def test_answer_from_webmail_is_put_on_the_ticket_and_ends_its_reminders(place: Place) -> None:
    place.dovecot.append_all(place.user, [make_mail(f"Sam <{SAM}>")])
    with place.dovecot.client(place.user, "Sent"):
        pass
    place.work(StartMode.ALL)
    (assignee,) = [address for address in STAFF_ADDRESSES if place.mails_to(address)]
    answer_in_webmail(place)
    place.work()
    assert "from our mailbox itself" in " ".join(place.mails_to(assignee)[-1].as_string().split())
    mails = len(place.sink.caught)
    with place.application(FixedClock(SystemClock().now() + timedelta(days=7))) as application:
        application.run_once()
        with application.store.reading() as uow:
            ticket = uow.tickets.by_number(1001)
            assert ticket is not None
            written = [each.new_text.strip() for each in uow.messages.of_ticket(ticket.id)]
    assert ticket.state == "pending"
    assert written == ["I would like to talk to somebody.", "Dear Sam,\nThursday is fine."]
    assert len(place.sink.caught) == mails


def test_person_who_was_answered_while_the_worker_was_away_gets_no_acknowledgement(place: Place) -> None:
    with place.dovecot.client(place.user, "Sent"):
        pass
    place.work(StartMode.ALL)
    place.dovecot.append_all(place.user, [make_mail(f"Sam <{SAM}>")])
    answer_in_webmail(place)
    place.work()
    assert place.mails_to(SAM) == []
    (assignee,) = [address for address in STAFF_ADDRESSES if place.mails_to(address)]
    assert any("a person has answered it already" in " ".join(mail.as_string().split()) for mail in place.mails_to(assignee))


def test_what_is_sent_from_the_mailbox_is_nobody_s_business_where_that_is_said(place: Place) -> None:
    place.more["HELPDESK_STAFF_MAIL__READ_SENT"] = "false"
    place.dovecot.append_all(place.user, [make_mail(f"Sam <{SAM}>")])
    with place.dovecot.client(place.user, "Sent"):
        pass
    place.work(StartMode.ALL)
    answer_in_webmail(place)
    place.work()
    with place.application() as application, application.store.reading() as uow:
        ticket = uow.tickets.by_number(1001)
    assert ticket is not None
    assert ticket.state == "new"


def test_doctor_names_a_folder_of_sent_mail_that_is_not_there(place: Place) -> None:
    place.more["HELPDESK_STAFF_MAIL__SENT_FOLDER"] = "Posted"
    place.work(StartMode.ALL)
    findings = {each.about: each for each in examine(place.directory, place.environment).findings}
    assert 'no folder "Posted"' in findings["sent mail"].remedy
