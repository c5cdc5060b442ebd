"""Environment (and `.env`) plus office files -> one frozen Settings. Every fault is told at once, nothing is started.

Variables are named in docs/operations.md. An office without credentials for a channel runs without it: its access
for that channel is None. Secrets are held in `Secret`, which prints as stars.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from dotenv import dotenv_values
from pydantic import Field as Setting
from pydantic import SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.core.effects import Template
from bot.core.model import Office
from bot.office_file import OfficeFileError, read_office

_MAIL_SCHEMES = {
    "IMAP_URL": {"imap": 143, "imaps": 993},
    "SMTP_URL": {"smtp": 25, "smtp+starttls": 587, "smtps": 465},
}
_OFFICE_VARIABLES = (
    "TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "WHATSAPP_FROM", "IMAP_URL", "SMTP_URL", "MAIL_FROM",
    "MAIL_AUTHSERV", "MAIL_OAUTH", "MAIL_PLUS", "TWILIO_SHARED_KEY", "MONTHLY_MESSAGES",
    *(f"TEMPLATE_{template.value.upper()}" for template in Template),
)  # fmt: skip


class SettingsError(ValueError):
    """The settings cannot be used; `faults` holds one line for each reason."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Secret:
    """A value that must never be printed."""

    value: str = field(repr=False)

    def __str__(self) -> str:
        return "***"


@dataclass(frozen=True, slots=True)
class TwilioAccess:
    """`auth_tokens`: the current one first, a second one while rotating. `sender`: "whatsapp:+62..."."""

    account_sid: str
    auth_tokens: tuple[Secret, ...]
    sender: str
    templates: Mapping[Template, str]
    shared_key: Secret | None = None
    monthly_messages: int | None = None


@dataclass(frozen=True, slots=True)
class MailServer:
    """`security`: plain (loopback and tests), starttls, or tls from the first byte. `folder`: IMAP only."""

    host: str
    port: int
    user: str
    password: Secret
    security: str
    folder: str = "INBOX"


@dataclass(frozen=True, slots=True)
class MailAccess:
    """`authserv`: the office's own servers whose Authentication-Results are believed. `oauth`: file of a grant.

    `plus`: mail to "name+anything@" reaches the mailbox too.
    """

    imap: MailServer | None
    smtp: MailServer
    sender: str
    authserv: frozenset[str] = frozenset()
    oauth: Path | None = None
    plus: bool = False


@dataclass(frozen=True, slots=True)
class Access:
    """How one office reaches the world; None: it runs without that channel."""

    whatsapp: TwilioAccess | None = None
    mail: MailAccess | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the composition root needs to know. An empty `secret_key`: the root makes one and keeps it.

    `media_folder`: where files from WhatsApp are kept; None: beside the database.
    """

    offices: Mapping[str, Office]
    access: Mapping[str, Access]
    database_url: str
    public_url: str
    host: str
    port: int
    secret_key: Secret
    twilio_api_url: str | None
    embedding_model: Path | None
    demo: bool = False
    media_folder: Path | None = None


class _Environment(BaseSettings):
    """The variables that are not an office's."""

    model_config = SettingsConfigDict(env_prefix="PST_", env_file=".env", extra="ignore")

    database_url: str = "sqlite:///var/pst.db"
    public_url: str = ""
    host: str = "127.0.0.1"
    port: int = Setting(default=8000, ge=1, le=65535)
    offices: Path | None = None
    secret_key: SecretStr = SecretStr("")
    twilio_api_url: str | None = None
    embedding_model: Path | None = None
    media_folder: Path | None = None


def load_settings(environ: Mapping[str, str], *, env_file: Path = Path(".env"), demo: bool = False) -> Settings:
    """Read and check everything; raises SettingsError that names every fault."""
    faults: list[str] = []
    known = {k: v for k, v in dotenv_values(env_file).items() if v is not None} | dict(environ)
    environment = _environment(known, faults)
    before = len(faults)
    offices = _offices(environment.offices if environment else None, faults)
    all_read = len(faults) == before
    access = {code: _access(code, known, faults) for code in offices}
    faults.extend(_unknown(known, offices, all_read=all_read))
    if environment is not None:
        faults.extend(_misplaced(environment))
    if faults or environment is None:
        raise SettingsError(faults)
    url = (environment.public_url or f"http://{environment.host}:{environment.port}").rstrip("/")
    return Settings(
        offices, access, environment.database_url, url, environment.host, environment.port,
        Secret(environment.secret_key.get_secret_value()), environment.twilio_api_url,
        environment.embedding_model, demo, environment.media_folder,
    )  # fmt: skip


def _environment(known: Mapping[str, str], faults: list[str]) -> _Environment | None:
    names = {f"PST_{name.upper()}": name for name in _Environment.model_fields}
    values: dict[str, Any] = {names[k]: v for k, v in known.items() if k in names and v != ""}
    try:
        return _Environment.model_validate({**_Environment.model_construct().model_dump(), **values})
    except ValidationError as error:
        faults.extend(f"PST_{str(e['loc'][0]).upper()}: {e['msg']}" for e in error.errors())
        return None


def _offices(folder: Path | None, faults: list[str]) -> dict[str, Office]:
    place = folder or Path(str(resources.files("bot") / "offices"))
    files = sorted(place.glob("*.toml")) if place.is_dir() else []
    if not files:
        faults.append(f"PST_OFFICES: no office file (*.toml) in {place}")
    offices: dict[str, Office] = {}
    for path in files:
        try:
            office = read_office(path)
        except OfficeFileError as error:
            faults.extend(error.faults)
            continue
        if office.code in offices:
            faults.append(f"{path.name}: office {office.code} is in two files")
        offices[office.code] = office
    return offices


