"""Edits of the base: packaged files are the ground, the database lies over them; `pst kb export` and `import`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.base import served_entries
from bot.cli import app
from bot.commands.output import CommandFailed
from bot.store.base_edits import lay_over
from bot.store.database import Database
from bot.store.schema import upgrade
from knowledge.entries import entry_to, read_faq
from tests.conftest import wib

AT = wib("2026-11-20 10:00")


@pytest.fixture
def own_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PST_DATABASE_URL", f"sqlite:///{tmp_path / 'pst.db'}")
    return tmp_path


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, list(arguments))
    if isinstance(result.exception, CommandFailed):
        return result.exception.status, "\n".join(result.exception.lines)
    return result.exit_code, result.output


def exported(folder: Path) -> list[dict[str, object]]:
    file = folder / "out.jsonl"
    assert run("kb", "export", str(file))[0] == 0
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def test_what_was_imported_is_served_and_exported(own_database: Path) -> None:
    entry = next(e for e in exported(own_database) if e["id"] == "alamat-kantor")
    entry["answer"] = "Alamat kami: {address}."
    edits = own_database / "edits.jsonl"
    edits.write_text(json.dumps(entry) + "\n", encoding="utf-8")
    status, output = run("kb", "import", str(edits))
    assert (status, "1 of 174" in output) == (0, True)
    after = {e["id"]: e for e in exported(own_database)}
    assert after["alamat-kantor"]["answer"] == "Alamat kami: {address}."
    assert len(after) == len(read_faq())


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"answer": "x" * 900}, "at most 700"),
        ({"source": []}, "no source"),
        ({"answer": "Telepon {nonsense}"}, "nonsense"),
        ({"related": ["nowhere"]}, "nowhere"),
    ],
)
def test_an_edit_that_would_make_the_base_faulty_changes_nothing(
    own_database: Path, change: dict[str, object], says: str
) -> None:
    before = exported(own_database)
    entry = next(e for e in before if e["id"] == "alamat-kantor") | change
    edits = own_database / "edits.jsonl"
    edits.write_text(json.dumps(entry) + "\n", encoding="utf-8")
    status, output = run("kb", "import", str(edits))
    assert status == 1
    assert says in output
    assert exported(own_database) == before


@pytest.mark.parametrize("content", ["no json\n", "[1]\n", '{"id": "x"}\n'])
def test_a_file_that_holds_no_entries_is_told(own_database: Path, content: str) -> None:
    edits = own_database / "edits.jsonl"
    edits.write_text(content, encoding="utf-8")
    status, output = run("kb", "import", str(edits))
    assert status == 2
    assert "edits.jsonl:1" in output


async def test_a_later_edit_replaces_the_earlier_on_both_databases(database: Database) -> None:
    entry = entry_to(next(e for e in read_faq() if e.id == "alamat-kantor"))
    await upgrade(database)
    for words in ("pertama {address}", "kedua {address}"):
        async with database.write() as tx:
            await lay_over(tx, [entry | {"answer": words}], "petugas", AT)
    served = {e.id: e for e in await served_entries(database)}
    assert served["alamat-kantor"].answer == "kedua {address}"
    assert len(served) == len(read_faq())
