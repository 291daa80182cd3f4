"""Who a message speaks for: its From, except where a trusted form of our own writes for the person who filled it in."""

from __future__ import annotations

from dataclasses import replace

from helpdesk.core.addresses import is_listed
from helpdesk.model.message import InboundMessage
from helpdesk.model.policy import Ourselves


def as_from_requester(message: InboundMessage, ourselves: Ourselves) -> InboundMessage:
    """The message with its requester as sender.

    Only a listed form sender's Reply-To is believed. Anybody else's would let a forger collect the answers that are
    meant for the person in From.
    """
    if message.sender is None or not message.reply_to or not is_listed(message.sender.address, ourselves.form_senders):
        return message
    return replace(message, sender=message.reply_to[0])


def answerable_address(message: InboundMessage) -> str:
    """The address that an automatic answer may go to; empty where the mail has no From.

    Reading falls back to Reply-To where From is missing, so that staff see who may have written. Nothing goes there by
    itself.
    """
    return message.sender.address if message.sender and "from" in message.headers else ""


def has_null_sender(message: InboundMessage) -> bool:
    """Whether the mail came with the null reverse-path (RFC 5321 section 4.5.5), as the receiving server noted it."""
    return message.headers.first("return-path").replace(" ", "") == "<>"
