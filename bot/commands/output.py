"""How commands speak: JSON lines and plain lines on stdout, one clear line on stderr when something is wrong."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

DONE, BAD, WRONG_USAGE = 0, 1, 2


class CommandFailed(Exception):
    """Ends a command: lines for stderr and the exit status."""

    def __init__(self, status: int, *lines: str) -> None:
        super().__init__("\n".join(lines))
        self.status = status
        self.lines = lines


def fail(status: int, *lines: str) -> NoReturn:
    raise CommandFailed(status, *lines)


def say(text: str) -> None:
    sys.stdout.write(text + "\n")


def say_json(value: Any) -> None:
    """One JSON line, flushed: whoever reads a long batch sees it grow."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n")
    sys.stdout.flush()


def warn(text: str) -> None:
    sys.stderr.write(text + "\n")


def batch_lines(source: str) -> Iterator[str]:
    """Non-empty lines of a file, or of stdin for "-"."""
    if source == "-":
        yield from (line for line in sys.stdin if line.strip())
        return
    try:
        with Path(source).open(encoding="utf-8", errors="replace") as file:
            yield from (line for line in file if line.strip())
    except OSError as error:
        fail(WRONG_USAGE, f"{source}: {error.strerror}")


def parsed(line: str) -> tuple[dict[str, Any] | None, str]:
    """A batch line as an object, or None and what is wrong with it."""
    try:
        value = json.loads(line)
    except ValueError as error:
        return None, f"not JSON: {error}"
    return (value, "") if isinstance(value, dict) else (None, "not a JSON object")
