"""Logins, database, secret key and `.env`: what is taken, what is refused, and that no secret is ever shown."""

from __future__ import annotations

import base64
import ssl
from pathlib import Path

import pytest

from helpdesk.model.policy import Security
from helpdesk.settings.files import is_open_to_others
from helpdesk.settings.servers import is_loopback
from tests.settings_folder import DOTENV, KEY, SettingsFolder, make_folder


@pytest.fixture
def folder(tmp_path: Path) -> SettingsFolder:
    return make_folder(tmp_path)


def without(*names: str) -> str:
    """The sound `.env` without these variables."""
    return "".join(line for line in DOTENV.splitlines(keepends=True) if line.partition("=")[0] not in names)


@pytest.mark.parametrize(
    ("security", "imap_port", "smtp_port"),
    [("tls", 993, 465), ("starttls", 143, 587), ("StartTLS", 143, 587)],
)
def test_port_follows_from_security(folder: SettingsFolder, security: str, imap_port: int, smtp_port: int) -> None:
    settings = folder.with_environ({"HELPDESK_IMAP_SECURITY": security, "HELPDESK_SMTP_SECURITY": security}).load()
    assert (settings.imap.port, settings.smtp.port) == (imap_port, smtp_port)
    assert settings.imap.security is Security(security.lower())


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.8.8", "::1", "LOCALHOST."])
def test_connection_without_protection_is_taken_to_this_machine(folder: SettingsFolder, host: str) -> None:
    environ = {"HELPDESK_IMAP_HOST": host, "HELPDESK_IMAP_SECURITY": "none", "HELPDESK_IMAP_PORT": "1143"}
    settings = folder.with_environ(environ).load()
    assert (settings.imap.host, settings.imap.port, settings.imap.security) == (host, 1143, Security.NONE)


@pytest.mark.parametrize("host", ["imap.charity.test", "192.168.1.2", "localhost.charity.test", "::2"])
def test_connection_without_protection_is_refused_to_any_other(folder: SettingsFolder, host: str) -> None:
    assert not is_loopback(host)
    problem = folder.with_environ({"HELPDESK_IMAP_HOST": host, "HELPDESK_IMAP_SECURITY": "none"}).the_problem()
    assert "for anybody to read" in problem.what
    assert "HELPDESK_IMAP_SECURITY=tls" in problem.remedy


