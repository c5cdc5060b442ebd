"""Shared fixtures: both databases, the two offices, the brain (built once)."""

from __future__ import annotations

import os
import uuid
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

import psycopg
import pytest

from bot.brain_file import packaged_brain
from bot.core.model import Office
from bot.reader import Brain
from bot.settings import Settings, load_settings
from bot.store.database import Database, open_database

WIB = ZoneInfo("Asia/Jakarta")
POSTGRES = os.environ.get("PST_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/postgres")


def wib(text: str) -> datetime:
    """ "2026-11-20 16:30" in Jakarta."""
    return datetime.fromisoformat(text).replace(tzinfo=WIB)


@pytest.fixture(scope="session")
def settings() -> Settings:
    return load_settings({}, demo=True)


@pytest.fixture(scope="session")
def offices(settings: Settings) -> dict[str, Office]:
    return dict(settings.offices)


@pytest.fixture(scope="session")
def brain() -> Brain:
    return packaged_brain()


@pytest.fixture(scope="session")
def postgres_server() -> str:
    """The address of a PostgreSQL server, or a skip that says why."""
    try:
        psycopg.connect(POSTGRES, connect_timeout=3).close()
    except psycopg.OperationalError as error:
        pytest.skip(f"no PostgreSQL at {POSTGRES}: {str(error).strip().splitlines()[0]}")
    return POSTGRES


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """A fresh database, dropped afterwards."""
    name = f"pst_test_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(postgres_server, autocommit=True) as admin:
        admin.execute(f"create database {name}")  # type: ignore[arg-type]
    yield postgres_server.rpartition("/")[0] + f"/{name}"
    with psycopg.connect(postgres_server, autocommit=True) as admin:
        admin.execute(f"drop database {name} with (force)")  # type: ignore[arg-type]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Both kinds of database, empty."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path_factory.mktemp('db')}/test.db"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """An open database of each kind, without tables."""
    opened = open_database(database_url)
    yield opened
    await opened.close()
