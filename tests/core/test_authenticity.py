from __future__ import annotations

import pytest

from helpdesk.core.authenticity import is_sender_unproven
from helpdesk.model.message import Headers, InboundMessage
from helpdesk.model.policy import Ourselves

TRUSTED = Ourselves(addresses=frozenset(), trusted_authserv="mx.ours.example")
FAILED = "mx.ours.example; dmarc=fail (p=REJECT sp=REJECT dis=NONE) header.from=example.org"


def _message(*fields: tuple[str, str]) -> InboundMessage:
    return InboundMessage(headers=Headers(fields))


def _results(value: str) -> InboundMessage:
    return _message(("authentication-results", value))


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(FAILED, id="policy in a comment, reject"),
        pytest.param("mx.ours.example; spf=pass; dmarc=fail (p=quarantine) header.from=example.org", id="quarantine"),
        pytest.param("MX.Ours.Example 1; dmarc=fail policy.published-domain-policy=reject", id="version, policy as property"),
        pytest.param("mx.ours.example; dmarc=fail action=quarantine header.from=example.org", id="Exchange's action"),
        pytest.param("mx.ours.example; dmarc=fail action=oreject header.from=example.org", id="Exchange's overridden reject"),
        pytest.param("mx.ours.example; dmarc=fail (p=reject; d=none) header.from=example.org", id="semicolon in a comment"),
    ],
)
def test_sender_is_unproven_where_our_server_says_that_dmarc_failed_under_a_strict_policy(value: str) -> None:
    assert is_sender_unproven(_results(value), TRUSTED)


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("mx.ours.example; dmarc=fail (p=NONE) header.from=example.org", id="policy none"),
        pytest.param("mx.ours.example; dmarc=pass (p=REJECT) header.from=example.org", id="passed"),
        pytest.param("mx.ours.example; dmarc=fail (p=NONE sp=REJECT dis=NONE)", id="strict for subdomains only"),
        pytest.param("mx.ours.example; dmarc=fail (p=NONE); arc=fail action=reject", id="another result's action"),
        pytest.param("mx.ours.example; spf=fail; dkim=fail", id="no dmarc"),
        pytest.param("mx.other.example; dmarc=fail (p=REJECT)", id="another server's header"),
        pytest.param("mx.ours.example.evil.example; dmarc=fail (p=REJECT)", id="a name that begins like ours"),
        pytest.param("; dmarc=fail (p=REJECT)", id="no name"),
        pytest.param("", id="empty"),
    ],
)
def test_sender_is_not_unproven_otherwise(value: str) -> None:
    assert not is_sender_unproven(_results(value), TRUSTED)


def test_no_header_is_believed_where_no_server_is_trusted() -> None:
    assert not is_sender_unproven(_results(FAILED), Ourselves(addresses=frozenset()))


def test_header_of_our_servers_name_that_came_with_the_mail_is_not_believed() -> None:
    message = _message(
        ("received", "by mx.ours.example"),
        ("authentication-results", "mx.ours.example; dmarc=pass (p=REJECT) header.from=example.org"),
        ("received", "by mx.other.example"),
        ("authentication-results", FAILED),
    )
    assert not is_sender_unproven(message, TRUSTED)


def test_results_below_another_servers_are_not_believed() -> None:
    message = _message(("authentication-results", "mx.other.example; dmarc=none"), ("authentication-results", FAILED))
    assert not is_sender_unproven(message, TRUSTED)


def test_results_in_several_headers_of_our_server_are_all_read() -> None:
    message = _message(("authentication-results", "mx.ours.example; spf=fail"), ("authentication-results", FAILED))
    assert is_sender_unproven(message, TRUSTED)


def test_mail_without_results_is_not_unproven() -> None:
    assert not is_sender_unproven(_message(("subject", "dmarc=fail p=reject")), TRUSTED)
