"""The IMAP edge: a folder on the server, as the jobs use it. With `mail/idle.py` the only place that knows imapclient."""

from helpdesk.mail.mailbox.folder import ImapFolder, probe_mailbox

__all__ = ["ImapFolder", "probe_mailbox"]
