"""`helpdesk demo`: the whole thing on mail servers inside this process."""

from __future__ import annotations

from typing import Annotated

import typer

from helpdesk.bootstrap import open_application
from helpdesk.errors import HelpdeskError


def demo(
    once: Annotated[bool, typer.Option("--once", help="Show what happens to the sample mail, and exit.")] = False,
) -> None:
    """Show it at work: sample mail comes in, people are answered, staff are told. Nothing leaves this machine.

    Example: helpdesk demo
    """
    try:
        # Here and not above: the embedded servers are an extra, and every other command starts faster without them.
        from helpdesk.demo.run import run_demo
    except ModuleNotFoundError as error:
        raise HelpdeskError(f"The demo needs the module {error.name}. Install it with: make setup") from error
    if not run_demo(open_application, once=once):
        raise typer.Exit(1)
