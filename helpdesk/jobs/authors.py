"""Who among the staff wrote a message. Writes nothing."""

from __future__ import annotations

from helpdesk.jobs.carry_out import Desk
from helpdesk.jobs.ports import UnitOfWork
from helpdesk.model.staff import StaffMember


def author_of(desk: Desk, uow: UnitOfWork, message_id: str) -> StaffMember | None:
    """The staff member from whose address a stored message came; None where nobody of the staff has that address."""
    view = uow.messages.get(message_id)
    return desk.member_with_address(view.sender.address) if view and view.sender else None
