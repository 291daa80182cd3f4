"""The tables, as they are after the last migration; a test holds the migrations to them.

Columns that hold what people wrote, or who they are, are bytes: sealed (named like the field), or a keyed hash (`…_hash`).
Large content stands in tables of its own, since an UPDATE writes a row anew with everything in it.
"""

from helpdesk.store.schema.columns import constant, metadata
from helpdesk.store.schema.desk import (
    data_key,
    early_answer,
    event,
    mailbox,
    message,
    message_content,
    message_reference,
    secret_key,
    ticket,
)
from helpdesk.store.schema.outbox import attempt, delivery, delivery_content, sent_copy, staff_token
from helpdesk.store.schema.people import absence, alarm, exclusion, restoration, unreachable

__all__ = [
    "absence",
    "alarm",
    "attempt",
    "constant",
    "data_key",
    "delivery",
    "delivery_content",
    "early_answer",
    "event",
    "exclusion",
    "mailbox",
    "message",
    "message_content",
    "message_reference",
    "metadata",
    "restoration",
    "secret_key",
    "sent_copy",
    "staff_token",
    "ticket",
    "unreachable",
]