@pytest.mark.parametrize(
    ("name", "value", "what", "remedy"),
    [
        pytest.param("HELPDESK_IMAP_HOST", "imaps://imap.charity.test", "no name of a server", "HELPDESK_IMAP_PORT",
            id="URL for a host"),
        pytest.param("HELPDESK_SMTP_HOST", "smtp.charity.test:465", "no name of a server", "HELPDESK_SMTP_PORT",
            id="host with a port"),
        pytest.param("HELPDESK_IMAP_HOST", "imap..charity.test", "no name of a server", "imap.example.org", id="empty label"),
        pytest.param("HELPDESK_IMAP_HOST", ".charity.test", "no name of a server", "imap.example.org", id="dot in front"),
        pytest.param("HELPDESK_IMAP_HOST", "x" * 64 + ".test", "no name of a server", "imap.example.org", id="long label"),
        pytest.param("HELPDESK_IMAP_HOST", "x.yz." * 60 + "test", "no name of a server", "imap.example.org", id="long name"),
        pytest.param("HELPDESK_IMAP_PORT", "many", "number from 1 to 65535", "HELPDESK_IMAP_PORT=993", id="port in words"),
        pytest.param("HELPDESK_IMAP_PORT", "65536", "number from 1 to 65535", "HELPDESK_IMAP_PORT=993", id="port too high"),
        pytest.param("HELPDESK_IMAP_PORT", "²", "number from 1 to 65535", "HELPDESK_IMAP_PORT=993", id="digit that is none"),
        pytest.param("HELPDESK_SMTP_SECURITY", "startls", "tls, starttls or none", "Did you mean starttls?",
            id="security misspelt"),
        pytest.param("HELPDESK_SMTP_SECURITY", "SSL/v3", "tls, starttls or none", "HELPDESK_SMTP_SECURITY=tls",
            id="security unknown"),
        pytest.param("HELPDESK_IMAP_AUTH", "oauth-microsoft", "comes with a later version", "HELPDESK_IMAP_AUTH=password",
            id="microsoft"),
        pytest.param("HELPDESK_SMTP_AUTH", "oauth-google", "comes with a later version", "HELPDESK_SMTP_AUTH=password",
            id="google"),
        pytest.param("HELPDESK_IMAP_AUTH", "kerberos", "has to be password", "HELPDESK_IMAP_AUTH=password",
            id="auth unknown"),
        pytest.param("HELPDESK_IMAP_CA_FILE", "missing.pem", "can't be read", "HELPDESK_IMAP_CA_FILE",
            id="certificates missing"),
        pytest.param("HELPDESK_IMAP_CA_FILE", ".env", "no certificate in PEM form", "HELPDESK_IMAP_CA_FILE",
            id="certificates that are none"),
        pytest.param("HELPDESK_DATABASE_URL", "postgres://helpdesk:hush@db/helpdesk", "a driver that is not used here",
            "It begins with postgresql+psycopg://", id="another driver"),
        pytest.param("HELPDESK_DATABASE_URL", "postgresql+psycopg://helpdesk:hush@db", "names no database",
            "@HOST/DATABASE", id="no database"),
        pytest.param("HELPDESK_DATABASE_URL", "postgresql+psycopg://helpdesk:hush/hush@db/helpdesk", "can't be read",
            "/ %2F", id="a slash in the password"),
        pytest.param("HELPDESK_DATABASE_URL", "postgresql+psycopg://helpdesk:hush#hush@db/helpdesk", "can't be read",
            "# %23", id="a hash in the password"),
        pytest.param("HELPDESK_DATABASE_URL", "postgresql+psycopg://helpdesk:hush@hush@db/helpdesk", "can't be read",
            "@ %40", id="an at sign in the password"),
        pytest.param("HELPDESK_DATABASE_URL", "postgresql+psycopg://helpdesk:hush@db:fivefour/helpdesk", "can't be read",
            "DATABASE", id="a port that is none"),
        pytest.param("HELPDESK_DATABASE_URL", "data/helpdesk.db", "no URL of SQLite", "sqlite:///", id="path for a URL"),
        pytest.param("HELPDESK_DATABASE_URL", "sqlite:///a.db?mode=ro", "no URL of SQLite", "sqlite:///", id="options"),
        pytest.param("HELPDESK_DATABASE_URL", "sqlite:///:memory:", "in memory", "sqlite:///", id="memory"),
        pytest.param("HELPDESK_DATABASE_URL", "sqlite:///", "in memory", "sqlite:///", id="no path"),
        pytest.param("HELPDESK_DATABASE_URL", "sqlite:///data/", "names a folder", "sqlite:///data/helpdesk.db'",
            id="slash at the end"),
        pytest.param("HELPDESK_DATABASE_URL", "sqlite:///templates", "names a folder", "sqlite:///templates/helpdesk.db'",
            id="a folder"),
        pytest.param("HELPDESK_DATABASE_URL", "sqlite:///~/helpdesk.db", "begins with ~", "sqlite:////", id="home folder"),
        pytest.param("HELPDESK_DATABASE_URL", "sqlite:///~nobody-here/x.db", "begins with ~", "sqlite:////",
            id="home folder of nobody"),
        pytest.param("HELPDESK_IMAP_PASSWROD", "x", "HELPDESK_IMAP_PASSWROD is no setting",
            "Did you mean HELPDESK_IMAP_PASSWORD?", id="unknown name"),
        pytest.param("HELPDESK_MAILBOX__ADRESS", "x", "HELPDESK_MAILBOX__ADRESS is no setting",
            "Did you mean HELPDESK_MAILBOX__ADDRESS?", id="unknown key"),
        pytest.param("helpdesk_imap_port", "993", "helpdesk_imap_port is no setting", "Did you mean HELPDESK_IMAP_PORT?",
            id="small letters"),
        pytest.param("HELPDESK_QQQQQQQQQQQQ", "x", "is no setting", ".env.example", id="like no other"),
    ],
)  # fmt: skip
def test_mistake_in_a_variable(folder: SettingsFolder, name: str, value: str, what: str, remedy: str) -> None:
    problem = folder.with_environ({name: value}).the_problem()
    assert problem.where == "environment"
    assert what in problem.what
    assert remedy in problem.remedy
    assert not problem.warning
    assert "hush" not in str(problem)


