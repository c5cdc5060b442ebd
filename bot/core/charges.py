"""What a message on WhatsApp is charged as.

Since October 2026 Meta charges free text as well ("service"); approved templates go by the category that they were
approved in. Twilio charges every message in both directions on top of it.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from bot.core.model import Office


class Category(StrEnum):
    SERVICE = "service"
    UTILITY = "utility"
    MARKETING = "marketing"
    AUTHENTICATION = "authentication"


def month_of(office: Office, moment: datetime) -> str:
    """ "2026-11": the month that a moment belongs to on the office's clock."""
    return office.calendar.local(moment).strftime("%Y-%m")
