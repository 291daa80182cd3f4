"""The SMTP edge: handing mail to the server. The only place that knows smtplib."""

from helpdesk.mail.smtp.transport import DEADLINE, SmtpTransport, probe_transport

__all__ = ["DEADLINE", "SmtpTransport", "probe_transport"]
