"""The shape of `config/helpdesk.toml`: every key with its default, its limits, its meaning and an example.

`description` completes the sentence "… has to be", `examples` holds what to write; both reach the admin when a value is
wrong. What holds between two keys is in `checks`.
"""

from __future__ import annotations

from datetime import date, time
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from helpdesk.model.policy import AfterProcessing
from helpdesk.settings import kinds
from helpdesk.settings.variables import PREFIX


def key(default: Any, meaning: str, example: str, **limits: Any) -> Any:
    """A key that may be left out."""
    return Field(default, description=meaning, examples=[example], **limits)


def required(meaning: str, example: str, **limits: Any) -> Any:
    """A key that has to be there."""
    return Field(description=meaning, examples=[example], **limits)


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True, arbitrary_types_allowed=True)


class OrganisationSection(Section):
    name: kinds.Line = key("Exit Hate Trust", "a name on one line", 'name = "Exit Hate Trust"')
    registered_name: kinds.Line = key("Exit Hate UK Ltd", "a name on one line", 'registered_name = "Exit Hate UK Ltd"')
    registered_office: kinds.Line = key(
        "71-75 Shelton Street, Covent Garden, London WC2H 9JQ",
        "an address on one line",
        'registered_office = "71-75 Shelton Street, Covent Garden, London WC2H 9JQ"',
    )
    charity_number: kinds.Line = key("1197666", "a number in quotation marks", 'charity_number = "1197666"')
    company_number: kinds.Line = key("12914735", "a number in quotation marks", 'company_number = "12914735"')
    website: kinds.Website = key(
        "www.exithate.com",
        "the name of a website, or its address with https:// in front",
        'website = "www.exithate.com"',
    )
    sender_name: kinds.FirstName = key(
        "Mike", "one first name of letters alone, since it shows on a locked screen", 'sender_name = "Mike"'
    )
    signature: kinds.Line = key("Mike - Exit Hate", "the sign-off on one line", 'signature = "Mike - Exit Hate"')


class MailboxSection(Section):
    address: kinds.EmailAddress = key("info@exithate.org", "one email address", 'address = "info@exithate.org"')
    folders: kinds.Lines = key(("INBOX",), "a list of folders, at least one", 'folders = ["INBOX"]', min_length=1)
    junk_folders: kinds.Lines = key((), "a list of folders", 'junk_folders = ["Junk"]')
    after: AfterProcessing = key(AfterProcessing.KEEP, '"keep", "keyword" or "move"', 'after = "keep"')
    keyword: kinds.Keyword = key(
        "$HelpdeskDone", "a word of letters, digits, $, - and _ without spaces", 'keyword = "$HelpdeskDone"'
    )
    move_to: kinds.OptionalLine = key("Processed", "the name of a folder", 'move_to = "Processed"')
    poll_seconds: kinds.Count = key(60, "a whole number of seconds from 10 to 3600", "poll_seconds = 60", ge=10, le=3600)
    form_senders: kinds.LookupAddresses = key(
        frozenset(), "a list of whole email addresses", 'form_senders = ["website@example.org"]'
    )
    trusted_authserv: kinds.OptionalLine = key(
        "", "the name that your mail server writes in Authentication-Results, or empty", 'trusted_authserv = "mx.example.org"'
    )
    envelope_sender: kinds.Line = key(
        "mailbox", '"mailbox", "null" or an email address', 'envelope_sender = "mailbox"',
        pattern=r"^(mailbox|null|[^\s@<>]+@[^\s@<>]+\.[^\s@<>.]+)$",
    )  # fmt: skip
    plus_addressing: bool = key(False, "true or false", "plus_addressing = false")


class ClosureEntry(Section):
    first_day: kinds.Day = required("a day written as year-month-day", "first_day = 2026-12-24")
    last_day: kinds.Day = required("a day written as year-month-day", "last_day = 2027-01-02")
    note: kinds.OptionalLine = key("", "a few words for yourselves", 'note = "Christmas"')


class OfficeHoursSection(Section):
    timezone: kinds.Zone = key(ZoneInfo("Europe/London"), "the name of a time zone", 'timezone = "Europe/London"')
    opens: kinds.Opening = key(time(10), "a time from 00:00 to 23:59 in quotation marks", 'opens = "10:00"')
    closes: kinds.Closing = key(time(16), "a time from 00:01 to 24:00 in quotation marks", 'closes = "16:00"')
    days: kinds.Weekdays = key(
        frozenset(range(5)), "a list of weekdays, at least one", 'days = ["Monday", "Tuesday", "Wednesday"]'
    )
    bank_holidays: bool = key(True, "true or false", "bank_holidays = true")
    closures: Annotated[tuple[ClosureEntry, ...], NoDecode, kinds.AsList] = key(
        (), "a list of closures", "[[office_hours.closures]] with first_day and last_day below it"
    )


class AcknowledgementSection(Section):
    enabled: bool = key(True, "true or false", "enabled = true")
    within_days: kinds.Count = key(3, "a whole number of days from 1 to 30", "within_days = 3", ge=1, le=30)
    per_sender: kinds.Count = key(3, "a whole number from 1 to 100", "per_sender = 3", ge=1, le=100)
    per_hour: kinds.Count = key(200, "a whole number from 1 to 100000", "per_hour = 200", ge=1, le=100_000)
    same_text_per_hour: kinds.Count = key(100, "a whole number from 2 to 100000", "same_text_per_hour = 100", ge=2, le=100_000)


