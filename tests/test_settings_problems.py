"""Every mistake in the files is reported at once, with file, line, an admin's words and what to write instead."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from helpdesk.errors import SettingsError
from helpdesk.settings import load_desk_settings, load_settings
from tests.settings_folder import DOTENV, STAFF, SettingsFolder, make_folder
from tests.unprivileged import unprivileged, unprivileged_folder


@pytest.fixture
def folder(tmp_path: Path) -> SettingsFolder:
    return make_folder(tmp_path)


def test_mistakes_of_all_files_are_reported_together_in_their_order(folder: SettingsFolder) -> None:
    folder.write_dotenv(DOTENV + "HELPDESK_IMAP_PORT=many\n")
    folder.write_helpdesk('[office_hours]\nopens = "17:00"\n[mailbox]\nadress = "info@charity.test"\n')
    folder.write_staff(STAFF + '[[staff]]\nid = "mike"\npublic_name = "Exit"\nemail = "info@exithate.org"\n')
    with pytest.raises(SettingsError) as caught:
        folder.load()
    assert [problem.where for problem in caught.value.problems] == [
        ".env, line 8",
        "config/helpdesk.toml, line 1",
        "config/helpdesk.toml, line 4",
        "config/staff.toml, line 2",
        "config/staff.toml, line 7",
        "config/staff.toml, line 8",
    ]
    assert all(problem.what and problem.remedy for problem in caught.value.problems)
    assert str(caught.value.problems[2]) == (
        "config/helpdesk.toml, line 4: adress in [mailbox] means nothing here. Did you mean address?"
    )


@pytest.mark.parametrize(
    ("text", "line", "what", "remedy"),
    [
        pytest.param('[ofice_hours]\nopens = "9:00"', 1, "[ofice_hours] means nothing here.", "Did you mean [office_hours]?",
            id="unknown section"),
        pytest.param("[mailbox]\npol_seconds = 5", 2, "pol_seconds in [mailbox] means nothing here.",
            "Did you mean poll_seconds?", id="unknown key"),
        pytest.param("[mailbox]\nper_hour = 5", 2, "per_hour in [mailbox] means nothing here.",
            "Move the line to the other keys of [acknowledgement].", id="key of another section"),
        pytest.param("poll_seconds = 20", 1, "poll_seconds means nothing here.",
            "Move the line to the other keys of [mailbox].", id="key above every section"),
        pytest.param("[mailbox]\nzzz = 5", 2, "zzz in [mailbox] means nothing here.",
            "Remove it. Known here: address, folders", id="key like no other"),
        pytest.param("[[office_hours.closures]]\nfirst_day = 2026-12-24\nlast_day = 2026-12-24\nbank_holidays = true", 4,
            "bank_holidays in [[office_hours.closures]] number 1 means nothing here.",
            "Move the line to the other keys of [office_hours].", id="key that slid into a closure"),
        pytest.param('[mailbox]\npoll_seconds = "often"', 2,
            'poll_seconds in [mailbox] is "often", but has to be a whole number', "Write for example: poll_seconds = 60",
            id="word for a number"),
        pytest.param("[mailbox]\npoll_seconds = 9", 2,
            "poll_seconds in [mailbox] is 9, but has to be a whole number of seconds from 10 to 3600.", "poll_seconds = 60",
            id="below the range"),
        pytest.param("[acknowledgement]\nper_hour = true", 2, "per_hour in [acknowledgement] is true, but", "per_hour = 200",
            id="true for a number"),
        pytest.param('[acknowledgement]\nenabled = "maybe"', 2, 'enabled in [acknowledgement] is "maybe"', "enabled = true",
            id="neither true nor false"),
        pytest.param('[mailbox]\nafter = "mov"', 2, 'after in [mailbox] is "mov", but has to be "keep", "keyword" or "move".',
            'Did you mean "move"?', id="nearly a word that is known"),
        pytest.param('[mailbox]\nafter = "shred"', 2, 'after in [mailbox] is "shred"', 'Write for example: after = "keep"',
            id="no word that is known"),
        pytest.param('[mailbox]\nkeyword = "done today"', 2, 'keyword in [mailbox] is "done today"', "keyword =",
            id="keyword with a space"),
        pytest.param("[mailbox]\nfolders = []", 2, "folders in [mailbox] has to be a list of folders, at least one.",
            'folders = ["INBOX"]', id="empty list"),
        pytest.param("[mailbox]\nfolders = '[\"INBOX'", 2, 'folders in [mailbox] is "["INBOX"', 'folders = ["INBOX"]',
            id="list that is no JSON"),
        pytest.param('[mailbox]\nfolders = [\n  "INBOX",\n  "",\n]', 4, 'folders in [mailbox] holds "", but',
            'folders = ["INBOX"]', id="empty element on a line of its own"),
        pytest.param('[mailbox]\naddress = "info@charity"', 2,
            'address in [mailbox] is "info@charity", but has to be one email address.', "address =", id="half an address"),
        pytest.param('[mailbox]\nform_senders = ["@charity.test"]', 2, 'form_senders in [mailbox] holds "@charity.test"',
            "form_senders =", id="whole domain as a form"),
        pytest.param('[mailbox]\nenvelope_sender = "none"', 2, 'envelope_sender in [mailbox] is "none"', "envelope_sender =",
            id="envelope sender"),
        pytest.param('[tickets]\nprofessionals = ["council"]', 2, 'professionals in [tickets] holds "council"',
            "professionals =", id="neither address nor domain"),
        pytest.param('[tickets]\nprofessionals = ["@gmail.com"]', 2,
            "@gmail.com is a provider that anybody may have an address at.", "whole addresses",
            id="free mail as professionals"),
        pytest.param('[office_hours]\ntimezone = "Europe/Lundon"', 2, 'timezone in [office_hours] is "Europe/Lundon"',
            'Did you mean "Europe/London"?', id="unknown time zone"),
        pytest.param('[office_hours]\ntimezone = "Europe"', 2, 'timezone in [office_hours] is "Europe"', "Did you mean",
            id="folder of time zones"),
        pytest.param('[office_hours]\ntimezone = "../x"', 2, 'timezone in [office_hours] is "../x"', "Write for example",
            id="no time zone at all"),
        pytest.param('[office_hours]\nopens = "25:00"', 2, 'opens in [office_hours] is "25:00"', 'opens = "10:00"',
            id="hour that is none"),
        pytest.param('[office_hours]\nopens = "ten"', 2, 'opens in [office_hours] is "ten"', 'opens = "10:00"',
            id="time in words"),
        pytest.param('[office_hours]\nopens = "24:00"', 2, 'opens in [office_hours] is "24:00"', 'opens = "10:00"',
            id="opening at the end of the day"),
        pytest.param('[office_hours]\nopens = "9:00"\ncloses = "9:00"', 3,
            "The office closes at 09:00, which is not after it opens at 09:00.", "closes =", id="closes when it opens"),
        pytest.param('[office_hours]\ndays = ["Monday", "Tusday"]', 2, 'days in [office_hours] holds "Tusday"',
            'Did you mean "Tuesday"?', id="weekday misspelt"),
        pytest.param("[office_hours]\ndays = []", 2, "days in [office_hours] has to be a list of weekdays, at least one.",
            "days =", id="no weekday"),
        pytest.param("[[office_hours.closures]]\nfirst_day = 2026-12-24\nlast_day = 2026-12-20", 3,
            "The closure ends on 2026-12-20, before it begins on 2026-12-24.", "last_day = 2026-12-24",
            id="closure the wrong way round"),
        pytest.param('[[office_hours.closures]]\nfirst_day = "24/12/2026"\nlast_day = 2026-12-25', 2,
            'first_day in [[office_hours.closures]] number 1 is "24/12/2026"', "first_day = 2026-12-24",
            id="day in another order"),
        pytest.param("[[office_hours.closures]]\nfirst_day = 2026\nlast_day = 2026-12-25", 2,
            "first_day in [[office_hours.closures]] number 1 is 2026,", "first_day = 2026-12-24", id="number for a day"),
        pytest.param("[[office_hours.closures]]\nfirst_day = 2026-12-24", 1,
            "last_day in [[office_hours.closures]] number 1 is missing.", "last_day = 2027-01-02", id="missing key"),
        pytest.param("[office_hours]\nclosures = [2026-12-24]", 2,
            "[[office_hours.closures]] number 1 has to be a table of keys and values.", "example", id="day for a closure"),
        pytest.param("mailbox = 5", 1, "[mailbox] is 5, but has to be a section.", "Write for example: [mailbox]",
            id="number for a section"),
        pytest.param("[signposts]\nname = 'A'", 1, "[signposts] has single brackets, as if there could be only one.",
            "Write [[signposts]] instead.", id="one pair of brackets too few"),
        pytest.param("[office_hours.closures]\nfirst_day = 2026-12-24", 1, "[office_hours.closures] has single brackets",
            "Write [[office_hours.closures]] instead.", id="one pair of brackets too few below a section"),
        pytest.param('[organisation]\nwebsite = "our website"', 2, 'website in [organisation] is "our website"',
            'website = "www.exithate.com"', id="website in words"),
        pytest.param('[organisation]\nwebsite = "http://charity.test"', 2, 'website in [organisation] is "http://',
            'website = "www.exithate.com"', id="website that anybody can read along"),
        pytest.param('[organisation]\nwebsite = "javascript:alert(1)"', 2, "website in [organisation] is", "website =",
            id="website that is a script"),
        pytest.param('[organisation]\nsender_name = "Exit Hate"', 2, 'sender_name in [organisation] is "Exit Hate"',
            'sender_name = "Mike"', id="sender is no first name"),
        pytest.param('[organisation]\nsender_name = "Exit"', 2, 'The name "Exit" gives us away on a locked screen.',
            "Write a first name", id="sender tells who we are"),
        pytest.param('[organisation]\nsignature = "Mike\\nSecond"', 2, "signature in [organisation] is", "signature =",
            id="two lines"),
        pytest.param("[organisation]\nname = " + '"' + "x" * 300 + '"', 2, f'is "{"x" * 60}…"', "name =", id="far too long"),
        pytest.param('[mailbox]\nfolders = ["INBOX", "INBOX"]', 2, 'The folder "INBOX" is listed twice.', "Remove it",
            id="folder twice"),
        pytest.param('[mailbox]\njunk_folders = ["INBOX"]', 2, 'The folder "INBOX" is listed twice.', "Remove it",
            id="folder that is junk too"),
        pytest.param('[mailbox]\nafter = "move"\nmove_to = "INBOX"', 3,
            'Mail would be moved to "INBOX", which is a folder that new mail is taken from.', "another folder",
            id="moved to where it came from"),
        pytest.param('[mailbox]\nafter = "move"\nmove_to = ""', 3,
            'after is "move", but move_to in [mailbox] names no folder.', 'move_to = "Processed"', id="moved to nowhere"),
        pytest.param('[[signposts]]\nname = "A"\ntext = "Call A"\nnumber = "116 123"\nchecked_on = 2026-11-01', 3,
            'The text "Call A" does not hold the number 116 123.', "same number", id="signpost without its number"),
        pytest.param('[[signposts]]\nname = "A"\ntext = "Call A"\nnumber = "call us"\nchecked_on = 2026-11-01', 4,
            'number in [[signposts]] number 1 is "call us"', 'number = "116 123"', id="number without digits"),
        pytest.param('[[signposts]]\nname = "A"\ntext = "Call 12"\nnumber = "12"\naction = "cal"\nchecked_on = 2026-11-01', 5,
            'action in [[signposts]] number 1 is "cal"', 'Did you mean "call"?', id="action misspelt"),
    ],
)  # fmt: skip
def test_mistake_in_helpdesk_toml(folder: SettingsFolder, text: str, line: int, what: str, remedy: str) -> None:
    folder.write_helpdesk(text)
    problem = folder.the_problem()
    assert problem.where == f"config/helpdesk.toml, line {line}"
    assert what in problem.what
    assert remedy in problem.remedy
    assert not problem.warning


@pytest.mark.parametrize(
    ("text", "where", "remedy"),
    [
        pytest.param("[mailbox]\naddress = info@charity.test", "line 2", "quotation marks", id="text without quotation marks"),
        pytest.param("[mailbox]\naddress\n", "line 2", "a key, = and a value", id="key without a value"),
        pytest.param("[mailbox]\n[mailbox]\n", "line 2", "same section stands twice", id="section twice"),
        pytest.param("[mailbox]\nafter = 'keep'\nafter = 'move'\n", "line 3", "same key stands twice", id="key twice"),
        pytest.param('[mailbox]\naddress = "info\n', "line 2", "quotation mark", id="text without its end"),
        pytest.param('[mailbox]\naddress = "a" "b"\n', "line 2", "line of its own", id="two values"),
        pytest.param("[mailbox]\nfolders = ['INBOX'", "at its end", "ends with a bracket", id="list without its end"),
        pytest.param("[mailbox]\nfolders = ['INBOX',\n", "at its end", "quotation marks", id="file that breaks off"),
    ],
)
def test_file_that_is_no_toml(folder: SettingsFolder, text: str, where: str, remedy: str) -> None:
    folder.write_helpdesk(text)
    problem = folder.the_problem()
    assert problem.where == f"config/helpdesk.toml, {where}"
    assert "This is not TOML" in problem.what
    assert remedy in problem.remedy


def test_file_in_another_encoding_is_said(folder: SettingsFolder) -> None:
    (folder.directory / "config/helpdesk.toml").write_bytes("# Café".encode("latin-1"))
    assert "UTF-8" in folder.the_problem().remedy


def test_byte_order_mark_and_windows_lines_are_taken(folder: SettingsFolder) -> None:
    (folder.directory / "config/helpdesk.toml").write_bytes(b"\xef\xbb\xbf[mailbox]\r\nafter = 'keep'\r\nadress = 'x'\r\n")
    assert folder.the_problem().where == "config/helpdesk.toml, line 3"


def test_missing_and_unreadable_files_are_said(folder: SettingsFolder) -> None:
    config = folder.directory / "config/helpdesk.toml"
    config.unlink()
    assert folder.the_problem().what == "There is no such file."
    assert "HELPDESK_CONFIG_DIR" in folder.the_problem().remedy
    config.mkdir()
    assert folder.the_problem().what == "This is a folder, and has to be a file."
    config.rmdir()
    config.symlink_to(config)
    assert "can't be read" in folder.the_problem().what


def test_staff_file_that_is_a_folder_is_said(folder: SettingsFolder) -> None:
    (folder.directory / "config/staff.toml").unlink()
    (folder.directory / "config/staff.toml").mkdir()
    assert folder.the_problem().what == "This is a folder, and has to be a file."
    with pytest.raises(SettingsError, match="This is a folder"):
        folder.load_desk()


@pytest.mark.parametrize(
    ("name", "what"),
    [
        pytest.param("elsewhere", "There is no such folder.", id="missing"),
        pytest.param(".env", "This is a file, and has to be a folder.", id="a file"),
        pytest.param("x" * 300, "This folder can't be entered", id="a name that is too long"),
    ],
)
def test_config_folder_that_is_none_is_said_once_where_it_is_named(folder: SettingsFolder, name: str, what: str) -> None:
    for load in (
        folder.with_environ({"HELPDESK_CONFIG_DIR": name}).load,
        folder.with_environ({"HELPDESK_CONFIG_DIR": name}).load_desk,
    ):
        with pytest.raises(SettingsError) as caught:
            load()
        (problem,) = caught.value.problems
        assert problem.where == "environment"
        assert f'HELPDESK_CONFIG_DIR is "{name}". {what}' in problem.what


def test_missing_config_folder_is_said_once(folder: SettingsFolder) -> None:
    (folder.directory / "config").rename(folder.directory / "settings")
    problem = folder.the_problem()
    assert (problem.where, problem.what) == ("config", "There is no such folder.")
    assert "HELPDESK_CONFIG_DIR" in problem.remedy


@pytest.mark.parametrize(
    ("text", "what"),
    [
        pytest.param("x = " + "[" * 5000 + "]" * 5000, "too many brackets within brackets", id="brackets"),
        pytest.param("x = " + "1" * 5000, "a number that is far too long", id="number"),
    ],
)
def test_file_that_python_can_not_read_is_said(folder: SettingsFolder, text: str, what: str) -> None:
    folder.write_helpdesk(text)
    assert what in folder.the_problem().what


@pytest.mark.parametrize("value", ["[" * 5000 + "]" * 5000, "[" + "1" * 5000 + "]"], ids=["brackets", "number"])
def test_list_in_a_variable_that_python_can_not_read_is_said(folder: SettingsFolder, value: str) -> None:
    assert "folders in [mailbox]" in folder.with_environ({"HELPDESK_MAILBOX__FOLDERS": value}).the_problem().what


def test_files_that_may_not_be_read_are_said_with_what_to_do() -> None:
    with unprivileged_folder() as directory:
        folder = make_folder(directory)
        for path in (directory / ".env", directory / "config/helpdesk.toml", directory / "config/staff.toml"):
            path.chmod(0)
        with unprivileged():
            problems = folder.problems()
    assert [problem.where for problem in problems] == [".env", "config/helpdesk.toml", "config/staff.toml"]
    assert all("Permission denied" in problem.what and "chown USER" in problem.remedy for problem in problems)


def test_config_folder_that_may_not_be_entered_is_said_with_what_to_do() -> None:
    with unprivileged_folder() as directory:
        folder = make_folder(directory)
        (directory / ".env").chmod(0o644)
        (directory / "config").chmod(0o600)
        with unprivileged():
            problems = [problem for problem in folder.problems() if not problem.warning]
    assert [(problem.where, problem.what) for problem in problems] == [
        ("config", "This folder can't be entered (Permission denied).")
    ]


def test_mistake_in_one_section_hides_none_in_another(folder: SettingsFolder) -> None:
    folder.write_helpdesk(
        '[mailbox]\npoll_seconds = 1\n[office_hours]\nopens = "17:00"\n[organisation]\nsender_name = "Hate"\n'
        '[[signposts]]\nname = "A"\ntext = "Call A"\nnumber = "12"\nchecked_on = 2026-11-01\n'
        '[tickets]\nprofessionals = ["@aol.com"]\n'
    )
    assert [problem.where.rpartition(" ")[2] for problem in folder.problems()] == ["2", "3", "6", "9", "13"]


@pytest.mark.parametrize("section", ["mailbox", "office_hours", "acknowledgement", "tickets", "organisation"])
def test_unsound_section_is_not_checked_by_its_defaults(folder: SettingsFolder, section: str) -> None:
    folder.write_helpdesk(f"[{section}]\nzzz = 1\n")
    folder.write_staff(STAFF.replace("mike@staff.test", "info@exithate.org").replace('"Mike"', '"Hate"'))
    problems = folder.problems()
    expected = {"mailbox": 2, "organisation": 2}.get(section, 3)
    assert len(problems) == expected, [str(problem) for problem in problems]


def test_unsound_signposts_are_not_checked(folder: SettingsFolder) -> None:
    folder.write_helpdesk("[[signposts]]\nname = 'A'\ntext = 'Call A'\nnumber = '12'\n")
    assert "checked_on" in folder.the_problem().what


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        pytest.param(STAFF.replace('"mike@staff.test"', '"mike"'), 4,
            "email in [[staff]] number 1 has to be one email address.", id="no address"),
        pytest.param(STAFF.replace('"mike"', '"Mike M"'), 2, 'id in [[staff]] number 1 is "Mike M"',
            id="id with capitals and a space"),
        pytest.param(STAFF.replace('"Mike"', '"mike@staff.test"'), 3, "public_name in [[staff]] number 1 is",
            id="address for a name"),
        pytest.param(STAFF.replace('"Mike"', '"Mike Hate"'), 3, 'The name "Mike Hate" gives us away',
            id="name that tells who we are"),
        pytest.param(STAFF.replace('email = "mike@staff.test"\n', ""), 1, "email in [[staff]] number 1 is missing.",
            id="no email"),
        pytest.param(STAFF + "capacity = -1", 6, "capacity in [[staff]] number 1 is -1", id="capacity below nothing"),
        pytest.param(STAFF + 'hours = ["Monday 9-5"]', 6, 'hours in [[staff]] number 1 holds "Monday 9-5"',
            id="hours without minutes"),
        pytest.param(STAFF + 'hours = ["Monday 16:00-10:00"]', 6, "hours in [[staff]] number 1 holds",
            id="hours the wrong way round"),
        pytest.param(STAFF + 'excludes = ["sam"]', 6, "excludes in [[staff]] number 1 has to be a list",
            id="exclusion that is none"),
        pytest.param(STAFF + 'emial = "x@staff.test"', 6, "emial in [[staff]] number 1 means nothing here.",
            id="unknown key"),
        pytest.param(STAFF.replace("mike@staff.test", "INFO@exithate.org"), 4, '"mike" has the address of the mailbox itself',
            id="mail loop"),
        pytest.param(STAFF.replace("mike@staff.test", "Info+mike@exithate.org"), 4,
            '"mike" has the address of the mailbox itself', id="mail loop with a tag"),
        pytest.param(STAFF.replace("[[staff]]", "[staff]"), 1, "[staff] has single brackets", id="single brackets"),
        pytest.param(STAFF.replace('"lead", ', ""), 1, "Nobody is lead", id="nobody is lead"),
        pytest.param(STAFF.replace(', "admin"', ""), 1, "Nobody is admin", id="nobody is admin"),
        pytest.param("", None, "There are no staff", id="nobody at all"),
        pytest.param("staff = 'mike'", 1, '[staff] is "mike", but has to be a list of staff.', id="no list"),
        pytest.param("staff = ['mike@staff.test']", 1, "[[staff]] number 1 has to be a table of keys and values.",
            id="address for a person"),
        pytest.param("[[staf]]\nid = 'mike'", 1, "[staf] means nothing here.", id="heading misspelt"),
        pytest.param("[[staff]", 1, "This is not TOML", id="no toml"),
    ],
)  # fmt: skip
def test_mistake_in_staff_toml(folder: SettingsFolder, text: str, line: int | None, what: str) -> None:
    folder.write_staff(text)
    problem = folder.the_problem()
    assert problem.where == ("config/staff.toml" if line is None else f"config/staff.toml, line {line}")
    assert what in problem.what
    assert not problem.warning


def test_same_id_and_same_address_are_said_of_both(folder: SettingsFolder) -> None:
    folder.write_staff(STAFF + STAFF.replace("mike@", "MIKE@"))
    assert [(p.where, p.what.rpartition('"')[2]) for p in folder.problems()] == [
        ("config/staff.toml, line 2", " stands twice."),
        ("config/staff.toml, line 4", " has the same email address as another staff member."),
        ("config/staff.toml, line 7", " stands twice."),
        ("config/staff.toml, line 9", " has the same email address as another staff member."),
    ]


def test_mistake_of_one_staff_member_hides_none_of_another(folder: SettingsFolder) -> None:
    folder.write_staff(STAFF.replace("mike@staff.test", "mike") + STAFF.replace("mike@staff.test", "info@exithate.org"))
    assert [problem.where for problem in folder.problems()] == ["config/staff.toml, line 4", "config/staff.toml, line 9"]


def test_no_problem_shows_a_private_value(folder: SettingsFolder) -> None:
    folder.write_staff(
        STAFF.replace("mike@staff.test", "privateaddress")
        + "private_words = ['hiddenword', 5, '']\nexcludes = ['secretfriend']\n"
    )
    shown = "\n".join(map(str, folder.problems()))
    assert "email" in shown
    assert "private_words" in shown
    for private in ("privateaddress", "hiddenword", "secretfriend"):
        assert private not in shown


@pytest.mark.parametrize("mode", [0o604, 0o640, 0o660, 0o644])
def test_staff_file_that_others_can_read_is_refused_with_the_command(folder: SettingsFolder, mode: int) -> None:
    (folder.directory / "config/staff.toml").chmod(mode)
    problem = folder.the_problem()
    assert not problem.warning
    assert problem.remedy == "Run: chmod 600 config/staff.toml"
    with pytest.raises(SettingsError):
        folder.load_desk()


def test_address_left_from_the_example_is_a_warning(folder: SettingsFolder) -> None:
    folder.write_staff(STAFF.replace("mike@staff.test", "mike@example.org"))
    warning = folder.the_problem()
    assert warning.warning
    assert warning.where == "config/staff.toml, line 4"
    assert folder.load().warnings == folder.load().desk.warnings == (warning,)


@pytest.mark.parametrize(
    ("checked_on", "warned"),
    [
        pytest.param(date(2025, 11, 29), True, id="a year and a day ago"),
        pytest.param(date(2025, 11, 30), False, id="a year ago"),
    ],
)
def test_number_that_nobody_has_checked_for_a_year_is_a_warning(folder: SettingsFolder, checked_on: date, warned: bool) -> None:
    signpost = f"[[signposts]]\nname = 'A'\ntext = 'Call 12'\nnumber = '12'\nchecked_on = {checked_on}\n"
    folder.write_helpdesk(signpost)
    assert [(p.where, p.warning) for p in folder.problems()] == ([("config/helpdesk.toml, line 5", True)] if warned else [])
    assert load_settings(folder.directory, {}).warnings == ()
    assert len(load_desk_settings(folder.directory, {}, date(2026, 11, 30)).warnings) == warned


@pytest.mark.parametrize(
    ("text", "what"),
    [
        pytest.param(
            "[acknowledgement]\nenabled = false\n", "Nobody who writes gets an acknowledgement.", id="no acknowledgement"
        ),
        pytest.param("signposts = []\n", "No signpost is on", id="no signpost"),
    ],
)
def test_what_is_allowed_and_seldom_meant_is_a_warning(folder: SettingsFolder, text: str, what: str) -> None:
    folder.write_helpdesk(text)
    warning = folder.the_problem()
    assert warning.warning
    assert what in warning.what


@pytest.mark.parametrize(
    ("name", "value", "what", "remedy"),
    [
        pytest.param("HELPDESK_MAILBOX__POLL_SECONDS", "often",
            'HELPDESK_MAILBOX__POLL_SECONDS: poll_seconds in [mailbox] is "often"',
            "Write for example: HELPDESK_MAILBOX__POLL_SECONDS='60'", id="number"),
        pytest.param("HELPDESK_OFFICE_HOURS__OPENS", "ten", "HELPDESK_OFFICE_HOURS__OPENS: opens",
            "Write for example: HELPDESK_OFFICE_HOURS__OPENS='10:00'", id="text"),
        pytest.param("HELPDESK_MAILBOX__FOLDERS", "[", "HELPDESK_MAILBOX__FOLDERS: folders",
            "Write for example: HELPDESK_MAILBOX__FOLDERS='[\"INBOX\"]'", id="list"),
        pytest.param("HELPDESK_OFFICE_HOURS__CLOSURES", '[{"first_day": "2026-12-24"}]',
            "last_day in [[office_hours.closures]] number 1 is missing.",
            "The variable holds a list as JSON, in which stands for example: last_day = 2027-01-02", id="list of tables"),
        pytest.param("HELPDESK_OFFICE_HOURS__CLOSES", "9:00", "The office closes at 09:00", "Write for example",
            id="between two keys"),
        pytest.param("HELPDESK_OFFICE_HOURS__CLOSURES", "x", "[[office_hours.closures]] number 1 has to be a table",
            "example", id="no tables"),
        pytest.param("HELPDESK_SIGNPOSTS", "[", "HELPDESK_SIGNPOSTS: [signposts]", "Write the list as JSON", id="signposts"),
    ],
)  # fmt: skip
def test_mistake_in_a_variable_is_named_with_it(folder: SettingsFolder, name: str, value: str, what: str, remedy: str) -> None:
    folder.write_helpdesk("[mailbox]\npoll_seconds = 30\n[office_hours]\nopens = '10:00'\n")
    in_environment = folder.with_environ({name: value}).the_problem()
    assert in_environment.where == "environment"
    assert what in in_environment.what
    assert remedy in in_environment.remedy
    folder.write_dotenv(f"{DOTENV}{name}='{value}'\n")
    assert folder.the_problem().where == ".env, line 8"
