"""A backup brings back every row of every table and every file, from either database into either."""

from __future__ import annotations

import asyncio
import gzip
import io
import json
import tarfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Boolean, Column, Date, Integer, LargeBinary, Table, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.commands.backup import backup, restore
from bot.commands.output import BAD, WRONG_USAGE, CommandFailed
from bot.media_folder import MediaFolder
from bot.settings import Settings
from bot.store.database import Database, open_database
from bot.store.leadership import FileLock, Leadership
from bot.store.schema import upgrade
from bot.store.tables import Moment, attachment, conversation, heartbeat, metadata, staff

FIRST = datetime(2026, 11, 20, 3, 4, 5, 678901, UTC)
OF_TABLE = {table.name for table in metadata.sorted_tables}
Rows = Mapping[str, list[dict[str, Any]]]
Place = Callable[[str], Settings]


@pytest.fixture
def place(settings: Settings, tmp_path: Path, request: pytest.FixtureRequest) -> Place:
    """Settings with an empty database of a kind, and a media folder of its own."""

    def make(kind: str) -> Settings:
        folder = tmp_path / f"{kind}-{len(list(tmp_path.iterdir()))}"
        folder.mkdir()
        url = f"sqlite:///{folder}/pst.db" if kind == "sqlite" else request.getfixturevalue("postgres_url")
        return replace(settings, database_url=url, media_folder=folder / "media")

    return make


KINDS = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]


@pytest.mark.parametrize("source", KINDS)
@pytest.mark.parametrize("target", KINDS)
def test_every_row_and_file_comes_back(place: Place, tmp_path: Path, source: str, target: str) -> None:
    here = place(source)
    key = run(here, fill)
    before = run(here, everything)
    assert set(before) == OF_TABLE
    assert all(before.values())
    assert backup(here, tmp_path / "a.tar.gz") == 0
    there = here if source == target == "postgresql" else place(target)
    assert restore(there, tmp_path / "a.tar.gz", force=there is here) == 0
    assert run(there, everything) == before
    assert asyncio.run(MediaFolder(there.media_folder or Path()).get(key)) == b"%PDF-1.4 contoh"


@pytest.mark.parametrize("kind", KINDS)
def test_new_rows_get_numbers_after_the_restored_ones(place: Place, tmp_path: Path, kind: str) -> None:
    here = place("sqlite")
    run(here, fill)
    last = max(row["id"] for row in run(here, everything)["conversation"])
    backup(here, tmp_path / "a.tar.gz")
    there = place(kind)
    restore(there, tmp_path / "a.tar.gz", force=False)

    async def one_more(database: Database) -> int:
        row = sample(conversation, 99)
        del row["id"]
        async with database.write() as tx:
            return int((await tx.execute(insert(conversation).values(row).returning(conversation.c.id))).scalar_one())

    assert run(there, one_more) > last


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_there_is_replaced_only_on_request(place: Place, tmp_path: Path, kind: str) -> None:
    here, there = place("sqlite"), place(kind)
    run(here, fill)
    backup(here, tmp_path / "a.tar.gz")
    run(there, lambda database: put(database, staff, 7))
    before = run(there, everything)
    with pytest.raises(CommandFailed, match="not empty") as refused:
        restore(there, tmp_path / "a.tar.gz", force=False)
    assert refused.value.status == WRONG_USAGE
    assert run(there, everything) == before
    restore(there, tmp_path / "a.tar.gz", force=True)
    assert run(there, everything) == run(here, everything)


@pytest.mark.parametrize("kind", KINDS)
def test_a_restore_that_fails_in_the_middle_leaves_everything_as_it_was(
    place: Place, tmp_path: Path, kind: str
) -> None:
    here, there = place("sqlite"), place(kind)
    run(here, fill)
    backup(here, tmp_path / "a.tar.gz")
    changed(tmp_path / "a.tar.gz", "tables/message.jsonl", lambda content: content + b'{"id": "x"}\n')
    run(there, lambda database: put(database, staff, 7))
    before = run(there, everything)
    with pytest.raises(CommandFailed, match="table message"):
        restore(there, tmp_path / "a.tar.gz", force=True)
    assert run(there, everything) == before


def test_a_database_with_signs_of_life_only_is_empty(place: Place, tmp_path: Path) -> None:
    here, there = place("sqlite"), place("sqlite")
    run(here, fill)
    backup(here, tmp_path / "a.tar.gz")
    run(there, lambda database: put(database, heartbeat, 1))
    assert restore(there, tmp_path / "a.tar.gz", force=False) == 0


