"""What is wrong with settings, templates, the database and the two logins, all at once.

Changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from helpdesk.bootstrap.desk import library_of
from helpdesk.clock import SystemClock
from helpdesk.errors import HelpdeskError, Problem, SettingsError
from helpdesk.mail.mailbox import probe_mailbox
from helpdesk.mail.smtp import probe_transport
from helpdesk.settings import Settings, load_settings, load_what_is_sound
from helpdesk.store.database import check_database


def check_configuration(directory: Path, environ: Mapping[str, str], *, online: bool) -> tuple[Problem, ...]:
    """Every problem and warning of settings and templates, and with `online` of the two logins."""
    today = SystemClock().now().date()
    try:
        settings = load_settings(directory, environ, today)
    except SettingsError as error:
        return (*error.problems, *_template_problems(directory, environ))
    problems = (*settings.warnings, *library_of(settings.desk, SystemClock()).check(), *_database_problems(settings))
    return (*problems, *_online_problems(settings)) if online else problems


def _template_problems(directory: Path, environ: Mapping[str, str]) -> tuple[Problem, ...]:
    """Problems of the templates, read by what is sound of the configuration."""
    return library_of(load_what_is_sound(directory, environ), SystemClock()).check()


def _database_problems(settings: Settings) -> tuple[Problem, ...]:
    """What `run` would find wrong with the database; one that is not there yet is made by the first start."""
    try:
        check_database(settings.database_url, settings.secret_key)
    except HelpdeskError as error:
        return (Problem("database", str(error), ""),)
    return ()


def _online_problems(settings: Settings) -> tuple[Problem, ...]:
    problems = []
    try:
        probe_mailbox(settings.imap, [folder.folder for folder in settings.desk.folders])
    except HelpdeskError as error:
        problems.append(Problem("IMAP server", str(error), ""))
    try:
        probe_transport(settings.smtp)
    except HelpdeskError as error:
        problems.append(Problem("SMTP server", str(error), ""))
    return tuple(problems)
