"""The walls: who may import whom. See docs/architecture.md."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("bot", "intents", "knowledge", "scheduler")


def modules() -> list[Path]:
    return [p for package in PACKAGES for p in sorted((ROOT / package).rglob("*.py")) if "versions" not in p.parts]


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path) -> set[str]:
    """Every module that a file imports, also inside functions; not those only for type checking."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    skipped = {id(n) for block in ast.walk(tree) if _is_type_checking(block) for n in ast.walk(block)}
    found = set()
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def _is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def within(module: str, room: str) -> bool:
    return module == room or module.startswith(room + ".")


FORBIDDEN = {
    # room: what it must never import
    "scheduler": ("bot", "intents", "knowledge"),
    "intents": ("bot", "knowledge", "scheduler"),
    "knowledge": ("bot", "scheduler"),
    "bot.core": (
        "bot.store", "bot.channels", "bot.web", "bot.engine", "bot.outbox", "bot.wording", "bot.settings", "bot.app",
        "bot.reader", "knowledge",
    ),
    "bot.store": ("bot.channels", "bot.wording", "bot.settings", "bot.engine", "bot.outbox", "bot.web", "bot.app"),
    "bot.channels": ("bot.store", "bot.wording", "bot.engine", "bot.outbox", "bot.web", "bot.app"),
    "bot.wording": ("bot.store", "bot.channels", "bot.settings", "bot.engine", "bot.outbox", "bot.web", "bot.app"),
    "bot.settings": ("bot.store", "bot.channels", "bot.wording", "bot.engine", "bot.outbox", "bot.web", "bot.app"),
    "bot.engine": ("bot.outbox", "bot.web", "bot.app", "bot.channels.whatsapp", "bot.channels.email"),
    "bot.outbox": ("bot.engine", "bot.web", "bot.app", "bot.core.conversation", "bot.core.consultation"),
}  # fmt: skip

ONLY_IN = {
    # library: the rooms that may import it
    "sqlalchemy": ("bot.store",),
    "alembic": ("bot.store",),
    "twilio": ("bot.channels",),
    "aioimaplib": ("bot.channels",),
    "aiosmtplib": ("bot.channels",),
    "apscheduler": ("scheduler.ticker",),
    "rapidfuzz": ("intents", "knowledge"),
    "typer": ("bot.cli",),
    "starlette": ("bot.web", "bot.commands"),
}

ALLOWED_IN_CORE = ("bot.core", "intents", "scheduler")


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_a_room_imports_only_what_it_may_know(path: Path) -> None:
    name, found = name_of(path), imports(path)
    for room, forbidden in FORBIDDEN.items():
        if within(name, room):
            wrong = {i for i in found for f in forbidden if within(i, f)}
            assert not wrong, f"{name} imports {sorted(wrong)}"


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_a_library_lives_in_its_room_alone(path: Path) -> None:
    name, found = name_of(path), imports(path)
    for library, rooms in ONLY_IN.items():
        if any(within(i, library) for i in found):
            assert any(within(name, room) for room in rooms), f"{name} imports {library}"


def test_the_core_imports_nothing_but_the_standard_library_and_pure_packages() -> None:
    for path in (p for p in modules() if within(name_of(p), "bot.core")):
        for module in imports(path):
            known = module.partition(".")[0] in sys.stdlib_module_names
            assert known or any(within(module, room) for room in ALLOWED_IN_CORE), f"{name_of(path)} imports {module}"


def test_only_the_composition_root_is_imported_by_commands() -> None:
    for path in modules():
        name = name_of(path)
        roots = (
            "bot.app", "bot.live", "bot.whatsapp_duties", "bot.commands", "bot.cli", "bot.simulation", "bot.web",
            "bot.worker",
        )  # fmt: skip
        if any(within(name, root) for root in roots):
            continue
        assert not any(within(i, "bot.app") for i in imports(path)), f"{name} imports bot.app"


def test_nobody_but_the_root_reads_the_clock_or_the_dice() -> None:
    """`datetime.now` and `uuid4` belong to the root (bot/app.py, bot/clock.py); measuring elapsed time is no clock."""
    for path in modules():
        if name_of(path) in ("bot.app", "bot.clock"):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                called = f"{node.value.id}.{node.attr}"
                assert called not in ("datetime.now", "datetime.utcnow", "date.today", "uuid.uuid4", "time.time"), (
                    f"{name_of(path)} calls {called}"
                )
