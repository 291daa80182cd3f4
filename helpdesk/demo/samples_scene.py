"""The first scene: the sample mail comes in all at once, the worker looks once, and everything is shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage

from helpdesk.clock import SystemClock
from helpdesk.core.office_hours import is_open
from helpdesk.demo import words
from helpdesk.demo.faults import find_faults, find_stuck, find_untold
from helpdesk.demo.outcomes import Outcome, read_outcomes
from helpdesk.demo.post import answers_to, notices_of
from helpdesk.demo.samples import SAMPLES, Sample, read_sample
from helpdesk.demo.stage import Stage
from helpdesk.model.message import Kind
from helpdesk.model.policy import StartFrom, StartMode
from helpdesk.model.staff import Notices


@dataclass(frozen=True, slots=True)
class Scene:
    """What came of the samples: each with its outcome, and every mailbox that mail may have gone to."""

    pairs: Sequence[tuple[Sample, Outcome]]
    writers: Mapping[str, Sequence[EmailMessage]]
    staff: Mapping[str, Sequence[EmailMessage]]
    faults: Sequence[str]

    @property
    def notices(self) -> list[EmailMessage]:
        return [mail for mails in self.staff.values() for mail in mails]


def play_samples(stage: Stage) -> Scene:
    """Send the samples, let the worker look once, and see what became of them."""
    now = SystemClock().now()
    mails = [read_sample(sample, to=stage.address, sent_at=now) for sample in SAMPLES]
    stage.post.send(mails, to=stage.address)
    with stage.open() as application:
        application.start_mailbox(StartFrom(StartMode.ALL))
        application.run_once()
        outcomes = {outcome.inbound.message_id: outcome for outcome in read_outcomes(application.store)}
        stuck = find_stuck(application.store)
    samples = zip((_message_id(mail) for mail in mails), SAMPLES, strict=True)
    pairs = [(sample, outcomes[message_id]) for message_id, sample in samples if message_id in outcomes]
    writers = {address: stage.post.inbox(address) for address in sorted({outcome.sender for _, outcome in pairs})}
    scene = Scene(pairs, writers, stage.staff_mail(), [])
    faults = [*find_faults(pairs, writers), *find_untold(pairs, scene.notices), *stuck]
    return Scene(pairs, writers, scene.staff, faults)


def show_samples(stage: Stage, scene: Scene) -> None:
    """Each mail, what was decided and why, the answer, the ticket, and once the notice."""
    noticed = _best_notice(stage, scene)
    for number, (sample, outcome) in enumerate(scene.pairs, 1):
        stage.story.heading(sample.title, number=number)
        stage.story.message(outcome, sample.remark)
        for mail in answers_to(outcome.inbound.message_id, scene.writers[outcome.sender]):
            stage.story.answer(mail, _first_name(outcome))
        if outcome is noticed and outcome.ticket and outcome.ticket.assignee:
            assignee = outcome.ticket.assignee
            notice = notices_of(outcome.ticket, scene.staff[assignee])[0]
            stage.story.notice(notice, words.name_of(assignee, stage.desk.staff))


def show_summary(stage: Stage, scene: Scene) -> None:
    """The numbers of the scene, and what did not come about."""
    people = sum(1 for sample, _ in scene.pairs if sample.kind is Kind.PERSON)
    tickets = {outcome.ticket.id: outcome.ticket for _, outcome in scene.pairs if outcome.ticket}
    shares = Counter(words.name_of(ticket.assignee, stage.desk.staff) for ticket in tickets.values())
    office = "open" if is_open(stage.desk.office_hours, SystemClock().now()) else "closed"
    stage.story.heading("In short")
    stage.story.rows(
        [
            ("mail", f"{len(scene.pairs)} came in: {people} from people, {len(scene.pairs) - people} from machines"),
            ("answers", f"{sum(map(len, scene.writers.values()))} went out, in the words for an office that is {office}"),
            ("", "No machine was answered."),
            ("tickets", ", ".join(f"{words.counted(count, 'ticket')} with {name}" for name, count in sorted(shares.items()))),
            ("notices", f"{len(scene.notices)} went to staff, each to one of them"),
        ]
    )
    if scene.faults:
        stage.story.heading("What should have happened, and did not")
        stage.story.say("\n".join(scene.faults))


def _best_notice(stage: Stage, scene: Scene) -> Outcome | None:
    """The first message of which somebody got the content; else the first of which anybody was told."""
    told = [
        outcome
        for _, outcome in scene.pairs
        if outcome.opened_ticket
        and outcome.ticket
        and notices_of(outcome.ticket, scene.staff.get(outcome.ticket.assignee or "", ()))
    ]
    full = {member.id for member in stage.desk.staff if member.notices is Notices.FULL}
    return next((outcome for outcome in told if outcome.ticket and outcome.ticket.assignee in full), told[0] if told else None)


def _message_id(mail: bytes) -> str:
    return str(message_from_bytes(mail)["Message-ID"]).strip("<>")


def _first_name(outcome: Outcome) -> str:
    name = outcome.inbound.sender.name if outcome.inbound.sender else ""
    return name.partition(" ")[0] or outcome.sender
