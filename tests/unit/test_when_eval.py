"""`./ankang eval when`: a JSON line in, one out; a bad line stops it all."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from bot.commands.eval_when import eval_when

GOOD: dict[str, Any] = {
    "id": "a",
    "text": "every other Monday at 9am",
    "lang": "en",
    "now": "2026-11-23T10:30:00+00:00",
    "timezone": "Europe/London",
}


def run(tmp_path: Path, *lines: str, out: Path | None = None) -> tuple[int, str, str]:
    file = tmp_path / "cases.jsonl"
    file.write_text("\n".join(lines), encoding="utf-8")
    stdout, stderr = io.StringIO(), io.StringIO()
    return eval_when(file, out, stdout, stderr), stdout.getvalue(), stderr.getvalue()


def answers(tmp_path: Path, *texts: tuple[str, str]) -> list[dict[str, Any]]:
    rows = [GOOD | {"id": i, "lang": lang, "text": t} for i, (lang, t) in enumerate(texts)]
    code, out, err = run(tmp_path, *(json.dumps(r) for r in rows))
    assert (code, err) == (0, "")
    return [json.loads(line) for line in out.splitlines()]


def test_each_line_is_answered_with_its_kind_and_value(tmp_path: Path) -> None:
    rule, date, length, time, none = answers(
        tmp_path,
        ("en", "every other Monday at 9am"),
        ("zh", "三天后"),
        ("en", "for half an hour"),
        ("zh", "晚上八点半"),
        ("en", "hello"),
    )
    assert rule["kind"] == "set" and rule["rule"]["interval"] == 2
    assert rule["rule"]["weekdays"] == [0] and rule["rule"]["times"] == ["09:00"]
    assert (date["id"], date["kind"], date["value"]) == (1, "date", "2026-11-26")
    assert (length["kind"], length["value"], length["seconds"]) == ("duration", "PT30M", 1800)
    assert (time["kind"], time["value"]) == ("time", "20:30:00")
    assert (none["kind"], none["value"]) == ("none", None)


def test_an_impossible_time_has_a_problem_and_no_value(tmp_path: Path) -> None:
    [found] = answers(tmp_path, ("en", "remind me at 25:00"))
    assert found["problem"] == "no_such_time" and found["value"] is None


def test_the_answers_go_to_a_file_in_one_step(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    code, shown, _ = run(tmp_path, json.dumps(GOOD), out=out)
    assert (code, shown) == (0, "")
    assert json.loads(out.read_text(encoding="utf-8"))["id"] == "a"
    assert not list(tmp_path.glob("*.part"))


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("{", "not JSON"),
        ("[1]", "an object"),
        (json.dumps({k: v for k, v in GOOD.items() if k != "now"}), "now is missing"),
        (json.dumps(GOOD | {"text": 5}), "text must be text"),
        (json.dumps(GOOD | {"lang": "fr"}), "lang must be en or zh"),
        (json.dumps(GOOD | {"now": "noon"}), "now 'noon'"),
        (json.dumps(GOOD | {"timezone": "Mars/Base"}), "timezone 'Mars/Base'"),
        (json.dumps(GOOD | {"timezone": "../etc"}), "timezone"),
    ],
)
def test_a_bad_line_names_itself_and_its_field(tmp_path: Path, line: str, named: str) -> None:
    out = tmp_path / "out.jsonl"
    code, shown, err = run(tmp_path, json.dumps(GOOD), line, out=out)
    assert code == 2 and not shown and not out.exists()
    assert "line 2: " in err and named in err


def test_a_file_that_is_not_there_is_said_plainly(tmp_path: Path) -> None:
    stderr = io.StringIO()
    assert eval_when(tmp_path / "none.jsonl", None, io.StringIO(), stderr) == 2
    assert stderr.getvalue().startswith("none.jsonl: No such file")
