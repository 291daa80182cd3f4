"""Who hears of a ticket beside, or instead of, whoever has it.

Never those whom it is kept from; and those who are away only where nobody else is left to hear of it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from helpdesk.model.staff import Role, StaffMember


@dataclass(frozen=True, slots=True)
class Audience:
    """The staff, with the ids of those whom a ticket is kept from, and of those who are away."""

    staff: Sequence[StaffMember]
    excluded: Collection[str] = ()
    away: Collection[str] = ()

    def leads(self) -> tuple[StaffMember, ...]:
        """The leads who are there; all leads where none is, since somebody has to hear of it."""
        leads = self._with_role(Role.LEAD)
        return tuple(member for member in leads if member.id not in self.away) or leads

    def of(self, assignee: str | None) -> tuple[StaffMember, ...]:
        """Whoever has a ticket; the leads where nobody has it who may hear of it now."""
        has_it = [member for member in self._allowed() if member.id == assignee and member.id not in self.away]
        return tuple(has_it) or self.leads()

    def last_resort(self) -> tuple[StaffMember, ...]:
        """Who is told, by its reference alone, that a ticket is with nobody and no lead may see it.

        The admins; where it is kept from every one of them too, all leads and admins, or it would wait for ever.
        """
        everybody = (member for member in self.staff if member.roles & {Role.LEAD, Role.ADMIN})
        return self._with_role(Role.ADMIN) or tuple(everybody)

    def _with_role(self, role: Role) -> tuple[StaffMember, ...]:
        return tuple(member for member in self._allowed() if role in member.roles)

    def _allowed(self) -> tuple[StaffMember, ...]:
        return tuple(member for member in self.staff if member.id not in self.excluded)
