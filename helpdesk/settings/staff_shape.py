"""The shape of `config/staff.toml`. Keys with `repr=False` are private: no problem ever shows their value."""

from __future__ import annotations

from helpdesk.model.staff import Notices, Role
from helpdesk.settings import kinds
from helpdesk.settings.shape import Section, key, required


class StaffEntry(Section):
    id: kinds.StaffId = required("a short name of small letters, digits and hyphens", 'id = "mike"')
    public_name: kinds.PublicName = required(
        "at most 40 letters, spaces, hyphens and apostrophes, since it shows on a locked screen", 'public_name = "Mike"'
    )
    email: kinds.EmailAddress = required("one email address", 'email = "mike@example.org"', repr=False)
    skills: kinds.Words = key(frozenset(), "a list of single words", 'skills = ["child"]')
    roles: frozenset[Role] = key(frozenset(), 'a list of "lead" and "admin", or empty', 'roles = ["lead", "admin"]')
    hours: kinds.Shifts = key((), "a list of weekdays with hours", 'hours = ["Monday 10:00-16:00", "Friday 12:00-18:00"]')
    capacity: kinds.Count = key(20, "a whole number from 0 to 1000", "capacity = 20", ge=0, le=1000)
    notices: Notices = key(Notices.FULL, '"full" or "minimal"', 'notices = "full"')
    digest: bool = key(True, "true or false", "digest = true")
    lead_digest: bool = key(True, "true or false", "lead_digest = true")
    private_words: kinds.Lines = key((), "a list of texts", 'private_words = ["01632 960123"]', repr=False)
    excludes: kinds.AddressesOrDomains = key(
        frozenset(), "a list of email addresses and @domains", 'excludes = ["sam@example.org"]', repr=False
    )


class StaffShape(Section):
    staff: tuple[StaffEntry, ...] = key((), "a list of staff", "[[staff]] with id, public_name and email below it")
