"""Reads every file of the settings and says everything that is wrong with them at once; decides nothing."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from pydantic import ValidationError

from helpdesk.errors import Problem, SettingsError
from helpdesk.settings import build, checks, servers, urls
from helpdesk.settings.database_url import read_database_url
from helpdesk.settings.files import is_open_to_others, trouble_with_folder
from helpdesk.settings.overrides import override_names, variable_of, with_overrides
from helpdesk.settings.shape import HelpdeskShape
from helpdesk.settings.staff_shape import StaffEntry, StaffShape
from helpdesk.settings.toml import TomlFile, read_toml
from helpdesk.settings.values import DeskSettings, Settings
from helpdesk.settings.variables import Variables, find_unknown, read_variables
from helpdesk.settings.words import Finding, findings_of

HELPDESK_FILE = "helpdesk.toml"
STAFF_FILE = "staff.toml"
STAFF_EXAMPLE = "staff.example.toml"
_NO_HELPDESK_FILE = f"Bring it back, or let {servers.CONFIG_DIR} name the folder that it is in."


@dataclass(frozen=True, slots=True)
class _Helpdesk:
    """`config/helpdesk.toml` as read; the sections in `unsound` hold mistakes, and defaults in their place."""

    shape: HelpdeskShape
    unsound: frozenset[str]


def load_settings(directory: Path, environ: Mapping[str, str], today: date | None = None) -> Settings:
    """Read `.env`, `config/helpdesk.toml` and `config/staff.toml` below `directory`; the environment comes first.

    Raises SettingsError with every mistake of all three. `today` is for the age of the signposts, which is not looked
    at without it.
    """
    variables = read_variables(directory, environ)
    imap_reader = servers.LoginReader("IMAP", variables, directory)
    smtp_reader = servers.LoginReader("SMTP", variables, directory)
    imap, smtp = imap_reader.read(), smtp_reader.read()
    problems = [*imap_reader.problems, *smtp_reader.problems]
    database_url = read_database_url(variables, directory, problems)
    secret_key = servers.read_secret_key(variables, problems)
    heartbeat_url, alarm_webhook = (
        urls.read_url(variables, name, problems) for name in (servers.HEARTBEAT_URL, servers.ALARM_WEBHOOK)
    )
    problems = servers.without_what_nobody_knows(variables, problems)
    problems[:0] = [*variables.problems, *find_unknown(variables, servers.NAMES | override_names())]
    problems[:0] = servers.find_missing_dotenv(variables, problems)
    desk = _Desk(directory, variables, problems).read(today, example_serves=False)
    warnings = _raise_or_warn(problems)
    desk = replace(desk, warnings=warnings)
    return Settings(desk, imap, smtp, database_url, secret_key, warnings, heartbeat_url, alarm_webhook)


def load_desk_settings(directory: Path, environ: Mapping[str, str], today: date | None = None) -> DeskSettings:
    """Read only what decisions go by, without a secret; the example of the staff serves where their file is missing.

    Raises SettingsError with every mistake of the files in the config folder.
    """
    problems: list[Problem] = []
    desk = _Desk(directory, read_variables(directory, environ), problems).read(today, example_serves=True)
    return replace(desk, warnings=_raise_or_warn(problems))


def load_what_is_sound(directory: Path, environ: Mapping[str, str]) -> DeskSettings:
    """The settings with defaults in the place of every section that holds a mistake; only for checking the rest."""
    return _Desk(directory, read_variables(directory, environ), []).read(None, example_serves=True)


class _Desk:
    """The config folder, read once; `problems` is the caller's list, and grows."""

    def __init__(self, directory: Path, variables: Variables, problems: list[Problem]) -> None:
        self._directory = directory
        self._variables = variables
        self._problems = problems
        self._config = directory / variables.get(servers.CONFIG_DIR, "config")
        self._templates = directory / variables.get(servers.TEMPLATES_DIR, "templates")

    def read(self, today: date | None, *, example_serves: bool) -> DeskSettings:
        """The settings; they are of use only while `problems` holds nothing but warnings."""
        readable = self._can_enter_config()
        helpdesk = self._read_helpdesk(today, readable=readable)
        entries = self._read_staff(helpdesk, example_serves=example_serves) if readable else ()
        shape, staff = helpdesk.shape, tuple(build.staff_member(entry) for entry in entries)
        return DeskSettings(
            organisation=build.organisation(shape),
            office_hours=build.office_hours(shape.office_hours),
            acknowledgement=build.acknowledgement(shape.acknowledgement),
            tickets=build.tickets(shape.tickets),
            staff_mail=build.staff_mail(shape.staff_mail),
            ourselves=build.ourselves(shape, staff),
            staff=staff,
            folders=build.folders(shape.mailbox),
            poll_interval=build.poll_interval(shape.mailbox),
            envelope_sender=build.envelope_sender(shape.mailbox),
            plus_addressing=shape.mailbox.plus_addressing,
            templates_dir=self._templates,
            watch=build.watch(shape.watch, build.poll_interval(shape.mailbox)),
        )

    def _can_enter_config(self) -> bool:
        """Whether the folder of the files is there to be read; what is wrong with it is said once, and not of each file."""
        trouble = trouble_with_folder(self._config)
        variable = self._variables.find(servers.CONFIG_DIR)
        if trouble and variable:
            what = f'{servers.CONFIG_DIR} is "{variable.value}". {trouble}'
            remedy = f"Let it name the folder that {HELPDESK_FILE} and {STAFF_FILE} are in, or remove it for “config”."
            self._problems.append(Problem(variable.where, what, remedy))
        elif trouble:
            remedy = f"Bring it back, or let {servers.CONFIG_DIR} name the folder that {HELPDESK_FILE} is in."
            self._problems.append(Problem(self._shown(self._config), trouble, remedy))
        return not trouble

    def _read_helpdesk(self, today: date | None, *, readable: bool) -> _Helpdesk:
        file = self._read_file(HELPDESK_FILE, _NO_HELPDESK_FILE) if readable else None
        data = with_overrides(file.data if file else {}, self._variables)
        try:
            helpdesk = _Helpdesk(HelpdeskShape.model_validate(data), frozenset())
        except ValidationError as error:
            findings = findings_of(error, HelpdeskShape)
            self._add(findings, file)
            unsound = frozenset(str(finding.path[0]) for finding in findings)
            sound = {name: value for name, value in data.items() if name not in unsound}
            helpdesk = _Helpdesk(HelpdeskShape.model_validate(sound), unsound)
        self._add(checks.check_helpdesk(helpdesk.shape, lambda name: name not in helpdesk.unsound, today), file)
        return helpdesk

    def _read_staff(self, helpdesk: _Helpdesk, *, example_serves: bool) -> Sequence[StaffEntry]:
        own = self._config / STAFF_FILE
        serves_example = example_serves and not os.path.lexists(own)
        shown, example = self._shown(own), self._shown(self._config / STAFF_EXAMPLE)
        remedy = f"Run: cp {example} {shown} && chmod 600 {shown}, and write your staff into it."
        file = self._read_file(STAFF_EXAMPLE if serves_example else STAFF_FILE, remedy)
        if file is None:
            return ()
        if not serves_example:
            self._check_mode(own)
        numbered, findings = _sound_entries(file.data)
        entries = [entry for _, entry in numbered]
        unsound, shape = helpdesk.unsound, helpdesk.shape
        findings += checks.check_staff(
            entries,
            [number for number, _ in numbered],
            None if "mailbox" in unsound else shape.mailbox,
            None if "organisation" in unsound else shape.organisation,
        )
        if not findings:
            findings += checks.check_roles(entries)
            findings += () if serves_example else checks.find_example_addresses(entries)
        self._add(findings, file)
        return entries

    def _check_mode(self, path: Path) -> None:
        if is_open_to_others(path):
            shown = self._shown(path)
            what = "Others on this machine can read the private addresses of your staff."
            self._problems.append(Problem(shown, what, f"Run: chmod 600 {shown}"))

    def _read_file(self, name: str, remedy_when_missing: str) -> TomlFile | None:
        path = self._config / name
        file = read_toml(path, self._shown(path))
        if isinstance(file, TomlFile):
            return file
        self._problems.append(file or Problem(self._shown(path), "There is no such file.", remedy_when_missing))
        return None

    def _add(self, findings: Iterable[Finding], file: TomlFile | None) -> None:
        for finding in findings:
            self._problems.append(self._problem(finding, file))

    def _problem(self, finding: Finding, file: TomlFile | None) -> Problem:
        variable = self._variables.find(variable_of(finding.path))
        if variable:
            remedy = " ".join(filter(None, (finding.remedy, _example_for(variable.name, finding))))
            return Problem(variable.where, f"{variable.name}: {finding.what}", remedy, finding.warning)
        where = file.where(finding.path) if file else self._shown(self._config / HELPDESK_FILE)
        example = f"Write for example: {finding.example}" if finding.example else ""
        return Problem(where, finding.what, " ".join(filter(None, (finding.remedy, example))), finding.warning)

    def _shown(self, path: Path) -> str:
        """The path as an admin would type it from `directory`."""
        return str(path.relative_to(self._directory) if path.is_relative_to(self._directory) else path)