@pytest.mark.parametrize(
    "name",
    [
        "HELPDESK_IMAP_HOST",
        "HELPDESK_IMAP_USERNAME",
        "HELPDESK_IMAP_PASSWORD",
        "HELPDESK_SMTP_HOST",
        "HELPDESK_SMTP_USERNAME",
        "HELPDESK_SMTP_PASSWORD",
        "HELPDESK_SECRET_KEY",
    ],
)
def test_missing_variable_is_named_with_an_example(folder: SettingsFolder, name: str) -> None:
    folder.write_dotenv(without(name))
    problem = folder.the_problem()
    assert problem.where == ".env"
    assert problem.what == f"{name} is missing."
    assert f"{name}='" in problem.remedy


def test_missing_dotenv_is_said_before_what_it_would_hold(folder: SettingsFolder) -> None:
    (folder.directory / ".env").unlink()
    problems = folder.problems()
    assert "cp .env.example .env" in problems[0].remedy
    assert len(problems) == 6


def test_dotenv_is_not_missed_when_the_environment_holds_all(folder: SettingsFolder) -> None:
    (folder.directory / ".env").unlink()
    environ = {name: value.strip("'") for name, _, value in (line.partition("=") for line in DOTENV.splitlines())}
    assert folder.with_environ(environ).problems() == ()


def test_smtp_may_do_without_a_login(folder: SettingsFolder) -> None:
    folder.write_dotenv(without("HELPDESK_SMTP_USERNAME", "HELPDESK_SMTP_PASSWORD"))
    settings = folder.load()
    assert (settings.smtp.username, settings.smtp.password) == ("", "")
    assert [warning.what for warning in settings.warnings] == [
        "There is no login for smtp.charity.test; most servers take no mail without one."
    ]


@pytest.mark.parametrize(
    ("host", "port"),
    [pytest.param("127.0.0.1", "587", id="this machine"), pytest.param("relay.charity.test", "25", id="a relay")],
)
def test_smtp_without_a_login_is_no_surprise_on_this_machine_or_a_relay(folder: SettingsFolder, host: str, port: str) -> None:
    folder.write_dotenv(without("HELPDESK_SMTP_USERNAME", "HELPDESK_SMTP_PASSWORD"))
    environ = {"HELPDESK_SMTP_HOST": host, "HELPDESK_SMTP_PORT": port, "HELPDESK_SMTP_SECURITY": "starttls"}
    assert folder.with_environ(environ).problems() == ()


@pytest.mark.parametrize(
    ("protocol", "security", "port"),
    [("IMAP", "tls", 143), ("IMAP", "starttls", 993), ("SMTP", "tls", 587), ("SMTP", "tls", 25), ("SMTP", "starttls", 465)],
)
def test_port_of_the_other_kind_of_tls_is_a_warning(folder: SettingsFolder, protocol: str, security: str, port: int) -> None:
    environ = {f"HELPDESK_{protocol}_SECURITY": security, f"HELPDESK_{protocol}_PORT": str(port)}
    warning = folder.with_environ(environ).the_problem()
    assert warning.warning
    assert f"seldom speak {security} at port {port}" in warning.what


def test_certificates_are_found_beside_dotenv(folder: SettingsFolder) -> None:
    (folder.directory / "ca.pem").write_text(a_certificate(), encoding="ascii")
    settings = folder.with_environ({"HELPDESK_IMAP_CA_FILE": "ca.pem"}).load()
    assert settings.imap.ca_file == str(folder.directory / "ca.pem")
    assert settings.smtp.ca_file == ""


