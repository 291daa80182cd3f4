from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from helpdesk.core.digest import digest_parts
from helpdesk.model.message import Address, InboundMessage

AT = datetime(2026, 11, 2, 11, 0, tzinfo=UTC)
MESSAGE = InboundMessage(
    message_id="a@example.org", sender=Address("Sam", "sam@example.org"), subject="Hello", date=AT, text="one  two\n"
)


def test_a_copy_that_a_server_wrapped_anew_is_the_same() -> None:
    moved = replace(MESSAGE, text="one\n two", subject=" Hello", sender=Address("S.", "Sam@Example.ORG"))
    assert digest_parts(moved, AT + timedelta(days=1)) == digest_parts(MESSAGE, AT)


@pytest.mark.parametrize(
    "other",
    [
        replace(MESSAGE, message_id="b@example.org"),
        replace(MESSAGE, date=AT + timedelta(seconds=1)),
        replace(MESSAGE, sender=Address("", "kim@example.org")),
        replace(MESSAGE, sender=None),
        replace(MESSAGE, subject="Hullo"),
        replace(MESSAGE, text="one two three"),
    ],
    ids=["message-id", "date", "sender", "no-sender", "subject", "text"],
)
def test_another_message_is_another(other: InboundMessage) -> None:
    assert digest_parts(other, AT) != digest_parts(MESSAGE, AT)


def test_nameless_messages_are_told_apart_by_when_they_came() -> None:
    nameless = replace(MESSAGE, message_id=None, date=None)
    assert digest_parts(nameless, AT) != digest_parts(nameless, AT + timedelta(seconds=1))
    assert digest_parts(nameless, AT) == digest_parts(nameless, AT)
