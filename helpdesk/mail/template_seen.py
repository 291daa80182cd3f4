"""A template in one situation, and what any of them is judged by; knows nothing of how a template is tried."""

from __future__ import annotations

from dataclasses import dataclass, field

from helpdesk.errors import Problem
from helpdesk.mail.template_files import ENGLISH, TemplateFile
from helpdesk.mail.template_samples import Situation
from helpdesk.mail.template_values import CATALOGUE
from helpdesk.mail.template_wording import LONGEST_SUBJECT, MOTTO, SUBJECT, Finding, lock_screen
from helpdesk.model.template import Rendered, Value, Values

SHORTEST_NAME = 3


@dataclass(frozen=True, slots=True)
class Seen:
    """The template in one situation."""

    situation: Situation
    values: Values
    rendered: Rendered


@dataclass(slots=True)
class Report:
    """What is wrong with one file, each thing once."""

    path: str
    problems: list[Problem] = field(default_factory=list)

    def refuse(self, where: str, what: str, remedy: str) -> None:
        self._add(Problem(where or self.path, what, remedy))

    def warn(self, where: str, what: str, remedy: str) -> None:
        self._add(Problem(where or self.path, what, remedy, warning=True))

    def _add(self, problem: Problem) -> None:
        if problem not in self.problems:
            self.problems.append(problem)


def judge_motto(file: TemplateFile, seen: Seen, report: Report) -> None:
    """The charity's own words end every mail to a person."""
    if file.language == ENGLISH and MOTTO.casefold() not in seen.rendered.text.casefold():
        report.refuse("", f"“{MOTTO}.” is missing ({seen.situation.name}).", f"Write “{MOTTO}.” at the end.")


def judge_lock_screen_of_notice(file: TemplateFile, seen: Seen, report: Report) -> None:
    """On a locked screen, also on a staff member's own, nothing of what anybody wrote may show."""
    shown = {f"{file.path}, line {file.subject_line}": seen.rendered.subject, str(file.path): lock_screen(seen.rendered.text)}
    for known in (known for known in CATALOGUE if known.content):
        value = " ".join(str(value_of(seen.values, known.group, known.name)).split())[:40]
        for where, text in shown.items():
            if len(value) >= SHORTEST_NAME and value in " ".join(text.split()):
                report.refuse(
                    where,
                    f"A lock screen would show “{known.full_name}”.",
                    "Keep it out of the subject and of the first 140 characters.",
                )


def judge_subject_length(file: TemplateFile, seen: Seen, report: Report) -> None:
    """A phone shows the beginning; a mail server may refuse more."""
    if len(seen.rendered.subject) > LONGEST_SUBJECT:
        report.refuse(
            f"{file.path}, line {file.subject_line}",
            f"The subject is longer than {LONGEST_SUBJECT} characters.",
            f"Write a few words, such as “Subject: {SUBJECT}”; the rest belongs into the text.",
        )


def judge_links(seen: list[Seen], report: Report) -> None:
    """A link that Markdown did not take for one would reach its reader as brackets."""
    if any("](" in each.rendered.text for each in seen):
        report.refuse(
            "", "A link leads nowhere that we can check.", "Write the address in full: [our website](https://www.example.org)."
        )


def warn_of_promise(finding: Finding, report: Report) -> None:
    """Words of which nobody can be sure."""
    report.warn(
        finding.where,
        f"“{finding.found}” promises what we may not be able to keep, or is wrong when read later.",
        "Say what is certain: when the office opens, and that a person will read it.",
    )


def value_of(values: Values, group: str, name: str) -> Value:
    """One value by its name; empty where there is none, or a list."""
    fields = values.get(group, {})
    return "" if isinstance(fields, tuple) else fields.get(name, "")
