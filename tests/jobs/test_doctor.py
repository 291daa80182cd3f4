"""The doctor names everything that keeps mail from flowing, what became of it, and what to do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from helpdesk.core.reconcile import MOST_UNEXPECTED
from helpdesk.errors import MailboxUnavailable, Problem, TransportUnavailable
from helpdesk.jobs.doctor import LEAST_SPACE, Doctor, Examination, Surroundings, examine_problems
from helpdesk.model.delivery import Attempt, DeliveryState, Outcome
from tests.fakes import MONDAY, make_mail
from tests.jobs.conftest import Office
from tests.jobs.test_reconcile import mail, put_behind_the_cursor

NEXT_YEAR = MONDAY + timedelta(days=365)


def refuse_login() -> datetime | None:
    raise TransportUnavailable("The SMTP server smtp.example.org refused the login.")


def examine(office: Office, **changes: object) -> Examination:
    values: dict[str, object] = {
        "worker_runs": True,
        "free_space": 20 * LEAST_SPACE,
        "try_sending": lambda: NEXT_YEAR,
        "certificate_of": lambda ingest: NEXT_YEAR,
    }
    around = Surroundings(**(values | changes))  # type: ignore[arg-type]
    return Doctor(office.store, office.clock, [office.ingest], around).examine()


def poll(office: Office) -> None:
    """One poll of a worker that goes on."""
    office.work()
    with office.store.writing() as uow:
        for record in uow.mailboxes.all():
            uow.mailboxes.record_poll(record.id, office.clock.now())
        uow.commit()


@pytest.fixture
def well(office: Office) -> Office:
    office.start()
    office.work(mail(500))
    poll(office)
    return office


def test_a_desk_that_works_is_well_and_says_what_was_looked_at(well: Office) -> None:
    found = examine(well)
    assert found.findings == ()
    said = " ".join(found.seen)
    for words in (
        "the key fits",
        "INBOX was last read at 11:00:00 UTC",
        "1 on the server, 0 for the next poll, 0 taken in and no longer there",
        "The SMTP server takes our login",
        "The certificate of the SMTP server is valid until 2027-11-02",
        "The certificate of the server of INBOX is valid until 2027-11-02",
        "Waiting in the outbox: 0 mails.",
        "Nothing is in quarantine",
        "20.0 GB free",
    ):
        assert words in said


@pytest.mark.parametrize(
    ("changes", "about", "what", "remedy"),
    [
        ({"worker_runs": False}, "worker", "No worker is running.", "Start it: helpdesk run"),
        ({"free_space": LEAST_SPACE - 1}, "disk", "1.0 GB free", "Free some space"),
        ({"try_sending": refuse_login}, "SMTP server", "No mail can be sent.", "refused the login"),
        (
            {"try_sending": lambda: MONDAY + timedelta(days=13)},
            "certificate",
            "The certificate of the SMTP server is valid until 2026-11-15.",
            "renew it before that day",
        ),
        (
            {"certificate_of": lambda ingest: MONDAY + timedelta(days=2)},
            "certificate",
            "The certificate of the server of INBOX is valid until 2026-11-04.",
            "renew it before that day",
        ),
    ],
    ids=["no worker", "full disk", "no sending", "SMTP certificate", "IMAP certificate"],
)
def test_what_is_wrong_around_it_is_named(well: Office, changes: dict[str, object], about: str, what: str, remedy: str) -> None:
    (finding,) = examine(well, **changes).findings
    assert finding.about == about
    assert what in finding.what
    assert remedy in finding.remedy
    assert finding.mail


def test_a_database_on_a_server_has_no_disk_here(well: Office) -> None:
    found = examine(well, free_space=None, try_sending=lambda: None)
    assert found.findings == ()
    assert not any("GB free" in sentence for sentence in found.seen)


def no_poll_for_an_hour(office: Office) -> None:
    office.clock.advance(hours=1)


def clock_set_back(office: Office) -> None:
    office.clock.advance(hours=-1)


def mail_from_the_future(office: Office) -> None:
    office.folder.messages[1] = (office.folder.messages[1][0], MONDAY + timedelta(hours=1))


def server_away(office: Office) -> None:
    def fail(step: str) -> None:
        raise MailboxUnavailable("The IMAP server imap.example.org refused the login.")

    office.folder.before = fail


def missed(office: Office) -> None:
    put_behind_the_cursor(office, 2)


def held(office: Office) -> None:
    put_behind_the_cursor(office, MOST_UNEXPECTED + 1)


def waits_too_long(office: Office) -> None:
    office.transport.answers = [Attempt(Outcome.TRANSIENT, 451) for _ in range(2)]
    office.work(mail(2))
    office.clock.advance(minutes=30)
    poll_only(office)


def poll_only(office: Office) -> None:
    office.ingest.poll()
    with office.store.writing() as uow:
        for record in uow.mailboxes.all():
            uow.mailboxes.record_poll(record.id, office.clock.now())
        uow.commit()


def failed_for_good(office: Office) -> None:
    office.transport.answers = [Attempt(Outcome.PERMANENT, 550)]
    office.work(mail(2))


def held_back(office: Office) -> None:
    office.folder.put(mail(2), MONDAY)
    office.ingest.poll()
    with office.store.writing() as uow:
        for row in uow.outbox.list((DeliveryState.PENDING,), 10)[:1]:
            uow.outbox.hold(row.id, "somebody said so", MONDAY)
        uow.commit()


def quarantined(office: Office) -> None:
    office.folder.put(mail(2), MONDAY)
    office.ingest.poll()
    with office.store.writing() as uow:
        (record,) = uow.mailboxes.all()
        (stored,) = uow.messages.add(record.id, [raw_of(office)], MONDAY)
        uow.messages.record_failure(stored.id, "a fault", "ValueError", quarantine=True, now=MONDAY)
        uow.commit()


def raw_of(office: Office) -> object:
    uid = office.folder.put(make_mail(message_id="<q@example.org>"))
    (raw,) = office.folder.fetch([uid])
    return raw


@pytest.mark.parametrize(
    ("break_it", "about", "what", "remedy"),
    [
        (no_poll_for_an_hour, "INBOX", "No worker has read INBOX since 2026-11-02 11:00 UTC.", "helpdesk run --once"),
        (clock_set_back, "clock", "which is too early", "NTP"),
        (mail_from_the_future, "clock", "The newest mail in INBOX was received at 12:00 UTC.", "NTP"),
        (server_away, "INBOX", "The folder can't be read.", "refused the login"),
        (missed, "INBOX", "2 messages in INBOX had been missed by every poll.", "report it"),
        (held, "INBOX", f"{MOST_UNEXPECTED + 1} messages in INBOX were never taken in", "helpdesk import --mailbox"),
        (waits_too_long, "outbox", "has waited for", "helpdesk outbox list"),
        (failed_for_good, "outbox", "1 mail of the last 7 days could not be delivered", "outbox list --state failed"),
        (held_back, "outbox", "1 mail of the last 7 days are held", "outbox list --state held"),
        (quarantined, "quarantine", "1 message could not be processed.", "helpdesk quarantine list"),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_what_is_wrong_within_is_named(
    well: Office, break_it: Callable[[Office], None], about: str, what: str, remedy: str
) -> None:
    break_it(well)
    found = {finding.about: finding for finding in examine(well).findings}
    assert about in found
    assert what in found[about].what
    assert remedy in found[about].remedy
    assert found[about].mail


def test_what_polls_have_missed_is_taken_in_at_once(well: Office) -> None:
    put_behind_the_cursor(well, 2)
    before = len(well.tickets())
    (finding,) = [each for each in examine(well).findings if "missed" in each.what]
    assert "2 of them are new" in finding.mail
    assert len(well.tickets()) == before + 2
    assert not [each for each in examine(well).findings if "missed" in each.what]


def test_a_folder_without_a_start_is_told_with_how_to_start(office: Office) -> None:
    (finding,) = examine(office).findings
    assert "Nobody has said from where on" in finding.what
    assert "--start-from now" in finding.remedy


def test_a_folder_that_was_never_polled_is_told(office: Office) -> None:
    office.start()
    (finding,) = examine(office).findings
    assert finding.what == "No worker has read INBOX yet."


def test_what_failed_weeks_ago_is_taken_for_seen(well: Office) -> None:
    failed_for_good(well)
    well.clock.advance(days=8)
    poll_only(well)
    assert examine(well).findings == ()


def test_a_doctor_who_is_told_to_end_says_nothing_of_the_folder(well: Office) -> None:
    put_behind_the_cursor(well, 1)
    well.ingest.stopping = lambda: True
    assert not any("INBOX" in sentence for sentence in examine(well).seen)


def test_problems_of_the_settings_are_findings_and_warnings_are_none() -> None:
    warning = Problem("config/helpdesk.toml, line 3", "It says always.", "Leave it out.", warning=True)
    problem = Problem(".env", "There is no such host.", "Check HELPDESK_IMAP_HOST.")
    (finding,) = examine_problems([warning, problem]).findings
    assert (finding.about, finding.what, finding.remedy) == (problem.where, problem.what, problem.remedy)
    assert examine_problems([warning]).findings == ()
    assert examine_problems([]).seen == ("Settings, staff and templates are sound.",)


@pytest.mark.parametrize(
    ("name", "said"),
    [("Sent", "are looked for in Sent"), ("", "answers sent from webmail are not seen"), (None, "")],
    ids=["there", "not there", "not looked for"],
)
def test_it_says_where_answers_from_webmail_are_looked_for(well: Office, name: str | None, said: str) -> None:
    found = examine(well, sent_folder=lambda: name)
    assert found.findings == ()
    seen = [each for each in found.seen if "sent" in each and "mailbox" in each]
    assert bool(seen) is bool(said)
    assert said in " ".join(seen)


def test_folder_of_sent_mail_that_can_not_be_read_is_a_finding(well: Office) -> None:
    def refuse() -> str:
        raise MailboxUnavailable('The mailbox has no folder "Posted".')

    (finding,) = examine(well, sent_folder=refuse).findings
    assert "Mail flows as before" in finding.mail
    assert "Posted" in finding.remedy
