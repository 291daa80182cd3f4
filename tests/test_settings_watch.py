"""The settings of the watching: whom it calls, from when on a silence is an alarm, where a monitor is answered."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from helpdesk.model.health import WatchPolicy
from tests.settings_folder import DOTENV, SettingsFolder, make_folder

VARIABLES = ["HELPDESK_ALARM_WEBHOOK", "HELPDESK_HEARTBEAT_URL"]


@pytest.fixture
def folder(tmp_path: Path) -> SettingsFolder:
    return make_folder(tmp_path)


def test_without_a_word_nobody_is_called_and_nothing_listens(folder: SettingsFolder) -> None:
    settings = folder.load()
    assert (settings.heartbeat_url, settings.alarm_webhook) == ("", "")
    assert settings.desk.watch == WatchPolicy()
    assert settings.desk.watch.port == 0


def test_every_key_is_taken(folder: SettingsFolder) -> None:
    folder.write_helpdesk(
        '[watch]\nhost = "::1"\nport = 9125\nunread_minutes = 20\nwaiting_minutes = 30\ncertificate_days = 7\n'
    )
    assert folder.load().desk.watch == WatchPolicy(timedelta(minutes=20), timedelta(minutes=30), timedelta(days=7), "::1", 9125)


def test_a_mailbox_that_is_seldom_looked_at_may_miss_one_poll(folder: SettingsFolder) -> None:
    folder.write_helpdesk("[mailbox]\npoll_seconds = 3600\n")
    assert folder.load().desk.watch.unread_after == timedelta(minutes=122)


@pytest.mark.parametrize(
    "line", ["port = 65536", "port = -1", "unread_minutes = 1", "waiting_minutes = 1441", "certificate_days = 0", 'host = ""']
)
def test_a_value_out_of_bounds_is_told_with_its_line_and_an_example(folder: SettingsFolder, line: str) -> None:
    folder.write_helpdesk(f"[watch]\n{line}\n")
    problem = folder.the_problem()
    name = line.partition(" ")[0]
    assert problem.where == "config/helpdesk.toml, line 2"
    assert f"{name} in [watch]" in problem.what
    assert problem.remedy.startswith(f"Write for example: {name} = ")


def test_numbers_shown_to_everybody_are_a_warning(folder: SettingsFolder) -> None:
    folder.write_helpdesk('[watch]\nhost = "0.0.0.0"\nport = 9125\n')
    problem = folder.the_problem()
    assert problem.warning
    assert problem.where == "config/helpdesk.toml, line 2"
    folder.write_helpdesk('[watch]\nhost = "0.0.0.0"\n')
    assert folder.problems() == ()


@pytest.mark.parametrize("name", VARIABLES)
@pytest.mark.parametrize(
    "url",
    [
        "https://chat.example.org/hooks/x?y=z",
        "https://chat.example.org:8443",
        "http://127.0.0.1:9000/x",
        "http://localhost/x",
        "http://[::1]/x",
    ],
)
def test_an_address_is_taken(folder: SettingsFolder, name: str, url: str) -> None:
    folder.write_dotenv(f"{DOTENV}{name}='{url}'\n")
    settings = folder.load()
    assert url in (settings.heartbeat_url, settings.alarm_webhook)
    assert url not in repr(settings)


@pytest.mark.parametrize("name", VARIABLES)
@pytest.mark.parametrize(
    ("url", "said"),
    [
        pytest.param("http://chat.example.org/tea", "has to begin with https://", id="for anybody to read"),
        pytest.param("chat.example.org/tea", "is no web address", id="no scheme"),
        pytest.param("ftp://chat.example.org/tea", "is no web address", id="other scheme"),
        pytest.param("https:///tea", "is no web address", id="no host"),
        pytest.param("https://chat.example.org:0/tea", "is no web address", id="port 0"),
        pytest.param("https://chat.example.org:99999/tea", "is no web address", id="no port"),
        pytest.param("https://[::1/tea", "is no web address", id="broken"),
        pytest.param("https://chat.example.org/a tea", "holds a space", id="space"),
        pytest.param("https://chat.example.org/tea\u0308", "holds a space", id="letter"),
        pytest.param("https://sam:tea@chat.example.org/", "which is not sent", id="login"),
    ],
)
def test_an_address_that_cannot_be_called_is_told_with_its_line_and_never_shown(
    folder: SettingsFolder, name: str, url: str, said: str
) -> None:
    folder.write_dotenv(f"{DOTENV}{name}='{url}'\n")
    problem = folder.the_problem()
    assert problem.where == f".env, line {len(DOTENV.splitlines()) + 1}"
    assert said in problem.what
    assert f"{name}='https://" in problem.remedy
    assert "tea" not in str(problem)
