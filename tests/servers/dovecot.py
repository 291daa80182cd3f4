"""A private Dovecot over TLS. Any user name logs in with PASSWORD and gets its own empty mailbox at the first login."""

from __future__ import annotations

import contextlib
import grp
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest
from imapclient import IMAPClient  # type: ignore[import-untyped]

from helpdesk.mail.connection import trust
from helpdesk.model.policy import Security, ServerLogin
from tests.servers.certificates import Certificate, make_certificate
from tests.servers.ports import await_listener, free_ports

PASSWORD = "secret"
MAIL_ID = 5000
# A server that can only copy and delete.
WITHOUT_MOVE = "imap_capability = IMAP4rev1 SASL-IR ID ENABLE IDLE LITERAL+ UIDPLUS NAMESPACE CHILDREN UNSELECT\n"
MISSING = "Dovecot is not installed: the tests on a real IMAP server DID NOT RUN. apt-get install dovecot-imapd"

# Tests that are killed end nothing themselves: the kernel sees to it, where util-linux can ask it to.
_DIES_WITH_US = [path, "--pdeathsig", "TERM"] if (path := shutil.which("setpriv")) else []

_users = itertools.count(1)


def find_dovecot() -> str | None:
    """The path of the dovecot program; Debian puts it where ordinary users don't look."""
    return shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


