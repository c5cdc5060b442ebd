"""The approved templates at Twilio: found by name and content, made once, handed in for approval once.

A template's name there ends with a hash of its content: as long as our file says the same, it is found again, by
whomever and however often; when the file changes it is a new template, as it needs a new approval.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from twilio.rest.content.v1.content import ContentList  # type: ignore[import-untyped]
from twilio.rest.content.v1.content.approval_create import ApprovalCreateList  # type: ignore[import-untyped]

from bot.channels.twilio_account import Account
from bot.channels.twilio_errors import from_exception
from bot.channels.twilio_http import Wire, client
from bot.channels.whatsapp_approval import Form, forms
from bot.core.effects import Template

MISSING: Final = "missing"
NOT_SUBMITTED: Final = "unsubmitted"
APPROVED: Final = "approved"
_PAGE: Final = 500


@dataclass(frozen=True, slots=True)
class Found:
    """One of our templates at Twilio. `status` is Twilio's (received, pending, approved, rejected, paused, ...), or
    MISSING; `reason`: why it was rejected. `category`: as WhatsApp has put it, which may not be what was asked for."""

    template: Template
    sid: str = ""
    status: str = MISSING
    category: str = ""
    reason: str = ""


def name_of(form: Form) -> str:
    """ "jawaban_tersedia_1a2b3c4d"."""
    content = json.dumps([form.definition, form.category], sort_keys=True)
    return f"{form.name}_{hashlib.sha256(content.encode()).hexdigest()[:8]}"


class TemplateDesk:
    """The templates of one account. Everything raises DeliveryError, and nothing else."""

    def __init__(self, account: Account, wire: Wire) -> None:
        self._contents: Any = client(account, wire).content.v1.contents

    async def look(self) -> list[Found]:
        """Each of our templates, as Twilio has it."""
        try:
            listed = await self._listed()
            return [await self._found(template, listed.get(name_of(form), "")) for template, form in forms().items()]
        except Exception as error:
            raise from_exception(error, posted=False) from error

    async def hand_in(self, found: Found) -> Found:
        """Make it if it is missing, and hand it in for approval if it was not; what it is then."""
        form = forms()[found.template]
        try:
            sid = found.sid or await self._made(form)
            request = ApprovalCreateList.ContentApprovalRequest(form.approval | {"name": name_of(form)})
            await self._contents(sid).approval_create.create_async(request)
            return await self._found(found.template, sid)
        except Exception as error:
            raise from_exception(error, posted=False) from error  # asked for again it is found by its name

    async def _listed(self) -> Mapping[str, str]:
        contents = await self._contents.list_async(page_size=_PAGE)
        return {str(c.friendly_name): str(c.sid) for c in contents}

    async def _found(self, template: Template, sid: str) -> Found:
        if not sid:
            return Found(template)
        approval = (await self._contents(sid).approval_fetch().fetch_async()).whatsapp or {}
        status = str(approval.get("status") or NOT_SUBMITTED).lower()
        words = (str(approval.get(name) or "") for name in ("category", "rejection_reason"))
        return Found(template, sid, status, *words)

    async def _made(self, form: Form) -> str:
        request = ContentList.ContentCreateRequest({**form.definition, "friendly_name": name_of(form)})
        return str((await self._contents.create_async(request)).sid)