class _Variables:
    """One office's variables, with the faults that they have."""

    def __init__(self, code: str, known: Mapping[str, str], faults: list[str]) -> None:
        self.code, self.known, self.faults = code, known, faults

    def get(self, name: str) -> str:
        return self.known.get(f"PST_{self.code}_{name}", "").strip()

    def fault(self, name: str, words: str) -> None:
        self.faults.append(f"PST_{self.code}_{name}: {words}")


def _access(code: str, known: Mapping[str, str], faults: list[str]) -> Access:
    variables = _Variables(code, known, faults)
    return Access(_twilio(variables), _mail(variables))


def _twilio(v: _Variables) -> TwilioAccess | None:
    names = ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "WHATSAPP_FROM")
    sid, token, sender = (v.get(name) for name in names)
    if not any((sid, token, sender)):
        return None
    for name in (n for n in names if not v.get(n)):
        v.fault(name, "is missing; WhatsApp needs account SID, auth token and sender")
    if sid and not re.fullmatch(r"AC\w{2,}", sid):
        v.fault("TWILIO_ACCOUNT_SID", "must begin with AC, as the Twilio console shows it")
    sender = sender if sender.startswith("whatsapp:") else f"whatsapp:{sender}"
    if v.get("WHATSAPP_FROM") and not re.fullmatch(r"whatsapp:\+\d{6,15}", sender):
        v.fault("WHATSAPP_FROM", 'must be a number like "+6281234567890"')
    tokens = tuple(Secret(t.strip()) for t in token.split(",") if t.strip())
    templates = {t: v.get(f"TEMPLATE_{t.value.upper()}") for t in Template}
    for template, content in templates.items():
        if content and not re.fullmatch(r"HX\w{2,}", content):
            v.fault(f"TEMPLATE_{template.value.upper()}", "must be the Content SID of the template: HX...")
    shared = v.get("TWILIO_SHARED_KEY")
    return TwilioAccess(
        sid, tokens, sender, {t: c for t, c in templates.items() if c}, Secret(shared) if shared else None,
        _count(v, "MONTHLY_MESSAGES"),
    )  # fmt: skip


def _count(v: _Variables, name: str) -> int | None:
    text = v.get(name)
    if text and not text.isdigit():
        v.fault(name, "must be a whole number")
        return None
    return int(text) if text else None


def _mail(v: _Variables) -> MailAccess | None:
    if not any(v.get(name) for name in ("IMAP_URL", "SMTP_URL", "MAIL_FROM")):
        return None
    imap, smtp = _server(v, "IMAP_URL"), _server(v, "SMTP_URL")
    sender = v.get("MAIL_FROM") or (smtp.user if smtp else "")
    if not v.get("SMTP_URL"):
        v.fault("SMTP_URL", "is missing; e-mail needs a server to send through")
    if not re.fullmatch(r"[^@\s<>\"]+@[^@\s<>\"]+", sender):
        v.fault("MAIL_FROM", "must be an e-mail address")
    if smtp is None:
        return None
    servers = frozenset(name.strip().casefold() for name in v.get("MAIL_AUTHSERV").split(",") if name.strip())
    grant = Path(v.get("MAIL_OAUTH")) if v.get("MAIL_OAUTH") else None
    if grant is not None and not grant.is_file():
        v.fault("MAIL_OAUTH", f"no such file {grant}")
    plus = v.get("MAIL_PLUS").casefold()
    if plus not in ("", "yes", "no"):
        v.fault("MAIL_PLUS", "must be yes or no")
    return MailAccess(imap, smtp, sender, servers, grant, plus == "yes")


def _server(v: _Variables, name: str) -> MailServer | None:
    address = v.get(name)
    if not address:
        return None
    ports = _MAIL_SCHEMES[name]
    try:
        url = urlsplit(address)
        port = url.port
    except ValueError:
        v.fault(name, "is not an address")
        return None
    if url.scheme not in ports or not url.hostname:
        example = f"{next(iter(ports))}://user:password@host"
        v.fault(name, f"must begin with one of {', '.join(ports)}, like {example}")
        return None
    security = {"imaps": "tls", "smtps": "tls", "smtp+starttls": "starttls"}.get(url.scheme, "plain")
    return MailServer(
        url.hostname, port or ports[url.scheme], unquote(url.username or ""), Secret(unquote(url.password or "")),
        security, unquote(url.path.strip("/")) or "INBOX",
    )  # fmt: skip


def _unknown(known: Mapping[str, str], offices: Mapping[str, Office], *, all_read: bool) -> list[str]:
    """A misspelt variable of an office would silently switch a channel off. An office whose file is faulty has its
    line already."""
    faults = []
    for name in known:
        match = re.fullmatch(r"PST_(\d{4})_(\w+)", name)
        if not match:
            continue
        if match[1] not in offices:
            if all_read:
                faults.append(f"{name}: there is no office {match[1]}")
        elif match[2] not in _OFFICE_VARIABLES:
            faults.append(f"{name}: unknown setting; known are {', '.join(_OFFICE_VARIABLES)}")
    return faults


def _misplaced(environment: _Environment) -> list[str]:
    faults = []
    url = urlsplit(environment.public_url) if environment.public_url else None
    if url is not None and (url.scheme not in ("http", "https") or not url.hostname):
        faults.append("PST_PUBLIC_URL: must begin with http:// or https://")
    if environment.embedding_model is not None and not environment.embedding_model.exists():
        faults.append(f"PST_EMBEDDING_MODEL: no such file {environment.embedding_model}")
    return faults
