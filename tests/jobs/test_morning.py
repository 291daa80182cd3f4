"""The lists of the morning on the whole desk: once a day, at the opening, without a word or a name of anybody who wrote."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes
from functools import cache
from pathlib import Path

import pytest
import structlog

from helpdesk.boundary import Boundary, watched_by
from helpdesk.errors import DatabaseUnavailable
from helpdesk.jobs.letters import Alert
from helpdesk.jobs.morning import Morning
from helpdesk.jobs.ports import UnitOfWork
from helpdesk.jobs.reminder_letters import MOST_LINES
from helpdesk.jobs.tell_admins import NoticeWatch
from helpdesk.log import Log
from helpdesk.model.delivery import Attempt, Delivery, Outcome, Purpose
from helpdesk.model.office import Closure
from helpdesk.model.staff import Role, StaffMember
from tests.fakes import MONDAY, FakeTransport, make_mail
from tests.jobs.conftest import DANA, MIKE, Office, make_desk, make_office
from tests.jobs.days import words_of
from tests.jobs.staff_post import Desk

the_desk = cache(make_desk)
LEAD = replace(MIKE, capacity=0)
KIM = StaffMember("kim", "Kim", "kim.private@example.net")
TUESDAY = datetime(2026, 11, 3, 10, tzinfo=UTC)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    office = make_office(tmp_path, replace(the_desk(), staff=(LEAD, KIM)))
    office.start()
    yield office
    office.store.close()


def writes(office: Office, number: int = 1) -> None:
    sender, body = f"Sam <sam{number}@example.org>", f"Please call me, {number}.\n"
    office.work(make_mail(sender, message_id=f"<{number}@example.org>", body=body))


def morning(office: Office, at: datetime = TUESDAY, worker: Morning | None = None) -> None:
    office.clock.at = at
    (worker or Morning(office.desk, office.store, office.clock)).look()
    office.deliverer.deliver_due()


def digests(office: Office) -> list[str]:
    return [each.recipient for each in office.transport.sent if each.purpose is Purpose.DIGEST]


def one(office: Office, recipient: str) -> Delivery:
    (delivery,) = [each for each in office.transport.to(recipient) if each.purpose is Purpose.DIGEST]
    return delivery


def test_a_digest_names_ticket_age_and_priority_and_nobody_who_wrote(office: Office) -> None:
    writes(office)
    office.clock.advance(hours=3)
    writes(office, 2)
    morning(office)
    digest = one(office, KIM.email)
    words = words_of(digest)
    assert "EHT-1001: waits since Monday 2 November, 1 day, priority normal" in words
    assert words.index("EHT-1001") < words.index("EHT-1002")
    assert [secret for secret in ("Sam", "sam1", "example.org", "call me") if secret in words] == []
    mail = message_from_bytes(digest.content)
    assert (mail["Auto-Submitted"], digest.cause) == ("auto-generated", "day:2026-11-03")


def test_each_day_has_one_digest_from_the_opening_on(office: Office) -> None:
    writes(office)
    worker = Morning(office.desk, office.store, office.clock)
    morning(office, TUESDAY - timedelta(minutes=1), worker)
    assert digests(office) == []
    for minute in range(5):
        morning(office, TUESDAY + timedelta(minutes=minute), worker)
    assert digests(office) == [KIM.email]
    morning(office, TUESDAY + timedelta(days=1), worker)
    # The ticket waits for long enough by then that the lead hears of it too.
    assert sorted(digests(office)) == [KIM.email, KIM.email, LEAD.email]


def test_a_worker_that_comes_late_tells_how_it_was_in_the_morning(office: Office) -> None:
    writes(office)
    office.clock.at = TUESDAY + timedelta(hours=1)
    writes(office, 2)
    morning(office, TUESDAY + timedelta(hours=4))
    words = words_of(one(office, KIM.email))
    assert "EHT-1001" in words
    assert "EHT-1002" not in words


def test_a_worker_that_starts_anew_writes_none_again_and_none_to_others(office: Office) -> None:
    writes(office)
    morning(office)
    writes(office, 2)
    office.actions.assign(1002, "mike")
    morning(office, TUESDAY + timedelta(hours=2))
    assert digests(office) == [KIM.email]


def test_a_crash_right_after_writing_repeats_nothing(office: Office) -> None:
    def die(boundary: Boundary) -> None:
        if boundary is Boundary.DIGESTS_WRITTEN:
            raise KeyboardInterrupt

    writes(office)
    worker = Morning(office.desk, office.store, office.clock)
    with watched_by(die), pytest.raises(KeyboardInterrupt):
        morning(office, TUESDAY, worker)
    morning(office, TUESDAY, worker)
    assert digests(office) == [KIM.email]


def test_several_workers_write_each_once(tmp_path: Path, postgres_url: str) -> None:
    desk, transport = replace(the_desk(), staff=(LEAD, KIM, DANA)), FakeTransport()
    offices = [make_office(tmp_path, desk, url=postgres_url, worker=number) for number in (1, 2, 3)]
    offices[0].start()
    for number in range(4):
        writes(offices[0], number)
    begin = threading.Barrier(len(offices))

    def at_once(office: Office) -> None:
        office.transport = office.deliverer.transport = transport
        begin.wait()
        morning(office)

    threads = [threading.Thread(target=at_once, args=(office,)) for office in offices]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for office in offices:
        office.deliverer.deliver_due()
        office.store.close()
    assert sorted(each.recipient for each in transport.sent) == [DANA.email, KIM.email]


@dataclass
class Away:
    """A database that can't be written."""

    def writing(self) -> AbstractContextManager[UnitOfWork]:
        raise DatabaseUnavailable("away")


