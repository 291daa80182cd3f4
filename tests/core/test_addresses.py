from __future__ import annotations

import pytest

from helpdesk.core.addresses import domain_of, is_listed, is_no_reply, lookup_form


@pytest.mark.parametrize(
    ("address", "form"),
    [
        pytest.param("Sam@Example.ORG", "sam@example.org", id="case"),
        pytest.param("  sam@example.org ", "sam@example.org", id="spaces"),
        pytest.param("sam@example.org.", "sam@example.org", id="root dot"),
        pytest.param("sam+list@example.org", "sam+list@example.org", id="plus tag stays"),
        pytest.param("sam@bücher.example", "sam@xn--bcher-kva.example", id="IDNA domain"),
        pytest.param("sa\u0301m@example.org", "s\u00e1m@example.org", id="composed letters"),
        pytest.param("sam@" + "ü" * 70 + ".example", "sam@" + "ü" * 70 + ".example", id="domain that IDNA refuses"),
        pytest.param('"a@b"@example.org', '"a@b"@example.org', id="quoted at sign"),
        pytest.param("Postmaster", "postmaster", id="no domain"),
        pytest.param("", "", id="empty"),
    ],
)
def test_lookup_form_is_the_same_for_spellings_of_one_address(address: str, form: str) -> None:
    assert lookup_form(address) == form


@pytest.mark.parametrize(
    ("address", "domain"),
    [("Sam@Example.ORG", "example.org"), ("sam@bücher.example", "xn--bcher-kva.example"), ("sam", ""), ("", "")],
)
def test_domain_is_in_lookup_form_and_empty_without_an_at_sign(address: str, domain: str) -> None:
    assert domain_of(address) == domain


@pytest.mark.parametrize(
    "local",
    "noreply no-reply no_reply no.reply noreply+123 orders-noreply do-not-reply donotreply do_not_reply DoNotReply neverreply "
    "ne-pas-repondre nepasrepondre noresponder no-responder nicht-antworten keine-antwort nao-responda geen-antwoord "
    "nonrispondere nie-odpowiadaj "
    "mailer-daemon MAILER-DAEMON postmaster bounces bounces+abc bounce-123 auto-reply unattended".split(),
)
def test_address_that_nobody_reads_is_known_by_its_name(local: str) -> None:
    assert is_no_reply(f"{local}@example.org")


@pytest.mark.parametrize(
    "local", "sam info reply norepton noel nonna.reyes jane.response nora-answers bouncer daemon postman".split()
)
def test_address_of_a_person_is_not_taken_for_one_that_nobody_reads(local: str) -> None:
    assert not is_no_reply(f"{local}@example.org")


def test_name_of_a_domain_makes_no_address_unread() -> None:
    assert not is_no_reply("sam@noreply.example.org")


def test_listed_address_or_domain_is_found_in_any_spelling() -> None:
    entries = ("sam@example.org", "@council.example")
    assert is_listed("SAM@example.org", entries)
    assert is_listed("kim@Council.example", entries)
    assert not is_listed("kim@example.org", entries)
    assert not is_listed("kim@sub.council.example", entries)
