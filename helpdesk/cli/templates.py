"""`helpdesk templates`: the words of our mails, as files that an admin may change."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from helpdesk.bootstrap import build_templates
from helpdesk.cli.output import AsJson, Cell, print_json, print_rows, printable, report_problems, say
from helpdesk.errors import HelpdeskError
from helpdesk.mail.templates import TemplateInfo
from helpdesk.model.delivery import Purpose
from helpdesk.model.template import Rendered

app = typer.Typer(help="The words of our mails: list them, check them, and see one as a mail.", no_args_is_help=True)


@app.command("list")
def list_templates(as_json: AsJson = False) -> None:
    """List every template, and which version of it serves now.

    Example: helpdesk templates list
    """
    library = build_templates(Path(), os.environ)
    print_rows([_row(info) for info in library.names()], as_json=as_json, empty="There are no templates.")


@app.command("check")
def check(as_json: AsJson = False) -> None:
    """Try every template in every situation, and say what to write instead of what is wrong.

    Example: helpdesk templates check
    """
    report_problems(
        build_templates(Path(), os.environ).check(),
        as_json=as_json,
        all_well="Every template is in order",
        meanwhile="Until then the last good version serves, or the built-in one.",
    )


@app.command("preview")
def preview(
    name: Annotated[Purpose, typer.Argument(help="A template, as `helpdesk templates list` shows it.")],
    situation: Annotated[
        str, typer.Option("--situation", help='When it is sent, such as "closed until Monday"; a wrong one lists them all.')
    ] = "",
    language: Annotated[str, typer.Option("--language", help="The language of the person who wrote.")] = "en",
    html: Annotated[Path | None, typer.Option("--html", help="Write the HTML version to this file.", dir_okay=False)] = None,
    as_json: AsJson = False,
) -> None:
    """Show a template as a mail, with an invented person in it. Nothing is sent.

    Example: helpdesk templates preview acknowledgement --situation "closed until Monday"
    """
    library = build_templates(Path(), os.environ)
    rendered = library.preview(name, language, situation)
    other = library.why_not_shown(name, language)
    if other:
        sys.stderr.write(f"{printable(other)}\n")
    if html is not None:
        _write(html, rendered.html)
    if as_json:
        print_json({"subject": rendered.subject, "language": rendered.language, "text": rendered.text, "html": rendered.html})
        return
    say(printable(_as_mail(rendered)))
    if html is not None:
        say(f"\nThe HTML version is in {html}. Open it in a browser, on a phone's width too.")


def _row(info: TemplateInfo) -> dict[str, Cell]:
    return {
        "template": info.name.value,
        "language": info.language,
        "serving": info.serving.value,
        "file": _shown(info.path),
    }


def _shown(path: Path) -> str:
    """The path as one would type it here."""
    here = Path()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise HelpdeskError(f"{path} can't be written ({error.strerror}). Nothing was changed. Name another file.") from error


def _as_mail(rendered: Rendered) -> str:
    return f"Subject: {rendered.subject}\n\n{rendered.text.rstrip()}"
