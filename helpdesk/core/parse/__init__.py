"""Reading any mail: bytes in, an InboundMessage out. Decides nothing about the message; knows no mailbox and no ticket."""

from helpdesk.core.parse.message import parse

__all__ = ["parse"]
