"""What the documents promise is what is there: every command, setting, rule and decision has its line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from helpdesk.cli import build_app
from helpdesk.core.rules.table import RULES
from helpdesk.settings.servers import NAMES

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
ARCHITECTURE = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")


def commands(command: object, path: str) -> Iterator[str]:
    subcommands = getattr(command, "commands", None)
    if subcommands is None:
        yield path
        return
    for name, sub in subcommands.items():
        yield from commands(sub, f"{path} {name}")


COMMANDS = tuple(commands(typer.main.get_command(build_app()), "helpdesk"))


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_in_the_readme_with_its_options(name: str) -> None:
    row = next((line for line in README.splitlines() if line.startswith(f"| `{name}")), "")
    assert row, f"{name} has no row in README.md"


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


@pytest.mark.parametrize("document", ["README.md", "ARCHITECTURE.md", "docs/operations.md"])
def test_every_file_that_a_document_names_is_there(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:docs|templates|config|tests|helpdesk|core|jobs|mail|store|model)/[\w./-]+)`", text))
    for name in named - {"config/staff.toml"}:
        assert (ROOT / name).exists() or (ROOT / "helpdesk" / name).exists(), name