def test_a_database_that_is_away_puts_it_off(office: Office) -> None:
    writes(office)
    worker = Morning(office.desk, Away(), office.clock, Log())  # type: ignore[arg-type]
    with structlog.testing.capture_logs() as logs:
        morning(office, TUESDAY, worker)
    assert [each["event"] for each in logs] == ["digests_put_off"]
    worker.store = office.store
    morning(office, TUESDAY + timedelta(minutes=1), worker)
    assert digests(office) == [KIM.email]


def test_the_lead_reads_which_mail_to_people_went_nowhere(office: Office) -> None:
    office.transport.answers = [Attempt(Outcome.PERMANENT, 550)]
    writes(office)
    morning(office)
    words = words_of(one(office, LEAD.email))
    assert "EHT-1001: acknowledgement, could not be delivered" in words
    morning(office, TUESDAY + timedelta(days=1))
    assert [words_of(each).count("could not be delivered") for each in office.transport.to(LEAD.email)[-1:]] == [0]


def test_what_the_leads_had_a_mail_of_is_not_told_again_in_the_morning(office: Office) -> None:
    office.deliverer.failed = NoticeWatch(office.desk, office.clock).failed
    office.transport.answers = [Attempt(Outcome.SENT), Attempt(Outcome.PERMANENT, 550)]
    writes(office)
    office.deliverer.deliver_due()
    assert [each.purpose for each in office.transport.to(LEAD.email)] == [Purpose.ADMIN_ALERT]
    morning(office)
    assert digests(office) == [KIM.email]


def test_an_acknowledgement_that_waited_for_a_day_is_told_at_once_and_not_again(office: Office) -> None:
    office.ingest.poll()
    office.folder.put(make_mail(), MONDAY)
    office.ingest.poll()
    office.clock.at = TUESDAY + timedelta(hours=2)
    office.freshener.freshen()
    morning(office, TUESDAY + timedelta(days=1))
    # Only that it waits for too long is new.
    words = words_of(one(office, LEAD.email))
    assert ("EHT-1001: waits" in words, "acknowledgement" in words) == (True, False)


@pytest.mark.parametrize(
    ("roles", "told"),
    [
        pytest.param({Role.LEAD}, True, id="a lead"),
        pytest.param({Role.LEAD, Role.ADMIN}, False, id="who is an admin too"),
    ],
)
def test_what_a_daily_comparison_held_back_is_told_to_who_has_no_mail_of_it(
    office: Office, roles: set[Role], told: bool
) -> None:
    office.desk = replace(office.desk, staff=(replace(LEAD, roles=frozenset(roles)), replace(DANA, capacity=0)))
    with office.store.writing() as uow:
        alert = Alert("reconciliation:m:2026-11-02", "60 messages were never taken in.", "They are there.", "Look.")
        office.desk.tell(office.desk.with_role(Role.ADMIN), alert, uow, MONDAY)
        uow.commit()
    morning(office)
    assert (LEAD.email in digests(office)) is told
    if told:
        assert "Messages in the mailbox were never taken in." in words_of(one(office, LEAD.email))


