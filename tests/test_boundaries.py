"""Every effect of the worker is followed by a named boundary, so that the crash matrix can't forget one."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from helpdesk.boundary import Boundary, reached, watched_by

PACKAGE = Path(__file__).resolve().parents[1] / "helpdesk"

# What a person asks for by a command is one transaction, after which the command ends.
OF_COMMANDS = {"jobs/desk.py", "jobs/import_mail.py", "jobs/restored.py"}
# Names of calls that change something outside this process, where they stand.
EFFECTS = {
    "jobs": {"commit", "fetch"},
    "mail/mailbox": {"add_flags", "move", "copy", "uid_expunge", "create_folder", "subscribe_folder"},
    "mail/mailbox/sent.py": {"append"},
    "mail/smtp/transport.py": {"docmd", "send", "getreply"},
}


def _modules() -> Iterator[tuple[str, set[str]]]:
    for place, names in EFFECTS.items():
        found = sorted((PACKAGE / place).rglob("*.py")) if (PACKAGE / place).is_dir() else [PACKAGE / place]
        for path in found:
            name = path.relative_to(PACKAGE).as_posix()
            if name not in OF_COMMANDS:
                yield name, names


def _blocks(tree: ast.AST) -> Iterator[list[ast.stmt]]:
    for node in ast.walk(tree):
        for field in ("body", "orelse", "finalbody"):
            block = getattr(node, field, None)
            if isinstance(block, list):
                yield block


def _calls(statement: ast.stmt) -> set[str]:
    """The names of the methods that a simple statement calls."""
    if not isinstance(statement, ast.Expr | ast.Assign | ast.AnnAssign | ast.Return):
        return set()
    calls = (node.func for node in ast.walk(statement) if isinstance(node, ast.Call))
    return {function.attr for function in calls if isinstance(function, ast.Attribute)}


def _boundary(statement: ast.stmt | None) -> str | None:
    if not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call)):
        return None
    call = statement.value
    if not (isinstance(call.func, ast.Name) and call.func.id == "reached" and isinstance(call.args[0], ast.Attribute)):
        return None
    return call.args[0].attr


@pytest.mark.parametrize(("module", "effects"), list(_modules()), ids=lambda value: value if isinstance(value, str) else "")
def test_every_effect_is_followed_by_a_boundary(module: str, effects: set[str]) -> None:
    tree = ast.parse((PACKAGE / module).read_text())
    unnamed = [
        f"{module}:{statement.lineno}"
        for block in _blocks(tree)
        for statement, following in pairwise([*block, None])
        if statement and _calls(statement) & effects and _boundary(following) is None
    ]
    assert not unnamed


def test_every_boundary_stands_at_one_place() -> None:
    used = Counter(
        boundary
        for path in PACKAGE.rglob("*.py")
        for block in _blocks(ast.parse(path.read_text()))
        for statement in block
        if (boundary := _boundary(statement))
    )
    assert used == dict.fromkeys(Boundary.__members__, 1)


def test_a_boundary_is_told_to_whoever_watches_and_to_nobody_else() -> None:
    seen: list[Boundary] = []
    with watched_by(seen.append):
        reached(Boundary.STORED)
    reached(Boundary.CLAIMED)
    assert seen == [Boundary.STORED]
