"""The addresses that the watching calls, from variables: whoever knows them can use them, so no problem shows one."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit

from helpdesk.errors import Problem
from helpdesk.settings.servers import ALARM_WEBHOOK, HEARTBEAT_URL, is_loopback
from helpdesk.settings.variables import Variables

_EXAMPLES = {
    HEARTBEAT_URL: f"{HEARTBEAT_URL}='https://heartbeat.example.org/your-check'",
    ALARM_WEBHOOK: f"{ALARM_WEBHOOK}='https://chat.example.org/hooks/your-hook'",
}


def read_url(variables: Variables, name: str, problems: list[Problem]) -> str:
    """The address that this variable holds, empty when it is not set; it is of use only without new `problems`."""
    written = variables.get(name).strip()
    if written and (what := _mistake(written)):
        remedy = f"Write the whole address as your provider gives it: {_EXAMPLES[name]}, or remove it."
        problems.append(Problem(variables.where(name), f"{name} {what}", remedy))
    return written


def _mistake(written: str) -> str:
    """What is wrong with an address, after its name; empty when it can be called."""
    if not (written.isascii() and written.isprintable()) or " " in written:
        return "holds a space, or a letter that no web address may hold."
    parts = _parts(written)
    if parts is None or parts.scheme not in ("https", "http") or not parts.hostname:
        return "is no web address."
    if parts.username is not None:
        return "holds a user name before an @, which is not sent."
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        return "begins with http://, so that anybody on the way could read it; it has to begin with https://."
    return ""


def _parts(written: str) -> SplitResult | None:
    try:
        parts = urlsplit(written)
        # The port is looked at only when it is asked for.
        return parts if parts.port != 0 else None
    except ValueError:
        return None
