from __future__ import annotations

import pytest

from helpdesk.core.requester import answerable_address, as_from_requester, has_null_sender
from helpdesk.model.message import Address, Headers, InboundMessage
from helpdesk.model.policy import Ourselves

US = Ourselves(addresses=frozenset({"info@exithate.org"}), form_senders=frozenset({"form@exithate.com"}))
OURSELVES = Address("Mike", "Info@exithate.org")
FORM, SAM = Address("Website", "Form@exithate.com"), Address("Sam", "sam@example.org")


@pytest.mark.parametrize(
    ("sender", "reply_to", "requester"),
    [
        (FORM, (SAM,), SAM),
        (FORM, (Address("", "Info@exithate.org"), SAM), SAM),
        (FORM, (Address("", "info@exithate.org"),), None),
        (FORM, (FORM,), None),
        (FORM, (), None),
        (SAM, (Address("", "thief@example.com"),), SAM),
        (None, (SAM,), None),
    ],
    ids=[
        "form",
        "form-with-our-address-too",
        "form-for-ourselves",
        "form-for-itself",
        "form-without-reply-to",
        "anybody-else",
        "no-sender",
    ],
)
def test_only_a_listed_form_speaks_for_its_reply_to(
    sender: Address | None, reply_to: tuple[Address, ...], requester: Address | None
) -> None:
    assert as_from_requester(InboundMessage(sender=sender, reply_to=reply_to), US).sender == requester


@pytest.mark.parametrize(
    ("return_path", "is_null"), [("<>", True), (" < > ", True), ("<sam@example.org>", False), (None, False)]
)
def test_null_sender_is_what_the_server_noted(return_path: str | None, is_null: bool) -> None:
    headers = Headers((("return-path", return_path),) if return_path else ())
    assert has_null_sender(InboundMessage(headers=headers)) is is_null


@pytest.mark.parametrize(
    ("fields", "sender", "address"),
    [
        ((("from", "sam@example.org"),), SAM, "sam@example.org"),
        ((("reply-to", "sam@example.org"),), SAM, ""),
        ((), None, ""),
        ((("from", "info@exithate.org"),), OURSELVES, ""),
        ((("from", "x"),), Address("", "info+x@Exithate.org"), ""),
    ],
    ids=["from", "reply-to-alone", "nobody", "ourselves", "ourselves-with-a-tag"],
)
def test_only_a_from_address_is_answered(fields: tuple[tuple[str, str], ...], sender: Address | None, address: str) -> None:
    assert answerable_address(InboundMessage(sender=sender, headers=Headers(fields)), US) == address
