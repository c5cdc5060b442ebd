"""`python -m bench [topic ...]`: one topic after another, all of them when none is named."""

from __future__ import annotations

import importlib
import sys

TOPICS = ("search", "sweep")


def main(wanted: list[str]) -> int:
    """Each topic is a module of its own with a `main()`; 2 when one is unknown."""
    unknown = [name for name in wanted if name not in TOPICS]
    if unknown:
        print(f"no such topic: {', '.join(unknown)}; there are: {', '.join(TOPICS)}", file=sys.stderr)
        return 2
    for name in wanted or TOPICS:
        importlib.import_module(f"bench.{name}").main()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
