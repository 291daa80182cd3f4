"""The shape of the house: who may import whom, and where each third-party library lives (DESIGN section 11)."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent / "helpdesk"

RANKS = {
    "errors": 0,
    "boundary": 1,
    "clock": 1,
    "log": 1,
    "model": 2,
    "core": 3,
    "health": 4,
    "jobs": 4,
    "mail": 4,
    "store": 4,
    "web": 4,
    "scheduler": 4,
    "settings": 4,
    "bootstrap": 5,
    "demo": 5,
    "upkeep": 6,
    "cli": 7,
    "__main__": 8,
}

# Each library, and the one place that may know it.
PLACES = {
    "alembic": "helpdesk.store",
    "apscheduler": "helpdesk.scheduler",
    "cryptography": "helpdesk.store.crypto",
    "css_inline": "helpdesk.mail",
    "dotenv": "helpdesk.settings",
    "flufl": "helpdesk.core.bounce",
    "holidays": "helpdesk.core.office_hours",
    "imapclient": "helpdesk.mail.mailbox",
    "jinja2": "helpdesk.mail",
    "mail_devel": "helpdesk.demo",
    "markdown_it": "helpdesk.mail",
    "prometheus_client": "helpdesk.health",
    "proxyprotocol": "helpdesk.demo",
    "pydantic": "helpdesk.settings",
    "pydantic_settings": "helpdesk.settings",
    "pymap": "helpdesk.demo",
    "rich": "helpdesk.cli",
    "smtplib": "helpdesk.mail.smtp",
    "sqlalchemy": "helpdesk.store",
    "structlog": "helpdesk.log",
    "typer": "helpdesk.cli",
}
ALSO = {
    # The demo is a program of its own that shows the others at work.
    "rich": ("helpdesk.demo",),
    "smtplib": ("helpdesk.demo",),
    "imapclient": ("helpdesk.mail.idle",),
}


# Imports inside functions, each with its reason.
INSIDE_FUNCTIONS = {
    # The embedded servers are an extra, which may be missing, and every other command starts faster without them.
    ("helpdesk.cli.demo", "helpdesk.demo.run.run_demo"),
    # Alembic is slow to import, and nearly every start finds nothing to migrate.
    ("helpdesk.store.database", "helpdesk.store.migrate.migrate"),
}


def modules() -> list[Path]:
    return sorted(ROOT.rglob("*.py"))


def dotted(path: Path) -> str:
    parts = path.relative_to(ROOT.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path) -> Iterator[str]:
    return imports_below(ast.parse(path.read_text(encoding="utf-8")))


def imports_below(top: ast.AST) -> Iterator[str]:
    for node in ast.walk(top):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def part_of(name: str) -> str:
    return name.split(".")[1] if "." in name else ""


def is_within(name: str, place: str) -> bool:
    return name == place or name.startswith(place + ".")


@pytest.mark.parametrize("path", modules(), ids=dotted)
def test_module_imports_only_lower_ranks_or_its_own_package(path: Path) -> None:
    here = dotted(path)
    for name in imports(path):
        if not is_within(name, "helpdesk") or not part_of(here):
            continue
        there = part_of(name)
        assert there in RANKS, f"{here} imports {name}, whose part has no rank"
        assert there == part_of(here) or RANKS[there] < RANKS[part_of(here)], f"{here} may not import {name}"


@pytest.mark.parametrize("path", modules(), ids=dotted)
def test_third_party_library_stays_in_its_place(path: Path) -> None:
    here = dotted(path)
    for name in imports(path):
        library = name.split(".")[0]
        if library in PLACES:
            allowed = (PLACES[library], *ALSO.get(library, ()))
            assert any(is_within(here, place) for place in allowed), f"{here} imports {library}; its place is {allowed}"
        else:
            assert library in sys.stdlib_module_names or library == "helpdesk", f"{library} has no place in the table"


@pytest.mark.parametrize("path", [p for p in modules() if is_within(dotted(p), "helpdesk.core")], ids=dotted)
def test_core_has_no_clock_and_touches_nothing_outside(path: Path) -> None:
    outside = {"os", "pathlib", "socket", "ssl", "subprocess", "tempfile", "threading", "time", "random", "secrets", "sqlite3"}
    assert outside.isdisjoint(name.split(".")[0] for name in imports(path)), dotted(path)


@pytest.mark.parametrize("path", modules(), ids=dotted)
def test_only_the_clock_reads_the_time(path: Path) -> None:
    if dotted(path) == "helpdesk.clock":
        return
    calls = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    named = {ast.unparse(call.func) for call in calls}
    assert named.isdisjoint({"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time"}), dotted(path)


def test_imports_stand_at_the_top_but_for_those_with_a_reason() -> None:
    found = {
        (dotted(path), name)
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for name in imports_below(node)
    }
    assert found == INSIDE_FUNCTIONS


def test_except_exception_stands_in_three_places_only() -> None:
    found = []
    for path in modules():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ExceptHandler) and (
                node.type is None or ast.unparse(node.type) in ("Exception", "BaseException")
            ):
                found.append(dotted(path))
    assert sorted(found) == ["helpdesk.cli.explain", "helpdesk.jobs.deliver", "helpdesk.jobs.process"]
