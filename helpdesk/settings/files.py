"""Reads a file of the settings as text, or says in an admin's words what stopped it. Never raises."""

from __future__ import annotations

import os
from pathlib import Path

from helpdesk.errors import Problem


def read_text(path: Path, shown: str) -> str | Problem | None:
    """The text of a file, without a byte order mark; None when there is no such file. `shown` is its path in problems."""
    try:
        text = path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    except FileNotFoundError:
        return None
    except IsADirectoryError:
        remedy = "Move it away and put the file there. (Docker makes a folder where the file to mount is missing.)"
        return Problem(shown, "This is a folder, and has to be a file.", remedy)
    except UnicodeDecodeError:
        return Problem(shown, "The file is not UTF-8 text.", "Save it again as UTF-8 in your editor.")
    except (OSError, ValueError) as error:
        what = f"The file can't be read ({_reason(error)})."
        return Problem(shown, what, f"Give it to the user that the helpdesk runs as: chown USER {shown}")
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        return Problem(f"{shown}, line {line}", "This line holds a character that is no text.", "Write the line again by hand.")
    return text


def is_open_to_others(path: Path) -> bool:
    """Whether other users of this machine may read or write this file."""
    try:
        return os.name == "posix" and bool(path.stat().st_mode & 0o077)
    except OSError:
        # It was read a moment ago; whatever took it away since is no business of this check.
        return False


def trouble_with_folder(path: Path) -> str:
    """Why nothing can be read from this folder, as a sentence; empty when it can be entered."""
    try:
        # A folder that may be listed but not entered gives names, and none of their files.
        os.stat(os.path.join(path, "."))
    except FileNotFoundError:
        return "There is no such folder."
    except NotADirectoryError:
        return "This is a file, and has to be a folder."
    except (OSError, ValueError) as error:
        return f"This folder can't be entered ({_reason(error)})."
    return ""


def _reason(error: OSError | ValueError) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or "no reason given"
