"""Two bare loops that do the least anything could do with this mail, to measure the helpdesk against."""

from __future__ import annotations

import email
import smtplib
import sqlite3
from collections.abc import Callable
from email.policy import default
from pathlib import Path

from imapclient import IMAPClient

from helpdesk.mail.connection import trust
from helpdesk.model.policy import ServerLogin

BATCH = 50
SMALL = b"From: info@exithate.org\r\nTo: %b\r\nSubject: Your message\r\n\r\nThank you for writing.\r\n" + b"Line.\r\n" * 40


def wire_floor(imap: ServerLogin, smtp_port: int, each: Callable[[bytes], None] = lambda raw: None) -> int:
    """Fetch in batches of 50 and move, and send two small mails for each over one connection; returns how many."""
    done = 0
    with IMAPClient(imap.host, imap.port, ssl_context=trust(imap)) as client, smtplib.SMTP("127.0.0.1", smtp_port) as smtp:
        client.login(imap.username, imap.password)
        client.select_folder("INBOX")
        client.create_folder("Processed")
        uids = client.search("ALL")
        for start in range(0, len(uids), BATCH):
            batch = uids[start : start + BATCH]
            for data in client.fetch(batch, ["BODY.PEEK[]"]).values():
                each(data[b"BODY[]"])
                for recipient in ("person@example.org", "staff@example.net"):
                    smtp.sendmail("info@exithate.org", [recipient], SMALL % recipient.encode())
                done += 1
            client.move(batch, "Processed")
    return done


def plain_floor(imap: ServerLogin, smtp_port: int, database: Path) -> int:
    """The same, with a policy.default parse and one SQLite commit a mail."""
    connection = sqlite3.connect(database, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE mail (subject TEXT, sender TEXT, body TEXT, raw BLOB)")

    def store(raw: bytes) -> None:
        mail = email.message_from_bytes(raw, policy=default)
        part = mail.get_body(("plain",))  # type: ignore[attr-defined]
        body = part.get_content() if part else ""
        attached = [attachment.get_content() for attachment in mail.iter_attachments()]  # type: ignore[attr-defined]
        connection.execute("BEGIN IMMEDIATE")
        row = (str(mail["Subject"]), str(mail["From"]), body, raw if attached is not None else b"")
        connection.execute("INSERT INTO mail VALUES (?, ?, ?, ?)", row)
        connection.execute("COMMIT")

    try:
        return wire_floor(imap, smtp_port, store)
    finally:
        connection.close()
