"""The logins and the secret key: what only variables say. No problem ever shows a value that is secret."""

from __future__ import annotations

import base64
import binascii
import ipaddress
import re
import secrets
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from helpdesk.errors import Problem
from helpdesk.model.policy import Security, ServerLogin
from helpdesk.settings.nearest import nearest
from helpdesk.settings.variables import PREFIX, Variables

Protocol = Literal["IMAP", "SMTP"]

DATABASE_URL = f"{PREFIX}DATABASE_URL"
SECRET_KEY = f"{PREFIX}SECRET_KEY"
CONFIG_DIR = f"{PREFIX}CONFIG_DIR"
TEMPLATES_DIR = f"{PREFIX}TEMPLATES_DIR"
HEARTBEAT_URL = f"{PREFIX}HEARTBEAT_URL"
ALARM_WEBHOOK = f"{PREFIX}ALARM_WEBHOOK"
_PARTS = ("HOST", "PORT", "SECURITY", "USERNAME", "PASSWORD", "CA_FILE", "AUTH")
NAMES = frozenset(
    {DATABASE_URL, SECRET_KEY, CONFIG_DIR, TEMPLATES_DIR, HEARTBEAT_URL, ALARM_WEBHOOK}
    | {f"{PREFIX}{protocol}_{part}" for protocol in ("IMAP", "SMTP") for part in _PARTS}
)

_PORTS = {
    ("IMAP", Security.TLS): 993,
    ("IMAP", Security.STARTTLS): 143,
    ("IMAP", Security.NONE): 143,
    ("SMTP", Security.TLS): 465,
    ("SMTP", Security.STARTTLS): 587,
    ("SMTP", Security.NONE): 587,
}
# Ports at which a server speaks the other kind of TLS, so that the connection would hang or break off.
_OTHER_KIND = {
    ("IMAP", Security.TLS): {143},
    ("IMAP", Security.STARTTLS): {993},
    ("SMTP", Security.TLS): {25, 587},
    ("SMTP", Security.STARTTLS): {465},
}
# RFC 1035 section 2.3.4: 63 characters a label, 253 in all. Python's resolver raises on longer ones.
_HOST = re.compile(r"(?=.{1,254}$)[\w-]{1,63}(?:\.[\w-]{1,63})*\.?")
_KEY_BYTES = 32


