"""The crash matrix: a real worker is killed at every boundary between two effects, and started again.

    python -m tests.reliability crash [--database sqlite] [--only BOUNDARY] [--write]

After every run each mail has one row, one ticket, one acknowledgement and one notice, and nothing is in doubt. What the SMTP
server may have taken before the worker could know of it is sent again, with the same Message-ID: that gap can't be closed.
"""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from email import policy
from email.parser import BytesHeaderParser
from pathlib import Path
from zoneinfo import ZoneInfo

from helpdesk.boundary import Boundary
from helpdesk.core.office_time import last_opening
from helpdesk.model.office import OfficeHours
from helpdesk.model.staff import Absence
from tests.fakes import make_mail
from tests.reliability.mishaps import locked
from tests.reliability.results import Double, Row
from tests.reliability.strikes import CONTENT_ENDS, LOGIN, NOT_DELIVERED, PAUSED
from tests.reliability.tally import unfinished
from tests.reliability.world import ORDINARY, Circumstances, Kind, World, await_state, running_world
from tests.servers.dovecot import WITHOUT_MOVE
from tests.servers.gate import Answer, Side
from tests.servers.postgres import Postgres

# From the moment when the content is with the server until our record of it.
GAP = frozenset({Boundary.CONTENT_GIVEN, Boundary.CONTENT_TAKEN})
# What the thread that delivers passes; it goes on while another thread comes to the boundary at which all are killed.
DELIVERING = frozenset(
    {
        Boundary.CLAIMED,
        Boundary.SMTP_CONNECTED,
        Boundary.SENDER_TAKEN,
        Boundary.RECIPIENT_TAKEN,
        Boundary.CONTENT_INVITED,
        Boundary.RECORDED,
        Boundary.GIVEN_BACK,
        *GAP,
    }
)
HEAD = ("killed after", "n-th time", "database", "what happened to the mail", "seconds until all was well")

Step = Callable[[World], None]


def _nothing(_world: World) -> None:
    """What most scenarios do."""


def _mails(world: World) -> None:
    world.deposit(2)


def _more_mails(world: World) -> None:
    """When all is done and it still lives: mail that comes while it waits."""
    await_state(lambda: not world.worker.is_alive() or not _left(world), "the worker has done its work, or is dead")
    if world.worker.is_alive():
        world.deposit(2)


def _left(world: World) -> int:
    return unfinished(world.database, len(world.deposited))


@dataclass(frozen=True, slots=True)
class Scenario:
    """What leads a worker to a boundary.

    `before` happens while none runs; `while_it_runs` once it was started and is to die; `at_the_end` before the next is
    started. `occurrences` are the times at which it is killed, each in a run of its own.
    """

    before: Step = _mails
    while_it_runs: Step = _more_mails
    at_the_end: Step = _nothing
    occurrences: tuple[int, ...] = (1, 2)
    around: Circumstances = ORDINARY


def _served_before(world: World) -> None:
    """An earlier worker has done some mails, and ended in good order."""
    world.deposit(1)
    world.start_worker()
    world.settled()
    world.worker.stop()


def _numbered_anew(world: World) -> None:
    """The folder is deleted and made anew, so that all its UIDs are void; new mail is in it."""
    _served_before(world)
    with world.dovecot.client(world.place.user) as client:
        client.delete_folder(world.folder)
        client.create_folder(world.folder)
    world.deposit(2)


def _template_broken(world: World) -> None:
    template = world.place.directory / "templates" / "acknowledgement.md"
    template.write_text(f"{template.read_text()}\n{{{{ nobody.knows.this }}}}\n")
    world.deposit(2)


def _one_refused(world: World) -> None:
    """The server lists a message and does not give it: neither with others nor alone."""
    world.deposit(1)
    world.imap.add(Side.CLIENT, r"UID FETCH \S+ .*BODY", Answer("{tag} NO [SERVERBUG] this message can't be read"), times=2)


def _stopped_early(world: World) -> None:
    """It is told to end in the middle of a batch that it has claimed; each mail takes a second to send."""
    world.smtp.pace = 0.01
    await_state(lambda: world.sink.caught, "the first mail is sent")
    world.worker.process.send_signal(signal.SIGTERM)


def _quick_again(world: World) -> None:
    world.smtp.pace = 0.0