@pytest.mark.parametrize(
    ("url", "path"),
    [("sqlite:///other.db", "{directory}/other.db"), ("sqlite:////var/lib/helpdesk.db", "/var/lib/helpdesk.db")],
)
def test_database_path_starts_at_the_folder_unless_it_is_absolute(folder: SettingsFolder, url: str, path: str) -> None:
    settings = folder.with_environ({"HELPDESK_DATABASE_URL": url}).load()
    assert settings.database_url == "sqlite:///" + path.format(directory=folder.directory)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://helpdesk:hush@db.example.org:5433/helpdesk?sslmode=verify-full",
        "postgresql://helpdesk:p%40ss%2Fword@db/helpdesk",
        "postgresql+psycopg:///helpdesk?host=/run/postgresql",
    ],
    ids=["port and TLS", "password with odd signs", "socket"],
)
def test_url_of_a_server_is_taken_as_it_is(folder: SettingsFolder, url: str) -> None:
    assert folder.with_environ({"HELPDESK_DATABASE_URL": url}).load().database_url == url


@pytest.mark.parametrize(
    "written",
    [
        pytest.param(KEY, id="without padding"),
        pytest.param(KEY + "=", id="with padding"),
        pytest.param(f" {KEY} ", id="with spaces around"),
    ],
)
def test_secret_key_is_taken(folder: SettingsFolder, written: str) -> None:
    assert folder.with_environ({"HELPDESK_SECRET_KEY": written}).load().secret_key == bytes(range(32))


def test_secret_key_is_taken_in_either_alphabet(folder: SettingsFolder) -> None:
    key = bytes(range(224, 256))
    standard, safe = base64.b64encode(key).decode(), base64.urlsafe_b64encode(key).decode()
    assert standard != safe
    for written in (standard, safe):
        assert folder.with_environ({"HELPDESK_SECRET_KEY": written}).load().secret_key == key


@pytest.mark.parametrize(
    "written",
    [
        pytest.param("short", id="too short"),
        pytest.param(KEY + "AAAA", id="too long"),
        pytest.param("!" * 43, id="no base64"),
        pytest.param("é" * 43, id="no ascii"),
        pytest.param("hunter22-my-own-password", id="a password"),
    ],
)
def test_malformed_secret_key_is_answered_by_a_fresh_one_and_never_shown(folder: SettingsFolder, written: str) -> None:
    problem = folder.with_environ({"HELPDESK_SECRET_KEY": written}).the_problem()
    assert written not in str(problem)
    offered = problem.remedy.rpartition("HELPDESK_SECRET_KEY=")[2].strip("'")
    assert len(base64.urlsafe_b64decode(offered + "=")) == 32
    folder.write_dotenv(without("HELPDESK_SECRET_KEY") + f"HELPDESK_SECRET_KEY='{offered}'\n")
    assert folder.problems() == ()


@pytest.mark.parametrize("byte", [b"\0", b"k", b"\xff"], ids=["zero", "letter", "ones"])
def test_secret_key_of_one_byte_is_refused(folder: SettingsFolder, byte: bytes) -> None:
    written = base64.urlsafe_b64encode(byte * 32).decode().rstrip("=")
    problem = folder.with_environ({"HELPDESK_SECRET_KEY": written}).the_problem()
    assert "anybody can guess" in problem.what
    assert written not in str(problem)


def test_each_key_offered_is_another(folder: SettingsFolder) -> None:
    folder.write_dotenv(without("HELPDESK_SECRET_KEY"))
    assert folder.the_problem().remedy != folder.the_problem().remedy


@pytest.mark.parametrize(
    ("line", "password"),
    [
        pytest.param("'${HOME} $x #y'", "${HOME} $x #y", id="single quotation marks"),
        pytest.param('"${HOME}#"', "${HOME}#", id="double quotation marks"),
        pytest.param("a${HOME}#b", "a${HOME}#b", id="none"),
        pytest.param("'it\\'s'", "it's", id="an apostrophe"),
    ],
)
def test_password_in_dotenv_stays_what_it_is(folder: SettingsFolder, line: str, password: str) -> None:
    folder.write_dotenv(without("HELPDESK_IMAP_PASSWORD") + f"export HELPDESK_IMAP_PASSWORD={line}\n")
    assert folder.load().imap.password == password