class LoginReader:
    """Reads one server's variables into a login, gathering what is wrong with them."""

    def __init__(self, protocol: Protocol, variables: Variables, directory: Path) -> None:
        self._protocol = protocol
        self._variables = variables
        self._directory = directory
        self.problems: list[Problem] = []

    def read(self) -> ServerLogin:
        """The login; it is of use only while `problems` holds nothing but warnings."""
        security = self._security()
        login = ServerLogin(
            host=self._host(),
            port=self._port(security),
            security=security,
            username=self._get("USERNAME"),
            password=self._get("PASSWORD"),
            ca_file=self._ca_file(),
        )
        self._check_auth()
        self._check_credentials(login)
        self._check_unprotected(login)
        return login

    def _name(self, part: str) -> str:
        return f"{PREFIX}{self._protocol}_{part}"

    def _get(self, part: str, default: str = "") -> str:
        return self._variables.get(self._name(part), default)

    def _add(self, part: str, what: str, remedy: str, *, warning: bool = False) -> None:
        self.problems.append(Problem(self._variables.where(self._name(part)), what, remedy, warning))

    def _host(self) -> str:
        name, host = self._name("HOST"), self._get("HOST").strip()
        example = f"Write the server's name alone: {name}='{self._protocol.lower()}.example.org'"
        if not host:
            self._add("HOST", f"{name} is missing.", example)
        elif not _HOST.fullmatch(host) and not _is_ip_address(host):
            self._add(
                "HOST",
                f'{name} is "{host}", which is no name of a server.',
                f"{example} (the port goes to {self._name('PORT')})",
            )
        return host

    def _security(self) -> Security:
        written = self._get("SECURITY", Security.TLS).strip().lower()
        if written in list(Security):
            return Security(written)
        near = nearest(written, list(Security))
        meant = f"Did you mean {near}? " if near else ""
        name = self._name("SECURITY")
        self._add("SECURITY", f'{name} is "{written}", but has to be tls, starttls or none.', f"{meant}Write: {name}=tls")
        return Security.TLS

    def _port(self, security: Security) -> int:
        name, written = self._name("PORT"), self._get("PORT").strip()
        usual = _PORTS[self._protocol, security]
        if not written:
            return usual
        if not (written.isascii() and written.isdigit() and 0 < int(written) < 65536):
            self._add("PORT", f'{name} is "{written}", but has to be a number from 1 to 65535.', f"Write: {name}={usual}")
            return usual
        if int(written) in _OTHER_KIND.get((self._protocol, security), ()):
            what = f"Servers seldom speak {security} at port {written}."
            self._add("PORT", what, f"If no connection comes about, try {name}={usual}", warning=True)
        return int(written)

    def _ca_file(self) -> str:
        """The absolute path of the certificates to trust; a relative one starts at the folder of `.env`."""
        name, written = self._name("CA_FILE"), self._get("CA_FILE")
        if not written:
            return ""
        path = (self._directory / written).absolute()
        remedy = f"Let {name} name a file with certificates in PEM form, or remove it to trust those of the system."
        try:
            ssl.create_default_context(cafile=path)
        except ssl.SSLError:
            self._add("CA_FILE", f"The file {written} holds no certificate in PEM form.", remedy)
        except OSError as error:
            self._add("CA_FILE", f"The file {written} can't be read ({error.strerror}).", remedy)
        return str(path)

    def _check_auth(self) -> None:
        name, written = self._name("AUTH"), self._get("AUTH", "password").strip().lower()
        if written in ("oauth-microsoft", "oauth-google"):
            what = f"{name} is {written}, which comes with a later version."
            self._add("AUTH", what, f"Make an app password at your provider and write: {name}=password")
        elif written != "password":
            self._add("AUTH", f'{name} is "{written}", but has to be password.', f"Write: {name}=password")

    def _check_credentials(self, login: ServerLogin) -> None:
        """IMAP needs a login; SMTP may do without one, but half a login is a slip."""
        if self._protocol == "SMTP" and not (login.username or login.password):
            if login.host and not is_loopback(login.host) and login.port != 25:
                what = f"There is no login for {login.host}; most servers take no mail without one."
                self._add("USERNAME", what, f"Write {self._name('USERNAME')} and {self._name('PASSWORD')}.", warning=True)
            return
        for part, value in (("USERNAME", login.username), ("PASSWORD", login.password)):
            if not value:
                name = self._name(part)
                self._add(part, f"{name} is missing.", f"Write it in single quotation marks: {name}='…'")

    def _check_unprotected(self, login: ServerLogin) -> None:
        if login.security is Security.NONE and login.host and not is_loopback(login.host):
            name = self._name("SECURITY")
            what = f"{name} is none, which would send password and mail to {login.host} for anybody to read."
            self._add("SECURITY", what, f"Write: {name}=tls (none is for this machine alone, such as 127.0.0.1)")


def read_secret_key(variables: Variables, problems: list[Problem]) -> bytes:
    """The master key; what is wrong with it is answered by a fresh one, ready to paste, and its value never shown."""
    written = variables.get(SECRET_KEY).strip()
    key = _decoded(written)
    is_whole = len(key) == _KEY_BYTES
    if is_whole and len(set(key)) > 1:
        return key
    what = f"{SECRET_KEY} is not a key of 32 bytes in base64url."
    if not written:
        what = f"{SECRET_KEY} is missing."
    elif is_whole:
        what = f"{SECRET_KEY} is the same byte 32 times over, which anybody can guess."
    fresh = base64.urlsafe_b64encode(secrets.token_bytes(_KEY_BYTES)).decode("ascii").rstrip("=")
    remedy = (
        f"If there is a database already, bring its key back: without it nothing in there can be read. "
        f"For a new one, here is a key: {SECRET_KEY}='{fresh}'"
    )
    problems.append(Problem(variables.where(SECRET_KEY), what, remedy))
    return b""


def is_loopback(host: str) -> bool:
    """Whether a connection to this host never leaves the machine."""
    if host.casefold().rstrip(".") == "localhost":
        return True
    return _is_ip_address(host) and ipaddress.ip_address(host).is_loopback


def find_missing_dotenv(variables: Variables, problems: list[Problem]) -> Iterator[Problem]:
    """Said once, and first, when variables are missing because there is no `.env` to hold them."""
    if not variables.file_exists and any(problem.where == ".env" and not problem.warning for problem in problems):
        what = "There is no such file, and the environment does not hold what it would."
        yield Problem(".env", what, "Run: cp .env.example .env && chmod 600 .env, and fill it in.")


def without_what_nobody_knows(variables: Variables, problems: list[Problem]) -> list[Problem]:
    """The problems but those of variables that are missing, while a `.env` that can't be read may well hold them."""
    if not variables.file_unread:
        return problems
    return [problem for problem in problems if problem.where != ".env"]


def _is_ip_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _decoded(written: str) -> bytes:
    """Base64 with either alphabet, padded or not; empty when it is neither."""
    text = written.rstrip("=").replace("+", "-").replace("/", "_")
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return b""
