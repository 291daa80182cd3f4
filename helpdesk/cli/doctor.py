"""`helpdesk doctor`: is mail flowing, and if not, what is wrong and what to do."""

from __future__ import annotations

import os
from pathlib import Path

import typer

from helpdesk.cli.output import AsJson, print_json, say
from helpdesk.jobs.doctor import Finding
from helpdesk.upkeep import examine


def doctor(as_json: AsJson = False) -> None:
    """Look at everything that mail has to pass, and say what is wrong and what to do. Mail that was missed is taken in.

    Example: helpdesk doctor
    """
    found = examine(Path(), os.environ)
    if as_json:
        print_json({"well": not found.findings, "findings": [_row(each) for each in found.findings], "seen": list(found.seen)})
    else:
        for finding in found.findings:
            say(f"wrong: {finding.about}\n  {finding.what}\n  {finding.mail}\n  To do: {finding.remedy}\n")
        for sentence in found.seen:
            say(f"  {sentence}")
        say("Something is wrong: see above." if found.findings else "All is well: mail is flowing.")
    if found.findings:
        raise typer.Exit(1)


def _row(finding: Finding) -> dict[str, str]:
    return {"about": finding.about, "what": finding.what, "mail": finding.mail, "remedy": finding.remedy}
