"""The second scene: the worker goes on, and whoever watches sends mail to it themselves."""

from __future__ import annotations

import threading
from collections.abc import Collection

from helpdesk.demo.outcomes import Outcome, read_outcomes
from helpdesk.demo.post import answers_to
from helpdesk.demo.servers import LOOPBACK
from helpdesk.demo.stage import Application, Stage
from helpdesk.jobs.ports import Store
from helpdesk.model.delivery import DeliveryState
from helpdesk.model.message import MessageState
from helpdesk.model.ticket import EventKind

LOOK_EVERY = 0.2


def show_doors(stage: Stage) -> None:
    """Where to send mail and where to look."""
    servers, address = stage.post.servers, stage.address
    stage.story.heading("Now you")
    stage.story.say("The worker goes on, and waits for mail. Send one, and it is shown here with its answer.")
    stage.story.rows(
        [
            ("mailboxes", f"{servers.page}  (in a browser; it takes some seconds to fill)"),
            ("SMTP", f"{LOOPBACK}:{servers.smtp_port}  (no encryption, no login)"),
            ("IMAP", f"{LOOPBACK}:{servers.imap_port}  (no encryption; the user name is any address)"),
            ("password", f"{servers.password}  (for every mailbox)"),
        ]
    )
    stage.story.say("For example, in another terminal:")
    stage.story.as_typed(example_command(servers.smtp_port, address))
    stage.story.say("Then look at sam@example.org on the page. Ctrl-C ends the demo, and nothing of it is kept.")


def example_command(smtp_port: int, address: str) -> str:
    """A line for a shell that sends one mail, with nothing but Python."""
    return (
        f'python3 -c \'import smtplib; smtplib.SMTP("{LOOPBACK}", {smtp_port}).sendmail(\n'
        f'  "sam@example.org", "{address}", "From: Sam <sam@example.org>\\n"\n'
        f'  "To: {address}\\nSubject: Hello\\n\\nCould I talk to somebody?")\''
    )


def play_live(stage: Stage, stop: threading.Event) -> bool:
    """Run the worker until `stop` is set, telling of each mail; False when the worker could not go on."""
    with stage.open() as application:
        seen = {outcome.stored.id for outcome in read_outcomes(application.store)}
        news = threading.Thread(target=_tell, args=(stage, application, seen, stop), name="news")
        news.start()
        try:
            return application.run_until(stop)
        finally:
            stop.set()
            news.join()


def _tell(stage: Stage, application: Application, seen: Collection[str], stop: threading.Event) -> None:
    known = set(seen)
    while not stop.wait(LOOK_EVERY):
        for outcome in _news(application.store, known):
            known.add(outcome.stored.id)
            _show(stage, outcome)


def _news(store: Store, known: Collection[str]) -> list[Outcome]:
    """Messages that are done, with all that they caused; none while a mail of ours still waits to be sent."""
    with store.reading() as uow:
        done = uow.messages.count(MessageState.PROCESSED) > len(known) and not uow.outbox.list((DeliveryState.PENDING,), 1)
    return read_outcomes(store, known) if done else []


def _show(stage: Stage, outcome: Outcome) -> None:
    name = outcome.inbound.sender.name if outcome.inbound.sender else ""
    stage.story.heading(f"A mail from {name or outcome.sender or 'nobody that can be answered'}")
    stage.story.message(outcome)
    if outcome.why(EventKind.ACKNOWLEDGED) is not None:
        for mail in answers_to(outcome.inbound.message_id, stage.post.inbox(outcome.sender)):
            stage.story.answer(mail, name.partition(" ")[0] or outcome.sender)
