"""Our answers set against other machines that answer everything, with every header stripped that could tell them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from email import message_from_bytes
from email.policy import default

import pytest

from helpdesk.model.delivery import Delivery
from tests.fakes import make_mail
from tests.jobs.conftest import DANA, MIKE, Office

ROUNDS = 12
MOST_OF_OURS = 3


def subject_of(delivery: Delivery) -> str:
    return str(message_from_bytes(delivery.content, policy=default)["Subject"])


def text_of(delivery: Delivery) -> str:
    part = message_from_bytes(delivery.content, policy=default).get_body(("plain",))  # type: ignore[attr-defined]
    return str(part.get_content())


# Each machine gives its answer to one of our mails: who it says it is, the subject, the text.
Machine = Callable[[int, Delivery], tuple[str, str, str]]


def desk(number: int, ours: Delivery) -> tuple[str, str, str]:
    return "support@desk.example", f"[#{8000 + number}] Re: {subject_of(ours)}", f"We got your request {8000 + number}.\n"


def desk_with_its_own_subject(number: int, ours: Delivery) -> tuple[str, str, str]:
    return "support@desk.example", "We have heard you", "We will be with you as soon as we can be.\n"


def absence_from_changing_addresses(number: int, ours: Delivery) -> tuple[str, str, str]:
    return f"box{number}@away.example", f"Re: {subject_of(ours)}", "I am walking in the hills until Monday.\n"


def counting_absence_from_changing_addresses(number: int, ours: Delivery) -> tuple[str, str, str]:
    return f"box{number}@away.example", "Away", f"I am away. You are number {number} in the line.\n"


def list_that_sends_everything_back(number: int, ours: Delivery) -> tuple[str, str, str]:
    return "all@list.example", subject_of(ours), text_of(ours)


def forwarder(number: int, ours: Delivery) -> tuple[str, str, str]:
    return "sam@example.org", f"Fwd: {subject_of(ours)}", f"---------- Forwarded message ---------\n\n{text_of(ours)}"


@pytest.mark.parametrize(
    "machine",
    [
        desk,
        desk_with_its_own_subject,
        absence_from_changing_addresses,
        counting_absence_from_changing_addresses,
        list_that_sends_everything_back,
        forwarder,
    ],
    ids=lambda machine: machine.__name__,
)
def test_the_exchange_ends_after_three_of_our_mails(office: Office, machine: Machine) -> None:
    office.start()
    ours = rounds(office, machine)
    assert len(ours) <= MOST_OF_OURS
    assert ours, "the first mail of a person was not answered"


def rounds(office: Office, machine: Machine) -> list[Delivery]:
    """Let the machine answer each of our mails, for some rounds, a minute apart; gives what we sent it."""
    seen: list[Delivery] = []
    numbers = itertools.count(1)
    sender, subject, text = "sam@example.org", "Hello", "I would like to talk to somebody.\n"
    for _ in range(ROUNDS):
        number = next(numbers)
        office.work(make_mail(sender, subject, text, message_id=f"<{number}@machine.example>"))
        office.clock.advance(minutes=1)
        new = list(new_of_ours(office, seen))
        if not new:
            break
        seen += new
        sender, subject, text = machine(number, new[-1])
    return seen


def new_of_ours(office: Office, seen: list[Delivery]) -> Iterator[Delivery]:
    staff = (MIKE.email, DANA.email)
    return (each for each in office.transport.sent if each.recipient not in staff and each not in seen)


def test_a_requester_whose_mailbox_bounces_gets_one_mail(office: Office) -> None:
    office.start()
    office.work(make_mail())
    for number in range(5):
        bounce = make_mail(
            "MAILER-DAEMON@mx.example.org",
            "Undelivered Mail Returned to Sender",
            f"Your message could not be delivered.\n<sam@example.org>: 550 5.1.1 no such user ({number})\n",
            message_id=f"<b{number}@mx.example.org>",
            Return_Path="<>",
        )
        office.work(bounce)
        office.clock.advance(minutes=1)
    assert len(list(new_of_ours(office, []))) == 1
