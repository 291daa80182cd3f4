"""What every scene of the demo needs, and what it asks of the application."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol

from helpdesk.demo.post import Post
from helpdesk.demo.story import Story
from helpdesk.jobs.ports import Store
from helpdesk.model.policy import StartFrom
from helpdesk.settings import DeskSettings


class Application(Protocol):
    """The helpdesk, connected: `bootstrap` has the real one."""

    @property
    def store(self) -> Store: ...

    def start_mailbox(self, start: StartFrom) -> object: ...

    def run_once(self) -> int: ...

    def run_until(self, stop: threading.Event) -> bool: ...


class OpenApplication(Protocol):
    """Connects the helpdesk of a folder; with `create` its database is made where there is none."""

    def __call__(
        self, directory: Path, environ: Mapping[str, str], /, *, create: bool
    ) -> AbstractContextManager[Application]: ...


@dataclass(frozen=True, slots=True)
class Stage:
    """The story, the post and the desk; `open` gives a freshly connected application on the demo's database."""

    story: Story
    post: Post
    desk: DeskSettings
    open: Callable[[], AbstractContextManager[Application]]

    @property
    def address(self) -> str:
        return self.desk.organisation.email

    def staff_mail(self) -> dict[str, list[EmailMessage]]:
        """What lies in the mailbox of each staff member, by their id."""
        return {member.id: self.post.inbox(member.email) for member in self.desk.staff}
