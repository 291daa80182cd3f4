"""Conflicts of interest that the staff list states: whose tickets somebody never gets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from helpdesk.core.addresses import lookup_form
from helpdesk.model.staff import StaffMember


def kept_from(staff: Sequence[StaffMember], addresses: Iterable[str]) -> frozenset[str]:
    """The ids of those whose `excludes` name one of these addresses, or its domain."""
    forms = {lookup_form(address) for address in addresses if address}
    names = forms | {f"@{form.rpartition('@')[2]}" for form in forms}
    return frozenset(member.id for member in staff if not names.isdisjoint(member.excludes))
