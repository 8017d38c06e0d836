"""`./ankang eval recall`: what a wrong file is told, before anything is stored."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer

from bot.commands.eval_recall import recall

TURN = {"patient": "p", "id": "t1", "at": "1:56 pm on 8 May, 2023", "speaker": "Ann", "text": "hi"}
ASKED = {"id": "q1", "patient": "p", "query": "hi?", "evidence": ["t1"]}


@pytest.mark.parametrize(
    ("turn", "question", "told"),
    [
        ({"at": "soon"}, {}, "field at"),
        ({"text": 3}, {}, "field text"),
        ({"id": ""}, {}, "field id"),
        ({}, {"evidence": "t1"}, "field evidence"),
        ({}, {"patient": "nobody"}, "field patient"),
        ({}, {"now": "later"}, "field now"),
    ],
)
def test_a_wrong_line_is_named_with_its_field(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    turn: dict[str, object],
    question: dict[str, object],
    told: str,
) -> None:
    turns, questions = tmp_path / "t.jsonl", tmp_path / "q.jsonl"
    turns.write_text(json.dumps(TURN | turn), encoding="utf-8")
    questions.write_text(json.dumps(ASKED | question), encoding="utf-8")
    with pytest.raises(typer.Exit) as ended:
        recall(turns, questions)
    assert ended.value.exit_code == 2
    said = " ".join(capsys.readouterr().err.split())
    assert told in said
    assert "line 1" in said


@pytest.mark.parametrize("k", ["", "0", "five", "5,,10"])
def test_a_cut_off_that_is_no_number_is_refused(tmp_path: Path, k: str) -> None:
    with pytest.raises(typer.Exit) as ended:
        recall(tmp_path / "t", tmp_path / "q", k)
    assert ended.value.exit_code == 2
