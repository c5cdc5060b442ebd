"""`pst mail parse` and `pst mail trim`: the only lines of the mail room that read files and print.

Both go on after a file that cannot be read and report it in its place; the exit status is then 1.
"""

import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final, TextIO

from bot.channels.charsets import decode
from bot.channels.envelope import OwnAddresses
from bot.channels.mail_json import mail_to_json
from bot.channels.mime import MailError, parse_mail
from bot.channels.quoting import trim

LARGEST_FILE: Final = 60_000_000


def parse_files(
    paths: Iterable[str],
    out: TextIO,
    err: TextIO,
    *,
    own: OwnAddresses | None = None,
    trusted_authserv: frozenset[str] | None = None,
) -> int:
    """One JSON line a file, in order. Returns the exit status: 0, or 1 when any file could not be read."""

    def parsed(name: str, raw: bytes) -> dict[str, Any]:
        return mail_to_json(name, parse_mail(raw, own=own, trusted_authserv=trusted_authserv))

    return _each(paths, parsed, lambda record: _line(record), out, err)


def trim_files(paths: Iterable[str], json_output: bool, out: TextIO, err: TextIO) -> int:
    """The newly written part of plain-text bodies: as JSON lines, or as text. Returns the exit status."""

    def trimmed(name: str, raw: bytes) -> dict[str, Any]:
        result = trim(decode(raw))
        return {"file": name, "text": result.text, "quoted": result.quoted}

    def shown(record: dict[str, Any]) -> str:
        return _line(record) if json_output else record.get("text", "")

    return _each(paths, trimmed, shown, out, err)


def _each(
    paths: Iterable[str],
    read: Callable[[str, bytes], dict[str, Any]],
    show: Callable[[dict[str, Any]], str],
    out: TextIO,
    err: TextIO,
) -> int:
    status = 0
    for path in paths:
        name = os.fsencode(path).decode("utf-8", "replace")
        try:
            record = read(name, _bytes(path))
        except Exception as error:  # whatever a file holds, the run goes on and says so
            record, status = {"file": name, "error": _sentence(error)}, 1
            print(f"{name}: {record['error']}", file=err)
        print(show(record), file=out)
    return status


def _bytes(path: str) -> bytes:
    with Path(path).open("rb") as file:
        data = file.read(LARGEST_FILE + 1)
    if len(data) > LARGEST_FILE:
        raise MailError(f"larger than {LARGEST_FILE // 1_000_000} MB")
    return data


def _sentence(error: Exception) -> str:
    return (error.strerror or type(error).__name__) if isinstance(error, OSError) else str(error)


def _line(record: dict[str, Any]) -> str:
    return json.dumps(record, ensure_ascii=False)
