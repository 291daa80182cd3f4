"""The templates that serve: taken from the directory once tried, kept while a newer version is broken.

`render` always gives a mail: the file, else its last good version, else the built-in one. Composes and sends nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path

from helpdesk.errors import NotFound, Problem
from helpdesk.mail.builtin import builtin_source
from helpdesk.mail.template_files import ENGLISH, Key, Reading, Stamp, TemplateFile, read_directory, stamp_of
from helpdesk.mail.template_render import RENDER_ERRORS, CompiledTemplate, problem_of
from helpdesk.mail.template_samples import situations_of
from helpdesk.mail.template_trial import Pieces, Proving, Trial
from helpdesk.mail.template_values import completed
from helpdesk.model.delivery import Purpose
from helpdesk.model.organisation import Organisation, Signpost
from helpdesk.model.template import Rendered, Values


class Serving(StrEnum):
    """Which version of a template mails are made from now."""

    FILE = "file"
    LAST_GOOD = "last good version"
    BUILT_IN = "built-in"
    UNCHECKED = "not used: nobody has checked it"


@dataclass(frozen=True, slots=True)
class TemplateInfo:
    """What `templates list` shows of a template."""

    name: Purpose
    language: str
    serving: Serving
    path: Path


@dataclass(slots=True)
class _Shelf:
    """One template of one language: what serves, what was last tried, and whether that is what serves."""

    fingerprint: tuple[TemplateFile | Problem, ...] | None = None
    taken: CompiledTemplate | None = None
    current: bool = False
    served: bool = True
    refused: Problem | None = None


@dataclass(slots=True)
class _News:
    """Problems that nobody was told of yet."""

    problems: list[Problem] = field(default_factory=list)

    def drain(self) -> tuple[Problem, ...]:
        told, self.problems = tuple(self.problems), []
        return told


class TemplateLibrary:
    """The templates of one directory. What the configuration says (organisation, signposts) it knows by itself: values
    under these two names are not looked at, so that no mail can bring a number that becomes a link.

    `today` tells whether a translation was signed on a day that is still to come; without it that is not looked at.
    """

    def __init__(
        self,
        directory: Path,
        signposts: tuple[Signpost, ...],
        organisation: Organisation,
        today: Callable[[], date] | None = None,
    ) -> None:
        self._directory = directory
        self._today = today
        self._proving = Proving(signposts, organisation)
        self._shelves: dict[Key, _Shelf] = {}
        self._builtin: dict[Purpose, CompiledTemplate] = {}
        self._stamp: Stamp | None = None
        self._told: tuple[Problem, ...] = ()
        self._broken: Mapping[Key, Problem] = {}
        self._closed: Problem | None = None
        self._failed: set[tuple[Purpose, str, str]] = set()
        self._news = _News()
        self._take_changes()

    def render(self, name: Purpose, language: str, values: Values) -> Rendered:
        """The words of one mail, in `language` where a checked template of it serves, else in English. Never raises.

        Where a template fails on these values the built-in one serves, and the next `refresh` tells of it.
        """
        whole = {**values, **self._proving.configured}
        template = self._serving(name, language)
        if template is not None:
            try:
                return template.render(whole)
            except RENDER_ERRORS as error:
                self._remember_failure(name, problem_of(error, template.source))
        return self._built_in(name).render(completed(name, whole))

    def refresh(self) -> tuple[Problem, ...]:
        """Take in what changed in the directory; returns why changes were refused, each once. Cheap without changes."""
        if stamp_of(self._directory) != self._stamp:
            self._take_changes()
        return self._news.drain()

    def check(self) -> tuple[Problem, ...]:
        """Every problem and warning of every file as it lies there now; changes nothing that serves."""
        reading = self._read()
        if reading.closed:
            return (reading.closed,)
        problems = [*reading.strangers, *reading.broken.values()]
        for key, file in _mails(reading):
            problems += self._try_out(key, file, reading).problems
        problems += [_unchecked(file) for file in reading.files.values() if not file.serves]
        problems += [_missing(self._directory, name) for name in Purpose if _lacks(reading, name)]
        return tuple(dict.fromkeys(problems))

    def names(self) -> tuple[TemplateInfo, ...]:
        """Every template, English first, and what serves for it now."""
        keys = {(name.value, ENGLISH) for name in Purpose} | set(self._shelves)
        order = sorted(keys, key=lambda key: (list(Purpose).index(Purpose(key[0])), key[1] != ENGLISH, key[1]))
        return tuple(self._info(key) for key in order)

    def situations(self, name: Purpose) -> tuple[str, ...]:
        """The names that `preview` takes; the first is the usual one."""
        return tuple(situation.name for situation in situations_of(name))

    def preview(self, name: Purpose, language: str = ENGLISH, situation: str = "") -> Rendered:
        """The template with invented values, an unchecked variant too; without a situation, the usual one.

        Raises NotFound for a situation that does not exist.
        """
        known = situations_of(name)
        chosen = next((each for each in known if each.name == (situation or known[0].name)), None)
        if chosen is None:
            names = ", ".join(f"“{each}”" for each in self.situations(name))
            raise NotFound(f"There is no situation “{situation}” for {name}. There are: {names}.")
        values = self._proving.in_situation(name, chosen)
        shelf = self._shelves.get((name.value, language))
        if shelf is not None and shelf.taken is not None:
            return shelf.taken.render(values)
        return self.render(name, language, values)

    def why_not_shown(self, name: Purpose, language: str = ENGLISH) -> str:
        """Why `preview` shows another text than the file of this language, as a sentence; empty where it shows the file."""
        key = (name.value, language)
        shelf = self._shelves.get(key)
        if shelf is not None and shelf.current:
            return ""
        problem = self._closed or self._broken.get(key) or (shelf.refused if shelf else None)
        why = f"{problem.where}: {problem.what}" if problem else f"There is no {self._info(key).path.name}."
        if shelf is not None and shelf.taken is not None:
            return f"{why} The last good version is shown."
        return f"{why} {'The built-in' if self._serving(name, ENGLISH) is None else 'The English'} text is shown."

    def _read(self) -> Reading:
        return read_directory(self._directory, self._today() if self._today else None)

    def _serving(self, name: Purpose, language: str) -> CompiledTemplate | None:
        for spoken in (language.casefold(), language.casefold().partition("-")[0], ENGLISH):
            shelf = self._shelves.get((name.value, spoken))
            if shelf is not None and shelf.served and shelf.taken is not None:
                return shelf.taken
        return None

    def _built_in(self, name: Purpose) -> CompiledTemplate:
        template = self._builtin.get(name)
        if template is None:
            template = self._builtin[name] = self._proving.compile_untried(builtin_source(name))
        return template

    def _remember_failure(self, name: Purpose, problem: Problem) -> None:
        failure = (name, problem.where, problem.what)
        if failure not in self._failed:
            self._failed.add(failure)
            self._news.problems.append(problem)

    def _take_changes(self) -> None:
        # The stamp comes first: a file saved while we read is then taken again at the next refresh.
        self._stamp = stamp_of(self._directory)
        reading = self._read()
        self._tell_of(reading)
        for key, file in _mails(reading):
            self._take(key, file, reading)
        for key in set(self._shelves) - {key for key, _ in _mails(reading)}:
            self._lose(key, reading)

    def _tell_of(self, reading: Reading) -> None:
        trouble = (*((reading.closed,) if reading.closed else ()), *reading.broken.values())
        self._news.problems += [problem for problem in trouble if problem not in self._told]
        self._told, self._broken, self._closed = trouble, reading.broken, reading.closed

    def _take(self, key: Key, file: TemplateFile, reading: Reading) -> None:
        shelf = self._shelves.setdefault(key, _Shelf())
        fingerprint = (file, *_pieces(reading, file.language).values())
        if fingerprint == shelf.fingerprint:
            return
        shelf.fingerprint = fingerprint
        trial = self._try_out(key, file, reading)
        shelf.refused = next(iter(trial.refusals), None)
        shelf.current = trial.template is not None
        if trial.template is not None:
            shelf.taken = trial.template
            shelf.served = file.serves
        self._news.problems += [problem for problem in trial.refusals if problem not in self._news.problems]

    def _lose(self, key: Key, reading: Reading) -> None:
        """A file is gone or can't be read: what was taken from it serves on."""
        shelf = self._shelves[key]
        if shelf.current and key not in reading.broken and not reading.closed:
            self._news.problems.append(_missing(self._directory, Purpose(key[0]), key[1]))
        shelf.current, shelf.fingerprint, shelf.refused = False, None, None

    def _try_out(self, key: Key, file: TemplateFile, reading: Reading) -> Trial:
        return self._proving.try_out(Purpose(key[0]), file, _pieces(reading, file.language))

    def _info(self, key: Key) -> TemplateInfo:
        shelf = self._shelves.get(key, _Shelf())
        if shelf.taken is None:
            serving = Serving.BUILT_IN
        elif not shelf.served:
            serving = Serving.UNCHECKED
        else:
            serving = Serving.FILE if shelf.current else Serving.LAST_GOOD
        suffix = "" if key[1] == ENGLISH else f".{key[1]}"
        return TemplateInfo(Purpose(key[0]), key[1], serving, self._directory / f"{key[0]}{suffix}.md")