@dataclass(slots=True)
class Dovecot:
    """A running server."""

    directory: Path
    certificate: Certificate
    port: int
    tls_port: int
    process: subprocess.Popen[bytes] = field(repr=False)

    @classmethod
    def start(cls, directory: Path, certificate: Certificate | None = None, *, more: str = "") -> Dovecot:
        """Start in a folder that other users can enter, as all above it must be; `more` is added to its configuration."""
        program = find_dovecot()
        assert program, MISSING
        certificate = certificate or make_certificate(directory)
        port, tls_port = free_ports(2)
        config = directory / "dovecot.conf"
        config.write_text(_configuration(directory, certificate, port, tls_port) + more)
        mail = directory / "mail"
        mail.mkdir(exist_ok=True)
        if os.geteuid() == 0:
            os.chown(mail, MAIL_ID, MAIL_ID)
        # A stale socket of an earlier run makes the first login take seconds.
        shutil.rmtree(directory / "run", ignore_errors=True)
        process = subprocess.Popen([*_DIES_WITH_US, program, "-c", str(config), "-F"], start_new_session=True)
        server = cls(directory, certificate, port, tls_port, process)
        if not await_listener(tls_port, lambda: process.poll() is None):
            server.kill()
            raise RuntimeError(f"Dovecot did not start: {server.log()}")
        return server

    def kill(self) -> None:
        """End the server and all its processes at once, as a power cut does: nobody is told."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(timeout=10)

    def log(self) -> str:
        """What the server wrote in its log."""
        path = self.directory / "dovecot.log"
        return path.read_text(errors="replace") if path.exists() else "(no log)"

    def fresh_user(self) -> str:
        """The name of a user whose mailbox is empty."""
        return f"user{os.getpid()}x{next(_users)}"

    def login(
        self, user: str, *, password: str = PASSWORD, security: Security = Security.TLS, timeout: float = 20.0
    ) -> ServerLogin:
        """Settings with which the code under test reaches this server."""
        return ServerLogin(
            host="localhost",
            port=self.tls_port if security is Security.TLS else self.port,
            security=security,
            username=user,
            password=password,
            ca_file=str(self.certificate.cert_file),
            timeout=timeout,
        )

    @contextlib.contextmanager
    def client(self, user: str, folder: str = "INBOX") -> Iterator[IMAPClient]:
        """A second mail program, as a person has it open in the same mailbox."""
        client = IMAPClient("localhost", self.tls_port, ssl_context=trust(self.login(user)), timeout=20)
        try:
            client.normalise_times = False
            client.login(user, PASSWORD)
            if not client.folder_exists(folder):
                client.create_folder(folder)
            client.select_folder(folder)
            yield client
        finally:
            with contextlib.suppress(IMAPClient.Error, OSError):
                client.logout()

    def append(
        self,
        user: str,
        raw: bytes,
        *,
        received_at: datetime | None = None,
        flags: tuple[str, ...] = (),
        folder: str = "INBOX",
    ) -> None:
        """Put a message, byte for byte, into a folder, which is made where it is missing."""
        self.append_all(user, [raw], received_at=received_at, flags=flags, folder=folder)

    def append_all(
        self,
        user: str,
        messages: list[bytes],
        *,
        received_at: datetime | None = None,
        flags: tuple[str, ...] = (),
        folder: str = "INBOX",
    ) -> None:
        """Put several messages in, over one connection."""
        with self.client(user, folder) as client:
            for raw in messages:
                client.append(folder, raw, flags, received_at)

    def drop(self, user: str, raw: bytes) -> None:
        """Have a delivery program put a message into the inbox, past IMAP: fast, and as mail really comes.

        The mailbox must have been opened once.
        """
        inbox = self.directory / "mail" / user / "Maildir"
        name = f"{next(_users)}.{os.getpid()}.localhost"
        waiting = inbox / "tmp" / name
        waiting.write_bytes(raw)
        if os.geteuid() == 0:
            os.chown(waiting, MAIL_ID, MAIL_ID)
        waiting.rename(inbox / "new" / name)


@contextlib.contextmanager
def running_dovecot(*, days: int = 30, host: str = "localhost", more: str = "") -> Iterator[Dovecot]:
    """A Dovecot with a certificate of its own, ended at the end; skips the test, loudly, where there is none."""
    if find_dovecot() is None:
        pytest.skip(MISSING)
    directory = Path(tempfile.mkdtemp(prefix="dovecot-"))
    try:
        directory.chmod(0o755)
        server = Dovecot.start(directory, make_certificate(directory, days=days, host=host), more=more)
        try:
            yield server
        finally:
            server.kill()
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _configuration(directory: Path, certificate: Certificate, port: int, tls_port: int) -> str:
    return _CONFIGURATION.format(
        directory=directory,
        cert=certificate.cert_file,
        key=certificate.key_file,
        port=port,
        tls_port=tls_port,
        mail_uid=MAIL_ID if os.geteuid() == 0 else os.geteuid(),
        mail_gid=MAIL_ID if os.geteuid() == 0 else os.getegid(),
    ) + ("" if os.geteuid() == 0 else _as_ordinary_user())


def _as_ordinary_user() -> str:
    """Without root Dovecot can change neither its user nor its root folder."""
    user = pwd.getpwuid(os.geteuid()).pw_name
    group = grp.getgrgid(os.getegid()).gr_name
    services = "".join(f"service {name} {{\n  chroot =\n}}\n" for name in ("anvil", "imap-login", "stats"))
    return f"default_internal_user = {user}\ndefault_login_user = {user}\ndefault_internal_group = {group}\n{services}"


_CONFIGURATION = """
base_dir = {directory}/run
state_dir = {directory}/state
log_path = {directory}/dovecot.log
listen = 127.0.0.1
protocols = imap
ssl = yes
ssl_cert = <{cert}
ssl_key = <{key}
disable_plaintext_auth = no
auth_mechanisms = plain login
mail_location = maildir:~/Maildir
mail_uid = {mail_uid}
mail_gid = {mail_gid}
first_valid_uid = 1
first_valid_gid = 1
mailbox_list_index = yes
auth_failure_delay = 0
mailbox_idle_check_interval = 1 s
mail_max_userip_connections = 200
default_process_limit = 200
passdb {{
  driver = static
  args = password=secret
}}
userdb {{
  driver = static
  args = uid={mail_uid} gid={mail_gid} home={directory}/mail/%u allow_all_users=yes
}}
namespace inbox {{
  inbox = yes
  separator = /
}}
service imap-login {{
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
# A failed login would delay the next ones, good ones too, by up to 15 seconds.
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service imap {{
  process_limit = 200
}}
"""
