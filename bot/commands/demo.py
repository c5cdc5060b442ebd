"""The demo: accounts of invented officers, and what is told at the start."""

from __future__ import annotations

from bot.app import Service
from bot.commands.output import say
from bot.settings import Settings
from bot.store import people
from bot.web.passwords import hash_password

PASSWORD = "coba-pst"
OFFICERS = (("Dewi Lestari", "dewi", "head"), ("Budi Santoso", "budi", "officer"))


def address(name: str, office: str) -> str:
    return f"{name}.{office}@contoh.id"


async def seed(service: Service) -> None:
    """Two officers an office, if they are not there yet."""
    hashed = hash_password(PASSWORD)
    async with service.database.write() as tx:
        for office in service.engine.offices:
            for name, local, role in OFFICERS:
                await people.add(tx, office, name, address(local, office), role, hashed, service.clock())


def announce(settings: Settings) -> None:
    """Where to look, and with which account."""
    url = settings.public_url
    say(f"\n  Buka  {url}/\n")
    say(f"  Telepon dan surel simulasi  {url}/simulator/")
    say(f"  Kotak masuk petugas         {url}/inbox/\n")
    for office in settings.offices.values():
        for name, local, _ in OFFICERS:
            say(f"    {office.name}: {name}  {address(local, office.code)}  kata sandi: {PASSWORD}")
    say("\n  Berhenti: Ctrl+C\n")
