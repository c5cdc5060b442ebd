"""The file that a backup is: a compressed tar that a person can read, too.

    manifest.json           what made it: form, revision of the schema, moment, rows of each table, files
    tables/<name>.jsonl     the rows, a JSON object each
    media/<key>             files that citizens sent, named as in the media folder

It holds personal data and is written for its owner's eyes only. It never holds secrets: those are settings.
"""

from __future__ import annotations

import io
import json
import os
import re
import tarfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Final, Self

FORM: Final = 1
_MANIFEST: Final = "manifest.json"
_MEMBER: Final = re.compile(r"tables/([a-z_]+)\.jsonl|media/([0-9a-f]{64})")


class ArchiveError(Exception):
    """A file that is no backup, or a damaged one; one line says what."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """`made_at`: ISO 8601 in UTC. `tables`: rows of each; `files`: how many of the media folder."""

    revision: str
    made_at: str
    database: str
    tables: Mapping[str, int]
    files: int
    form: int = FORM


class ArchiveWriter:
    """Writes beside the target and takes its name only when it is complete: the last good backup is never lost."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._part = path.with_name(f".{path.name}.{os.getpid()}.part")

    def __enter__(self) -> Self:
        handle = os.open(self._part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        self._file = os.fdopen(handle, "wb")
        self._tar = tarfile.open(fileobj=self._file, mode="w:gz", compresslevel=6)
        return self

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        try:
            self._tar.close()
            self._file.flush()
            os.fsync(self._file.fileno())
        finally:
            self._file.close()
            if kind is not None:
                self._part.unlink(missing_ok=True)
        if kind is None:
            self._part.replace(self._path)

    def manifest(self, manifest: Manifest) -> None:
        content = json.dumps(asdict(manifest), indent=1).encode()
        self._add(_MANIFEST, io.BytesIO(content), len(content))

    def table(self, name: str, lines: IO[bytes]) -> None:
        """`lines`: a file that was written and is read from its start."""
        size = lines.seek(0, os.SEEK_END)
        lines.seek(0)
        self._add(f"tables/{name}.jsonl", lines, size)

    def media(self, key: str, content: bytes) -> None:
        self._add(f"media/{key}", io.BytesIO(content), len(content))

    def _add(self, name: str, content: IO[bytes], size: int) -> None:
        member = tarfile.TarInfo(name)
        member.size, member.mode = size, 0o600
        self._tar.addfile(member, content)


@dataclass(frozen=True, slots=True)
class Member:
    """One table (`table` is its name) or one file of the media folder (`media` is its key)."""

    table: str
    media: str
    content: IO[bytes]

    def rows(self) -> Iterator[dict[str, Any]]:
        """Raises ArchiveError for a line that is no row."""
        try:
            for line in self.content:
                row = json.loads(line)
                if not isinstance(row, dict):
                    raise ArchiveError(f"table {self.table}: a line is no row")
                yield row
        except (ValueError, OSError, EOFError, zlib.error) as error:
            raise ArchiveError(f"table {self.table}: {error}") from error

    def read(self) -> bytes:
        try:
            return self.content.read()
        except (OSError, EOFError, zlib.error) as error:
            raise ArchiveError(f"file {self.media}: {error}") from error


class ArchiveReader:
    """Reads from front to back. Raises ArchiveError for everything that is not a backup of this form."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> Self:
        try:
            self._tar = tarfile.open(self._path, mode="r:gz")
            self.manifest = self._read_manifest()
        except OSError as error:
            raise ArchiveError(error.strerror or str(error)) from error
        except (tarfile.TarError, EOFError, zlib.error) as error:
            raise ArchiveError(f"not a backup: {error}") from error
        return self

    def __exit__(self, *_: object) -> None:
        self._tar.close()

    def members(self) -> Iterator[Member]:
        """Tables in the order in which they can be loaded, then the files."""
        try:
            for entry in self._tar:
                match = _MEMBER.fullmatch(entry.name)
                content = self._tar.extractfile(entry) if match and entry.isreg() else None
                if entry.name == _MANIFEST:
                    continue
                if match is None or content is None:
                    raise ArchiveError(f"not a backup: it holds {entry.name!r}")
                yield Member(match[1] or "", match[2] or "", content)
        except (tarfile.TarError, OSError, EOFError, zlib.error) as error:
            raise ArchiveError(f"damaged: {error}") from error

    def _read_manifest(self) -> Manifest:
        first = self._tar.next()
        content = self._tar.extractfile(first) if first is not None and first.name == _MANIFEST else None
        if content is None:
            raise ArchiveError("not a backup: it does not begin with manifest.json")
        try:
            found = json.loads(content.read())
            if found.get("form") != FORM:
                raise ArchiveError(f"a backup of form {found.get('form')}; this version reads form {FORM}")
            return Manifest(**found)
        except (ValueError, TypeError, AttributeError) as error:
            raise ArchiveError(f"not a backup: {error}") from error
