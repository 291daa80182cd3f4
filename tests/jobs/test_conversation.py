"""Follow-ups, machines and staff on the way through the desk."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from helpdesk.errors import NotFound
from helpdesk.model.delivery import Attempt, DeliveryState, Outcome, Purpose
from helpdesk.model.policy import FolderPolicy, Ourselves, TicketPolicy
from helpdesk.model.ticket import TicketState
from tests.fakes import make_mail
from tests.jobs.conftest import DANA, MIKE, Office, make_desk, make_office
from tests.jobs.test_loops import text_of

BOUNCE = b"""From: Mail Delivery System <MAILER-DAEMON@mx.example.org>\r
To: info@exithate.org\r
Subject: Undelivered Mail Returned to Sender\r
Message-ID: <bounce@mx.example.org>\r
Date: Mon, 02 Nov 2026 11:01:00 +0000\r
Auto-Submitted: auto-replied\r
MIME-Version: 1.0\r
Content-Type: multipart/report; report-type=delivery-status; boundary=b\r
\r
--b\r
Content-Type: text/plain\r
\r
This is the mail system. Your message could not be delivered.\r
--b\r
Content-Type: message/delivery-status\r
\r
Reporting-MTA: dns; mx.example.org\r
\r
Final-Recipient: rfc822; sam@example.org\r
Action: failed\r
Status: 5.1.1\r
\r
--b\r
Content-Type: text/rfc822-headers\r
\r
Message-ID: <OURS>\r
Subject: Your message\r
\r
--b--\r
"""


def purposes(office: Office, recipient: str) -> list[Purpose]:
    return [delivery.purpose for delivery in office.transport.to(recipient)]


def ours(office: Office) -> str:
    return office.transport.to("sam@example.org")[0].message_id


def test_second_mail_on_an_unanswered_ticket_is_acknowledged_once_more_then_quiet(office: Office) -> None:
    office.start()
    for number in range(4):
        office.work(make_mail(message_id=f"<{number}@example.org>", body=f"It is me, {number}.\n"))
        office.clock.advance(minutes=5)
    assert purposes(office, "sam@example.org") == [Purpose.ACKNOWLEDGEMENT, Purpose.ACKNOWLEDGEMENT_AGAIN]
    assert len(office.tickets()) == 1
    assert office.ticket_events(1001).count("follow_up") == 3


def test_reply_to_our_acknowledgement_joins_its_ticket(office: Office) -> None:
    office.start()
    office.work(make_mail())
    office.clock.advance(days=2)
    office.work(make_mail(message_id="<two@example.org>", subject="Anything", body="More.\n", In_Reply_To=f"<{ours(office)}>"))
    assert len(office.tickets()) == 1
    (ticket,) = office.tickets()
    assignee = MIKE if ticket.assignee == "mike" else DANA
    assert purposes(office, assignee.email) == [Purpose.STAFF_ASSIGNED, Purpose.STAFF_MESSAGE]


def test_reply_from_another_address_joins_and_never_changes_where_answers_go(office: Office) -> None:
    office.start()
    office.work(make_mail())
    office.work(
        make_mail(sender="sam.new@example.com", message_id="<two@example.com>", body="New.\n", In_Reply_To=f"<{ours(office)}>")
    )
    (ticket,) = office.tickets()
    assert ticket.requester_address == "sam@example.org"
    assert purposes(office, "sam.new@example.com") == [Purpose.ACKNOWLEDGEMENT]


def test_answers_go_to_from_and_never_to_reply_to(office: Office) -> None:
    office.start()
    office.work(make_mail(Reply_To="elsewhere@example.com", Cc="friend@example.com"))
    assert office.transport.to("elsewhere@example.com") == []
    assert office.transport.to("friend@example.com") == []
    assert len(office.transport.to("sam@example.org")) == 1


def test_contact_form_speaks_for_the_person_in_reply_to(tmp_path: Path) -> None:
    us = Ourselves(addresses=frozenset({"info@exithate.org"}), form_senders=frozenset({"form@exithate.com"}))
    office = make_office(tmp_path, make_desk(ourselves=us))
    with closing(office.store):
        office.start()
        office.work(make_mail(sender="form@exithate.com", Reply_To="Sam <sam@example.org>"))
        assert purposes(office, "sam@example.org") == [Purpose.ACKNOWLEDGEMENT]
        assert office.tickets()[0].requester_address == "sam@example.org"


def test_subject_reference_joins_only_for_those_on_the_ticket(tmp_path: Path) -> None:
    office = make_office(tmp_path, make_desk(tickets=TicketPolicy(subject_reference=True)))
    with closing(office.store):
        office.start()
        office.work(make_mail())
        office.clock.advance(days=3)
        office.work(make_mail(subject="[EHT-1001] more", message_id="<two@example.org>", body="more\n"))
        office.work(make_mail(sender="kim@example.org", subject="[EHT-1001]", message_id="<three@example.org>"))
        assert [ticket.requester_address for ticket in office.tickets()] == ["sam@example.org", "kim@example.org"]


def test_bounce_of_our_mail_shows_on_its_ticket_and_is_not_answered(office: Office) -> None:
    office.start()
    office.work(make_mail())
    office.work(BOUNCE.replace(b"OURS", ours(office).encode()))
    assert office.ticket_events(1001)[-1] == "undeliverable"
    (ticket,) = office.tickets()
    assignee = MIKE if ticket.assignee == "mike" else DANA
    assert purposes(office, assignee.email) == [Purpose.STAFF_ASSIGNED, Purpose.ADMIN_ALERT]
    office.work(make_mail(message_id="<again@example.org>", body="Is anybody there?\n"))
    assert len(office.transport.to("sam@example.org")) == 1
    assert len(office.tickets()) == 1
    assert purposes(office, "MAILER-DAEMON@mx.example.org") == []


def test_a_bounce_that_names_no_mail_of_ours_silences_nobody(office: Office) -> None:
    office.start()
    office.work(make_mail())
    # Whoever has seen the person's own mail knows its Message-ID.
    forged = BOUNCE.replace(b"Auto-Submitted", b"In-Reply-To: <one@example.org>\r\nAuto-Submitted").replace(b"OURS", b"x@y")
    office.work(forged)
    assert office.ticket_events(1001)[-1] == "undeliverable"
    assert [each.purpose for each in office.transport.sent].count(Purpose.ADMIN_ALERT) == 0
    office.work(make_mail(message_id="<two@example.org>", body="Is anybody there?\n"))
    assert len(office.transport.to("sam@example.org")) == 2


def test_a_bounce_without_the_returned_mail_is_known_by_the_address_that_it_comes_to(tmp_path: Path) -> None:
    desk = make_desk()
    desk = replace(desk, letters=replace(desk.letters, sender=replace(desk.letters.sender, plus_addressing=True)))
    office = make_office(tmp_path, desk)
    with closing(office.store):
        office.start()
        office.work(make_mail())
        envelope = office.transport.to("sam@example.org")[0].envelope_sender
        assert envelope.startswith("info+")
        bare = BOUNCE.replace(b"Message-ID: <OURS>\r\n", b"").replace(b"To: info@exithate.org", b"To: " + envelope.encode())
        office.work(bare)
        assert office.ticket_events(1001)[-1] == "undeliverable"
        with office.store.reading() as uow:
            assert uow.people.unreachable_since("sam@example.org") is not None
            (ticket,) = uow.tickets.of_requester("sam@example.org")
            assert uow.tickets.events(ticket.id)[-1].why == (
                "could not be delivered to sam@example.org: there is no such mailbox (5.1.1)"
            )


def test_mail_that_waits_for_an_address_that_is_gone_is_held(office: Office) -> None:
    office.start()
    office.work(make_mail())
    office.transport.answers = [Attempt(Outcome.TRANSIENT, 451, "later")]
    office.work(make_mail(message_id="<two@example.org>", body="It is me again.\n"))
    office.work(BOUNCE.replace(b"OURS", ours(office).encode()))
    with office.store.reading() as uow:
        held = uow.outbox.list((DeliveryState.HELD,), 10)
    assert [row.purpose for row in held] == [Purpose.ACKNOWLEDGEMENT_AGAIN]


def test_a_delay_stops_nothing_and_disturbs_nobody(office: Office) -> None:
    office.start()
    office.work(make_mail())
    delay = BOUNCE.replace(b"Action: failed\r\nStatus: 5.1.1", b"Action: delayed\r\nStatus: 4.4.1")
    office.work(delay.replace(b"OURS", ours(office).encode()))
    assert office.ticket_events(1001)[-1] == "delivery_delayed"
    assert [each.purpose for each in office.transport.sent].count(Purpose.ADMIN_ALERT) == 0
    office.work(make_mail(message_id="<again@example.org>", body="Is anybody there?\n"))
    assert len(office.transport.to("sam@example.org")) == 2


@pytest.mark.parametrize("assigned", [True, False], ids=["assignee", "lead"])
def test_mail_that_was_given_up_on_is_told_and_its_address_is_not_stopped(office: Office, assigned: bool) -> None:
    office.start()
    office.work(make_mail())
    (ticket,) = office.tickets()
    told = DANA if assigned else MIKE
    with office.store.writing() as uow:
        uow.tickets.save(replace(ticket, assignee=told.id if assigned else None))
        uow.commit()
    lost = BOUNCE.replace(b"Status: 5.1.1", b"Status: 4.2.2").replace(b"OURS", ours(office).encode())
    office.work(lost)
    with office.store.reading() as uow:
        (event,) = [each for each in uow.tickets.events(ticket.id) if each.kind.value == "undeliverable"]
        assert uow.people.unreachable_since("sam@example.org") is None
    assert event.why == "could not be delivered to sam@example.org: the mailbox is full (4.2.2)"
    (alert,) = [each for each in office.transport.sent if each.purpose is Purpose.ADMIN_ALERT]
    assert alert.recipient == told.email
    text = " ".join(text_of(alert).split())
    assert "did not arrive: the mailbox is full (4.2.2)." in text
    assert "Write to them again" in text
    assert "sam@example.org" not in text
    # The mailbox was emptied: they write again, and are answered.
    office.work(make_mail(message_id="<again@example.org>", body="Is anybody there?\n"))
    assert purposes(office, "sam@example.org") == [Purpose.ACKNOWLEDGEMENT, Purpose.ACKNOWLEDGEMENT_AGAIN]


def test_a_bounce_for_two_addresses_stops_the_dead_one_alone(office: Office) -> None:
    office.start()
    office.work(make_mail())
    first = ours(office)
    office.work(make_mail("sam.new@example.com", message_id="<new@example.com>", body="New.\n", In_Reply_To=f"<{first}>"))
    full = b"Status: 5.1.1\r\n\r\nFinal-Recipient: rfc822; sam.new@example.com\r\nAction: failed\r\nStatus: 4.2.2"
    office.work(BOUNCE.replace(b"Status: 5.1.1", full).replace(b"OURS", first.encode()))
    with office.store.reading() as uow:
        assert uow.people.unreachable_since("sam@example.org") is not None
        assert uow.people.unreachable_since("sam.new@example.com") is None
        (ticket,) = uow.tickets.of_requester("sam@example.org")
        (event,) = [each for each in uow.tickets.events(ticket.id) if each.kind.value == "undeliverable"]
    assert event.why == (
        "could not be delivered to sam@example.org: there is no such mailbox (5.1.1); "
        "could not be delivered to sam.new@example.com: the mailbox is full (4.2.2)"
    )


def test_machine_mail_is_kept_and_a_person_can_say_that_it_was_one(office: Office) -> None:
    office.start()
    office.work(make_mail(Auto_Submitted="auto-replied"))
    assert office.tickets() == []
    assert office.transport.sent == []
    with office.store.reading() as uow:
        (mail,) = uow.messages.machine_mail(10)
    ticket, answer = office.actions.treat_as_person(mail.id)
    assert answer.purpose is Purpose.ACKNOWLEDGEMENT
    assert office.ticket_events(ticket.number)[-1] == "overruled"
    office.deliverer.deliver_due()
    assert ticket.requester_address == "sam@example.org"
    assert purposes(office, "sam@example.org") == [Purpose.ACKNOWLEDGEMENT]
    with office.store.reading() as uow:
        assert uow.messages.machine_mail(10) == []
    with pytest.raises(NotFound, match="not machine mail"):
        office.actions.treat_as_person(mail.id)


@pytest.mark.parametrize("action", ["treat_as_person", "retry_quarantined", "dismiss_quarantined"])
def test_a_message_that_is_not_there_is_told_kindly(office: Office, action: str) -> None:
    with pytest.raises(NotFound, match="Nothing was changed"):
        getattr(office.actions, action)("missing")


def test_nobody_free_leaves_the_ticket_unassigned_and_tells_the_lead(tmp_path: Path) -> None:
    office = make_office(tmp_path, make_desk(staff=(MIKE,)))
    with closing(office.store):
        office.start()
        for number in range(21):
            office.work(make_mail(sender=f"p{number}@example.org", message_id=f"<{number}@example.org>", body=f"{number}\n"))
        assert len(office.tickets()) == 21
        assert len(office.transport.to(MIKE.email)) == 21


def test_sender_that_our_server_did_not_prove_waits_for_a_person(tmp_path: Path) -> None:
    us = Ourselves(addresses=frozenset({"info@exithate.org"}), trusted_authserv="mx.exithate.org")
    office = make_office(tmp_path, make_desk(ourselves=us))
    with closing(office.store):
        office.start()
        office.work(make_mail(Authentication_Results="mx.exithate.org; dmarc=fail (p=reject) header.from=example.org"))
        assert office.transport.to("sam@example.org") == []
        assert len(office.tickets()) == 1


def test_a_person_in_the_junk_folder_can_be_rescued(tmp_path: Path) -> None:
    office = make_office(tmp_path, policy=FolderPolicy("Junk", junk=True))
    with closing(office.store):
        office.start()
        office.work(make_mail())
        with office.store.reading() as uow:
            (mail,) = uow.messages.machine_mail(10)
        ticket, answer = office.actions.treat_as_person(mail.id)
        office.deliverer.deliver_due()
        assert answer.purpose is Purpose.ACKNOWLEDGEMENT
        assert office.tickets() == [ticket]
        assert not ticket.spam
        assert ticket.assignee is not None
        assert purposes(office, "sam@example.org") == [Purpose.ACKNOWLEDGEMENT]
        assert len(office.transport.sent) == 2


def test_the_same_words_of_people_at_one_provider_hold_nothing(office: Office) -> None:
    office.start()
    for n in range(13):
        office.work(make_mail(f"p{n}@gmail.com", body="Please help.\n", message_id=f"<{n}@gmail.com>"))
        office.work(make_mail(f"p{n}@council.example", body="\n", message_id=f"<{n}@council.example>"))
    acknowledged = [each for each in office.transport.sent if each.purpose is Purpose.ACKNOWLEDGEMENT]
    assert len(acknowledged) == 26


def test_contact_form_that_names_nobody_answers_nobody_and_mixes_nobody_up(tmp_path: Path) -> None:
    us = Ourselves(addresses=frozenset({"info@exithate.org"}), form_senders=frozenset({"form@exithate.com"}))
    office = make_office(tmp_path, make_desk(ourselves=us))
    with closing(office.store):
        office.start()
        office.work(make_mail("form@exithate.com", body="One.\n"))
        office.work(make_mail("form@exithate.com", body="Two.\n", message_id="<two@exithate.com>"))
        office.work(
            make_mail("form@exithate.com", body="3.\n", message_id="<three@exithate.com>", Reply_To="info@exithate.org")
        )
        assert len(office.tickets()) == 3
        assert {each.purpose for each in office.transport.sent} == {Purpose.STAFF_ASSIGNED}


def test_ticket_that_nobody_may_have_is_told_of_without_its_content(tmp_path: Path) -> None:
    staff = tuple(replace(member, excludes=("sam@example.org",)) for member in (MIKE, DANA))
    office = make_office(tmp_path, make_desk(staff=staff))
    with closing(office.store):
        office.start()
        office.work(make_mail())
        alerts = [each for each in office.transport.sent if each.recipient in (MIKE.email, DANA.email)]
        assert {each.purpose for each in alerts} == {Purpose.ADMIN_ALERT}
        assert len(alerts) == 2
        assert not any(b"talk to somebody" in each.content or b"sam@" in each.content for each in alerts)


def test_a_ticket_is_closed_opened_again_and_given_by_hand(office: Office) -> None:
    office.start()
    office.work(make_mail())
    assert office.actions.close(1001).state is TicketState.CLOSED
    assert office.actions.reopen(1001).state is TicketState.NEW
    with pytest.raises(NotFound, match="not closed"):
        office.actions.reopen(1001)
    other = DANA if office.tickets()[0].assignee == "mike" else MIKE
    office.actions.assign(1001, other.id)
    office.deliverer.deliver_due()
    assert office.tickets()[0].assignee == other.id
    assert purposes(office, other.email) == [Purpose.STAFF_ASSIGNED]
    assert office.ticket_events(1001)[-3:] == ["closed", "reopened", "assigned"]
    for act in (office.actions.close, office.actions.reopen):
        with pytest.raises(NotFound, match="EHT-1002"):
            act(1002)


def test_a_message_to_a_closed_ticket_opens_it_again_and_is_acknowledged(office: Office) -> None:
    office.start()
    office.work(make_mail())
    office.actions.close(1001)
    office.clock.advance(days=3)
    office.work(make_mail(message_id="<two@example.org>", body="Again.\n", In_Reply_To=f"<{ours(office)}>"))
    assert office.tickets()[0].state is TicketState.NEW
    assert purposes(office, "sam@example.org") == [Purpose.ACKNOWLEDGEMENT] * 2
    assert "reopened" in office.ticket_events(1001)


def test_whom_a_ticket_is_kept_from_is_not_given_it_by_hand_either(tmp_path: Path) -> None:
    staff = (MIKE, replace(DANA, excludes=("@example.org",)))
    office = make_office(tmp_path, make_desk(staff=staff))
    with closing(office.store):
        office.start()
        office.work(make_mail())
        with pytest.raises(NotFound, match="must not have"):
            office.actions.assign(1001, "dana")
        with pytest.raises(NotFound, match="nobody-we-know"):
            office.actions.assign(1001, "nobody-we-know")


def test_a_flood_of_follow_ups_does_not_fill_a_private_inbox(office: Office) -> None:
    office.start()
    for number in range(30):
        office.work(make_mail(message_id=f"<{number}@example.org>", body=f"Me again, {number}.\n"))
    (ticket,) = office.tickets()
    assignee = MIKE if ticket.assignee == "mike" else DANA
    assert purposes(office, assignee.email).count(Purpose.STAFF_MESSAGE) == 20
    assert office.ticket_events(1001).count("follow_up") == 29
