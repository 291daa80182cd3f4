"""The commands, a module a group. They parse what was typed, call the desk, and print; they decide nothing."""

from __future__ import annotations

import sys

import typer

from helpdesk.cli import check, db, demo, doctor, import_mail, outbox, quarantine, run, staff, templates, tickets
from helpdesk.cli.explain import explain
from helpdesk.cli.output import show_what_can_be_shown
from helpdesk.errors import HelpdeskError
from helpdesk.log import configure_logs, log_uncaught_errors

PROBLEM = 1


def build_app() -> typer.Typer:
    """The whole command line; built when asked for, so that nothing runs at import."""
    app = typer.Typer(
        help="The email helpdesk of Exit Hate Trust: every mail is answered kindly, none is lost.",
        no_args_is_help=True,
        add_completion=False,
        # Typer's own tracebacks show local variables, which hold mail.
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    app.command()(demo.demo)
    app.command()(check.check)
    app.command()(run.run)
    app.command()(explain)
    app.command("import")(import_mail.import_mail)
    app.command()(doctor.doctor)
    app.add_typer(tickets.app, name="tickets")
    app.add_typer(staff.app, name="staff")
    app.add_typer(templates.app, name="templates")
    app.add_typer(outbox.app, name="outbox")
    app.add_typer(quarantine.app, name="quarantine")
    app.add_typer(db.app, name="db")
    return app


def main() -> None:
    """Run the command line; a problem that a person can mend is told in its own words, and ends with exit code 1."""
    configure_logs()
    log_uncaught_errors()
    show_what_can_be_shown()
    try:
        # Not `build_app()()`: Typer would put a hook of its own in the place of ours, and show what an exception says.
        typer.main.get_command(build_app())()
    except HelpdeskError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(PROBLEM)
