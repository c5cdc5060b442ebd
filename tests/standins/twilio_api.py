"""The played Twilio's REST API: the paths, and messages. What is allowed is in twilio_rules."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from tests.standins.loopback import Answer, Request
from tests.standins.twilio_model import Account, Content, Message, new_sid
from tests.standins.twilio_resources import Contents, Files, answer, as_json, error, known_message
from tests.standins.twilio_rules import Recipient, fails_later, refused_at_once, render

if TYPE_CHECKING:
    from tests.standins.twilio import Provider

_MESSAGES: Final = re.compile(r"/2010-04-01/Accounts/(\w+)/Messages\.json")
_MESSAGE: Final = re.compile(r"/2010-04-01/Accounts/(\w+)/Messages/(\w+)\.json")
_MEDIA_LIST: Final = re.compile(r"/2010-04-01/Accounts/(\w+)/Messages/(\w+)/Media\.json")
_MEDIA: Final = re.compile(r"/2010-04-01/Accounts/(\w+)/Messages/(\w+)/Media/(\w+)")
_ACCOUNT: Final = re.compile(r"/2010-04-01/Accounts/(\w+)\.json")
_STORE: Final = re.compile(r"/store/(\w+)")
_PAIR_EVERY: Final = timedelta(seconds=6)


class Api:
    """Answers requests out of the provider's state."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider
        self._files = Files(provider)
        self._contents = Contents(provider)
        self._sent_to: dict[str, list[datetime]] = {}

    async def answer(self, request: Request) -> Answer:
        if stored := _STORE.fullmatch(request.path):
            return self._files.stored(stored[1], request)
        account = self._account(request)
        if account is None:
            return error(401, "20003")
        if request.path.startswith("/v1/Content"):
            return self._contents.answer(request, account)
        return await self._account_paths(request, account)

    def _account(self, request: Request) -> Account | None:
        header = request.headers.get("authorization", "")
        return next((a for a in self._provider.accounts.values() if a.authorizes(header)), None)

    async def _account_paths(self, request: Request, account: Account) -> Answer:
        routes: Sequence[tuple[re.Pattern[str], Callable[..., Answer]]] = (
            (_MESSAGES, self._list), (_MESSAGE, self._message), (_MEDIA_LIST, self._files.listed),
            (_MEDIA, self._files.one), (_ACCOUNT, self._account_resource),
        )  # fmt: skip
        for pattern, route in routes:
            found = pattern.fullmatch(request.path)
            if found is None:
                continue
            if found[1] != account.sid:
                return error(404, "20404")
            if pattern is _MESSAGES and request.method == "POST":
                return await self._send(request.form(), account)
            return route(request, account, *found.groups()[1:])
        return error(404, "20404")

    # --- messages --------------------------------------------------------------------------------------------------

    async def _send(self, form: dict[str, str], account: Account) -> Answer:
        provider = self._provider
        outcome = provider.outcome(form.get("To", ""))
        if outcome.delay:
            await asyncio.sleep(outcome.delay)
        content = self._content(form, account)
        person = provider.person_at(form.get("To", ""))
        known = person.known if person else Recipient()
        code = refused_at_once(form, account, content, known)
        if code is not None:
            provider.refused.append((form, code))
            return error(400, code)
        if not outcome.accept:
            provider.refused.append((form, outcome.code or "lost"))
            return answer(outcome, None)
        message = self._accept(form, account, content)
        failure = outcome.fails_later or fails_later(form, content, known, provider.now()) or self._too_fast(message)
        if outcome.early:
            await provider.follow_up(message, outcome, failure)
        else:
            provider.later(provider.follow_up(message, outcome, failure))
        return answer(outcome, message)

    def _content(self, form: Mapping[str, str], account: Account) -> Content | None:
        content = self._provider.contents.get(form.get("ContentSid", ""))
        return content if content and content.account is account else None

    def _accept(self, form: Mapping[str, str], account: Account, content: Content | None) -> Message:
        now, shown = self._provider.now(), render(form, content)
        variables = json.loads(form.get("ContentVariables", "{}"))
        message = Message(
            new_sid("SM"), account, form["From"], form["To"], shown.body, "outbound-api", now, now, "queued",
            form.get("ContentSid"), variables, shown.buttons, shown.kind, form.get("StatusCallback"),
        )  # fmt: skip
        self._provider.messages.append(message)
        return message

    def _too_fast(self, message: Message) -> str | None:
        """Meta's limit for one pair: a burst, then about one in six seconds."""
        now, most = self._provider.now(), self._provider.pair_burst
        recent = [t for t in self._sent_to.get(message.recipient, []) if now - t < _PAIR_EVERY * most]
        self._sent_to[message.recipient] = [*recent, now]
        return "63018" if len(recent) >= most else None

    def _list(self, request: Request, account: Account) -> Answer:
        query = dict(request.query)
        rows = [m for m in reversed(self._provider.messages) if m.account is account and _matches(m, query)]
        rows.sort(key=lambda m: m.sent_at or m.created, reverse=True)
        size, page = int(query.get("PageSize", 50)), int(query.get("Page", 0))
        more = len(rows) > (page + 1) * size
        following = urlencode({**query, "Page": page + 1, "PageToken": f"PA{page + 1}"})
        return as_json({
            "messages": [m.resource() for m in rows[page * size:(page + 1) * size]], "page": page, "page_size": size,
            "next_page_uri": f"{request.path}?{following}" if more else None, "previous_page_uri": None,
            "first_page_uri": request.path, "uri": request.path, "start": page * size, "end": (page + 1) * size,
        })  # fmt: skip

    def _message(self, request: Request, account: Account, sid: str) -> Answer:
        message = known_message(self._provider, sid)
        return as_json(message.resource()) if message else error(404, "20404")

    def _account_resource(self, request: Request, account: Account) -> Answer:
        return as_json({"sid": account.sid, "status": "active", "friendly_name": "", "uri": request.path})


def _matches(message: Message, query: Mapping[str, str]) -> bool:
    after, before = query.get("DateSent>"), query.get("DateSent<")
    moment = message.sent_at.replace(microsecond=0) if message.sent_at else None
    return (
        query.get("To", message.recipient) == message.recipient
        and query.get("From", message.sender) == message.sender
        and (after is None or (moment is not None and moment >= datetime.fromisoformat(after)))
        and (before is None or (moment is not None and moment <= datetime.fromisoformat(before)))
    )
