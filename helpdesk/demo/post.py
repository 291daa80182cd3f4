"""What the mail programs of the invented people and of staff do: send, and look into their mailbox."""

from __future__ import annotations

import smtplib
from collections.abc import Iterable
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage

from helpdesk.clock import SystemClock
from helpdesk.demo.servers import LOOPBACK, MailServers
from helpdesk.mail.mailbox import ImapFolder
from helpdesk.model.policy import FolderPolicy, Security, ServerLogin
from helpdesk.model.ticket import Ticket


@dataclass(frozen=True, slots=True)
class Post:
    """The embedded servers as their users know them."""

    servers: MailServers

    def send(self, mails: Iterable[bytes], *, to: str) -> None:
        """Hand the mails to the SMTP server, in their order."""
        with smtplib.SMTP(LOOPBACK, self.servers.smtp_port, local_hostname="localhost") as connection:
            for mail in mails:
                # The envelope's sender does not matter: this server delivers by To.
                connection.sendmail("demo@example.org", [to], mail)

    def inbox(self, address: str) -> list[EmailMessage]:
        """What lies in somebody's mailbox, oldest first."""
        login = ServerLogin(LOOPBACK, self.servers.imap_port, Security.NONE, address, self.servers.password)
        folder = ImapFolder(login, FolderPolicy("INBOX"), SystemClock())
        try:
            folder.status()
            found = folder.fetch(folder.uids_from(1))
        finally:
            folder.close()
        return [message_from_bytes(each.raw, policy=policy.default) for each in found]


def answers_to(message_id: str | None, mails: Iterable[EmailMessage]) -> list[EmailMessage]:
    """Those of the mails that answer the message with this Message-ID (without brackets)."""
    return [mail for mail in mails if message_id and message_id in str(mail.get("In-Reply-To", ""))]


def notices_of(ticket: Ticket, mails: Iterable[EmailMessage]) -> list[EmailMessage]:
    """Those of the mails that tell staff of this ticket: they all hang under one root that names it."""
    return answers_to(f"{ticket.id}.notices@", mails)


def text_of(mail: EmailMessage) -> str:
    """The plain text, as a mail program shows it."""
    body = mail.get_body(("plain",))
    return str(body.get_content()).strip() if body else ""
