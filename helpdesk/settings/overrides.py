"""Keys of `config/helpdesk.toml` that a variable sets: HELPDESK_SECTION__KEY, taken apart by pydantic-settings."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic_settings import EnvSettingsSource

from helpdesk.settings.lines import KeyPath
from helpdesk.settings.shape import HelpdeskShape
from helpdesk.settings.variables import PREFIX, Variables
from helpdesk.settings.words import leaf_paths

_DELIMITER = "__"


class _GivenVariables(EnvSettingsSource):
    """The library's reader of nested variables, over ours instead of the process's environment."""

    def __init__(self, given: Mapping[str, str]) -> None:
        super().__init__(HelpdeskShape)
        self.env_vars = {name.lower(): value for name, value in given.items()}


def variable_of(path: KeyPath) -> str:
    """The variable that sets this key, or the whole list that it stands in."""
    names = []
    for part in path:
        if isinstance(part, int):
            break
        names.append(part)
    return PREFIX + _DELIMITER.join(names).upper()


def override_names() -> frozenset[str]:
    """Every variable that sets a key."""
    return frozenset(variable_of(path) for path in leaf_paths(HelpdeskShape))


def with_overrides(data: Mapping[str, object], variables: Variables) -> dict[str, object]:
    """What the file says, with what the variables say put before it."""
    known = override_names()
    given = {entry.name: entry.value for entry in variables.entries if entry.name in known}
    return _merged(data, _GivenVariables(given)())


def _merged(below: Mapping[str, object], above: Mapping[str, object]) -> dict[str, object]:
    merged = dict(below)
    for name, value in above.items():
        beneath = merged.get(name)
        both_tables = isinstance(value, Mapping) and isinstance(beneath, Mapping)
        merged[name] = _merged(beneath, value) if both_tables else value  # type: ignore[arg-type]
    return merged
