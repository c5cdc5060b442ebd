"""`pst kb search`: its lines, its errors, its exit status."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bot.commands.foreign import search
from bot.commands.output import CommandFailed

ENTRIES = [
    {"id": "kirim", "title": "Berapa ongkos kirim?", "answer": "Dihitung dari berat.", "questions": []},
    {"id": 7, "title": "", "answer": "Barang dapat dikembalikan dalam tujuh hari.", "questions": ["bisa retur?"]},
]


def written(folder: Path, name: str, lines: list[Any]) -> str:
    path = folder / name
    path.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines), encoding="utf-8")
    return str(path)


def run(
    folder: Path, capsys: pytest.CaptureFixture[str], entries: list[Any], queries: list[Any], top: int = 10
) -> tuple[int, list[dict[str, Any]], list[str]]:
    status = search(written(folder, "entries.jsonl", entries), written(folder, "queries.jsonl", queries), top)
    told = capsys.readouterr()
    return status, [json.loads(line) for line in told.out.splitlines()], told.err.splitlines()


def test_each_query_gives_a_line_with_hits_and_the_time_taken(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    queries = [{"id": "q1", "text": "retur barang"}, {"id": 2, "text": "ongkir"}]
    status, lines, _ = run(tmp_path, capsys, ENTRIES, queries)
    assert status == 0
    assert [(line["id"], line["hits"][0]["id"]) for line in lines] == [("q1", 7), (2, "kirim")]
    assert all(line["elapsed_ms"] > 0 and line["hits"][0]["score"] > 0 for line in lines)


def test_no_more_hits_than_the_top(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    entries = [{"id": f"e{n}", "title": "ongkos kirim"} for n in range(9)]
    assert len(run(tmp_path, capsys, entries, [{"id": 1, "text": "ongkos"}], top=4)[1][0]["hits"]) == 4


@pytest.mark.parametrize("line", ["{", "[]", '"x"', '{"id": "bad"}', '{"id": "bad", "text": 3}'])
def test_a_query_that_is_none_gives_an_error_and_the_run_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], line: str
) -> None:
    status, lines, _ = run(tmp_path, capsys, ENTRIES, [line, {"id": "q2", "text": "ongkir"}])
    assert status == 0
    assert set(lines[0]) == {"id", "error"}
    assert lines[0]["id"] == ("bad" if "bad" in line else None)
    assert lines[1]["hits"][0]["id"] == "kirim"


@pytest.mark.parametrize("text", ["", "👍", "ongkos kirim " * 8_000])
def test_odd_queries_are_answered(tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str) -> None:
    _, (line,), _ = run(tmp_path, capsys, ENTRIES, [{"id": 1, "text": text}])
    assert [hit["id"] for hit in line["hits"]] == (["kirim"] if "ongkos" in text else [])


@pytest.mark.parametrize(
    "line",
    ["{", "5", '{"title": "tanpa id"}', '{"id": null, "title": "x"}', json.dumps(ENTRIES[0])],
    ids=["broken", "no object", "no id", "null", "twice"],
)
def test_an_entry_that_is_none_is_told_and_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], line: str
) -> None:
    status, lines, told = run(tmp_path, capsys, [*ENTRIES, line], [{"id": 1, "text": "ongkos"}])
    assert status == 0
    assert [hit["id"] for hit in lines[0]["hits"]] == ["kirim"]
    assert len(told) == 1
    assert "entries.jsonl:3: left out" in told[0]


@pytest.mark.parametrize(
    "odd", [{"questions": None}, {"questions": "ongkir?"}, {"answer": 5}, {"questions": [1, None]}]
)
def test_fields_of_an_odd_kind_do_no_harm(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], odd: dict[str, Any]
) -> None:
    status, lines, _ = run(tmp_path, capsys, [ENTRIES[0] | odd], [{"id": 1, "text": "ongkos kirim"}])
    assert status == 0
    assert lines[0]["hits"][0]["id"] == "kirim"


def test_an_empty_faq_finds_nothing_and_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, lines, told = run(tmp_path, capsys, [], [{"id": 1, "text": "ongkos"}])
    assert status == 1
    assert lines[0]["hits"] == []
    assert told == [f"{tmp_path}/entries.jsonl: no entries"]


def test_wrong_usage_is_one_line_and_status_two(tmp_path: Path) -> None:
    entries = written(tmp_path, "entries.jsonl", ENTRIES)
    for place, top in ((entries, 0), (str(tmp_path / "none"), 3)):
        with pytest.raises(CommandFailed) as failed:
            search(place, entries, top)
        assert failed.value.status == 2


def test_the_command_line_does_it(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bot", "kb", "search", "--top", "1"]
    files = ["--entries", written(tmp_path, "e.jsonl", ENTRIES), "--batch", "-"]
    done = subprocess.run(
        [*command, *files], input='{"id":"q","text":"brp ongkirnya"}\n', capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout)["hits"][0]["id"] == "kirim"
    assert done.stderr == ""
