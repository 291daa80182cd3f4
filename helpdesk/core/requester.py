"""Who a message speaks for: its From, except where a trusted form of our own writes for the person who filled it in."""

from __future__ import annotations

from dataclasses import replace

from helpdesk.core.addresses import is_listed, lookup_form, without_tag
from helpdesk.model.message import InboundMessage
from helpdesk.model.policy import Ourselves


def as_from_requester(message: InboundMessage, ourselves: Ourselves) -> InboundMessage:
    """The message with its requester as sender.

    Only a listed form sender's Reply-To is believed. Anybody else's would let a forger collect the answers that are
    meant for the person in From. A form that names nobody, or one of ourselves, speaks for nobody that can be answered.
    """
    if message.sender is None or not is_listed(message.sender.address, ourselves.form_senders):
        return message
    ours = ourselves.addresses | ourselves.staff_addresses | ourselves.form_senders
    return replace(message, sender=next((each for each in message.reply_to if lookup_form(each.address) not in ours), None))


def answerable_address(message: InboundMessage, ourselves: Ourselves) -> str:
    """The address that an automatic answer may go to; empty where the mail has no From, or comes from ourselves.

    Reading falls back to Reply-To where From is missing, so that staff see who may have written. Nothing goes there by
    itself.
    """
    if message.sender is None or "from" not in message.headers:
        return ""
    return "" if without_tag(message.sender.address) in ourselves.addresses else message.sender.address


def has_null_sender(message: InboundMessage) -> bool:
    """Whether the mail came with the null reverse-path (RFC 5321 section 4.5.5), as the receiving server noted it."""
    return message.headers.first("return-path").replace(" ", "") == "<>"
