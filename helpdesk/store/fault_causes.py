"""What each error code of a database means, in words, and what to do: a table for SQLite and one for PostgreSQL."""

from __future__ import annotations

import re
import sqlite3

# What happened, and what to do.
Cause = tuple[str, str]

_LOCKED = ("Another program has kept the database locked.", "End what else uses it, such as a copy or an editor.")
# SQLite's primary result code (sqlite.org/rescode.html).
_SQLITE = {
    sqlite3.SQLITE_FULL: ("The disk is full.", "Free space on the disk that holds the database."),
    sqlite3.SQLITE_IOERR: ("The disk could not be read or written.", "Look at the disk and its free space."),
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_LOCKED: _LOCKED,
    sqlite3.SQLITE_READONLY: (
        "The database can't be written to.",
        "Give this user the right to write the file and its folder.",
    ),
    sqlite3.SQLITE_CANTOPEN: (
        "The database can't be opened.",
        "Look at HELPDESK_DATABASE_URL, and at the rights on the folder.",
    ),
    sqlite3.SQLITE_PERM: ("The database can't be opened.", "Look at the rights on the file and its folder."),
    sqlite3.SQLITE_CORRUPT: (
        "The database is damaged.",
        "Stop the worker, keep a copy of the file, and restore the last backup.",
    ),
    sqlite3.SQLITE_NOTADB: (
        "The file is not a database, or is damaged.",
        "Look at HELPDESK_DATABASE_URL; if the file is the right one, keep a copy of it and restore the last backup.",
    ),
}
_OTHER = ("The database can't be used.", "Look at HELPDESK_DATABASE_URL and at the disk, then run: helpdesk check --online")

_STARTING = ("The database server is starting or stopping.", "Wait a moment; if it lasts, look at the server.")
_LOST = ("The connection to the database server was lost.", "Look at the server, and at the network between.")
_BUSY = (
    "The database was kept locked by others for too long.",
    "If it lasts, see who holds it: SELECT * FROM pg_stat_activity WHERE state LIKE 'idle in%'",
)
_LOGIN = ("The database server refuses our login.", "Look at the user and the password in HELPDESK_DATABASE_URL.")
_NO_DATABASE = (
    "The database server has no database of this name.",
    "Look at HELPDESK_DATABASE_URL; a new one is made by the server's administrator, with: createdb --owner USER NAME",
)
_TOO_MANY = (
    "The database server has no connection left for us.",
    "Raise max_connections there (each worker takes up to 14), or end what holds so many.",
)
_TURNED_DOWN = (
    "The database gave up one of two transactions that were in each other's way.",
    "Nothing has to be done, unless it happens often.",
)
_DAMAGED = ("The database is damaged.", "Stop all workers, keep a copy of the server's files, and restore the last backup.")
# PostgreSQL's SQLSTATE, or its first two characters, which are its class (postgresql.org, appendix A of the manual).
_SQLSTATES = {
    "53100": ("The disk is full.", "Free space on the disk that holds the database."),
    "53200": ("The database server has no memory left.", "Look at the server."),
    "53300": _TOO_MANY,
    "25006": (
        "The database can't be written to.",
        "It is a copy that only follows another, or was set read-only: name the server that takes changes.",
    ),
    "55P03": _BUSY,
    "57014": ("A statement took longer than the database may take.", "Look at the load of the database server."),
    "40": _TURNED_DOWN,
    "57P03": _STARTING,
    "57": _LOST,
    "25P03": _LOST,
    "08": _LOST,
    "28": _LOGIN,
    "3D000": _NO_DATABASE,
    "42501": ("Our user may not do that in the database.", "Make it the owner of the database and of all its tables."),
    "42P01": (
        "A table of ours is missing in the database.",
        "Look at HELPDESK_DATABASE_URL; if it is right, restore the last backup.",
    ),
    "58": ("The server's disk could not be read or written.", "Look at the disk of the database server."),
    "XX001": _DAMAGED,
    "XX002": _DAMAGED,
}
# A refused login has no code that the driver would pass on, only the server's words.
_LOGINS = (
    ("authentication failed", _LOGIN),
    ("no password supplied", _LOGIN),
    ("role", _LOGIN),
    ("pg_hba.conf", ("The database server lets nobody in from here.", "Allow our user and address in its pg_hba.conf.")),
    ("too many", _TOO_MANY),
    ("remaining connection slots", _TOO_MANY),
    ("starting up", _STARTING),
    ("shutting down", _STARTING),
    ("recovery", _STARTING),
    ("support SSL", ("The database server speaks no TLS.", "Set it up there, or leave sslmode out of HELPDESK_DATABASE_URL.")),
    ("certificate", ("The database server's certificate is not trusted.", "Look at sslmode and sslrootcert in the URL.")),
    ("does not exist", _NO_DATABASE),
    ("resolve", ("The database server's name is not known.", "Look at the host in HELPDESK_DATABASE_URL, and at DNS.")),
    ("translate host", ("The database server's name is not known.", "Look at the host in HELPDESK_DATABASE_URL, and at DNS.")),
    ("timeout", ("The database server does not answer.", "Look at the host in HELPDESK_DATABASE_URL, and at the network.")),
    ("refused", ("No database server listens there.", "Start it, or look at host and port in HELPDESK_DATABASE_URL.")),
    ("No such file", ("No database server listens there.", "Start it, or look at host and port in HELPDESK_DATABASE_URL.")),
)
# What the driver, its library and the server say of an option of the URL: its name, of which the value is never repeated.
_OPTION = re.compile(
    r"""
    invalid\ connection\ option\ "(?P<unknown>\w+)"
    | bad\ value\ for\ (?P<number>\w+)
    | invalid\ "?(?P<word>\w+)"?\ value:
    | for\ connection\ option\ "(?P<whole>\w+)"
    | parameter\ "(?P<parameter>[\w.]+)"
    | -c\ (?P<bare>[\w.]+)\ requires\ a\ value
    | (?P<options>invalid\ command-line\ argument)
    | (?P<service>definition\ of\ service)
    | (?P<hostaddr>could\ not\ parse\ network\ address)
    """,
    re.VERBOSE,
)
# Whose name the words above don't hold.
_UNNAMED = frozenset({"options", "service", "hostaddr"})
_OTHER_SERVER = (
    "The database server can't be used.",
    "Look at HELPDESK_DATABASE_URL and at the server's log, then run: helpdesk check --online",
)


def of_sqlite(result_code: int) -> Cause:
    """The low byte of an extended result code is the primary one."""
    return _SQLITE.get(result_code & 0xFF, _OTHER)


def of_sqlstate(sqlstate: str) -> Cause:
    return _SQLSTATES.get(sqlstate) or _SQLSTATES.get(sqlstate[:2]) or _OTHER_SERVER


def of_option(words: str) -> Cause | None:
    """Which option of the URL was not taken; None where the words are about something else."""
    found = _OPTION.search(words)
    if found is None:
        return None
    group = found.lastgroup or ""
    return option_refused(group if group in _UNNAMED else found[group])


def option_refused(name: str) -> Cause:
    what = f"The option {name} in HELPDESK_DATABASE_URL is not known, or its value can't be used."
    return what, "Write it as PostgreSQL's manual has it (libpq's parameters, or the server's behind options), or leave it out."


def of_login(words: str) -> Cause:
    """What the server's words tell, which are in its own language; by default that the connection was lost."""
    return of_option(words) or next((cause for part, cause in _LOGINS if part in words), _LOST)
