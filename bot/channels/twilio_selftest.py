"""The self-test of a webhook: knock at our own public address as Twilio would, and say what is wrong with the answer.

The form names no message, so that nothing is stored and nobody is answered; everything up to that point is real: the
address, its certificate, the proxy, the signature, the office.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import quote, urlsplit

import aiohttp

from bot.channels.twilio_account import Account
from bot.channels.twilio_signature import Doorman

_PATIENCE: Final = aiohttp.ClientTimeout(total=15, connect=5)  # Twilio's own
_FORM: Final = "application/x-www-form-urlencoded; charset=utf-8"
_REDIRECTS: Final = (301, 302, 303, 307, 308)


async def webhook_complaint(public_url: str, office: str, account: Account) -> str:
    """What keeps Twilio's webhooks of an office from arriving, "" for nothing. Never raises."""
    url = f"{public_url}/webhooks/twilio/{quote(office)}/message"
    pairs = [("AccountSid", account.account_sid), ("To", account.sender), ("SmsStatus", "selftest"), ("Body", "")]
    headers = Doorman(account).sign(url, pairs) | {"Content-Type": _FORM}
    body = aiohttp.FormData(pairs)()
    try:
        async with aiohttp.ClientSession(timeout=_PATIENCE) as web:
            async with web.post(url, data=body, headers=headers, allow_redirects=False) as reply:
                text = await reply.text(errors="replace")
                return _complaint(url, reply.status, text, reply.headers.get("Location", ""))
    except (aiohttp.ClientError, OSError, ValueError) as error:
        return f"{url} cannot be reached from here: {_words(error)}"


def _complaint(url: str, status: int, text: str, location: str) -> str:
    if status == 200 and "<Response" in text:
        return ""
    if status == 200:
        return f"{url} is answered by something else than this service"
    if status == 403:
        return f"{url} refuses our own signature: a proxy changes the request, or a service with other settings answers"
    if status in _REDIRECTS:
        there = urlsplit(location)
        return f"{url} redirects to {there.scheme}://{there.netloc}{there.path}: set PST_PUBLIC_URL to what it ends at"
    if status == 404:
        return f"{url} is unknown there: is this service behind that address, with this office?"
    return f"{url} answers {status}"


def _words(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__