def _example_for(variable: str, finding: Finding) -> str:
    """The example of a key as a variable holds it: a text without its quotation marks, a list as JSON."""
    if not finding.example:
        return ""
    value = finding.example.partition(" = ")[2]
    if not value:
        return f"Write the list as JSON: {variable}='[{{…}}]'"
    if len([part for part in finding.path if isinstance(part, str)]) > 2:
        return f"The variable holds a list as JSON, in which stands for example: {finding.example}"
    bare = value.strip('"')
    return f"Write for example: {variable}='{bare}'"


def _sound_entries(data: Mapping[str, object]) -> tuple[list[tuple[int, StaffEntry]], list[Finding]]:
    """The staff entries without a mistake, each with its place in the file, and what is wrong with the others."""
    try:
        return list(enumerate(StaffShape.model_validate(data).staff)), []
    except ValidationError as error:
        findings = findings_of(error, StaffShape)
    unsound = {finding.path[1] for finding in findings if len(finding.path) > 1}
    listed = data.get("staff")
    raw = list(enumerate(listed)) if isinstance(listed, list) else []
    return [(number, StaffEntry.model_validate(entry)) for number, entry in raw if number not in unsound], findings


def _raise_or_warn(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    """The problems, in the order of the files and their lines, when all are warnings; else they are raised."""
    ordered = tuple(sorted(problems, key=_place))
    if any(not problem.warning for problem in ordered):
        raise SettingsError(ordered)
    return ordered


def _place(problem: Problem) -> tuple[bool, str, int]:
    """The environment and `.env` first, then each file from its top to its end."""
    file, _, line = problem.where.partition(", line ")
    return (file not in ("environment", ".env"), file, int(line) if re.fullmatch(r"\d+", line) else 0)
