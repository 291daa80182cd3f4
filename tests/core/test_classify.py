"""What a mail is: every file of the corpus is judged as its folder says, and every rule of the table has its file."""

from __future__ import annotations

import tomllib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from helpdesk.core.bounce import returned_message_ids
from helpdesk.core.classify import DEFAULT_RULE, classify
from helpdesk.core.parse import parse
from helpdesk.core.rules.table import RULES
from helpdesk.model.message import BouncedRecipient, Headers, InboundMessage, Kind, Verdict
from helpdesk.model.policy import Ourselves

CORPUS = Path(__file__).parent.parent / "corpus"
US = Ourselves(
    addresses=frozenset({"info@exithate.org"}),
    staff_addresses=frozenset({"robin@private.example.org"}),
    form_senders=frozenset({"form@exithate.org"}),
)


@dataclass(frozen=True, slots=True)
class Case:
    name: str
    kind: Kind
    raw: bytes
    rule: str
    junk: bool
    bounced: tuple[str, ...]
    returned: tuple[str, ...]

    def message(self) -> InboundMessage:
        return parse(self.raw)

    def verdict(self) -> Verdict:
        return classify(self.message(), self.raw, US, junk=self.junk)


def _cases() -> list[Case]:
    """The corpus files of this part: a folder named as a kind, and beside each mail the rule that should decide."""
    cases = []
    for path in sorted(path for kind in Kind for path in (CORPUS / kind).glob("*.eml")):
        expected = path.with_suffix(".expect.toml")
        wanted = tomllib.loads(expected.read_text()) if expected.exists() else {}
        if "rule" in wanted:
            cases.append(
                Case(
                    f"{path.parent.name}/{path.stem}",
                    Kind(path.parent.name),
                    path.read_bytes(),
                    wanted["rule"],
                    wanted.get("junk", False),
                    tuple(wanted.get("bounced", ())),
                    tuple(wanted.get("returned", ())),
                )
            )
    return cases


CASES = _cases()


def _as_text(recipient: BouncedRecipient) -> str:
    fate = "permanent" if recipient.permanent else "given-up" if recipient.gave_up else "transient"
    return f"{recipient.address} {recipient.status or '-'} {fate}"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_corpus_mail_is_judged_by_the_rule_that_it_was_written_for(case: Case) -> None:
    verdict = case.verdict()
    assert (verdict.kind, verdict.rule) == (case.kind, case.rule)


@pytest.mark.parametrize("case", [case for case in CASES if case.bounced], ids=lambda case: case.name)
def test_bounce_in_the_corpus_names_whom_it_did_not_reach(case: Case) -> None:
    assert tuple(_as_text(recipient) for recipient in case.verdict().bounced) == case.bounced


@pytest.mark.parametrize("case", [case for case in CASES if case.returned], ids=lambda case: case.name)
def test_bounce_in_the_corpus_leads_back_to_our_mail(case: Case) -> None:
    assert returned_message_ids(case.message()) == case.returned


def test_every_rule_has_a_mail_that_it_decides() -> None:
    assert {case.rule for case in CASES} == {rule.name for rule in RULES} | {DEFAULT_RULE}


def test_rule_names_are_unique() -> None:
    repeated = [name for name, count in Counter([DEFAULT_RULE, *(rule.name for rule in RULES)]).items() if count > 1]
    assert repeated == []


def test_every_rule_names_its_source() -> None:
    assert [rule.name for rule in RULES if not rule.source] == []


def test_mail_without_anything_is_a_person() -> None:
    assert classify(InboundMessage(), b"", US) == Verdict(Kind.PERSON, DEFAULT_RULE)


def test_only_bounces_carry_bounced_recipients() -> None:
    assert [case.name for case in CASES if case.kind is not Kind.BOUNCE and case.verdict().bounced] == []


def test_address_of_ours_is_known_in_any_spelling_behind_a_loop_mark() -> None:
    message = InboundMessage(headers=Headers((("x-loop", "other@example.org"), ("x-loop", "INFO@ExitHate.ORG"))))
    assert classify(message, b"", US).kind is Kind.OWN
