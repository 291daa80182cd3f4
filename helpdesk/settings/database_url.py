"""The URL of the database. No problem ever shows it: it may hold a password."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from helpdesk.errors import Problem
from helpdesk.settings.servers import DATABASE_URL
from helpdesk.settings.variables import Variables

_SQLITE = "sqlite:///"
_POSTGRESQL = "postgresql+psycopg"
_EXAMPLE = f"Write: {DATABASE_URL}='{_SQLITE}data/helpdesk.db'"
_SERVER_EXAMPLE = f"Write: {DATABASE_URL}='{_POSTGRESQL}://USER:PASSWORD@HOST/DATABASE'"
_ESCAPES = "In the password, write each of these signs as: @ %40, : %3A, / %2F, # %23, ? %3F, % %25, [ %5B."


def read_database_url(variables: Variables, directory: Path, problems: list[Problem]) -> str:
    """The database's URL; that of a file with an absolute path, where a relative one starts at `directory`."""
    url = variables.get(DATABASE_URL, f"{_SQLITE}data/helpdesk.db").strip()
    where = variables.where(DATABASE_URL)
    if url.startswith("postgres"):
        problems += [Problem(where, what, remedy) for what, remedy in _server_problems(url)]
        return url
    path = url.removeprefix(_SQLITE)
    if not url.startswith(_SQLITE) or "?" in url:
        problems.append(Problem(where, f"{DATABASE_URL} is no URL of SQLite or PostgreSQL.", _EXAMPLE))
    elif not path or path.startswith(":memory:"):
        what = f"{DATABASE_URL} names a database in memory, which would forget every mail at the end."
        problems.append(Problem(where, what, _EXAMPLE))
    elif path.startswith("~"):
        whole = os.path.expanduser(path).replace("~", "/home/")
        what = f"{DATABASE_URL} begins with ~, which means nothing in a URL."
        problems.append(Problem(where, what, f"Write the whole path, with four slashes: {DATABASE_URL}='{_SQLITE}{whole}'"))
    elif path.endswith("/") or os.path.isdir(directory / path):
        remedy = f"Name a file in it: {DATABASE_URL}='{_SQLITE}{path.rstrip('/')}/helpdesk.db'"
        problems.append(Problem(where, f"{DATABASE_URL} names a folder, and has to name a file.", remedy))
    return f"{_SQLITE}{(directory / path).absolute()}"


def _server_problems(url: str) -> list[tuple[str, str]]:
    parts = _split(url)
    if parts is None or "#" in url or "@" in parts.path or parts.netloc.count("@") > 1:
        return [(f"{DATABASE_URL} can't be read.", f"{_SERVER_EXAMPLE} {_ESCAPES}")]
    if parts.scheme not in ("postgresql", _POSTGRESQL):
        return [(f"{DATABASE_URL} names a driver that is not used here.", f"{_SERVER_EXAMPLE} It begins with {_POSTGRESQL}://")]
    if not parts.path.strip("/"):
        return [(f"{DATABASE_URL} names no database.", _SERVER_EXAMPLE)]
    return []


def _split(url: str) -> SplitResult | None:
    """The parts of the URL; None where a sign in it means something else than its writer thought."""
    try:
        parts = urlsplit(url)
        # Asking for it finds out whether it is a number.
        _ = parts.port
    except ValueError:
        return None
    return parts
