"""The whole program on real servers: a folder as an operator sets it up, Dovecot over TLS, an SMTP server that keeps mail."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest

from helpdesk.bootstrap import Application, open_application
from helpdesk.clock import Clock
from helpdesk.jobs.ports import Compose, Folder
from helpdesk.model.delivery import OutboundMail
from helpdesk.model.mailbox import FolderStatus, MessageSummary
from helpdesk.model.message import RawMessage
from helpdesk.model.policy import StartFrom, StartMode
from tests.servers.dovecot import PASSWORD, Dovecot
from tests.servers.smtp_sink import SmtpSink

ROOT = Path(__file__).resolve().parents[2]

STAFF = """
[[staff]]
id = "mike"
public_name = "Mike"
email = "mike.private@staff.example"
roles = ["lead", "admin"]
capacity = 1000

[[staff]]
id = "dana"
public_name = "Dana"
email = "dana.private@staff.example"
capacity = 1000
"""
STAFF_ADDRESSES = {"mike.private@staff.example", "dana.private@staff.example"}


@dataclass
class Place:
    """A folder with `.env`, config and templates, pointed at the servers of the tests."""

    directory: Path
    dovecot: Dovecot
    sink: SmtpSink
    user: str
    more: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> Mapping[str, str]:
        return self.more

    def write_env(self, **changes: str) -> None:
        lines = {
            "HELPDESK_IMAP_HOST": "localhost",
            "HELPDESK_IMAP_PORT": str(self.dovecot.tls_port),
            "HELPDESK_IMAP_USERNAME": self.user,
            "HELPDESK_IMAP_PASSWORD": PASSWORD,
            "HELPDESK_IMAP_CA_FILE": str(self.dovecot.certificate.cert_file),
            "HELPDESK_SMTP_HOST": "localhost",
            "HELPDESK_SMTP_PORT": str(self.sink.port),
            "HELPDESK_SMTP_SECURITY": "none",
            "HELPDESK_SECRET_KEY": "a2" * 21 + "M",
            **changes,
        }
        path = self.directory / ".env"
        path.write_text("".join(f"{name}='{value}'\n" for name, value in lines.items()))
        path.chmod(0o600)

    @contextmanager
    def application(self, clock: Clock | None = None) -> Iterator[Application]:
        with open_application(self.directory, self.environment, clock, create=True) as application:
            yield application

    def work(self, start: StartMode | None = None, since: datetime | None = None) -> int:
        """`helpdesk run --once`, in this process."""
        with self.application() as application:
            if start is not None:
                application.start_mailbox(StartFrom(start, since))
            return application.run_once()

    def command(self, *arguments: str, largest_file: int | None = None) -> subprocess.CompletedProcess[str]:
        """A command as an operator types it, in a process of its own; no file of which grows beyond `largest_file` bytes."""
        typed = [sys.executable, "-m", "helpdesk", *arguments]
        if largest_file is not None:
            limited = "import os, resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]),) * 2)"
            typed = [sys.executable, "-c", f"{limited}; os.execv(sys.argv[2], sys.argv[2:])", str(largest_file), *typed]
        return subprocess.run(
            typed,
            cwd=self.directory,
            env=self.process_environment(),
            capture_output=True,
            text=True,
            timeout=300,
        )

    def process_environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("HELPDESK_")}
        return {**kept, "PYTHONPATH": str(ROOT), **self.environment}

    def mails_to(self, address: str) -> list[EmailMessage]:
        """The mails that the SMTP server took for this envelope recipient, parsed."""
        caught = [each for each in self.sink.caught if address in each.recipients]
        mails = [message_from_bytes(each.content, policy=default) for each in caught]
        return [mail for mail in mails if isinstance(mail, EmailMessage)]


@dataclass(frozen=True)
class FailingCompose:
    """Composes every mail but those to one recipient, at which it fails as a fault of ours would, naming them."""

    real: Compose
    recipient: str

    def __call__(self, mail: OutboundMail) -> bytes:
        if mail.to_address == self.recipient:
            raise ValueError(f"no mail can be composed to {mail.to_address}")
        return self.real(mail)


def break_mail_to(application: Application, recipient: str) -> None:
    """From now on no message of this person can be processed, since its answer can't be composed."""
    for ingest in application.ingests:
        desk = ingest.processor.desk
        letters = replace(desk.letters, compose=FailingCompose(desk.letters.compose, recipient))
        ingest.processor = replace(ingest.processor, desk=replace(desk, letters=letters))


@dataclass
class MeddledFolder:
    """A folder in which somebody does something each time before messages are fetched."""

    real: Folder
    before_fetch: Callable[[], None]

    def status(self) -> FolderStatus:
        return self.real.status()

    def uids_from(self, first_uid: int) -> list[int]:
        return self.real.uids_from(first_uid)

    def newest_uids(self, count: int) -> list[int]:
        return self.real.newest_uids(count)

    def summaries(self, uids: Sequence[int]) -> list[MessageSummary]:
        return self.real.summaries(uids)

    def fetch(self, uids: Sequence[int]) -> list[RawMessage]:
        self.before_fetch()
        return self.real.fetch(uids)

    def mark_processed(self, uids: Sequence[int]) -> None:
        self.real.mark_processed(uids)

    def wait(self, seconds: float) -> bool:
        return self.real.wait(seconds)

    def interrupt(self) -> None:
        self.real.interrupt()

    def close(self) -> None:
        self.real.close()


@pytest.fixture
def place(tmp_path: Path, dovecot: Dovecot, sink: SmtpSink) -> Place:
    shutil.copytree(ROOT / "templates", tmp_path / "templates")
    (tmp_path / "config").mkdir()
    shutil.copy(ROOT / "config" / "helpdesk.toml", tmp_path / "config")
    staff = tmp_path / "config" / "staff.toml"
    staff.write_text(STAFF)
    staff.chmod(0o600)
    place = Place(tmp_path, dovecot, sink, dovecot.fresh_user())
    place.write_env()
    return place
