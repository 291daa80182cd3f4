"""What the rules may look at: one message, seen cheaply. Nothing here decides anything.

Every mail passes all the rules, so what costs more than a look-up is computed when first asked for, and from a capped
prefix of the text: no mail, however long, makes a rule slow.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from functools import cached_property

from helpdesk.core.addresses import domain_of, is_listed, lookup_form, without_tag
from helpdesk.model.message import InboundMessage
from helpdesk.model.policy import Ourselves

# Automatic answers say what they are in their first lines; bounces may put a paragraph of courtesy in front.
HEAD_LENGTH = 1_000
BODY_LENGTH = 8_000


@dataclass(frozen=True)
class Evidence:
    """A message with who we are. Not slotted: the lazy properties keep their values in the instance's dict."""

    message: InboundMessage
    us: Ourselves
    junk: bool = False

    @cached_property
    def headers(self) -> dict[str, str]:
        """The first value of each header field by lower-case name, stripped."""
        values: dict[str, str] = {}
        for name, value in self.message.headers.fields:
            values.setdefault(name, value.strip())
        return values

    def header(self, name: str) -> str:
        """The first value of a field in lower case; empty when the field is missing."""
        return self.headers.get(name, "").lower()

    def has_any(self, names: frozenset[str]) -> bool:
        """Whether any of these fields (lower-case names) is present."""
        return not names.isdisjoint(self.headers)

    @cached_property
    def sender(self) -> str:
        """The address of From in lookup form; empty when there is none."""
        return lookup_form(self.message.sender.address) if self.message.sender else ""

    @cached_property
    def sender_local(self) -> str:
        """The part of From before the @; the whole where there is no @ (old mail systems leave it out)."""
        local, _, rest = self.sender.rpartition("@")
        return local or rest

    @cached_property
    def sender_domain(self) -> str:
        return domain_of(self.sender)

    @cached_property
    def sender_name(self) -> str:
        return self.message.sender.name.casefold() if self.message.sender else ""

    @cached_property
    def is_ours(self) -> bool:
        """Whether From is one of our own addresses."""
        return self.sender != "" and (self.sender in self.us.addresses or without_tag(self.sender) in self.us.addresses)

    @cached_property
    def is_staff(self) -> bool:
        return self.sender != "" and self.sender in self.us.staff_addresses

    @cached_property
    def is_form(self) -> bool:
        return self.sender != "" and is_listed(self.sender, self.us.form_senders)

    @cached_property
    def has_null_return_path(self) -> bool:
        """RFC 5321 section 4.5.5: notifications have it. Alone it proves nothing, since some gateways write it on any mail."""
        return self.headers.get("return-path") in ("<>", "< >") or self.headers.get("envelope-from") == "<>"

    @cached_property
    def subject(self) -> str:
        """The subject, casefolded, with single spaces, at most 300 characters."""
        return _single_spaced(self.message.subject[:300])

    @cached_property
    def is_reply(self) -> bool:
        """Whether it answers some mail."""
        return bool(self.message.in_reply_to or self.message.references)

    @cached_property
    def head(self) -> str:
        """The beginning of what the writer newly wrote, casefolded, with single spaces."""
        return _single_spaced((self.message.new_text or self.message.text or self._first_part)[:HEAD_LENGTH])

    @cached_property
    def head_lines(self) -> str:
        """The same beginning with its line breaks."""
        start = (self.message.new_text or self.message.text or self._first_part)[:HEAD_LENGTH]
        return "\n".join(_single_spaced(line) for line in start.splitlines())

    @cached_property
    def body(self) -> str:
        """A longer beginning of all the text, casefolded, with single spaces."""
        return _single_spaced((self.message.text or self._first_part)[:BODY_LENGTH])

    @cached_property
    def _first_part(self) -> str:
        """Broken MIME can leave a message without readable text although its parts hold some."""
        return next((part.text[:BODY_LENGTH] for part in self.message.parts if part.text.strip()), "")

    def is_shorter_than(self, length: int) -> bool:
        """Whether the new text has at most so many characters."""
        return len(self.message.new_text or self.message.text) <= length

    @cached_property
    def content_type(self) -> str:
        """The whole Content-Type of the top level, in lower case, without quotes and spaces."""
        value = self.header("content-type") or self.message.content_type
        return value.replace('"', "").replace(" ", "").replace("\t", "")

    @property
    def report_type(self) -> str:
        """RFC 6522 section 3: what kind of multipart/report it is; empty for anything else."""
        return self.content_type.partition("report-type=")[2].partition(";")[0]

    @cached_property
    def part_types(self) -> frozenset[str]:
        return frozenset(part.content_type for part in self.message.parts)

    def part_text(self, content_types: Container[str]) -> str:
        """The text of the first part of one of these types, in lower case, at most 4,000 characters."""
        found = (part.text for part in self.message.parts if part.content_type in content_types)
        return next(found, "")[:4_000].lower()


def _single_spaced(text: str) -> str:
    return " ".join(text.split()).casefold()
