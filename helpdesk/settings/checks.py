"""What has to hold between keys: hours that end after they start, one staff member an address, no mail that goes in a circle.

Each check gets sections that are sound by themselves and returns findings; none reads a file or the time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta

from helpdesk.core.addresses import FREE_MAIL_DOMAINS, lookup_form
from helpdesk.model.policy import AfterProcessing
from helpdesk.model.staff import Role
from helpdesk.settings.kinds import ends_after
from helpdesk.settings.servers import is_loopback
from helpdesk.settings.shape import (
    AcknowledgementSection,
    HelpdeskShape,
    MailboxSection,
    OfficeHoursSection,
    OrganisationSection,
    SignpostEntry,
    TicketsSection,
    WatchSection,
)
from helpdesk.settings.staff_shape import StaffEntry
from helpdesk.settings.words import Finding

# A number that nobody has looked at for longer than this may be wrong by now.
SIGNPOSTS_KEEP_FOR = timedelta(days=365)
_EXAMPLE_DOMAINS = ("@example.org", "@example.com", "@example.net")
_SHORTEST_TELLING_WORD = 4


def check_helpdesk(shape: HelpdeskShape, sound: Callable[[str], bool], today: date | None) -> list[Finding]:
    """Every check of `config/helpdesk.toml`; a section that is not `sound` was replaced by its defaults and is left out."""
    findings: list[Finding] = []
    if sound("mailbox"):
        findings += _check_mailbox(shape.mailbox)
    if sound("office_hours"):
        findings += _check_office_hours(shape.office_hours)
    if sound("acknowledgement"):
        findings += _check_acknowledgement(shape.acknowledgement)
    if sound("tickets"):
        findings += _check_tickets(shape.tickets)
    if sound("watch"):
        findings += _check_watch(shape.watch)
    if sound("organisation"):
        findings += _check_name(shape.organisation.sender_name, ("organisation", "sender_name"), shape.organisation)
    if sound("signposts"):
        findings += _check_signposts(shape.signposts, today)
    return findings


def _check_mailbox(mailbox: MailboxSection) -> Iterator[Finding]:
    polled = (*mailbox.folders, *mailbox.junk_folders)
    for folder in _repeated(polled):
        key = "junk_folders" if folder in mailbox.junk_folders else "folders"
        yield Finding(("mailbox", key), f'The folder "{folder}" is listed twice.', "Remove it from one of the lists.")
    if mailbox.after is not AfterProcessing.MOVE:
        return
    if not mailbox.move_to:
        what = 'after is "move", but move_to in [mailbox] names no folder.'
        yield Finding(("mailbox", "move_to"), what, 'Write for example: move_to = "Processed"')
    elif mailbox.move_to in polled:
        what = f'Mail would be moved to "{mailbox.move_to}", which is a folder that new mail is taken from.'
        yield Finding(("mailbox", "move_to"), what, 'Name another folder, for example: move_to = "Processed"')


def _check_office_hours(office: OfficeHoursSection) -> Iterator[Finding]:
    if not ends_after(office.opens, office.closes):
        what = f"The office closes at {office.closes:%H:%M}, which is not after it opens at {office.opens:%H:%M}."
        yield Finding(("office_hours", "closes"), what, 'Write for example: opens = "10:00" and closes = "16:00"')
    for number, closure in enumerate(office.closures):
        if closure.last_day < closure.first_day:
            what = f"The closure ends on {closure.last_day}, before it begins on {closure.first_day}."
            remedy = f"Write for example: last_day = {closure.first_day}"
            yield Finding(("office_hours", "closures", number, "last_day"), what, remedy)


def _check_acknowledgement(acknowledgement: AcknowledgementSection) -> Iterator[Finding]:
    if not acknowledgement.enabled:
        what = "Nobody who writes gets an acknowledgement."
        yield Finding(("acknowledgement", "enabled"), what, "To send them again, write: enabled = true", warning=True)


def _check_tickets(tickets: TicketsSection) -> Iterator[Finding]:
    for domain in sorted(tickets.professionals):
        if domain.removeprefix("@") in FREE_MAIL_DOMAINS:
            what = f"{domain} is a provider that anybody may have an address at."
            yield Finding(("tickets", "professionals"), what, "List the whole addresses instead: sam@example.org")


def _check_watch(watch: WatchSection) -> Iterator[Finding]:
    if watch.port and not is_loopback(watch.host):
        what = f"Everybody who reaches this machine at port {watch.port} can read how much mail comes and what is wrong."
        yield Finding(("watch", "host"), what, 'If your monitor is on this machine, write: host = "127.0.0.1"', warning=True)


def _check_signposts(signposts: Sequence[SignpostEntry], today: date | None) -> Iterator[Finding]:
    for number, signpost in enumerate(signposts):
        if _digits(signpost.number) not in _digits(signpost.text):
            what = f'The text "{signpost.text}" does not hold the number {signpost.number}.'
            yield Finding(("signposts", number, "text"), what, "Write the same number in text and number.")
        if today and signpost.enabled and today - signpost.checked_on > SIGNPOSTS_KEEP_FOR:
            what = f"The number of {signpost.name} was last checked on {signpost.checked_on}, over a year ago."
            remedy = f"Look it up on their website, then write: checked_on = {today}"
            yield Finding(("signposts", number, "checked_on"), what, remedy, warning=True)
    if not any(signpost.enabled and signpost.listed for signpost in signposts):
        what = "No signpost is on, so the acknowledgement names nobody to turn to before we answer."
        yield Finding(("signposts",), what, "Write enabled = true at one or more of them.", warning=True)


def check_staff(
    staff: Sequence[StaffEntry],
    numbers: Sequence[int],
    mailbox: MailboxSection | None,
    organisation: OrganisationSection | None,
) -> list[Finding]:
    """Every check between sound staff entries; `numbers` are their places in the file.

    `mailbox` and `organisation` are None where they are not sound.
    """
    findings: list[Finding] = []
    ids = set(_repeated([member.id for member in staff]))
    addresses = set(_repeated([lookup_form(member.email) for member in staff]))
    for number, member in zip(numbers, staff, strict=True):
        path = ("staff", number)
        address = lookup_form(member.email)
        if member.id in ids:
            findings.append(Finding((*path, "id"), f'The id "{member.id}" stands twice.', "Give each their own id."))
        if address in addresses:
            what = f'"{member.id}" has the same email address as another staff member.'
            findings.append(Finding((*path, "email"), what, "Give each their own address, or remove one entry."))
        if mailbox and _without_tag(address) == lookup_form(mailbox.address):
            what = f'"{member.id}" has the address of the mailbox itself, so notices would come back as new mail.'
            findings.append(Finding((*path, "email"), what, "Write the address at which this person reads mail."))
        if organisation:
            findings += _check_name(member.public_name, (*path, "public_name"), organisation)
    return findings


def check_roles(staff: Sequence[StaffEntry]) -> Iterator[Finding]:
    """Somebody has to hear of tickets that nobody could take, and of what is broken."""
    if not staff:
        yield Finding(("staff",), "There are no staff, so nobody can be given a ticket.", "Write at least one [[staff]].")
        return
    held = {role for member in staff for role in member.roles}
    if Role.LEAD not in held:
        what = "Nobody is lead, so nobody would hear of a ticket that no one could take."
        yield Finding(("staff",), what, 'Write at one person or more: roles = ["lead"]')
    if Role.ADMIN not in held:
        what = "Nobody is admin, so nobody would hear of what is broken."
        yield Finding(("staff",), what, 'Write at one person or more: roles = ["admin"]')


def find_example_addresses(staff: Sequence[StaffEntry]) -> Iterator[Finding]:
    """Addresses that were left from the example: what is sent there reaches nobody."""
    for number, member in enumerate(staff):
        if lookup_form(member.email).endswith(_EXAMPLE_DOMAINS):
            what = f'"{member.id}" still has an address of the example, at which nobody reads mail.'
            yield Finding(("staff", number, "email"), what, "Write this person's own address.", warning=True)


def _check_name(name: str, path: tuple[str | int, ...], organisation: OrganisationSection) -> Iterator[Finding]:
    """A From name shows on a locked screen, where it must not tell whom somebody wrote to."""
    telling = {word for word in _words(organisation.name) if len(word) >= _SHORTEST_TELLING_WORD}
    if _words(name) & telling:
        what = f'The name "{name}" gives us away on a locked screen.'
        yield Finding(path, what, f'Write a first name: {path[-1]} = "Mike"')


def _without_tag(address: str) -> str:
    """info+anything@ is info@ at many servers, whether or not plus_addressing says so."""
    local, _, domain = address.rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


def _words(text: str) -> set[str]:
    return set(text.casefold().replace("-", " ").split())


def _digits(text: str) -> str:
    return "".join(character for character in text if character.isdigit())


def _repeated(values: Sequence[str]) -> list[str]:
    return [value for value, count in Counter(values).items() if count > 1]