class TicketsSection(Section):
    subject_reference: bool = key(False, "true or false", "subject_reference = false")
    reopen_within_days: kinds.Count = key(30, "a whole number of days from 1 to 3650", "reopen_within_days = 30", ge=1, le=3650)
    join_within_hours: kinds.Count = key(
        24, "a whole number of hours from 0 (never) to 720", "join_within_hours = 24", ge=0, le=720
    )
    first_response_hours: kinds.Count = key(
        4, "a whole number of office hours from 1 to 80", "first_response_hours = 4", ge=1, le=80
    )
    still_with_you_days: kinds.Count = key(
        0, "a whole number of office days from 1 to 30, or 0 for never", "still_with_you_days = 3", ge=0, le=30
    )
    professionals: kinds.AddressesOrDomains = key(
        frozenset(), "a list of email addresses and @domains", 'professionals = ["@council.example.org"]'
    )


class StaffMailSection(Section):
    reply_delay_minutes: kinds.Count = key(5, "a whole number of minutes from 0 to 60", "reply_delay_minutes = 5", ge=0, le=60)
    token_days: kinds.Count = key(90, "a whole number of days from 1 to 365", "token_days = 90", ge=1, le=365)
    sent_copy: bool = key(True, "true or false", "sent_copy = true")
    sent_folder: kinds.OptionalLine = key("", "the name of a folder, or empty", 'sent_folder = "Sent"')
    read_sent: bool = key(True, "true or false", "read_sent = true")
    guard_words: kinds.Lines = key(
        ("safeguarding", "police", "Prevent referral", "Channel panel", "MARAC", "social services", "case notes"),
        "a list of words",
        'guard_words = ["safeguarding", "police"]',
    )


class WatchSection(Section):
    host: kinds.Line = key("127.0.0.1", "an address of this machine", 'host = "127.0.0.1"', max_length=253)
    port: kinds.Count = key(0, "a whole number from 1 to 65535, or 0 for none", "port = 9125", ge=0, le=65_535)
    unread_minutes: kinds.Count = key(10, "a whole number of minutes from 2 to 1440", "unread_minutes = 10", ge=2, le=1440)
    waiting_minutes: kinds.Count = key(15, "a whole number of minutes from 2 to 1440", "waiting_minutes = 15", ge=2, le=1440)
    certificate_days: kinds.Count = key(14, "a whole number of days from 1 to 90", "certificate_days = 14", ge=1, le=90)


class SignpostEntry(Section):
    name: kinds.Line = required("a name on one line", 'name = "Samaritans"')
    text: kinds.Line = required("a line that holds the number", 'text = "Call Samaritans: 116 123"')
    number: kinds.Line = required("a number of digits and spaces", 'number = "116 123"', pattern=r"^\+?[0-9][0-9 ]{1,19}$")
    action: kinds.Action = key("call", '"call" or "text"', 'action = "call"')
    checked_on: kinds.Day = required("the day on which somebody last made sure of the number", "checked_on = 2026-11-24")
    enabled: bool = key(True, "true or false", "enabled = true")
    listed: bool = key(True, "true or false", "listed = true")


def _default_signposts() -> tuple[SignpostEntry, ...]:
    """Where people in danger can turn to; the numbers were last checked on the day that stands here."""
    day = date(2026, 11, 24)
    shout = SignpostEntry(name="SHOUT", text="Text SHOUT to 85258", number="85258", action="text", checked_on=day)
    childline = "Children and young people: call Childline, 0800 1111"
    act_early = "Call ACT Early: 0800 011 3764"
    return (
        SignpostEntry(name="Emergency services", text="Call 999", number="999", checked_on=day, listed=False),
        SignpostEntry(name="Samaritans", text="Call Samaritans: 116 123", number="116 123", checked_on=day),
        shout,
        SignpostEntry(name="NHS 111", text="Call NHS 111 and choose option 2", number="111", checked_on=day),
        SignpostEntry(name="Childline", text=childline, number="0800 1111", checked_on=day),
        SignpostEntry(name="ACT Early", text=act_early, number="0800 011 3764", checked_on=day, enabled=False),
    )


class HelpdeskShape(BaseSettings):
    """The whole file. Values come from `sources` alone: nothing is read behind the caller's back."""

    model_config = SettingsConfigDict(
        extra="forbid", frozen=True, env_prefix=PREFIX, env_nested_delimiter="__", arbitrary_types_allowed=True
    )

    organisation: OrganisationSection = key(OrganisationSection(), "a section", "[organisation]")
    mailbox: MailboxSection = key(MailboxSection(), "a section", "[mailbox]")
    office_hours: OfficeHoursSection = key(OfficeHoursSection(), "a section", "[office_hours]")
    acknowledgement: AcknowledgementSection = key(AcknowledgementSection(), "a section", "[acknowledgement]")
    tickets: TicketsSection = key(TicketsSection(), "a section", "[tickets]")
    staff_mail: StaffMailSection = key(StaffMailSection(), "a section", "[staff_mail]")
    watch: WatchSection = key(WatchSection(), "a section", "[watch]")
    signposts: Annotated[tuple[SignpostEntry, ...], NoDecode, kinds.AsList] = key(
        _default_signposts(), "a list of signposts", "[[signposts]] with its keys below it"
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)
