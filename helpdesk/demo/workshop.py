"""A place for one demo: a temporary folder with settings of its own, so that the real ones are neither used nor touched."""

from __future__ import annotations

import base64
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from helpdesk.demo.servers import LOOPBACK, MailServers
from helpdesk.errors import HelpdeskError

_CONFIG = Path("config")
_FILES = (("helpdesk.toml", "helpdesk.toml"), ("staff.example.toml", "staff.toml"))


def find_checkout() -> Path:
    """The folder with `config` and `templates`: the current one, else the one that this code lies in."""
    for folder in (Path.cwd(), Path(__file__).resolve().parents[2]):
        if (folder / _CONFIG / "staff.example.toml").is_file():
            return folder
    raise HelpdeskError("The demo needs the folder config. Nothing was started. Run it in the folder that you cloned.")


@contextmanager
def workshop(checkout: Path) -> Iterator[Path]:
    """A folder with copies of the settings and the example's staff, which is gone afterwards."""
    with TemporaryDirectory(prefix="helpdesk-demo-", ignore_cleanup_errors=True) as name:
        config = Path(name) / _CONFIG
        config.mkdir()
        for source, target in _FILES:
            if (checkout / _CONFIG / source).is_file():
                shutil.copyfile(checkout / _CONFIG / source, config / target)
                (config / target).chmod(0o600)
        yield Path(name)


def settings_for(servers: MailServers, address: str, checkout: Path) -> Mapping[str, str]:
    """The variables that lead the worker to the embedded servers; nothing of the real environment is among them."""
    return {
        "HELPDESK_IMAP_HOST": LOOPBACK,
        "HELPDESK_IMAP_PORT": str(servers.imap_port),
        "HELPDESK_IMAP_SECURITY": "none",
        "HELPDESK_IMAP_USERNAME": address,
        "HELPDESK_IMAP_PASSWORD": servers.password,
        "HELPDESK_SMTP_HOST": LOOPBACK,
        "HELPDESK_SMTP_PORT": str(servers.smtp_port),
        "HELPDESK_SMTP_SECURITY": "none",
        "HELPDESK_SECRET_KEY": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        # These may say something about a real server, which the embedded one does not have.
        "HELPDESK_MAILBOX__FOLDERS": '["INBOX"]',
        "HELPDESK_MAILBOX__JUNK_FOLDERS": "[]",
        "HELPDESK_MAILBOX__AFTER": "keep",
        **templates_of(checkout),
    }


def templates_of(checkout: Path) -> Mapping[str, str]:
    """The variable that names the templates: the checkout's, so that a changed word shows in the demo."""
    return {"HELPDESK_TEMPLATES_DIR": os.fspath(checkout / "templates")}
