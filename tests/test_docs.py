"""What the documents promise is what is there: every command, setting, rule and decision has its line."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from helpdesk.cli import build_app
from helpdesk.core.rules.table import RULES
from helpdesk.model.health import AlarmName
from helpdesk.settings.servers import NAMES

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
ARCHITECTURE = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
MODULES = tuple(sorted((ROOT / "helpdesk").rglob("*.py")))


def commands(command: object, path: str) -> Iterator[tuple[str, frozenset[str]]]:
    """Every command by its whole name, with the long names of its options."""
    subcommands = getattr(command, "commands", None)
    if subcommands is None:
        parameters = getattr(command, "params", [])
        yield path, frozenset(name for each in parameters for name in each.opts if name.startswith("--"))
        return
    for name, sub in subcommands.items():
        yield from commands(sub, f"{path} {name}")


COMMANDS = dict(commands(typer.main.get_command(build_app()), "helpdesk"))
# Said once, above the table, since most commands have it.
SAID_ABOVE = frozenset({"--json"})


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_in_the_readme_with_its_options(name: str) -> None:
    rows = [line for line in README.splitlines() if re.match(rf"\| `{name}[ `]", line)]
    assert len(rows) == 1, f"{name} has {len(rows)} rows in README.md"
    written = set(re.findall(r"--[a-z-]+", rows[0].partition("` |")[0]))
    assert written == COMMANDS[name] - SAID_ABOVE


@pytest.mark.parametrize("option", sorted(SAID_ABOVE))
def test_an_option_that_most_commands_have_is_said_above_the_table(option: str) -> None:
    above = README.partition("## Commands")[2].partition("| command |")[0]
    assert f"`{option}`" in above


def events_in(path: Path) -> Iterator[str]:
    """The names of the events that a module logs."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or not node.args:
            continue
        logger = ast.unparse(node.func.value)
        if node.func.attr not in ("info", "warning", "error") or not logger.endswith(("log", "get_logger()")):
            continue
        first = node.args[0]
        for choice in (first.body, first.orelse) if isinstance(first, ast.IfExp) else (first,):
            # `Log` itself passes on what it is given.
            if not isinstance(choice, ast.Name):
                yield str(ast.literal_eval(choice))


EVENTS = sorted({event for path in MODULES for event in events_in(path)})


def test_events_are_found() -> None:
    assert {"processed", "delivered", "not_delivered", "library", "unexpected_error"} <= set(EVENTS)


@pytest.mark.parametrize("event", EVENTS)
def test_every_log_event_is_in_the_operations_page(event: str) -> None:
    assert f"`{event}`" in OPERATIONS or f"`event={event}`" in OPERATIONS


@pytest.mark.parametrize("name", list(AlarmName), ids=str)
def test_the_operations_page_says_what_to_do_about_every_alarm(name: AlarmName) -> None:
    rows = [line for line in OPERATIONS.splitlines() if re.match(r"\| `", line) and f"`{name}`" in line.split(" | ")[0]]
    assert len(rows) == 1


def commands_named_in(text: str) -> Iterator[str]:
    """What a text tells to run: "helpdesk" and the words behind it, unless it speaks of "the helpdesk"."""
    for match in re.finditer(r"(\w+ )?`?\bhelpdesk ([a-z]+)(?: ([a-z]+))?", text):
        if (match[1] or "").strip().lower() not in ("a", "the", "email", "embedded"):
            yield " ".join(filter(None, ("helpdesk", match[2], match[3])))


def strings_in(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def is_a_command(words: str) -> bool:
    """Whether a command is called so; words behind it are its arguments."""
    return any(words == name or words.startswith(name + " ") or name.startswith(words + " ") for name in COMMANDS)


@pytest.mark.parametrize("words", ["helpdesk wait", "helpdesk tickets dance", "helpdesk initial"])
def test_a_command_that_is_not_there_is_told_from_one_that_is(words: str) -> None:
    assert list(commands_named_in(f"Run: {words}")) == [words]
    assert not is_a_command(words)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_command_that_our_words_name_is_there(path: Path) -> None:
    named = [words for text in strings_in(path) for words in commands_named_in(text)]
    assert [words for words in named if not is_a_command(words)] == []


@pytest.mark.parametrize(
    "document", ["README.md", "docs/operations.md", "docs/staff.md", "ARCHITECTURE.md", "templates/README.md"]
)
def test_every_command_that_a_document_names_is_there(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    named = [words for quoted in re.findall(r"`(helpdesk [^`]*)`", text) for words in commands_named_in(quoted)]
    assert [words for words in named if not is_a_command(words)] == []


@pytest.mark.parametrize("variable", sorted(NAMES))
def test_every_variable_is_in_the_readme_and_in_the_example(variable: str) -> None:
    assert f"`{variable}`" in README
    assert re.search(rf"^{variable}=", (ROOT / ".env.example").read_text(encoding="utf-8"), re.MULTILINE)


def keys_of_toml() -> list[tuple[str, str]]:
    found = []
    for name in ("helpdesk.toml", "staff.example.toml"):
        for section, value in tomllib.loads((ROOT / "config" / name).read_text(encoding="utf-8")).items():
            for table in value if isinstance(value, list) else [value]:
                found += [(section, key) for key in table]
    return sorted(set(found))


@pytest.mark.parametrize(("section", "key"), keys_of_toml(), ids=str)
def test_every_key_is_in_the_readme(section: str, key: str) -> None:
    assert f"`{key}`" in README, f"{section}.{key}"


@pytest.mark.parametrize("name", [rule.name for rule in RULES])
def test_every_rule_is_in_the_architecture(name: str) -> None:
    assert f"`{name}`" in ARCHITECTURE


@pytest.mark.parametrize("document", ["README.md", "ARCHITECTURE.md", "docs/operations.md", "docs/staff.md"])
def test_every_file_that_a_document_names_is_there(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:docs|templates|config|tests|helpdesk|core|jobs|mail|store|model)/[\w./-]+)`", text))
    for name in named - {"config/staff.toml"}:
        assert (ROOT / name).exists() or (ROOT / "helpdesk" / name).exists(), name
