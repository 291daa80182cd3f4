"""Turns the shapes of the files into the values that the rest of the program speaks in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from helpdesk.core.addresses import lookup_form
from helpdesk.model.health import WatchPolicy
from helpdesk.model.office import Closure, OfficeHours
from helpdesk.model.organisation import Organisation, Signpost
from helpdesk.model.policy import AcknowledgementPolicy, AfterProcessing, FolderPolicy, Ourselves, StaffMailPolicy, TicketPolicy
from helpdesk.model.staff import StaffMember
from helpdesk.settings.shape import (
    AcknowledgementSection,
    HelpdeskShape,
    MailboxSection,
    OfficeHoursSection,
    StaffMailSection,
    TicketsSection,
    WatchSection,
)
from helpdesk.settings.staff_shape import StaffEntry


def organisation(shape: HelpdeskShape) -> Organisation:
    section = shape.organisation
    return Organisation(
        name=section.name,
        registered_name=section.registered_name,
        registered_office=section.registered_office,
        charity_number=section.charity_number,
        company_number=section.company_number,
        email=shape.mailbox.address,
        website=section.website,
        sender_name=section.sender_name,
        signature=section.signature,
        signposts=tuple(
            Signpost(entry.name, entry.text, entry.number, entry.action, entry.checked_on, entry.enabled, entry.listed)
            for entry in shape.signposts
        ),
    )


def office_hours(section: OfficeHoursSection) -> OfficeHours:
    return OfficeHours(
        zone=section.timezone,
        opens=section.opens,
        closes=section.closes,
        weekdays=section.days,
        bank_holidays=section.bank_holidays,
        closures=tuple(Closure(closure.first_day, closure.last_day) for closure in section.closures),
    )


def acknowledgement(section: AcknowledgementSection) -> AcknowledgementPolicy:
    return AcknowledgementPolicy(
        enabled=section.enabled,
        within=timedelta(days=section.within_days),
        per_sender=section.per_sender,
        per_hour=section.per_hour,
        same_text_per_hour=section.same_text_per_hour,
    )


def tickets(section: TicketsSection) -> TicketPolicy:
    return TicketPolicy(
        subject_reference=section.subject_reference,
        reopen_within=timedelta(days=section.reopen_within_days),
        join_within=timedelta(hours=section.join_within_hours),
        first_response=timedelta(hours=section.first_response_hours),
        still_with_you_days=section.still_with_you_days,
    )


def staff_mail(section: StaffMailSection) -> StaffMailPolicy:
    return StaffMailPolicy(
        reply_delay=timedelta(minutes=section.reply_delay_minutes),
        token_life=timedelta(days=section.token_days),
        sent_copy=section.sent_copy,
        sent_folder=section.sent_folder,
        read_sent=section.read_sent,
        guard_words=section.guard_words,
    )


def watch(section: WatchSection, poll_every: timedelta) -> WatchPolicy:
    """Where mail is looked for more seldom than that, one poll may be missed before it is an alarm."""
    return WatchPolicy(
        unread_after=max(timedelta(minutes=section.unread_minutes), 2 * poll_every + timedelta(minutes=2)),
        waiting_after=timedelta(minutes=section.waiting_minutes),
        certificate_before=timedelta(days=section.certificate_days),
        host=section.host,
        port=section.port,
    )


def ourselves(shape: HelpdeskShape, staff: Sequence[StaffMember]) -> Ourselves:
    mailbox = shape.mailbox
    own = {mailbox.address, envelope_sender(mailbox)} - {""}
    return Ourselves(
        addresses=frozenset(lookup_form(address) for address in own),
        staff_addresses=frozenset(lookup_form(member.email) for member in staff),
        form_senders=mailbox.form_senders,
        professionals=shape.tickets.professionals,
        trusted_authserv=mailbox.trusted_authserv,
    )


def folders(mailbox: MailboxSection) -> tuple[FolderPolicy, ...]:
    """The folders to poll. Junk stays where it is, so that the server's own clearing of it goes on."""
    wanted = [
        FolderPolicy(folder, after=mailbox.after, keyword=mailbox.keyword, move_to=mailbox.move_to)
        for folder in mailbox.folders
    ]
    junk = [FolderPolicy(folder, after=AfterProcessing.KEEP, junk=True) for folder in mailbox.junk_folders]
    return (*wanted, *junk)


def envelope_sender(mailbox: MailboxSection) -> str:
    """The address that bounces go to; empty for the null sender."""
    special = {"mailbox": mailbox.address, "null": ""}
    return special.get(mailbox.envelope_sender, mailbox.envelope_sender)


def staff_member(entry: StaffEntry) -> StaffMember:
    return StaffMember(
        id=entry.id,
        public_name=entry.public_name,
        email=entry.email,
        skills=entry.skills,
        roles=entry.roles,
        shifts=entry.hours,
        capacity=entry.capacity,
        notices=entry.notices,
        private_words=entry.private_words,
        excludes=tuple(sorted(entry.excludes)),
        digest=entry.digest,
        lead_digest=entry.lead_digest,
    )


def poll_interval(mailbox: MailboxSection) -> timedelta:
    return timedelta(seconds=mailbox.poll_seconds)
