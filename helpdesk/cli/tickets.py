"""`helpdesk tickets`: the desk from a terminal."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from helpdesk.bootstrap import open_application
from helpdesk.cli.output import AsJson, Cell, Limit, moment, print_json, print_rows, printable, say
from helpdesk.cli.reference import number_of
from helpdesk.core.acknowledge import AcknowledgementDecision
from helpdesk.errors import NotFound
from helpdesk.jobs.ports import UnitOfWork
from helpdesk.model.stored import MessageView
from helpdesk.model.ticket import Event, Ticket, TicketState, reference_of

app = typer.Typer(help="Tickets: list them, show one, or say that a mail was a person's.", no_args_is_help=True)

Reference = Annotated[str, typer.Argument(help="A ticket reference, such as EHT-1001 or 1001.")]

_NOT_CLOSED = (TicketState.NEW, TicketState.OPEN, TicketState.PENDING)


@app.command("list")
def list_tickets(
    state: Annotated[list[TicketState] | None, typer.Option("--state", help="Only these states; may be repeated.")] = None,
    machine: Annotated[bool, typer.Option("--machine", help="List machine mail and junk instead.")] = False,
    limit: Limit = 100,
    as_json: AsJson = False,
) -> None:
    """List tickets that are not closed, newest first; with --machine, the mail that was taken for a machine's or junk.

    Example: helpdesk tickets list --state new
    """
    if machine and state:
        raise typer.BadParameter("--state is for tickets, and --machine lists mail. Leave one of them out.")
    with open_application(Path(), os.environ) as application, application.store.reading() as uow:
        if machine:
            print_rows(_machine_rows(uow, limit), as_json=as_json, empty="No machine mail and no junk.")
            return
        tickets = uow.tickets.list(tuple(state or _NOT_CLOSED), limit)
        print_rows([_ticket_row(ticket) for ticket in tickets], as_json=as_json, empty="No tickets.")


@app.command("show")
def show(
    reference: Annotated[str, typer.Argument(help="A ticket reference, such as EHT-1001 or 1001.")],
    as_json: AsJson = False,
) -> None:
    """Show a ticket: who wrote, what they newly wrote, and everything that happened.

    Example: helpdesk tickets show EHT-1001
    """
    with open_application(Path(), os.environ) as application, application.store.reading() as uow:
        ticket = uow.tickets.by_number(number_of(reference))
        if ticket is None:
            raise NotFound(f"There is no ticket {reference}. See them with: helpdesk tickets list")
        messages, events = uow.messages.of_ticket(ticket.id), uow.tickets.events(ticket.id)
        if as_json:
            print_json(
                {
                    **_ticket_row(ticket),
                    "reminders_paused": ticket.reminders_paused,
                    "messages": [_message_json(each) for each in messages],
                    "events": [_event_json(each) for each in events],
                }
            )
            return
        say(_in_words(ticket, messages, events))


@app.command("person")
def person(
    message: Annotated[str, typer.Argument(help="A message id, as `helpdesk tickets list --machine` shows it.")],
) -> None:
    """Say that a mail which was taken for a machine's or junk was a person's: it gets its ticket and answer after all.

    Example: helpdesk tickets person 0192f3c4a5
    """
    with open_application(Path(), os.environ) as application:
        ticket, answer = application.actions.treat_as_person(message)
        say(f"Done: it is now on {ticket.reference}. {_answer_in_words(answer)}")


@app.command("close")
def close(reference: Reference) -> None:
    """Close a ticket on which nothing more is to be done; a new message of the person opens it again.

    Example: helpdesk tickets close EHT-1001
    """
    with open_application(Path(), os.environ) as application:
        say(f"Done: {application.actions.close(number_of(reference)).reference} is closed. Nobody was written to.")


@app.command("reopen")
def reopen(reference: Reference) -> None:
    """Open a closed ticket again.

    Example: helpdesk tickets reopen EHT-1001
    """
    with open_application(Path(), os.environ) as application:
        ticket = application.actions.reopen(number_of(reference))
        say(f"Done: {ticket.reference} is {ticket.state} again.")


@app.command("assign")
def assign(
    reference: Reference,
    staff: Annotated[str, typer.Argument(help="The id of a staff member, as `helpdesk staff list` shows it.")],
) -> None:
    """Give a ticket to somebody, who gets a notice of it.

    Example: helpdesk tickets assign EHT-1001 dana
    """
    with open_application(Path(), os.environ) as application:
        ticket = application.actions.assign(number_of(reference), staff)
        say(f"Done: {ticket.reference} is {staff}'s. Their notice goes out with the worker's next delivery.")


@app.command("note")
def note(
    reference: Reference,
    words: Annotated[str, typer.Argument(help="What only staff may read; in quotation marks.")],
) -> None:
    """Keep words on a ticket that only staff see; they are in the next notice of it.

    Example: helpdesk tickets note EHT-1001 "They would rather talk to a woman."
    """
    with open_application(Path(), os.environ) as application:
        ticket = application.actions.note(number_of(reference), words)
        say(f"Done: the note is on {ticket.reference}. Nobody was written to.")


@app.command("pause")
def pause(reference: Reference) -> None:
    """Let nobody be reminded of a ticket, until you resume it or it is closed.

    Example: helpdesk tickets pause EHT-1001
    """
    with open_application(Path(), os.environ) as application:
        ticket = application.actions.pause(number_of(reference))
        say(
            f"Done: nobody is reminded of {ticket.reference} any more. It stays in the morning lists. "
            f"To begin again: helpdesk tickets resume {ticket.reference}"
        )


@app.command("resume")
def resume(reference: Reference) -> None:
    """Let the reminders of a ticket begin again, with all their time.

    Example: helpdesk tickets resume EHT-1001
    """
    with open_application(Path(), os.environ) as application:
        ticket = application.actions.resume(number_of(reference))
        say(f"Done: the reminders of {ticket.reference} begin again. They count from now.")


def _answer_in_words(answer: AcknowledgementDecision) -> str:
    if answer.purpose is None:
        return f"No automatic answer goes out: {answer.reason}."
    if answer.held_because:
        return f"Its automatic answer is held: {answer.held_because}. See it with: helpdesk outbox list --state held"
    return "Its automatic answer goes out with the worker's next delivery."


def _ticket_row(ticket: Ticket) -> dict[str, Cell]:
    return {
        "ticket": ticket.reference,
        "state": ticket.state.value,
        "priority": ticket.priority.value,
        "assignee": ticket.assignee,
        "requester": ticket.requester_address,
        "subject": ticket.subject,
        "spam": ticket.spam,
        "opened_at": moment(ticket.opened_at),
        "updated_at": moment(ticket.updated_at),
    }


def _machine_rows(uow: UnitOfWork, limit: int) -> list[dict[str, Cell]]:
    return [
        {
            "message": mail.id,
            "received_at": moment(mail.received_at),
            "kind": mail.kind.value,
            "rule": mail.rule,
            "ticket": reference_of(mail.ticket_number) if mail.ticket_number else None,
            "sender": mail.sender,
            "subject": mail.subject,
        }
        for mail in uow.messages.machine_mail(limit)
    ]


def _message_json(message: MessageView) -> dict[str, Cell]:
    return {
        "message": message.id,
        "received_at": moment(message.received_at),
        "kind": message.kind.value if message.kind else None,
        "rule": message.rule,
        "sender": message.sender.address if message.sender else None,
        "subject": message.subject,
        "new_text": message.new_text,
    }


def _event_json(event: Event) -> dict[str, Cell]:
    return {"at": moment(event.at), "event": event.kind.value, "actor": event.actor, "why": event.why}


def _in_words(ticket: Ticket, messages: list[MessageView], events: list[Event]) -> str:
    lines = [
        f"{ticket.reference}  {ticket.state.value}, priority {ticket.priority.value}" + (", junk" if ticket.spam else ""),
        f"from      {ticket.requester_name} <{ticket.requester_address}>",
        f"subject   {ticket.subject}",
        f"assigned  {ticket.assignee or 'to nobody'}",
        *(["reminders paused"] if ticket.reminders_paused else []),
    ]
    for message in messages:
        who = message.sender.address if message.sender else "nobody that can be answered"
        lines += ["", f"{moment(message.received_at)}  {who} wrote (message {message.id}):"]
        lines += [f"  | {line}" for line in message.new_text.splitlines()]
    lines += ["", "What happened:"]
    lines += [f"  {moment(event.at)}  {event.kind.value:16}  {event.actor:10}  {event.why}" for event in events]
    return "\n".join(printable(line) for line in lines)