def test_a_paused_ticket_stays_on_the_list_and_says_so(office: Office) -> None:
    writes(office)
    office.actions.pause(1001)
    morning(office)
    assert "EHT-1001: waits since Monday 2 November, 1 day, priority normal, reminders paused" in words_of(
        one(office, KIM.email)
    )


def test_a_long_list_ends_with_how_many_more_there_are(office: Office) -> None:
    office.desk = replace(office.desk, staff=(LEAD,))
    office.ingest.processor = replace(office.ingest.processor, desk=office.desk)
    for number in range(MOST_LINES + 2):
        writes(office, number)
    morning(office)
    words = words_of(one(office, LEAD.email))
    assert "EHT-1030" in words
    assert "EHT-1031" not in words
    assert "and 2 more" in words


def test_an_office_that_opens_for_the_first_time_has_a_morning(office: Office) -> None:
    writes(office)
    closed_so_far = Closure(date(2025, 1, 1), date(2026, 11, 2))
    office.desk = replace(office.desk, hours=replace(office.desk.hours, closures=(closed_so_far,)))
    morning(office)
    assert digests(office) == [KIM.email]


@pytest.mark.parametrize("by", ["command", "list"])
def test_a_lead_does_not_read_of_a_ticket_that_is_kept_from_them(tmp_path: Path, by: str) -> None:
    lead = replace(LEAD, excludes=("sam1@example.org",)) if by == "list" else LEAD
    office = make_office(tmp_path, replace(the_desk(), staff=(lead, replace(KIM, capacity=0))))
    office.start()
    for number in (1, 2):
        writes(office, number)
    if by == "command":
        office.actions.exclude("mike", 1001)
    morning(office)
    words = words_of(one(office, LEAD.email))
    assert "EHT-1002" in words
    assert "EHT-1001" not in words
    office.store.close()


HELD = "Hello Sam, the police know.\n"


@pytest.mark.parametrize(
    ("then", "is_listed"),
    [
        (lambda desk, notice: None, True),
        (lambda desk, notice: desk.answer("#stop\n", to=notice), True),
        (lambda desk, notice: desk.answer("Hello Sam, that is fine.\n", to=notice), False),
        (lambda desk, notice: desk.answer("#send\n", to=notice), False),
        (lambda desk, notice: desk.office.actions.exclude(desk.member.id, 1001), False),
    ],
    ids=["left", "stopped", "written anew", "sent", "kept from them"],
)
def test_whose_answer_was_held_reads_of_it_in_the_morning(
    tmp_path: Path, then: Callable[[Desk, Delivery], None], is_listed: bool
) -> None:
    office = make_office(tmp_path, replace(the_desk(), staff=(replace(MIKE, capacity=0), DANA)))
    office.start()
    writes(office)
    desk = Desk(office)
    desk.answer(HELD)
    then(desk, desk.notice)
    morning(office)
    words = [words_of(each) for each in office.transport.to(DANA.email) if each.purpose is Purpose.DIGEST]
    assert ["Answers of yours that did not go out EHT-1001" in " ".join(each.split()) for each in words] == [is_listed] * len(
        words
    )
    assert bool(words) or not is_listed
    office.store.close()


def test_of_an_answer_of_somebody_who_left_nobody_reads(tmp_path: Path) -> None:
    office = make_office(tmp_path, replace(the_desk(), staff=(replace(MIKE, capacity=0), DANA)))
    office.start()
    writes(office)
    Desk(office).answer(HELD)
    office.clock.at = TUESDAY
    left = replace(office.desk, staff=(LEAD,))
    Morning(left, office.store, office.clock).look()
    office.deliverer.deliver_due()
    assert "did not go out" not in words_of(one(office, LEAD.email))
    office.store.close()