@pytest.mark.parametrize(
    ("text", "where", "what", "warning"),
    [
        pytest.param("\n\nHELPDESK_IMAP_PORT='993\n", ".env, line 10", "can't be read; most often a quotation mark", False,
            id="no end"),
        pytest.param("\nHELPDESK_IMAP_PORT\n", ".env, line 9", "HELPDESK_IMAP_PORT has no value.", False, id="no value"),
        pytest.param("HELPDESK_IMAP_PASSWORD=a #b\n", ".env, line 8", "what follows the # was taken for a comment", True,
            id="comment"),
        pytest.param("IMAP_PORT=993\n", ".env, line 8", "IMAP_PORT is not read.", True, id="no prefix"),
        pytest.param("TZ=UTC\nHELPDESK_IMAP_PORT=\n# a comment\n", None, "", False, id="nothing wrong"),
    ],
)  # fmt: skip
def test_line_of_dotenv(folder: SettingsFolder, text: str, where: str | None, what: str, warning: bool) -> None:
    folder.write_dotenv(DOTENV + text)
    found = [problem for problem in folder.problems() if "is set again" not in problem.what]
    assert [(problem.where, problem.warning) for problem in found] == ([(where, warning)] if where else [])
    assert all(what in problem.what for problem in found)


def test_variable_that_is_set_twice_is_a_warning_and_the_last_one_counts(folder: SettingsFolder) -> None:
    folder.write_dotenv(DOTENV + "HELPDESK_IMAP_HOST=second.charity.test\n")
    assert folder.load().imap.host == "second.charity.test"
    assert folder.the_problem().warning
    assert folder.the_problem().where == ".env, line 1"


def test_dotenv_that_others_can_read_is_a_warning(folder: SettingsFolder) -> None:
    (folder.directory / ".env").chmod(0o644)
    assert folder.the_problem().remedy == "Run: chmod 600 .env"
    assert folder.the_problem().warning


def test_file_that_is_gone_by_now_is_open_to_nobody(tmp_path: Path) -> None:
    assert not is_open_to_others(tmp_path / "gone")


def test_dotenv_in_another_encoding_is_said(folder: SettingsFolder) -> None:
    (folder.directory / ".env").write_bytes("HELPDESK_IMAP_PASSWORD=café".encode("latin-1"))
    assert any("UTF-8" in problem.remedy for problem in folder.problems())


def test_dotenv_that_is_a_folder_is_said_and_nothing_that_it_may_hold_is_missed(folder: SettingsFolder) -> None:
    (folder.directory / ".env").unlink()
    (folder.directory / ".env").mkdir()
    assert folder.the_problem().what == "This is a folder, and has to be a file."


def test_dotenv_that_can_not_be_read_is_said_beside_mistakes_in_the_environment(folder: SettingsFolder) -> None:
    (folder.directory / ".env").unlink()
    (folder.directory / ".env").symlink_to(folder.directory / ".env")
    problems = folder.with_environ({"HELPDESK_IMAP_PORT": "many"}).problems()
    assert [problem.where for problem in problems] == [".env", "environment"]
    assert "can't be read" in problems[0].what


def test_dotenv_with_a_character_that_is_no_text_is_said(folder: SettingsFolder) -> None:
    folder.write_dotenv(DOTENV + "HELPDESK_CONFIG_DIR='con\0fig'\n")
    assert folder.the_problem().where == ".env, line 8"


def test_no_problem_shows_a_password(folder: SettingsFolder) -> None:
    text = DOTENV.replace("'correct horse'", "'correct horse").replace("'battery staple'", "battery #staple")
    folder.write_dotenv(text + "HELPDESK_SECRET_KEY=mysecretkey\nHELPDESK_IMAP_PASSWROD=mypassword\n")
    shown = "\n".join(map(str, folder.problems()))
    for secret in ("correct", "battery", "staple", "mysecretkey", "mypassword"):
        assert secret not in shown


def a_certificate() -> str:
    """One of the certificates that the system trusts, whichever: only its form matters."""
    trusted = ssl.create_default_context().get_ca_certs(binary_form=True)
    if not trusted:
        pytest.skip("this machine trusts no certificate")
    return ssl.DER_cert_to_PEM_cert(trusted[0])
