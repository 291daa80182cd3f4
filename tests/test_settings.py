"""What the settings come to: defaults, what comes before what, and the two ways to load them."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from dataclasses import replace
from datetime import date, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from helpdesk.errors import SettingsError
from helpdesk.model.office import Closure
from helpdesk.model.policy import AcknowledgementPolicy, AfterProcessing, FolderPolicy, Security, StaffMailPolicy, TicketPolicy
from helpdesk.model.staff import Notices, Role, Shift
from helpdesk.settings import load_desk_settings, load_settings
from helpdesk.settings.servers import NAMES
from helpdesk.settings.shape import HelpdeskShape
from helpdesk.settings.words import leaf_paths
from tests.settings_folder import DOTENV, KEY, STAFF, SettingsFolder, make_folder

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture
def folder(tmp_path: Path) -> SettingsFolder:
    return make_folder(tmp_path)


def test_empty_helpdesk_toml_gives_the_facts_of_the_charity(folder: SettingsFolder) -> None:
    desk = folder.load().desk
    assert desk.organisation.registered_name == "Exit Hate UK Ltd"
    assert desk.organisation.charity_number == "1197666"
    assert desk.organisation.company_number == "12914735"
    assert desk.organisation.email == "info@exithate.org"
    assert desk.organisation.signature == "Mike - Exit Hate"
    assert desk.office_hours.zone == ZoneInfo("Europe/London")
    assert (desk.office_hours.opens, desk.office_hours.closes) == (time(10), time(16))
    assert desk.office_hours.weekdays == frozenset(range(5))
    assert desk.office_hours.bank_holidays
    assert desk.acknowledgement == AcknowledgementPolicy()
    assert desk.tickets == TicketPolicy()
    assert desk.poll_interval == timedelta(seconds=60)
    assert desk.folders == (FolderPolicy("INBOX", move_to="Processed"),)


def test_default_signposts_are_those_for_people_in_danger(folder: SettingsFolder) -> None:
    signposts = {signpost.text: signpost for signpost in folder.load().desk.organisation.signposts}
    assert [text for text, signpost in signposts.items() if signpost.enabled and signpost.listed] == [
        "Call Samaritans: 116 123",
        "Text SHOUT to 85258",
        "Call NHS 111 and choose option 2",
        "Children and young people: call Childline, 0800 1111",
    ]
    assert signposts["Text SHOUT to 85258"].action == "text"
    assert not signposts["Call 999"].listed
    police = [signpost for signpost in signposts.values() if signpost.number == "0800 011 3764"]
    assert [signpost.enabled for signpost in police] == [False]


def test_shipped_helpdesk_toml_says_what_the_defaults_are(folder: SettingsFolder) -> None:
    by_default = folder.load()
    folder.write_helpdesk((REPOSITORY / "config/helpdesk.toml").read_text(encoding="utf-8"))
    assert folder.load() == by_default


def test_shipped_helpdesk_toml_holds_every_key() -> None:
    shipped = tomllib.loads((REPOSITORY / "config/helpdesk.toml").read_text(encoding="utf-8"))
    written = {(name,) if isinstance(value, list) else (name, key) for name, value in shipped.items() for key in value or [""]}
    commented = {("office_hours", "closures")}
    written = {path if isinstance(path[-1], str) else path[:1] for path in written}
    assert written | commented == set(leaf_paths(HelpdeskShape))


def test_staff_example_is_sound_and_serves_where_there_is_no_staff_file(folder: SettingsFolder) -> None:
    (folder.directory / "config/staff.toml").unlink()
    (folder.directory / ".env").unlink()
    example = (REPOSITORY / "config/staff.example.toml").read_text(encoding="utf-8")
    (folder.directory / "config/staff.example.toml").write_text(example, encoding="utf-8")
    desk = folder.load_desk()
    assert [member.id for member in desk.staff] == ["mike", "dana"]
    assert desk.warnings == ()
    with pytest.raises(SettingsError, match=r"cp config/staff\.example\.toml config/staff\.toml"):
        folder.load()


def test_staff_file_comes_before_the_example(folder: SettingsFolder) -> None:
    (folder.directory / "config/staff.example.toml").write_text(STAFF.replace("mike", "omar"), encoding="utf-8")
    assert [member.id for member in folder.load_desk().staff] == ["mike"]


def test_desk_settings_are_read_without_dotenv(folder: SettingsFolder) -> None:
    whole = folder.load().desk
    (folder.directory / ".env").unlink()
    assert folder.load_desk() == whole


def test_desk_settings_mind_no_mistake_in_the_secrets(folder: SettingsFolder) -> None:
    folder.write_dotenv("HELPDESK_IMAP_PORT=many\nHELPDESK_MAILBOX__POLL_SECONDS=30\n")
    assert folder.load_desk().poll_interval == timedelta(seconds=30)


def test_env_example_needs_only_the_blanks_filled_in(folder: SettingsFolder) -> None:
    folder.write_dotenv((REPOSITORY / ".env.example").read_text(encoding="utf-8"))
    missing = {line.split(" is missing")[0].rpartition(" ")[2] for line in map(str, folder.problems()) if " is missing" in line}
    assert missing == {
        "HELPDESK_IMAP_HOST",
        "HELPDESK_IMAP_USERNAME",
        "HELPDESK_IMAP_PASSWORD",
        "HELPDESK_SMTP_HOST",
        "HELPDESK_SECRET_KEY",
    }
    assert len(folder.problems()) == len(missing)


def test_env_example_names_every_variable() -> None:
    lines = (REPOSITORY / ".env.example").read_text(encoding="utf-8").splitlines()
    assert {line.partition("=")[0] for line in lines if line.startswith("HELPDESK_")} == NAMES


def test_dotenv_comes_before_toml_and_the_environment_before_both(folder: SettingsFolder) -> None:
    folder.write_helpdesk("[acknowledgement]\nper_hour = 1\nper_sender = 2\n")
    assert folder.load().desk.acknowledgement.per_hour == 1
    folder.write_dotenv(DOTENV + "HELPDESK_ACKNOWLEDGEMENT__PER_HOUR=10\n")
    assert folder.load().desk.acknowledgement.per_hour == 10
    acknowledgement = folder.with_environ({"HELPDESK_ACKNOWLEDGEMENT__PER_HOUR": "1000"}).load().desk.acknowledgement
    assert (acknowledgement.per_hour, acknowledgement.per_sender) == (1000, 2)


def test_empty_variable_counts_as_not_set(folder: SettingsFolder) -> None:
    environ = {"HELPDESK_IMAP_HOST": "", "HELPDESK_MAILBOX__POLL_SECONDS": " "}
    settings = folder.with_environ(environ).load()
    assert settings.imap.host == "imap.charity.test"
    assert settings.desk.poll_interval == timedelta(seconds=60)


@pytest.mark.parametrize(
    ("value", "folders"),
    [
        pytest.param("INBOX", ["INBOX"], id="one word"),
        pytest.param("INBOX, Website ", ["INBOX", "Website"], id="words with commas"),
        pytest.param('["INBOX", "Web, site"]', ["INBOX", "Web, site"], id="JSON"),
        pytest.param("2026", ["2026"], id="a folder that looks like a number"),
    ],
)
def test_list_in_a_variable_is_json_or_words_with_commas(folder: SettingsFolder, value: str, folders: list[str]) -> None:
    desk = folder.with_environ({"HELPDESK_MAILBOX__FOLDERS": value}).load().desk
    assert [policy.folder for policy in desk.folders] == folders


def test_every_kind_of_key_can_be_a_variable(folder: SettingsFolder) -> None:
    environ = {
        "HELPDESK_MAILBOX__AFTER": "move",
        "HELPDESK_MAILBOX__MOVE_TO": "Done",
        "HELPDESK_MAILBOX__JUNK_FOLDERS": "Junk",
        "HELPDESK_OFFICE_HOURS__TIMEZONE": "Europe/Paris",
        "HELPDESK_OFFICE_HOURS__OPENS": "9.30",
        "HELPDESK_OFFICE_HOURS__CLOSES": "24:00",
        "HELPDESK_OFFICE_HOURS__DAYS": "mon,Tuesday",
        "HELPDESK_OFFICE_HOURS__BANK_HOLIDAYS": "no",
        "HELPDESK_OFFICE_HOURS__CLOSURES": '[{"first_day": "2026-12-24", "last_day": "2027-01-03"}]',
        "HELPDESK_TICKETS__PROFESSIONALS": "@Council.test",
        "HELPDESK_ORGANISATION__CHARITY_NUMBER": "42",
        "HELPDESK_SIGNPOSTS": '[{"name": "A", "text": "Call 12", "number": "12", "checked_on": "2026-11-01"}]',
    }
    desk = folder.with_environ(environ).load().desk
    assert desk.folders == (
        FolderPolicy("INBOX", after=AfterProcessing.MOVE, move_to="Done"),
        FolderPolicy("Junk", junk=True),
    )
    hours = desk.office_hours
    assert (hours.zone.key, hours.opens, hours.closes, hours.weekdays) == ("Europe/Paris", time(9, 30), time(0), {0, 1})
    assert hours.closures == (Closure(date(2026, 12, 24), date(2027, 1, 3)),)
    assert not hours.bank_holidays
    assert desk.ourselves.professionals == {"@council.test"}
    assert desk.organisation.charity_number == "42"
    assert [signpost.name for signpost in desk.organisation.signposts] == ["A"]


def test_toml_takes_its_own_dates_and_times(folder: SettingsFolder) -> None:
    folder.write_helpdesk(
        "[office_hours]\nopens = 09:30:00\ncloses = '17:00'\n"
        "[[office_hours.closures]]\nfirst_day = 2026-12-24\nlast_day = '2026-12-25'\nnote = 'Christmas'\n"
    )
    hours = folder.load().desk.office_hours
    assert (hours.opens, hours.closes) == (time(9, 30), time(17))
    assert hours.closures == (Closure(date(2026, 12, 24), date(2026, 12, 25)),)


def test_staff_are_read_with_all_they_have(folder: SettingsFolder) -> None:
    folder.write_staff(
        STAFF + '[[staff]]\nid = "dana"\npublic_name = "Dana"\nemail = "Dana@Staff.test"\nskills = ["Child"]\n'
        'hours = ["Monday 9:00-12:00", "friday, 18:00 to 24:00"]\ncapacity = 0\nnotices = "minimal"\n'
        'private_words = ["01632 960123"]\nexcludes = ["Sam@Charity.test", "@Street.test"]\n'
    )
    mike, dana = folder.load().desk.staff
    assert mike.roles == {Role.LEAD, Role.ADMIN}
    assert mike.shifts == ()
    assert dana.email == "Dana@Staff.test"
    assert dana.skills == {"child"}
    assert dana.shifts == (Shift(0, time(9), time(12)), Shift(4, time(18), time(0)))
    assert (dana.capacity, dana.notices) == (0, Notices.MINIMAL)
    assert dana.private_words == ("01632 960123",)
    assert set(dana.excludes) == {"sam@charity.test", "@street.test"}


def test_ourselves_are_in_lookup_form(folder: SettingsFolder) -> None:
    folder.write_helpdesk(
        '[mailbox]\naddress = "Info@Charity.Test"\nenvelope_sender = "Bounces@Charity.test"\n'
        'form_senders = ["Website@Charity.test"]\ntrusted_authserv = "mx.charity.test"\n'
    )
    desk = folder.load().desk
    assert desk.ourselves.addresses == {"info@charity.test", "bounces@charity.test"}
    assert desk.ourselves.staff_addresses == {"mike@staff.test"}
    assert desk.ourselves.form_senders == {"website@charity.test"}
    assert desk.ourselves.trusted_authserv == "mx.charity.test"
    assert desk.organisation.email == "Info@Charity.Test"


@pytest.mark.parametrize(
    ("written", "address"),
    [("mailbox", "info@exithate.org"), ("null", ""), ("bounces@charity.test", "bounces@charity.test")],
)
def test_envelope_sender_is_the_mailbox_null_or_an_address(folder: SettingsFolder, written: str, address: str) -> None:
    folder.write_helpdesk(f'[mailbox]\nenvelope_sender = "{written}"\n')
    assert folder.load().desk.envelope_sender == address


def test_policies_are_durations(folder: SettingsFolder) -> None:
    folder.write_helpdesk("[acknowledgement]\nwithin_days = 5\n[tickets]\nreopen_within_days = 7\njoin_within_hours = 2\n")
    desk = folder.load().desk
    assert desk.acknowledgement == replace(AcknowledgementPolicy(), within=timedelta(days=5))
    assert desk.tickets == TicketPolicy(reopen_within=timedelta(days=7), join_within=timedelta(hours=2))


def test_replies_of_staff_wait_for_five_minutes_unless_it_is_said_otherwise(folder: SettingsFolder) -> None:
    usual = folder.load().desk.staff_mail
    assert (usual.reply_delay, usual.token_life) == (timedelta(minutes=5), timedelta(days=90))
    assert (usual.sent_copy, usual.sent_folder, usual.read_sent) == (True, "", True)
    assert {"safeguarding", "police"} <= set(usual.guard_words)
    folder.write_helpdesk(
        "[staff_mail]\nreply_delay_minutes = 0\ntoken_days = 7\nsent_copy = false\n"
        'sent_folder = "Posted"\nread_sent = false\nguard_words = ["court"]\n'
    )
    assert folder.load().desk.staff_mail == StaffMailPolicy(
        reply_delay=timedelta(),
        token_life=timedelta(days=7),
        sent_copy=False,
        sent_folder="Posted",
        read_sent=False,
        guard_words=("court",),
    )


def test_reminders_are_set_in_office_hours_and_days(folder: SettingsFolder) -> None:
    assert folder.load().desk.tickets == TicketPolicy(first_response=timedelta(hours=4), still_with_you_days=0)
    folder.write_helpdesk("[tickets]\nfirst_response_hours = 6\nstill_with_you_days = 3\n")
    assert folder.load().desk.tickets == TicketPolicy(first_response=timedelta(hours=6), still_with_you_days=3)


def test_each_member_of_staff_chooses_their_morning_lists(folder: SettingsFolder) -> None:
    folder.write_staff(
        STAFF + 'lead_digest = false\n[[staff]]\nid = "dana"\npublic_name = "Dana"\nemail = "dana@staff.test"\ndigest = false\n'
    )
    assert [(each.digest, each.lead_digest) for each in folder.load().desk.staff] == [(True, False), (False, True)]


def test_folders_of_config_and_templates_can_be_elsewhere(
    folder: SettingsFolder, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (folder.directory / "config").rename(folder.directory / "settings")
    folder.write_dotenv(f"{DOTENV}HELPDESK_CONFIG_DIR=settings\nHELPDESK_TEMPLATES_DIR={elsewhere}\n")
    assert folder.load().desk.templates_dir == elsewhere
    assert folder.load_desk().templates_dir == elsewhere


def test_missing_templates_are_for_the_check_of_templates_to_tell(folder: SettingsFolder) -> None:
    (folder.directory / "templates").rmdir()
    assert folder.problems() == ()


def test_login_is_read_with_the_usual_ports(folder: SettingsFolder) -> None:
    settings = folder.load()
    assert (settings.imap.host, settings.imap.port, settings.imap.security) == ("imap.charity.test", 993, Security.TLS)
    assert (settings.imap.username, settings.imap.password) == ("info", "correct horse")
    assert (settings.smtp.host, settings.smtp.port, settings.smtp.security) == ("smtp.charity.test", 465, Security.TLS)
    assert settings.database_url == f"sqlite:///{folder.directory}/data/helpdesk.db"
    assert settings.secret_key == bytes(range(32))


def test_secrets_are_in_no_repr(folder: SettingsFolder) -> None:
    shown = repr(folder.load())
    for secret in ("correct horse", "battery staple", KEY, repr(bytes(range(32))), "mike@staff.test"):
        assert secret not in shown


def test_loading_reads_nothing_of_the_process_environment(folder: SettingsFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    before = folder.load()
    monkeypatch.setenv("HELPDESK_MAILBOX__POLL_SECONDS", "15")
    monkeypatch.setenv("HELPDESK_IMAP_HOST", "elsewhere.test")
    assert folder.load() == before
    assert "HELPDESK_IMAP_PASSWORD" not in os.environ


def test_import_reads_no_file_and_no_variable(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("HELPDESK_IMAP_PORT=many\n", encoding="utf-8")
    code = "import helpdesk.settings, os; print('HELPDESK_IMAP_PORT' in os.environ)"
    environ = {**os.environ, "PYTHONPATH": str(REPOSITORY), "HELPDESK_MAILBOX__POLL_SECONDS": "never"}
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environ, capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


@pytest.mark.parametrize(
    "website", ["www.charity.test", "charity.test/help", "https://charity.test", "HTTPS://www.bücher.test/a?b=c#d"]
)
def test_website_is_a_name_or_an_address(folder: SettingsFolder, website: str) -> None:
    folder.write_helpdesk(f'[organisation]\nwebsite = "{website}"\n')
    assert folder.load().desk.organisation.website == website


def test_today_is_not_needed(folder: SettingsFolder) -> None:
    assert load_settings(folder.directory, {}).warnings == ()
    assert load_desk_settings(folder.directory, {}).warnings == ()