def test_a_service_at_work_on_sqlite_is_not_disturbed(place: Place, tmp_path: Path) -> None:
    here = place("sqlite")
    run(here, fill)
    lock = Path(here.database_url.removeprefix("sqlite:///")).with_suffix(".lock")
    with FileLock(lock):
        assert backup(here, tmp_path / "a.tar.gz") == 0
        with pytest.raises(CommandFailed, match="another process") as refused:
            restore(here, tmp_path / "a.tar.gz", force=True)
    assert refused.value.status == WRONG_USAGE


@pytest.mark.postgres
def test_a_service_at_work_on_postgresql_is_not_disturbed(place: Place, tmp_path: Path) -> None:
    here = place("postgresql")
    run(here, fill)
    assert backup(here, tmp_path / "a.tar.gz") == 0

    async def lead(database: Database) -> None:
        leadership = Leadership(database)
        assert await leadership.held()
        with pytest.raises(CommandFailed, match="stop it first"):
            await asyncio.to_thread(restore, here, tmp_path / "a.tar.gz", force=True)
        await leadership.resign()

    run(here, lead)


@pytest.mark.postgres
def test_what_only_sqlite_can_hold_goes_over_without_it(place: Place, tmp_path: Path) -> None:
    here, there = place("sqlite"), place("postgresql")

    async def odd(database: Database) -> None:
        await upgrade(database)
        row = sample(conversation, 1) | {"question": "a\0b", "thread": {"subject": "x\ud800y", "n": [1, "\0"]}}
        async with database.write() as tx:
            await tx.execute(insert(conversation).values(row))

    run(here, odd)
    backup(here, tmp_path / "a.tar.gz")
    restore(there, tmp_path / "a.tar.gz", force=False)
    found = run(there, everything)["conversation"][0]
    assert (found["question"], found["thread"]) == ("ab", {"subject": "x?y", "n": [1, ""]})


def test_the_last_good_backup_outlives_a_failed_one(place: Place, tmp_path: Path) -> None:
    here = place("sqlite")
    target = tmp_path / "a.tar.gz"
    run(here, fill)
    backup(here, target)
    good = target.read_bytes()
    with pytest.raises(CommandFailed, match="pst db upgrade"):
        backup(place("sqlite"), target)  # a database without tables
    assert target.read_bytes() == good
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["a.tar.gz"]


def test_a_backup_is_for_its_owner_only(place: Place, tmp_path: Path) -> None:
    here = place("sqlite")
    run(here, fill)
    backup(here, tmp_path / "a.tar.gz")
    assert (tmp_path / "a.tar.gz").stat().st_mode & 0o077 == 0


def test_a_missing_file_is_told_and_the_rest_is_saved(
    place: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    here = place("sqlite")
    key = run(here, fill)
    ((here.media_folder or Path()) / key[:2] / key).unlink()
    assert backup(here, tmp_path / "a.tar.gz") == 0
    assert "1 files are not in" in capsys.readouterr().err
    there = place("sqlite")
    assert restore(there, tmp_path / "a.tar.gz", force=False) == 0


def nonsense(path: Path) -> None:
    path.write_bytes(b"nonsense")


def cut_off(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-200])


def other_tar(path: Path) -> None:
    with tarfile.open(path, "w:gz") as tar:
        tar.addfile(tarfile.TarInfo("../evil"))


def a_way_out(path: Path) -> None:
    changed(path, "tables/staff.jsonl", lambda content: content, "media/../../evil")


def other_revision(path: Path) -> None:
    changed(path, "manifest.json", lambda content: content.replace(b'"0001"', b'"0000"'))


def other_form(path: Path) -> None:
    changed(path, "manifest.json", lambda content: content.replace(b'"form": 1', b'"form": 9'))


def one_row_less(path: Path) -> None:
    changed(path, "tables/rejected.jsonl", lambda content: b"".join(content.splitlines(keepends=True)[:-1]))


def unknown_table(path: Path) -> None:
    changed(path, "tables/heartbeat.jsonl", lambda content: content, "tables/secrets.jsonl")


