"""Turns what pydantic says into words for an admin: which key, what is wrong with it, what to write instead."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from helpdesk.settings import kinds
from helpdesk.settings.lines import KeyPath
from helpdesk.settings.nearest import nearest

_LONGEST_VALUE = 60
_QUOTED = re.compile(r"'([^']+)'")


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about one key, before anybody knows on which line, or in which variable, it was written.

    `example` is what to write in TOML, after the remedy.
    """

    path: KeyPath
    what: str
    remedy: str = ""
    warning: bool = False
    example: str = ""


@dataclass(frozen=True, slots=True)
class _Refusal:
    """What pydantic says of one value; `known` are the few that it would have taken, where they are few."""

    path: KeyPath
    kind: str
    value: object = field(repr=False)
    known: tuple[str, ...] = ()


def findings_of(error: ValidationError, shape: type[BaseModel]) -> list[Finding]:
    """One finding for each key that pydantic refused, in its order."""
    findings: dict[KeyPath, Finding] = {}
    for details in error.errors(include_url=False):
        context = details.get("ctx", {})
        cause, expected = context.get("error"), _QUOTED.findall(str(context.get("expected", "")))
        known = cause.known if isinstance(cause, kinds.NotAmong) else tuple(expected)
        refusal = _Refusal(details["loc"], details["type"], details["input"], known)
        findings.setdefault(refusal.path, _finding(refusal, shape))
    return list(findings.values())


def leaf_paths(shape: type[BaseModel]) -> Iterator[tuple[str, ...]]:
    """Every key of the shape that may stand in a variable: all but those within lists of tables."""
    for name, info in shape.model_fields.items():
        inner = info.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from ((name, *rest) for rest in leaf_paths(inner))
        else:
            yield (name,)


def _label(path: KeyPath) -> str:
    """A key as an admin calls it: "opens in [office_hours]", "email in [[staff]] number 2", "[tickets]"."""
    *above, last = path
    if isinstance(last, int):
        return _table(path)
    return f"{last} in {_table(tuple(above))}" if above else f"[{last}]"


def _table(path: KeyPath) -> str:
    if isinstance(path[-1], int):
        return f"[[{'.'.join(map(str, path[:-1]))}]] number {path[-1] + 1}"
    return f"[{'.'.join(map(str, path))}]"


def _finding(refusal: _Refusal, shape: type[BaseModel]) -> Finding:
    path, value = refusal.path, refusal.value
    if refusal.kind == "extra_forbidden":
        name = str(path[0]) if len(path) == 1 and not isinstance(value, dict | list) else _label(path)
        return Finding(path, f"{name} means nothing here.", _belongs(path, shape))
    info = _field(path, shape)
    if info is None:
        return Finding(path, f"{_label(path)} has to be a table of keys and values.", "Look at the example file.")
    example = (info.examples or [""])[0]
    if refusal.kind == "tuple_type" and isinstance(value, dict):
        name = ".".join(map(str, path))
        return Finding(path, f"[{name}] has single brackets, as if there could be only one.", f"Write [[{name}]] instead.")
    if refusal.kind == "missing":
        return Finding(path, f"{_label(path)} is missing.", example=example)
    is_element = isinstance(path[-1], int)
    name = _label(path[:-1] if is_element else path)
    shown = _shown(value) if info.repr else ""
    verb = "holds" if is_element else "is"
    what = f"{name} {verb} {shown}, but has to be {info.description}." if shown else f"{name} has to be {info.description}."
    meant = nearest(str(value), refusal.known) if shown else None
    return Finding(path, what, f'Did you mean "{meant}"?') if meant else Finding(path, what, example=example)


def _belongs(path: KeyPath, shape: type[BaseModel]) -> str:
    """Where an unknown key belongs, or which known key is nearest to it."""
    written, here = str(path[-1]), _model_at(path[:-1], shape)
    near = nearest(written, here.model_fields)
    if near and len(path) > 1:
        return f"Did you mean {near}?"
    elsewhere = [leaf[0] for leaf in leaf_paths(shape) if len(leaf) == 2 and leaf[1] == written]
    if elsewhere:
        return f"Move the line to the other keys of [{elsewhere[0]}]."
    if near:
        return f"Did you mean [{near}]?"
    return f"Remove it. Known here: {', '.join(here.model_fields)}."


def _shown(value: object) -> str:
    if isinstance(value, dict | list):
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    text = str(value) if len(str(value)) <= _LONGEST_VALUE else f"{str(value)[:_LONGEST_VALUE]}…"
    return f'"{text}"' if isinstance(value, str) else text


def _field(path: KeyPath, shape: type[BaseModel]) -> FieldInfo | None:
    """The key that this path leads to, or the list that it leads into; None for an element that is a table itself."""
    model, info = shape, None
    for part in path:
        if isinstance(part, str):
            info = model.model_fields[part]
            model = _inner_model(info) or model
    ends_in_table = isinstance(path[-1], int) and info is not None and _inner_model(info) is not None
    return None if ends_in_table else info


def _model_at(path: KeyPath, shape: type[BaseModel]) -> type[BaseModel]:
    model = shape
    for part in path:
        if isinstance(part, str):
            model = _inner_model(model.model_fields[part]) or model
    return model


def _inner_model(info: FieldInfo) -> Any:
    """The model of a section, or of the tables in a list; None for a plain value."""
    candidates = (info.annotation, *get_args(info.annotation))
    return next((each for each in candidates if isinstance(each, type) and issubclass(each, BaseModel)), None)
