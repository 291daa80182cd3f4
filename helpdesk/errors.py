"""The exceptions that end a unit of work; expected outcomes are values, never exceptions.

The text of each is written for the person who reads it: what happened, what became of the mail, what to do.
"""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from pathlib import PurePath


class HelpdeskError(Exception):
    """Something that a person has to know of; its text may be shown to them as it is."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in the configuration: where it stands (file and line), what is wrong and what to write instead.

    A warning is worth reading, but stops nothing.
    """

    where: str
    what: str
    remedy: str
    warning: bool = False

    def __str__(self) -> str:
        return f"{self.where}: {self.what} {self.remedy}".rstrip()


class SettingsError(HelpdeskError):
    """The settings can't be used; `problems` holds every mistake that was found, all at once."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


class TemplateProblem(HelpdeskError):
    """A template can't be taken; the last good version of it goes on serving."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


class MailboxUnavailable(HelpdeskError):
    """The IMAP server can't be used now; no mail was touched, and the next poll tries again."""


class LoginRefused(MailboxUnavailable):
    """The IMAP server is there and does not let us in: trying again does not help, a person has to look."""


class TransportUnavailable(HelpdeskError):
    """The SMTP server can't be used now."""


class MailboxNotStarted(HelpdeskError):
    """This database has never seen the mailbox, and nobody has said from where on its mail should be answered."""


class DatabaseUnavailable(HelpdeskError):
    """The database can't be used; mail stays in the mailbox until it can."""


class KeyMismatch(HelpdeskError):
    """HELPDESK_SECRET_KEY is not the key that this database was sealed with."""


class NotFound(HelpdeskError):
    """Nothing is stored under the name or number that was given."""


def place_of(error: BaseException) -> str:
    """The class of an exception and the file and line that raised it: all of it that a log may hold."""
    frames = traceback.extract_tb(error.__traceback__)
    if not frames:
        return type(error).__name__
    return f"{type(error).__name__} at {PurePath(frames[-1].filename).name}:{frames[-1].lineno}"