def no_rows(path: Path) -> None:
    changed(path, "tables/heartbeat.jsonl", lambda _: b"[1]\n")


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (nonsense, "not a backup"), (cut_off, "end-of-stream|damaged"),
        (other_tar, "does not begin with"), (a_way_out, "it holds"),
        (other_revision, "made at revision 0000"), (other_form, "form 9"), (one_row_less, "incomplete"),
        (unknown_table, "unknown table"), (no_rows, "a line is no row"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_whole_backup_is_refused_in_one_line(
    place: Place, tmp_path: Path, spoil: Callable[[Path], None], words: str
) -> None:
    here, there = place("sqlite"), place("sqlite")
    run(here, fill)
    target = tmp_path / "a.tar.gz"
    backup(here, target)
    spoil(target)
    with pytest.raises(CommandFailed, match=words) as refused:
        restore(there, target, force=False)
    assert refused.value.status == BAD
    assert len(refused.value.lines) == 1
    assert "\n" not in refused.value.lines[0]
    assert not any(run(there, everything).values())
    assert not (tmp_path / "evil").exists()


def test_a_file_that_is_not_there_is_wrong_usage(place: Place, tmp_path: Path) -> None:
    with pytest.raises(CommandFailed, match="no such file") as refused:
        restore(place("sqlite"), tmp_path / "none", force=False)
    assert refused.value.status == WRONG_USAGE


# --- sample rows ---------------------------------------------------------------------------------------------------


def run(settings: Settings, work: Callable[[Database], Any]) -> Any:
    """Something with the database, in a loop of its own as a command has it."""

    async def inside() -> Any:
        database = open_database(settings.database_url)
        try:
            return await work(database, settings) if work is fill else await work(database)
        finally:
            await database.close()

    return asyncio.run(inside())


async def fill(database: Database, settings: Settings) -> str:
    """Two rows in every table, and one file in the folder; returns its key."""
    await upgrade(database)
    key = await MediaFolder(settings.media_folder or Path()).put(1, b"%PDF-1.4 contoh")
    async with database.write() as tx:
        for table in metadata.sorted_tables:
            for number in (1, 2):
                row = sample(table, number)
                if table is attachment:
                    row |= {"on_disk": number == 1, "content": None if number == 1 else b"\x00\xff"}
                    row["id"] = key if number == 1 else row["id"]
                await tx.execute(insert(table).values(row))
    return key


async def put(database: Database, table: Table, number: int) -> None:
    await upgrade(database)
    async with database.write() as tx:
        await tx.execute(insert(table).values(sample(table, number)))


async def everything(database: Database) -> Rows:
    await upgrade(database)
    async with database.read() as tx:
        return {table.name: await _rows(tx, table) for table in metadata.sorted_tables}


async def _rows(tx: AsyncConnection, table: Table) -> list[dict[str, Any]]:
    found = await tx.execute(select(table).order_by(*table.primary_key.columns))
    return [dict(row) for row in found.mappings()]


def sample(table: Table, number: int) -> dict[str, Any]:
    """A row with something in every column; foreign keys point to the row of the same number."""
    return {column.name: _sample(column, number) for column in table.columns}


def _sample(column: Column[Any], number: int) -> Any:
    kind = column.type
    if isinstance(kind, Moment):
        return FIRST + timedelta(days=number)
    if isinstance(kind, Date):
        return date(2026, 11, number)
    if isinstance(kind, Boolean):
        return number == 2
    if isinstance(kind, Integer):
        return number
    if isinstance(kind, LargeBinary):
        return bytes(range(256)) * number
    if "JSON" in str(kind):
        return {"text": f"é “{number}”", "list": [1, None, {"deep": True}]} if number == 1 else []
    return f"{number}ñ"[: getattr(kind, "length", None) or 99]


def changed(path: Path, name: str, change: Callable[[bytes], bytes], new_name: str | None = None) -> None:
    """The same archive with one member's content (or name) changed."""
    out = io.BytesIO()
    with tarfile.open(path) as old, tarfile.open(fileobj=out, mode="w") as new:
        for member in old:
            content = (old.extractfile(member) or io.BytesIO()).read()
            if member.name == name:
                content, member.name = change(content), new_name or name
            member.size = len(content)
            new.addfile(member, io.BytesIO(content))
    path.write_bytes(gzip.compress(out.getvalue()))


def test_the_manifest_says_what_is_in_it(place: Place, tmp_path: Path) -> None:
    here = place("sqlite")
    run(here, fill)
    backup(here, tmp_path / "a.tar.gz")
    with tarfile.open(tmp_path / "a.tar.gz") as tar:
        member = tar.extractfile("manifest.json")
        assert member is not None
        manifest = json.loads(member.read())
    assert manifest["tables"] == dict.fromkeys(manifest["tables"], 2)
    assert set(manifest["tables"]) == OF_TABLE
    assert (manifest["files"], manifest["database"], manifest["revision"]) == (1, "sqlite", "0001")
