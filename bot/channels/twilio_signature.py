"""The door: whether a webhook is Twilio's, and if not, what most likely went wrong.

Twilio signs the exact address that it was told to call and every parameter that it sends, blank and repeated ones
included; so the address is built from the configured public one, never from the request's Host. Two secrets may sign:
the account's auth token (two of them while it is being rotated), or, once configured, a shared key with SHA-256. With
a shared key nothing else is accepted: the request's own header never chooses the weaker way.

A wrong signature is refused without detail to the caller. To the operator the door says what it finds: it tries
whether another address would have fitted, which is the usual mistake. That guess never opens the door.
Sources: Twilio, webhook security; error 57012; `twilio.request_validator` (its `validate` is the check itself).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from twilio.request_validator import (  # type: ignore[import-untyped]
    HMAC_SHA1,
    HMAC_SHA256,
    SIGNATURE_HEADER,
    SIGNATURE_SETTINGS_HEADER,
    RequestValidator,
    get_signature_algorithm,
)

from bot.channels.twilio_account import Account
from bot.channels.twilio_form import Pairs

_FORWARDED: Final = ("x-forwarded-host", "host")


class Cause(StrEnum):
    """Why a webhook was refused."""

    NO_SIGNATURE = "no_signature"
    ADDRESS = "address"
    SECRET = "secret"
    SHARED_KEY = "shared_key"
    ACCOUNT = "account"
    SENDER = "sender"


@dataclass(frozen=True, slots=True)
class Accepted:
    """It is Twilio's, and meant for this office."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """`reason`: for the operator, in Indonesian, at most 200 characters; nothing in it is secret or personal."""

    cause: Cause
    reason: str


_NO_SIGNATURE: Final = Rejected(
    Cause.NO_SIGNATURE, "Permintaan tanpa tanda tangan Twilio: bukan dari Twilio, atau header dibuang oleh proxy."
)
_NOT_SHARED_KEY: Final = Rejected(
    Cause.SHARED_KEY,
    "Tanda tangan bukan dengan shared key (SHA-256) yang dikonfigurasi. Aktifkan di Twilio, atau hapus setelan ini.",
)
_SHARED_KEY: Final = Rejected(
    Cause.SHARED_KEY, "Twilio menandatangani dengan shared key (SHA-256), tetapi TWILIO_SHARED_KEY belum diisi."
)
_OTHER_ACCOUNT: Final = Rejected(
    Cause.ACCOUNT,
    "Permintaan dari akun Twilio lain. Periksa TWILIO_ACCOUNT_SID dan alamat webhook di konsol Twilio.",
)
_OTHER_SENDER: Final = Rejected(
    Cause.SENDER, "Pesan untuk nomor WhatsApp lain. Webhook nomor itu mengarah ke kantor ini; periksa WHATSAPP_FROM."
)
_WRONG_SECRET: Final = Rejected(
    Cause.SECRET,
    "Tanda tangan tidak cocok: Auth Token mungkin sudah diganti di Twilio, atau isi permintaan diubah oleh proxy.",
)


def _wrong_address(called: str) -> Rejected:
    words = f"Twilio memanggil {called[:110]}, tidak cocok dengan PST_PUBLIC_URL. Samakan keduanya."
    return Rejected(Cause.ADDRESS, words)


class Doorman:
    """Checks the webhooks of one office."""

    def __init__(self, account: Account) -> None:
        self._account = account
        secrets = (account.shared_key,) if account.shared_key else tuple(account.auth_tokens)
        self._algorithm = HMAC_SHA256 if account.shared_key else HMAC_SHA1
        self._validators = tuple(RequestValidator(secret.value) for secret in secrets)

    def check(self, url: str, pairs: Pairs, headers: Mapping[str, str]) -> Accepted | Rejected:
        """Whether to let it in. `url`: configured public address + raw path + raw query. `pairs`: all of the form."""
        known = {name.casefold(): value for name, value in headers.items()}
        signature = known.get(SIGNATURE_HEADER.casefold(), "")
        if not signature:
            return _NO_SIGNATURE
        algorithm = get_signature_algorithm(known.get(SIGNATURE_SETTINGS_HEADER.casefold(), ""))
        if algorithm.upper() != self._algorithm:
            return _NOT_SHARED_KEY if self._account.shared_key else _SHARED_KEY
        if not self._signed(url, pairs, signature):
            return self._diagnosis(url, pairs, signature, known)
        return self._addressed_to_us(pairs)

    def sign(self, url: str, pairs: Pairs) -> dict[str, str]:
        """The headers that Twilio would send; for the self-test of the public address."""
        value = self._validators[0].compute_signature(url, _Params(pairs), self._algorithm)
        settings = {SIGNATURE_SETTINGS_HEADER: f"algorithm={HMAC_SHA256}"} if self._account.shared_key else {}
        return {SIGNATURE_HEADER: value, **settings}

    def _signed(self, url: str, pairs: Pairs, signature: str) -> bool:
        try:
            params = _Params(pairs)
            return any(v.validate(url, params, signature, self._algorithm) for v in self._validators)
        except ValueError:  # a port that is no number, text that is no Unicode
            return False

    def _addressed_to_us(self, pairs: Pairs) -> Accepted | Rejected:
        form = dict(pairs)
        if form.get("AccountSid") != self._account.account_sid:
            return _OTHER_ACCOUNT
        parties = ("To", "From") if "MessageStatus" in form else ("To",)
        if self._account.sender not in (form.get(name) for name in parties):
            return _OTHER_SENDER
        return Accepted()

    def _diagnosis(self, url: str, pairs: Pairs, signature: str, headers: Mapping[str, str]) -> Rejected:
        try:
            fitting = next((a for a in _other_addresses(url, headers) if self._signed(a, pairs, signature)), None)
        except ValueError:  # the public address itself is none
            fitting = None
        if fitting is not None:
            parts = urlsplit(fitting)
            return _wrong_address(urlunsplit((parts.scheme, parts.netloc, parts.path, "", "")))
        if dict(pairs).get("AccountSid") != self._account.account_sid:
            return _OTHER_ACCOUNT
        return _WRONG_SECRET


class _Params(Mapping[str, str]):
    """A form as the SDK's validator reads it: with `getall` it sees every value of a repeated name."""

    def __init__(self, pairs: Pairs) -> None:
        self._values: dict[str, list[str]] = {}
        for name, value in pairs:
            self._values.setdefault(name, []).append(value)

    def __getitem__(self, name: str) -> str:
        return self._values[name][0]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def getall(self, name: str) -> list[str]:
        return self._values[name]


def _other_addresses(url: str, headers: Mapping[str, str]) -> Iterator[str]:
    """Addresses that Twilio may have been given instead: other scheme, slash at the end, the host that was called."""
    parts = urlsplit(url)
    hosts = dict.fromkeys([parts.netloc, *(headers.get(name, "").split(",")[0].strip() for name in _FORWARDED)])
    for host in filter(None, hosts):
        for scheme in ("https", "http"):
            for path in (parts.path, parts.path.rstrip("/") if parts.path.endswith("/") else parts.path + "/"):
                candidate = urlunsplit((scheme, host, path, parts.query, ""))
                if candidate != url:
                    yield candidate
