"""Tries a template before it serves: allow-list, every situation, wording. What fails here never reaches a mail."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from helpdesk.errors import Problem, TemplateProblem
from helpdesk.mail.links import Linker
from helpdesk.mail.markup import Markup, Page
from helpdesk.mail.template_check import check_tree, included_pieces, written_words
from helpdesk.mail.template_files import ENGLISH, TemplateFile
from helpdesk.mail.template_render import (
    RENDER_ERRORS,
    CompiledTemplate,
    ConfiguredText,
    Source,
    parse,
    problem_of,
)
from helpdesk.mail.template_samples import Situation, situations_of
from helpdesk.mail.template_seen import (
    SHORTEST_NAME,
    Report,
    Seen,
    judge_links,
    judge_lock_screen_of_notice,
    judge_motto,
    judge_subject_length,
    value_of,
    warn_of_promise,
)
from helpdesk.mail.template_values import CATALOGUE, completed, fields_of, shows_mail
from helpdesk.mail.template_wording import (
    BANNED,
    BANNED_FOR_REQUESTERS,
    Ban,
    Finding,
    Words,
    allowed_digits,
    banned,
    in_plain_characters,
    lock_screen,
    names_of,
    promises,
    revealing_words,
    subject_of,
    unvouched_numbers,
)
from helpdesk.model.delivery import TO_REQUESTERS, Purpose
from helpdesk.model.organisation import Organisation, Signpost
from helpdesk.model.template import Values

# By name; where a piece can't be read, why.
Pieces = Mapping[str, TemplateFile | Problem]

_HREF = re.compile(r'href="([^"]*)"')


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of it: a template that may serve, or None; and everything there is to say about the file."""

    template: CompiledTemplate | None
    problems: tuple[Problem, ...] = ()

    @property
    def refusals(self) -> tuple[Problem, ...]:
        return tuple(problem for problem in self.problems if not problem.warning)


@dataclass(frozen=True, slots=True)
class _Said:
    """The words as they are written, and as they come out: the two can differ ("9{# #}99"), and both count."""

    written: list[Words]
    shown: list[Words]

    def find(self, search: Callable[[Words], Iterator[Finding]]) -> list[Finding]:
        """What a search finds, with its line where it is written like that somewhere."""
        found = [finding for words in self.written for finding in search(words)]
        known = {finding.found for finding in found}
        return found + [finding for words in self.shown for finding in search(words) if finding.found not in known]


