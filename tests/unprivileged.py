"""A folder that another user of this machine may go to, and the eyes of such a user, for tests of what may not be read."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# Any user but root: none that owns a file of ours.
_NOBODY = 65534


@contextmanager
def unprivileged_folder() -> Iterator[Path]:
    """An empty folder outside of those of pytest, which only their owner may enter."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        directory.chmod(0o755)
        yield directory
        # Otherwise what a test has closed could not be removed by anybody but root.
        for path in directory.rglob("*"):
            path.chmod(0o700)


@contextmanager
def unprivileged() -> Iterator[None]:
    """What happens inside happens without the rights of root, to whom no file is closed."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(_NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)
