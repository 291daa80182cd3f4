"""A folder with sound settings, for tests to change one thing in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from helpdesk.errors import Problem, SettingsError
from helpdesk.settings import DeskSettings, Settings, load_desk_settings, load_settings

# 32 bytes that are no secret, in base64url without padding.
KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
TODAY = date(2026, 11, 30)

DOTENV = f"""\
HELPDESK_IMAP_HOST='imap.charity.test'
HELPDESK_IMAP_USERNAME='info'
HELPDESK_IMAP_PASSWORD='correct horse'
HELPDESK_SMTP_HOST='smtp.charity.test'
HELPDESK_SMTP_USERNAME='info'
HELPDESK_SMTP_PASSWORD='battery staple'
HELPDESK_SECRET_KEY='{KEY}'
"""

STAFF = """\
[[staff]]
id = "mike"
public_name = "Mike"
email = "mike@staff.test"
roles = ["lead", "admin"]
"""


@dataclass(frozen=True)
class SettingsFolder:
    """The files of a folder; `environ` is the environment that they are read in."""

    directory: Path
    environ: dict[str, str] = field(default_factory=dict)

    def write_dotenv(self, text: str) -> None:
        self._write(".env", text, 0o600)

    def write_helpdesk(self, text: str) -> None:
        self._write("config/helpdesk.toml", text, 0o644)

    def write_staff(self, text: str) -> None:
        self._write("config/staff.toml", text, 0o600)

    def load(self) -> Settings:
        return load_settings(self.directory, self.environ, TODAY)

    def load_desk(self) -> DeskSettings:
        return load_desk_settings(self.directory, self.environ, TODAY)

    def problems(self) -> tuple[Problem, ...]:
        """What `load` says, errors and warnings; none when all is well."""
        try:
            return self.load().warnings
        except SettingsError as error:
            return error.problems

    def the_problem(self) -> Problem:
        """The one problem that there is."""
        problems = self.problems()
        assert len(problems) == 1, [str(problem) for problem in problems]
        return problems[0]

    def with_environ(self, environ: Mapping[str, str]) -> SettingsFolder:
        return SettingsFolder(self.directory, dict(environ))

    def _write(self, name: str, text: str, mode: int) -> None:
        path = self.directory / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        path.chmod(mode)


def make_folder(directory: Path) -> SettingsFolder:
    folder = SettingsFolder(directory)
    folder.write_dotenv(DOTENV)
    folder.write_helpdesk("")
    folder.write_staff(STAFF)
    (directory / "templates").mkdir()
    return folder
