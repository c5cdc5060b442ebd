"""The composition root: builds everything once. The only room that reads the clock and the dice."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bot.bookkeeping import Bookkeeper
from bot.channels.authentication import likely_servers
from bot.channels.calendar_file import appointment_file
from bot.channels.mailing import Postmark, read_mail
from bot.channels.port import Channel as Port
from bot.channels.port import Incoming
from bot.clock import Clock, system_clock, system_tokens
from bot.core.appointment import LENGTH
from bot.core.arrivals import Received
from bot.core.effects import Template
from bot.core.model import Channel, Office
from bot.engine import Doors, Engine
from bot.mail_pace import MailPace
from bot.media_folder import MediaFolder
from bot.outbox import Outbox
from bot.reader import Brain
from bot.settings import Settings
from bot.staff_wording import StaffWording
from bot.store.database import Database, open_database, sqlite_file
from bot.wording import Wording, load_texts


@dataclass(frozen=True)
class Service:
    """The parts that do the work, built for one process."""

    settings: Settings
    database: Database
    brain: Brain
    engine: Engine
    outbox: Outbox
    clock: Clock
    new_token: Callable[[], str]
    marks: Mapping[str, Postmark]
    media_folder: MediaFolder
    staff_wording: StaffWording
    wakers: list[Callable[[], None]] = field(default_factory=list)

    def wake(self) -> None:
        """Something has arrived or is to be sent: whoever works here looks at once."""
        for waker in self.wakers:
            waker()


def build_service(
    settings: Settings, *, brain: Brain, ports: Mapping[tuple[str, Channel], Port],
    read_whatsapp: Callable[[Received], Incoming], read_status: Mapping[Channel, Callable],  # type: ignore[type-arg]
    templates: Mapping[str, frozenset[Template]], clock: Clock = system_clock,
    new_token: Callable[[], str] = system_tokens, database: Database | None = None,
) -> Service:  # fmt: skip
    """Wire the service. Nothing is connected and nothing runs yet."""
    database = database or open_database(settings.database_url)
    staff_wording = StaffWording(settings.public_url)
    bookkeeper = Bookkeeper(Wording(load_texts(), brain.answer), staff_wording, new_token)
    marks = {code: postmark(settings, office) for code, office in settings.offices.items()}
    doors = Doors({Channel.WHATSAPP: read_whatsapp, Channel.EMAIL: lambda r: _opened(r, marks[r.office])}, read_status)
    engine = Engine(database, settings.offices, brain, bookkeeper, doors, staff_wording, new_token)
    outbox = Outbox(
        database, settings.offices, ports, templates, engine.deliveries, new_token,
        lambda office, start, uid, off: appointment_file(
            office, start, uid, made_at=clock(), length=LENGTH, cancelled=off
        ),
        MailPace(database, staff_wording.channel),
    )  # fmt: skip
    folder = MediaFolder(settings.media_folder or beside_database(settings, "media"))
    return Service(settings, database, brain, engine, outbox, clock, new_token, marks, folder, staff_wording)


def beside_database(settings: Settings, name: str) -> Path:
    """A place next to the SQLite file; under var/ where the database is elsewhere."""
    file = sqlite_file(settings.database_url)
    return (file.parent if file else Path("var")) / name


def _opened(received: Received, mark: Postmark) -> Incoming:
    return read_mail(received.raw or b"", mark, too_large="too_large" in received.fields)


def postmark(settings: Settings, office: Office) -> Postmark:
    """How an office appears in mails: its configured sender, else the address of its standard."""
    access = settings.access[office.code].mail
    address = access.sender if access else str(office.facts["email"])
    named = access.authserv if access else frozenset()
    host = access.imap.host if access and access.imap else ""
    servers = named or likely_servers(address, host)
    return Postmark(address, f"PST {office.name}", servers, vouches=bool(named), plus=bool(access and access.plus))


def secret_key(settings: Settings, keep_in: Path) -> str:
    """The configured secret, or one that is made once and kept beside the database."""
    if settings.secret_key.value:
        return settings.secret_key.value
    if not keep_in.exists():
        keep_in.parent.mkdir(parents=True, exist_ok=True)
        keep_in.touch(mode=0o600)
        keep_in.write_text(secrets.token_urlsafe(48), encoding="ascii")
        logging.getLogger("pst").info("made a secret key; set PST_SECRET_KEY to use your own")
    return keep_in.read_text(encoding="ascii")
