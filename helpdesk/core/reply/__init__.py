"""What the writer newly wrote, against quoted history and signature. It decides what is shown first, and deletes nothing."""

from helpdesk.core.reply.fold import new_text

__all__ = ["new_text"]
