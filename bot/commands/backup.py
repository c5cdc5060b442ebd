"""`pst backup` and `pst restore`: database and media folder in one file, from either kind of database into either."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import IO

from bot.app import beside_database
from bot.clock import system_clock
from bot.commands.archive import ArchiveError, ArchiveReader, ArchiveWriter, Manifest
from bot.commands.database import with_database
from bot.commands.output import BAD, DONE, WRONG_USAGE, fail, say, warn
from bot.media_folder import MediaFolder
from bot.settings import Settings
from bot.store import backup as dump
from bot.store.database import Database, StoreError, Transaction, make_folder, sqlite_file
from bot.store.leadership import FileLock
from bot.store.schema import newest_revision, revision, upgrade


def backup(settings: Settings, path: Path) -> int:
    """Everything that the service holds, as it is now, into one file; the service may go on running."""

    async def work(database: Database) -> Manifest:
        async with dump.one_moment(database) as tx:
            await _same_schema(tx)
            return await _write(tx, database, MediaFolder(media_place(settings)), path)

    try:
        made = with_database(settings, work)
    except OSError as error:
        fail(BAD, f"{path}: {error.strerror or error}")
    say(f"{path}: {sum(made.tables.values())} rows of {len(made.tables)} tables, {made.files} files")
    return DONE


def restore(settings: Settings, path: Path, *, force: bool) -> int:
    """A backup into an empty database, or with `force` in place of what is there. Nobody else may be at work."""

    if not path.is_file():
        fail(WRONG_USAGE, f"{path}: no such file")

    async def work(database: Database) -> Manifest:
        with ArchiveReader(path) as archive:
            _fitting(archive.manifest, path)
            await upgrade(database)
            async with database.write() as tx:
                await _make_room(tx, force=force)
                await _load(tx, archive, MediaFolder(media_place(settings)))
                return archive.manifest

    try:
        with _alone(settings):
            made = with_database(settings, work)
    except ArchiveError as error:
        fail(BAD, f"{path}: {error}")
    except StoreError as error:
        fail(WRONG_USAGE, str(error))
    except OSError as error:
        fail(BAD, f"{media_place(settings)}: {error.strerror or error}")
    say(f"restored {sum(made.tables.values())} rows and {made.files} files, as of {made.made_at}")
    return DONE


def media_place(settings: Settings) -> Path:
    return settings.media_folder or beside_database(settings, "media")


# --- out -----------------------------------------------------------------------------------------------------------


async def _same_schema(tx: Transaction) -> None:
    found = await revision(tx)
    if found != newest_revision():
        needed = newest_revision()
        raise StoreError(f"database is at revision {found or 'none'}, this version needs {needed}: pst db upgrade")


async def _write(tx: Transaction, database: Database, folder: MediaFolder, path: Path) -> Manifest:
    """Tables go to temporary files first: a tar names the size of a member before its content."""
    with tempfile.TemporaryDirectory(prefix=".pst-backup-", dir=path.absolute().parent) as scratch:
        tables: dict[str, IO[bytes]] = {}
        counts = {}
        for name in dump.table_names():
            tables[name] = (Path(scratch) / name).open("w+b")
            counts[name] = await _dump(tx, name, tables[name])
        keys = await dump.files_on_disk(tx)
        there = [key for key in keys if await folder.has(key)]
        if len(there) < len(keys):
            warn(f"{len(keys) - len(there)} files are not in {folder.path}; the backup is without them")
        moment = system_clock().isoformat(timespec="seconds")
        made = Manifest(newest_revision(), moment, database.engine.dialect.name, counts, len(there))
        with ArchiveWriter(path) as archive:
            archive.manifest(made)
            for name, lines in tables.items():
                archive.table(name, lines)
                lines.close()
            for key in there:
                archive.media(key, await folder.get(key) or b"")
    return made


async def _dump(tx: Transaction, name: str, into: IO[bytes]) -> int:
    count = 0
    async for row in dump.rows(tx, name):
        into.write(json.dumps(row, separators=(",", ":")).encode() + b"\n")
        count += 1
    return count


# --- in ------------------------------------------------------------------------------------------------------------


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    make_folder(settings.database_url)
    place = sqlite_file(settings.database_url)
    with FileLock(place.with_suffix(".lock")) if place else nullcontext():
        yield


def _fitting(manifest: Manifest, path: Path) -> None:
    if manifest.revision != newest_revision():
        raise ArchiveError(
            f"made at revision {manifest.revision}, this version is at {newest_revision()}: "
            "restore it with the version that made it, then upgrade"
        )


async def _make_room(tx: Transaction, *, force: bool) -> None:
    if not await dump.claim_alone(tx):
        raise StoreError("the service is at work on this database: stop it first")
    if not force and not await dump.is_empty(tx):
        raise StoreError("the database is not empty; --force replaces everything that is in it")
    await dump.clear(tx)


async def _load(tx: Transaction, archive: ArchiveReader, folder: MediaFolder) -> None:
    """Files go to their folder before the rows that name them are committed; without rows they are swept away."""
    counts: dict[str, int] = {}
    files = 0
    for member in archive.members():
        if member.table:
            if member.table not in dump.table_names():
                raise ArchiveError(f"unknown table {member.table!r}")
            try:
                counts[member.table] = await dump.load(tx, member.table, member.rows())
            except StoreError as error:
                raise ArchiveError(str(error)) from error
        else:
            await folder.bring_back(member.media, member.read())
            files += 1
    if counts != dict(archive.manifest.tables) or files != archive.manifest.files:
        raise ArchiveError("incomplete: it holds other numbers of rows or files than it says")

