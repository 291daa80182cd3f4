"""The sample mail: invented people, invented machines, and what has to become of each of their mails."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.policy import compat32
from email.utils import format_datetime
from importlib.resources import files

from helpdesk.model.delivery import Purpose
from helpdesk.model.message import Kind


@dataclass(frozen=True, slots=True)
class Sample:
    """A mail in the folder `mail`, by its file name without the suffix: what it shows, and what has to come of it.

    `answer` is the acknowledgement that its writer has to get, None where there must be none.
    """

    file: str
    title: str
    kind: Kind
    answer: Purpose | None = None
    remark: str = ""


SAMPLES: tuple[Sample, ...] = (
    Sample("rowan", "Somebody who is scared, at night, on a phone", Kind.PERSON, Purpose.ACKNOWLEDGEMENT),
    Sample("marian", "A mother", Kind.PERSON, Purpose.ACKNOWLEDGEMENT),
    Sample("claire", "A teacher, with an attachment", Kind.PERSON, Purpose.ACKNOWLEDGEMENT),
    Sample("claire_out_of_office", "The teacher's mail program", Kind.AUTO_REPLY),
    Sample(
        "sian",
        "Somebody who writes in Welsh",
        Kind.PERSON,
        Purpose.ACKNOWLEDGEMENT,
        "English serves until a fluent reader has checked a Welsh acknowledgement.",
    ),
    Sample("rowan_again", "The first person again", Kind.PERSON, Purpose.ACKNOWLEDGEMENT_AGAIN),
    Sample("bounce", "A mail server", Kind.BOUNCE),
    Sample("newsletter", "A newsletter", Kind.BULK),
    Sample("invitation", "A calendar", Kind.CALENDAR),
    Sample("dmarc_report", "A report of a mail provider", Kind.REPORT),
)


def read_sample(sample: Sample, *, to: str, sent_at: datetime) -> bytes:
    """The mail as its writer sends it now."""
    mail = message_from_bytes(files("helpdesk.demo").joinpath("mail", f"{sample.file}.eml").read_bytes())
    mail.replace_header("To", to)
    mail.replace_header("Date", format_datetime(sent_at))
    return mail.as_bytes(policy=compat32.clone(linesep="\r\n"))
