"""The desk without a database or a server: what the organisation decided, its templates and its letters."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from pathlib import Path

from helpdesk.clock import Clock, SystemClock
from helpdesk.core.alone import EmptyDesk
from helpdesk.jobs.carry_out import Desk
from helpdesk.jobs.letters import Letters, Sender
from helpdesk.mail.compose import compose
from helpdesk.mail.templates import TemplateLibrary
from helpdesk.model.organisation import Organisation
from helpdesk.settings import DeskSettings, load_desk_settings


def build_explainer(directory: Path, environ: Mapping[str, str]) -> EmptyDesk:
    """What `helpdesk explain` asks: the rules of the configuration, without secrets or a database."""
    desk = load_desk_settings(directory, environ)
    return EmptyDesk(desk.ourselves, desk.acknowledgement, desk.office_hours, desk.staff)


def build_templates(directory: Path, environ: Mapping[str, str]) -> TemplateLibrary:
    """The templates that serve now."""
    return library_of(load_desk_settings(directory, environ), SystemClock())


def build_desk(settings: DeskSettings, clock: Clock) -> Desk:
    """What the organisation decided, and its letters, without a database or a server."""
    return desk_of(settings, library_of(settings, clock))


def library_of(desk: DeskSettings, clock: Clock) -> TemplateLibrary:
    return TemplateLibrary(desk.templates_dir, desk.organisation.signposts, desk.organisation, lambda: clock.now().date())


def desk_of(settings: DeskSettings, library: TemplateLibrary) -> Desk:
    sender = Sender(
        address=settings.organisation.email,
        name=settings.organisation.sender_name,
        envelope_sender=settings.envelope_sender,
        plus_addressing=settings.plus_addressing,
    )
    letters = Letters(
        hours=settings.office_hours,
        sender=sender,
        templates=library,
        compose=compose,
        # 128 random bits (DESIGN section 4), in digits that survive a mail server that lowers the case of addresses.
        new_token=lambda: secrets.token_hex(16),
        token_life=settings.staff_mail.token_life,
    )
    return Desk(
        acknowledgement=settings.acknowledgement,
        tickets=settings.tickets,
        ourselves=settings.ourselves,
        staff=settings.staff,
        hours=settings.office_hours,
        letters=letters,
        staff_mail=settings.staff_mail,
        public=_public_words(settings.organisation),
    )


def _public_words(organisation: Organisation) -> tuple[str, ...]:
    """Numbers and addresses that any answer may name."""
    return (organisation.email, *(signpost.number for signpost in organisation.signposts if signpost.enabled))