class Proving:
    """The ground on which templates are tried, with what the configuration says of us."""

    def __init__(self, signposts: tuple[Signpost, ...], organisation: Organisation) -> None:
        self._organisation = organisation
        self._allowed = allowed_digits(signposts, organisation)
        self._names = names_of(organisation)
        self._markup = Markup(Linker(signposts, organisation))
        self.configured = configured_values(signposts, organisation)

    def try_out(self, purpose: Purpose, file: TemplateFile, pieces: Pieces) -> Trial:
        """Try one file with the pieces of its language."""
        words: list[Words] = []
        try:
            source, problems = self._checked_source(purpose, file, pieces, words)
        except TemplateProblem as problem:
            return Trial(None, (problem.problem,))
        if problems:
            return Trial(None, problems)
        template = CompiledTemplate(source, self._markup)
        report = Report(str(file.path))
        seen = self._in_every_situation(purpose, template, report)
        if not report.problems:
            shown = [Words(report.path, 1, _as_shown(page)) for page in template.pages()]
            self._judge(purpose, file, seen, _Said(words, shown), report)
        refused = any(not problem.warning for problem in report.problems)
        return Trial(None if refused else template, tuple(report.problems))

    def compile_untried(self, source: Source) -> CompiledTemplate:
        """For the built-in templates, which the tests try."""
        return CompiledTemplate(source, self._markup)

    def in_situation(self, purpose: Purpose, situation: Situation) -> Values:
        """The values of a situation, with our own configuration in them."""
        known = fields_of(purpose)
        return completed(purpose, {**situation.values, **{k: v for k, v in self.configured.items() if k in known}})

    def _checked_source(
        self, purpose: Purpose, file: TemplateFile, pieces: Pieces, words: list[Words]
    ) -> tuple[Source, tuple[Problem, ...]]:
        path, fields, names = str(file.path), fields_of(purpose), frozenset(pieces)
        problems: list[Problem] = []
        subject = parse(file.subject, path, line=file.subject_line)
        body = parse(file.body, path)
        trees = [(path, subject), (path, body)]
        texts: dict[str, tuple[str, str]] = {}
        for name in included_pieces(body):
            piece = pieces.get(name)
            if isinstance(piece, Problem):
                problems.append(piece)
            elif piece is not None:
                texts[name] = (piece.body, str(piece.path))
                trees.append((str(piece.path), parse(*texts[name])))
        for where, tree in trees:
            problems += check_tree(tree, where, fields, names)
            words += [Words(where, line, in_plain_characters(text)) for line, text in written_words(tree)]
        subject_text = "\n" * (file.subject_line - 1) + file.subject
        framed = purpose is not Purpose.REPLY
        source = Source(file.path, file.language, subject_text, file.body, texts, shows_mail(purpose), framed)
        return source, tuple(problems)

    def _in_every_situation(self, purpose: Purpose, template: CompiledTemplate, report: Report) -> list[Seen]:
        seen: list[Seen] = []
        for situation in situations_of(purpose):
            values = self.in_situation(purpose, situation)
            try:
                seen.append(Seen(situation, values, template.render(values)))
            except RENDER_ERRORS as error:
                report.problems.append(problem_of(error, template.source))
                break
        return seen

    def _judge(self, purpose: Purpose, file: TemplateFile, seen: list[Seen], said: _Said, report: Report) -> None:
        for finding in said.find(lambda words: unvouched_numbers(words, self._allowed)):
            report.refuse(
                finding.where,
                f"“{finding.found}” looks like a number to call or text, and is not one of the signposts.",
                "Add it to [[signposts]] in helpdesk.toml, enabled and with the day it was last checked; or take it out.",
            )
        for ban in (*BANNED, *(BANNED_FOR_REQUESTERS if purpose in TO_REQUESTERS else ())):
            self._judge_ban(ban, said, report)
        judge_links(seen, report)
        for each in seen:
            judge_subject_length(file, each, report)
        if purpose not in TO_REQUESTERS:
            for each in seen:
                judge_lock_screen_of_notice(file, each, report)
            return
        for finding in said.find(promises):
            warn_of_promise(finding, report)
        for each in seen:
            self._judge_lock_screen(file, each, subject_of(purpose), report)
            if purpose is Purpose.REPLY:
                judge_lock_screen_of_notice(file, each, report)
                judge_motto(file, each, report)
            else:
                self._judge_letter(file, each, report)

    def _judge_ban(self, ban: Ban, said: _Said, report: Report) -> None:
        ours = frozenset({self._organisation.email.casefold()})
        for finding in said.find(lambda words: banned(words, ban, ours)):
            report.refuse(finding.where, f"“{finding.found}” {ban.what}", ban.remedy)

    def _judge_lock_screen(self, file: TemplateFile, seen: Seen, wanted: str, report: Report) -> None:
        subject_at = f"{file.path}, line {file.subject_line}"
        name = str(value_of(seen.values, "requester", "name"))
        names = (*self._names, name) if len(name) >= SHORTEST_NAME else self._names
        for revealing in revealing_words(seen.rendered.subject, names):
            report.refuse(subject_at, f"The subject gives away “{revealing}” on a lock screen.", f"Write “Subject: {wanted}”.")
        if file.language == ENGLISH and seen.rendered.subject != wanted:
            report.warn(
                subject_at,
                f"The subject is not “{wanted}”.",
                "Answers without a reference are found by that subject; keep it.",
            )
        for revealing in revealing_words(lock_screen(seen.rendered.text), names):
            report.refuse(
                "",
                f"The first 140 characters give away “{revealing}” on a lock screen.",
                "Begin with a few lines that anybody may see.",
            )

    def _judge_letter(self, file: TemplateFile, seen: Seen, report: Report) -> None:
        text = seen.rendered.text
        when = f"({seen.situation.name})"
        signature = " ".join(self._organisation.signature.split())
        if signature not in " ".join(text.split()):
            report.refuse("", f"The sign-off “{signature}” is missing {when}.", 'Write {% include "_signature" %} at the end.')
        judge_motto(file, seen, report)
        if self._organisation.registered_name not in text:
            report.warn("", f"The registered name is missing {when}.", 'Write {% include "_footer" %} at the end.')
        if self._allowed and "tel:" not in seen.rendered.html:
            report.warn("", f"No number to call is named {when}.", 'Write {% include "_signposts" %} before the sign-off.')
        opening = str(value_of(seen.values, "office", "opens_day"))
        if not value_of(seen.values, "office", "open") and opening not in text:
            report.warn("", f"It is not said when the office opens {when}.", "Write {{ office.opens_at }}.")


def _as_shown(page: Page) -> str:
    """The words of a page without the values, and where its links lead, on one line."""
    html = "".join(page.html.parts)
    return in_plain_characters(" | ".join((*page.text.parts, *_HREF.findall(html))).replace("\n", " "))


def configured_values(signposts: tuple[Signpost, ...], organisation: Organisation) -> Values:
    """What the configuration says, as templates see it: trusted, so that its numbers may become links."""
    names = [known.name for known in CATALOGUE if known.group == "organisation"]
    return {
        "organisation": {name: ConfiguredText(getattr(organisation, name)) for name in names},
        "signposts": tuple(
            {name: ConfiguredText(getattr(signpost, name)) for name in ("text", "number", "action", "name")}
            for signpost in signposts
            if signpost.enabled and signpost.listed
        ),
    }
