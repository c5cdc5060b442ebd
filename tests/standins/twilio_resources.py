"""The played Twilio's files and Content resources, and how answers are written."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from tests.standins.loopback import Answer, Cut, Reply, Request, Silence
from tests.standins.twilio_model import Account, Content, Message, Outcome, new_sid
from tests.standins.twilio_rules import content_fault

if TYPE_CHECKING:
    from tests.standins.twilio import Provider

_JSON: Final = {"Content-Type": "application/json"}
_APPROVAL: Final = re.compile(r"/v1/Content/(\w+)/ApprovalRequests(?:/[wW]hats[aA]pp)?")
_CONTENT: Final = re.compile(r"/v1/Content/(\w+)")


class Files:
    """What people have sent. Each file is there once, behind a redirect."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    def listed(self, request: Request, account: Account, sid: str) -> Answer:
        message = known_message(self._provider, sid)
        files = message.media if message else []
        rows = [
            {"sid": f.sid, "account_sid": account.sid, "parent_sid": sid, "content_type": f.declared,
             "date_created": None, "date_updated": None, "uri": f"{message.path}/Media/{f.sid}.json"}
            for f in files if message
        ]  # fmt: skip
        return as_json({"media_list": rows, "next_page_uri": None, "page": 0, "page_size": 50, "uri": request.path})

    def one(self, request: Request, account: Account, message_sid: str, sid: str) -> Answer:
        """Twilio sends one on to its store."""
        message = known_message(self._provider, message_sid)
        media = next((f for f in message.media if f.sid == sid), None) if message else None
        if media is None:
            return error(404, "20404")
        if media.missing > 0:
            media.missing -= 1
            return error(404, "20404")
        return Reply(307, b"", {"Location": f"{self._provider.url}/store/{sid}"})

    def stored(self, sid: str, request: Request) -> Answer:
        """The store takes no credentials: two ways to sign in are an error there."""
        media = next((f for m in self._provider.messages for f in m.media if f.sid == sid), None)
        if media is None or "authorization" in request.headers:
            return Reply(404 if media is None else 400)
        return Reply(200, media.content, {"Content-Type": media.declared})


class Contents:
    """The Content API; `contents_fail` of the provider makes it fail."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    def answer(self, request: Request, account: Account) -> Answer:
        if self._provider.contents_fail is not None:
            return answer(self._provider.contents_fail, None)
        if request.path == "/v1/Content":
            return self._create(request, account) if request.method == "POST" else self._list(request, account)
        if asked := _APPROVAL.fullmatch(request.path):
            return self._approval(asked[1], request, account)
        found = _CONTENT.fullmatch(request.path)
        content = self._provider.contents.get(found[1]) if found else None
        return as_json(content.resource()) if content else error(404, "20404")

    def _create(self, request: Request, account: Account) -> Answer:
        if not request.headers.get("content-type", "").startswith("application/json"):
            return error(400, "20001")
        try:
            definition = json.loads(request.body)
        except ValueError:
            return error(400, "20001")
        if content_fault(definition):
            return error(400, "20001")
        content = Content(
            new_sid("HX"), account, definition.get("friendly_name", ""), definition["language"],
            definition.get("variables") or {}, definition["types"],
        )  # fmt: skip
        self._provider.contents[content.sid] = content
        return as_json(content.resource(), 201)

    def _approval(self, sid: str, request: Request, account: Account) -> Answer:
        """Handed in once; what was handed in waits until the test decides."""
        content = self._provider.contents.get(sid)
        if content is None or content.account is not account:
            return error(404, "20404")
        if request.method == "POST":
            asked = json.loads(request.body)
            if content.approval is not None or set(asked) < {"name", "category"}:
                return error(400, "20001")
            content.approval = {**asked, "status": "received", "rejection_reason": ""}
            return as_json(content.approval, 201)
        return as_json({"sid": sid, "account_sid": account.sid, "whatsapp": content.approval, "url": request.path})

    def _list(self, request: Request, account: Account) -> Answer:
        query = dict(request.query)
        rows = [c.resource() for c in self._provider.contents.values() if c.account is account]
        size, page = int(query.get("PageSize", 50)), int(query.get("Page", 0))
        base = "https://content.twilio.com/v1/Content"
        following = f"{base}?PageSize={size}&Page={page + 1}&PageToken=PT{page + 1}"
        meta = {
            "page": page, "page_size": size, "first_page_url": base, "previous_page_url": None, "url": base,
            "next_page_url": following if len(rows) > (page + 1) * size else None, "key": "contents",
        }  # fmt: skip
        return as_json({"contents": rows[page * size : (page + 1) * size], "meta": meta})


def known_message(provider: Provider, sid: str) -> Message | None:
    return next((m for m in provider.messages if m.sid == sid), None)


def answer(outcome: Outcome, message: Message | None) -> Answer:
    if outcome.cut:
        return Cut()
    if outcome.silent:
        return Silence()
    if outcome.status < 300 and message is not None and outcome.body is None:
        return as_json(message.resource(), outcome.status)
    wait = {"Retry-After": str(outcome.retry_after)} if outcome.retry_after is not None else {}
    kind = "application/problem+json" if outcome.problem else "application/json"
    return Reply(outcome.status, outcome.error_body(), {"Content-Type": kind, **wait})


def as_json(value: Any, status: int = 200) -> Reply:
    return Reply(status, json.dumps(value).encode(), _JSON)


def error(status: int, code: str) -> Reply:
    return Reply(status, Outcome(status, code).error_body(), _JSON)