def _opening_passed(world: World) -> None:
    """What waits in the outbox names an opening that passed while the SMTP server was away."""
    world.deposit(2)
    world.smtp.close()
    world.start_worker()
    await_state(lambda: world.worker.said("processed") >= 2, "both mails are processed")
    world.worker.stop()
    world.clock.move(timedelta(hours=16))
    world.smtp.open()


def _left_over(world: World) -> None:
    """An earlier worker was killed when it had stored mail, and not processed it."""
    world.deposit(2)
    world.start_worker(kill_at=Boundary.STORED).await_end()


def _claims_left(world: World) -> None:
    """An earlier worker was killed when it had claimed mail, and not sent it."""
    world.deposit(2)
    world.start_worker(kill_at=Boundary.SMTP_CONNECTED).await_end()


def _login_refused(world: World) -> None:
    """The mailbox lets nobody in, so that an alarm begins."""
    _served_before(world)
    world.imap.add(Side.CLIENT, LOGIN, Answer("{tag} NO [AUTHENTICATIONFAILED] please come back later"), times=None)


def _login_welcome(world: World) -> None:
    world.imap.rules.clear()


def _database_fails(world: World) -> None:
    """The database is away while the first mail is sent, and is back later."""
    with contextlib.ExitStack() as away:
        world.smtp.add(Side.CLIENT, CONTENT_ENDS, lambda: away.enter_context(locked(world)))
        await_state(lambda: world.worker.said(PAUSED), "the worker feels it")


def _waits_for_another_try(world: World) -> None:
    """What waits was refused once, and is to be tried again in a minute."""
    world.sink.script["RCPT"] += ["451 4.3.2 please try later"] * 2
    world.deposit(1)


def _goes_on_leave(world: World) -> None:
    """Whoever has a ticket is away since yesterday, which was entered after the earlier worker had ended."""
    _served_before(world)
    today = world.clock.now().date()
    with world.database.writing() as uow:
        for staff_id in uow.tickets.workloads():
            uow.people.add_absence(Absence(staff_id, today - timedelta(days=1), today + timedelta(days=7)))
        uow.commit()


def _waits_for_an_answer(world: World) -> None:
    """Nobody has answered a ticket for four office hours."""
    _served_before(world)
    world.clock.move(timedelta(hours=4, minutes=10))


def _night_passed(world: World) -> None:
    """A ticket waits, and the office has opened."""
    _served_before(world)
    world.clock.move(timedelta(hours=16, minutes=10))


def _clock_set_back(world: World) -> None:
    await_state(lambda: world.worker.said(NOT_DELIVERED) >= 2, "both mails are refused")
    world.clock.move(-timedelta(hours=1))


def _answered_by_staff(world: World) -> None:
    """A staff member's answer to a notice lies in the mailbox. It goes out at once, and its copy is due soon after."""
    _served_before(world)
    notice = next(each for each in world.sink.caught if b"Subject: A message is waiting" in each.content)
    headers = BytesHeaderParser(policy=policy.default).parsebytes(notice.content)
    raw = make_mail(
        notice.recipients[0],
        subject="Re: A message is waiting",
        body="Hello,\nThursday would be good.\n",
        message_id="<answer@staff.example>",
        In_Reply_To=str(headers["Message-ID"]),
    )
    world.dovecot.append_all(world.place.user, [raw], received_at=datetime.now(UTC), folder=world.folder)


def _answered_with_a_folder(world: World) -> None:
    _make_sent_folder(world)
    _answered_by_staff(world)


def _answered_in_webmail(world: World) -> None:
    """Somebody answers a person from the mailbox itself, past the helpdesk."""
    _make_sent_folder(world)
    _served_before(world)
    raw = make_mail(
        "Exit Hate <info@exithate.org>",
        subject="Re: A question",
        body="Hello,\nThursday would be good.\n",
        message_id="<webmail@exithate.org>",
        In_Reply_To=f"<{world.deposited[0]}>",
        to="p1@d1.example.org",
    )
    world.dovecot.append_all(world.place.user, [raw], received_at=datetime.now(UTC), folder="Sent")


def _make_sent_folder(world: World) -> None:
    with world.dovecot.client(world.place.user, "Sent"):
        pass


def _sent_folder_and_mails(world: World) -> None:
    _make_sent_folder(world)
    _mails(world)


