"""A staff member answers by mail: a real mailbox, a real SMTP server, and a copy in the folder of sent mail."""

from __future__ import annotations

from datetime import timedelta

from helpdesk.clock import SystemClock
from helpdesk.model.policy import StartMode
from tests.e2e.conftest import STAFF_ADDRESSES, Place
from tests.fakes import FixedClock, make_mail

SAM = "sam@example.org"


def test_answer_by_mail_reaches_the_person_and_the_folder_of_sent_mail(place: Place) -> None:
    place.more["HELPDESK_STAFF_MAIL__REPLY_DELAY_MINUTES"] = "0"
    place.dovecot.append_all(place.user, [make_mail(f"Sam <{SAM}>")])
    with place.dovecot.client(place.user, "Sent"):
        pass
    place.work(StartMode.ALL)
    (author,) = [address for address in STAFF_ADDRESSES if place.mails_to(address)]
    (notice,) = place.mails_to(author)
    reply = make_mail(
        f"Rosalind Fairweather <{author}>",
        subject=f"Re: {notice['Subject']}",
        body=f"Hello Sam,\nThursday would be good.\n\nOn Monday, Mike <info@exithate.org> wrote:\n> {notice['Subject']}\n",
        message_id="<answer@staff.example>",
        In_Reply_To=str(notice["Message-ID"]),
    )
    place.dovecot.append_all(place.user, [reply])
    place.work()
    (answer,) = [mail for mail in place.mails_to(SAM) if mail["Subject"] == "Re: Your message"]
    body = answer.get_body(("plain",))
    assert body is not None
    assert "Thursday would be good." in body.get_content()
    assert not [word for word in ("Rosalind", "staff.example", author) if word in answer.as_string()]
    assert "this goes to the person who wrote" in place.mails_to(author)[-1].as_string()

    with place.application(FixedClock(SystemClock().now() + timedelta(minutes=3))) as application:
        application.copier.look()
    with place.dovecot.client(place.user, "Sent") as client:
        client.select_folder("Sent", readonly=True)
        (uid,) = client.search("ALL")
        copy = client.fetch([uid], ["BODY.PEEK[]"])[uid][b"BODY[]"]
    assert copy == next(each.content for each in place.sink.caught if SAM in each.recipients and b"Thursday" in each.content)
