"""`pst templates`: which approved templates an office has at Twilio, and the settings that name them."""

from __future__ import annotations

import asyncio

from bot.channels.port import DeliveryError
from bot.channels.twilio_http import Wire
from bot.channels.twilio_templates import APPROVED, MISSING, NOT_SUBMITTED, Found, TemplateDesk
from bot.commands.output import BAD, DONE, WRONG_USAGE, fail, say, warn
from bot.settings import Settings, TwilioAccess


def templates(settings: Settings, office: str, *, submit: bool) -> int:
    """Print a line of settings for each approved template; status 1 while one is missing or not approved."""
    access = settings.access.get(office)
    if access is None or access.whatsapp is None:
        fail(WRONG_USAGE, f"office {office!r} has no credentials for WhatsApp")
    try:
        found = asyncio.run(_look(settings, access.whatsapp, submit=submit))
    except DeliveryError as error:
        fail(BAD, str(error))
    for one in found:
        _tell(office, one, access.whatsapp)
    return DONE if all(one.status == APPROVED for one in found) else BAD


async def _look(settings: Settings, account: TwilioAccess, *, submit: bool) -> list[Found]:
    wire = Wire(settings.twilio_api_url)
    desk = TemplateDesk(account, wire)
    try:
        found = await desk.look()
        open_ = (MISSING, NOT_SUBMITTED)
        return [await desk.hand_in(one) if submit and one.status in open_ else one for one in found]
    finally:
        await wire.close()


def _tell(office: str, found: Found, account: TwilioAccess) -> None:
    """The setting on stdout, what the operator has to know on stderr."""
    setting = f"PST_{office}_TEMPLATE_{found.template.value.upper()}"
    if found.status == APPROVED:
        say(f"{setting}={found.sid}")
        if account.templates.get(found.template) not in (None, found.sid):
            warn(f"{found.template}: another Content SID is configured")
        return
    advice = "run with --submit to hand it in" if found.status in (MISSING, NOT_SUBMITTED) else found.reason
    warn(f"{found.template}: {found.status}{f' ({advice})' if advice else ''}")