def _evening() -> datetime:
    """Yesterday or earlier at 18:00: the office is closed, and opens in the morning."""
    day = datetime.now(UTC) - timedelta(days=1)
    while day.weekday() > 3:
        day -= timedelta(days=1)
    return day.replace(hour=18, minute=0, second=0, microsecond=0)


def _morning() -> datetime:
    """The last day but today on which the office was open, soon after it opened."""
    hours = OfficeHours(ZoneInfo("Europe/London"), time(10), time(16), frozenset(range(5)))
    opening = last_opening(hours, datetime.now(UTC) - timedelta(days=1))
    assert opening
    return opening + timedelta(minutes=10)


def _evening_before_a_morning() -> datetime:
    """The evening before that day, so that 16 hours later the office has just opened."""
    return _morning() - timedelta(hours=16, minutes=5)


_ORDINARY = Scenario()
_ONCE = Scenario(occurrences=(1,))
_ALARM = Scenario(
    before=_login_refused,
    while_it_runs=_nothing,
    at_the_end=_login_welcome,
    occurrences=(1,),
    around=Circumstances(webhook=True),
)
_COPYING = Scenario(around=Circumstances(dovecot=WITHOUT_MOVE))
_AT_ONCE = Circumstances(more={"HELPDESK_STAFF_MAIL__REPLY_DELAY_MINUTES": "0"})
_COPIED = Scenario(before=_answered_with_a_folder, while_it_runs=_nothing, occurrences=(1,), around=_AT_ONCE)
_IN_WEBMAIL = Scenario(before=_answered_in_webmail, while_it_runs=_nothing, occurrences=(1,))
_LEFT_OVER = Scenario(before=_left_over, while_it_runs=_nothing, occurrences=(1,))

SCENARIOS: dict[Boundary, Scenario] = {
    Boundary.MAILBOX_STARTED: _ONCE,
    Boundary.MAILBOX_RENEWED: Scenario(before=_numbered_anew, occurrences=(1,), around=Circumstances(folder="Enquiries")),
    Boundary.LEFT_OVER_BEGUN: _LEFT_OVER,
    Boundary.LEFT_OVER_FOUND: _LEFT_OVER,
    Boundary.KEYWORD_SET: Scenario(around=Circumstances(more={"HELPDESK_MAILBOX__AFTER": "keyword"})),
    Boundary.FOLDER_MADE: _ONCE,
    Boundary.FOLDER_SUBSCRIBED: _ONCE,
    Boundary.COPIED: _COPYING,
    Boundary.MARKED_DELETED: _COPYING,
    Boundary.EXPUNGED: _COPYING,
    Boundary.POLL_RECORDED: _ONCE,
    Boundary.RECONCILED: _ONCE,
    Boundary.HANDED_OVER: Scenario(before=_goes_on_leave, while_it_runs=_nothing, occurrences=(1,)),
    Boundary.REMINDED: Scenario(
        before=_waits_for_an_answer, while_it_runs=_nothing, occurrences=(1,), around=Circumstances(shown=_morning())
    ),
    Boundary.DIGESTS_WRITTEN: Scenario(
        before=_night_passed, while_it_runs=_nothing, occurrences=(1,), around=Circumstances(shown=_evening_before_a_morning())
    ),
    Boundary.SENT_COPY_MADE: _COPIED,
    Boundary.COPY_RECORDED: _COPIED,
    Boundary.COPY_PUT_OFF: Scenario(
        before=_answered_by_staff, while_it_runs=_nothing, at_the_end=_make_sent_folder, occurrences=(1,), around=_AT_ONCE
    ),
    Boundary.SENT_FOLDER_STARTED: Scenario(before=_sent_folder_and_mails, occurrences=(1,)),
    Boundary.SENT_MAIL_FETCHED: _IN_WEBMAIL,
    Boundary.SENT_MAIL_READ: _IN_WEBMAIL,
    Boundary.SENT_CURSOR_MOVED: _IN_WEBMAIL,
    Boundary.LEASES_ENDED: Scenario(before=_claims_left, while_it_runs=_nothing, occurrences=(1,)),
    Boundary.BROUGHT_FORWARD: Scenario(before=_waits_for_another_try, while_it_runs=_clock_set_back, occurrences=(1,)),
    Boundary.TAKEN_BACK: Scenario(while_it_runs=_database_fails, occurrences=(1,)),
    Boundary.ALARMS_RECORDED: _ALARM,
    Boundary.ALARMS_TOLD: _ALARM,
    # The first look of a worker that starts finds nothing to claim.
    Boundary.CLAIMED: Scenario(occurrences=(1, 2, 3)),
    Boundary.REFUSAL_TOLD: Scenario(before=_one_refused, while_it_runs=_nothing, occurrences=(1,)),
    Boundary.TEMPLATES_TOLD: Scenario(before=_template_broken, while_it_runs=_nothing, occurrences=(1,)),
    Boundary.FRESHENED: Scenario(
        before=_opening_passed, while_it_runs=_nothing, occurrences=(1,), around=Circumstances(shown=_evening())
    ),
    Boundary.GIVEN_BACK: Scenario(while_it_runs=_stopped_early, at_the_end=_quick_again, occurrences=(1,)),
}


