"""One transaction with everything that may be done in it: rolled back unless it was committed."""

from __future__ import annotations

from contextlib import AbstractContextManager

from helpdesk.store.alarms import SqlAlarms
from helpdesk.store.early_answers import SqlEarlyAnswers
from helpdesk.store.mailboxes import SqlMailboxes
from helpdesk.store.messages import SqlMessages
from helpdesk.store.outbox import SqlOutbox
from helpdesk.store.people import SqlPeople
from helpdesk.store.replies import SqlReplies
from helpdesk.store.restorations import SqlRestorations
from helpdesk.store.sent_copies import SqlSentCopies
from helpdesk.store.tickets import SqlTickets
from helpdesk.store.tokens import SqlTokens
from helpdesk.store.transaction import Transaction
from helpdesk.store.waiting import SqlWaiting


class SqlUnitOfWork:
    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self.mailboxes = SqlMailboxes(transaction)
        self.messages = SqlMessages(transaction)
        self.tickets = SqlTickets(transaction)
        self.outbox = SqlOutbox(transaction)
        self.people = SqlPeople(transaction)
        self.tokens = SqlTokens(transaction)
        self.replies = SqlReplies(transaction)
        self.sent_copies = SqlSentCopies(transaction)
        self.early_answers = SqlEarlyAnswers(transaction)
        self.waiting = SqlWaiting(transaction)
        self.alarms = SqlAlarms(transaction)
        self.restorations = SqlRestorations(transaction)

    def commit(self) -> None:
        """Keep everything that was written; raises DatabaseUnavailable when that can't be done, and nothing is kept."""
        self._transaction.commit()

    def savepoint(self) -> AbstractContextManager[None]:
        """A part that can fail alone: an exception inside rolls back that part only, and goes on up."""
        return self._transaction.savepoint()