def _mails(reading: Reading) -> Iterator[tuple[Key, TemplateFile]]:
    return ((key, file) for key, file in reading.files.items() if not file.is_piece)


def _pieces(reading: Reading, language: str) -> Pieces:
    """The shared pieces for a language: its own where somebody has checked them, else the English ones."""
    pieces: dict[str, TemplateFile | Problem] = {}
    for wanted in (ENGLISH, language):
        pieces |= {name: problem for (name, spoken), problem in reading.broken.items() if spoken == wanted}
        pieces |= {name: file for (name, spoken), file in reading.files.items() if spoken == wanted and file.serves}
    return {name: piece for name, piece in pieces.items() if name.startswith("_")}


def _lacks(reading: Reading, name: Purpose) -> bool:
    return (name.value, ENGLISH) not in reading.files and (name.value, ENGLISH) not in reading.broken


def _missing(directory: Path, name: Purpose, language: str = ENGLISH) -> Problem:
    suffix = "" if language == ENGLISH else f".{language}"
    return Problem(
        str(directory / f"{name.value}{suffix}.md"),
        "This file is missing; its last good version or the built-in one serves.",
        "Put it back if you want to change the words.",
        warning=True,
    )


def _unchecked(file: TemplateFile) -> Problem:
    return Problem(
        f"{file.path}, line 1",
        "Nobody has checked this translation, so English serves.",
        "Let a fluent reader check it, then add their name and the day: “Checked-by: Siân Price 2026-11-03”.",
        warning=True,
    )