@dataclass(frozen=True, slots=True)
class Crash:
    """One run of the matrix."""

    boundary: Boundary
    occurrence: int
    kind: Kind

    def __str__(self) -> str:
        return f"{self.boundary}-{self.occurrence}-{self.kind}"

    @property
    def scenario(self) -> Scenario:
        return SCENARIOS.get(self.boundary, _ORDINARY)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a run: what was wrong, which mails went twice, and seconds by the worker's clock until all was well."""

    crash: Crash
    problems: tuple[str, ...]
    doubles: tuple[Double, ...]
    mails: int
    seconds: float

    def row(self) -> Row:
        told = "; ".join(self.problems) or _in_words(self)
        cells = (self.crash.boundary.value, str(self.crash.occurrence), self.crash.kind.value, told, f"{self.seconds:.0f}")
        return Row(cells, good=not self.problems)


def _in_words(outcome: Outcome) -> str:
    whole = f"{outcome.mails} of {outcome.mails} with one row, one ticket, one acknowledgement, one notice"
    meanwhile = "" if outcome.crash.boundary in GAP else ": it was being sent at that moment"
    return whole + "".join(f"; one {each.purpose} twice, with the same Message-ID{meanwhile}" for each in outcome.doubles)


def crashes(kind: Kind) -> Iterator[Crash]:
    """Every run of the matrix on this database."""
    for boundary in Boundary:
        for occurrence in SCENARIOS.get(boundary, _ORDINARY).occurrences:
            yield Crash(boundary, occurrence, kind)


def run(crash: Crash, server: Postgres | None = None) -> Outcome:
    """Kill a worker at its boundary, start another, and see what became of the mail; on a `server` that runs already.

    Raises NotSettled where the boundary was not reached, or all was not well in the end.
    """
    with running_world(crash.kind, replace(crash.scenario.around, postgres=server)) as world:
        try:
            return _run_in(world, crash)
        except BaseException as error:
            error.add_note(world.log())
            raise


def _run_in(world: World, crash: Crash) -> Outcome:
    scenario = crash.scenario
    world.let_the_dead_be_found()
    scenario.before(world)
    trace = world.control / "trace"
    worker = world.start_worker(kill_at=crash.boundary, occurrence=crash.occurrence, trace=trace)
    scenario.while_it_runs(world)
    code = worker.await_end()
    if code != -signal.SIGKILL:
        return Outcome(crash, (f"the worker was not killed there, it ended with {code}",), (), 0, 0.0)
    scenario.at_the_end(world)
    began = world.clock.now()
    world.deposit(1)
    world.start_worker()
    world.settled()
    seconds = (world.clock.now() - began).total_seconds()
    world.worker.stop()
    findings = world.findings()
    in_gap = _was_in_gap(crash, trace)
    problems = tuple(findings.problems(doubles=1 if in_gap else 0))
    return Outcome(crash, problems, findings.doubles, findings.deposited, seconds)


def _was_in_gap(crash: Crash, trace: Path) -> bool:
    """Whether a mail was with the server and not recorded when the worker was killed.

    Killed from another thread, it may have been giving the content, and not have come to say so.
    """
    passed = [boundary for line in trace.read_text().splitlines() if (boundary := Boundary(line)) in DELIVERING]
    giving = GAP if crash.boundary in DELIVERING else GAP | {Boundary.CONTENT_INVITED}
    return bool(passed) and passed[-1] in giving
