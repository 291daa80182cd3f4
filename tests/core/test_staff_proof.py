"""Whether a mail from a staff member's address is theirs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from helpdesk.core.parse import parse
from helpdesk.core.staff_proof import Doubt, Proof, named_tokens, prove
from helpdesk.model.policy import Ourselves
from helpdesk.model.staff import StaffToken

NOW = datetime(2026, 11, 2, 11, 0, tzinfo=UTC)
US = Ourselves(addresses=frozenset({"info@exithate.org"}), trusted_authserv="mx.exithate.org")
TOKEN, OTHER = "a" * 32, "b" * 32


def mail(**headers: str) -> bytes:
    fields = {"From": "dana@example.net", "To": "info@exithate.org", **headers}
    return "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in fields.items()).encode() + b"\r\nHello\r\n"


def token(staff_id: str = "dana", days: int = 90) -> StaffToken:
    return StaffToken(staff_id, "ticket", "delivery", NOW - timedelta(days=1), NOW + timedelta(days=days))


@pytest.mark.parametrize(
    ("headers", "named"),
    [
        ({"In_Reply_To": f"<{TOKEN}@exithate.org>"}, (TOKEN,)),
        ({"References": f"<root.notices@exithate.org> <{OTHER}@exithate.org> <{TOKEN}@exithate.org>"}, (TOKEN, OTHER)),
        ({"In_Reply_To": f"<{TOKEN}@exithate.org>", "References": f"<{TOKEN}@exithate.org>"}, (TOKEN,)),
        ({"To": f"info+{TOKEN}@exithate.org"}, (TOKEN,)),
        ({"Cc": f"INFO+{TOKEN.upper()}@EXITHATE.ORG"}, (TOKEN,)),
        ({"In_Reply_To": f"<{TOKEN}@elsewhere.example>"}, ()),
        ({"In_Reply_To": "<short@exithate.org>"}, ()),
        ({}, ()),
    ],
    ids=["answer", "thread, newest first", "both", "plus address", "another case", "not ours", "no token", "nothing"],
)
def test_tokens_are_found_where_an_answer_names_them(headers: dict[str, str], named: tuple[str, ...]) -> None:
    assert named_tokens(parse(mail(**headers)), US) == named


@pytest.mark.parametrize(
    ("tokens", "proof"),
    [
        ([token()], Proof(token())),
        ([token("mike"), token()], Proof(token())),
        ([token(days=-1), token()], Proof(token())),
        ([token(days=0)], Proof(token(days=0), Doubt.OLD_TOKEN)),
        ([token("mike")], Proof(None, Doubt.OTHERS_TOKEN)),
        ([], Proof(None, Doubt.NO_TOKEN)),
    ],
    ids=["theirs", "theirs among others", "an old one too", "old", "stolen", "none"],
)
def test_a_mail_is_proven_by_a_token_that_is_theirs_and_not_old(tokens: list[StaffToken], proof: Proof) -> None:
    assert prove(parse(mail()), US, "dana", tokens, NOW) == proof


@pytest.mark.parametrize(
    ("results", "is_forged"),
    [
        ("mx.exithate.org; dmarc=fail (p=none dis=none) header.from=example.net", True),
        ("mx.exithate.org; spf=pass; dkim=fail (bad signature) header.d=example.net", True),
        ("mx.exithate.org; dkim=fail header.d=list.example; dkim=pass header.d=example.net; dmarc=pass", False),
        ("mx.exithate.org; arc=pass (i=1 dkim=fail dmarc=fail); dkim=pass; dmarc=pass", False),
        ("mx.exithate.org; dkim=none; dmarc=none", False),
        ("mx.exithate.org; spf=fail smtp.mailfrom=example.net", False),
        ("mx.forger.example; dmarc=fail", False),
    ],
    ids=["DMARC", "DKIM", "one signature of two", "in a comment", "none", "SPF alone", "another server's"],
)
def test_a_good_token_does_not_outweigh_what_our_server_found(results: str, is_forged: bool) -> None:
    proof = prove(parse(mail(Authentication_Results=results)), US, "dana", [token()], NOW)
    assert proof == Proof(token(), Doubt.FORGED if is_forged else None)


@pytest.mark.parametrize(
    ("sender", "is_clear"),
    [
        ("dana@example.net", True),
        ("Dana <DANA@example.net>", True),
        ('"dana@example.net (at home)" <dana@example.net>', True),
        ("dana@example.net <dana@example.net>", True),
        ("dana@example.net (eve@example.com)", True),
        ("dana@example.net, eve@example.com", False),
        ("<dana@example.net> <eve@example.com>", False),
        ("<@eve.example.com:dana@example.net>", False),
        ("dana@example.net\r\nFrom: eve@example.com", False),
        ("\r\nSender: dana@example.net", False),
    ],
    ids=[
        *("bare", "case", "a name with an @", "the address as a name", "a comment", "two addresses", "two in brackets"),
        *("a route", "two fields", "Sender alone"),
    ],
)
def test_a_good_token_needs_a_from_that_names_one_address(sender: str, is_clear: bool) -> None:
    proof = prove(parse(mail(From=sender)), US, "dana", [token()], NOW)
    assert proof == Proof(token(), None if is_clear else Doubt.UNCLEAR)
