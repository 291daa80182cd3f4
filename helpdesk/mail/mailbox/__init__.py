"""The IMAP edge: a folder on the server, as the jobs use it. With `mail/idle.py` the only place that knows imapclient."""

from helpdesk.mail.mailbox.folder import ImapFolder, probe_mailbox
from helpdesk.mail.mailbox.sent import ImapSentFolder, sent_folder_of

__all__ = ["ImapFolder", "ImapSentFolder", "probe_mailbox", "sent_folder_of"]
