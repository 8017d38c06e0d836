"""`./ankang eval answers` measures a ranking, and names the line it cannot read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.__main__ import app
from bot.commands import eval_ranking as ranking


def lines(file: Path, rows: list[object]) -> Path:
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return file


def test_the_best_order_has_ndcg_one_and_a_worse_one_less() -> None:
    grades = {"a": 3.0, "b": 1.0}
    assert ranking.ndcg(["a", "b"], grades) == 1
    assert 0.6 < ranking.ndcg(["b", "a"], grades) < 0.8
    assert ranking.ndcg(["c"], grades) == 0
    assert ranking.reciprocal(["c", "b"], grades) == 0.5
    assert ranking.first(["b"], grades) == 1
    assert ranking.best_first(["b"], grades) == 0
    assert ranking.auroc([0.9, 0.4], [0.4, 0.1]) == pytest.approx(0.875)


def test_a_corpus_is_searched_and_the_figures_are_printed(tmp_path: Path) -> None:
    corpus = lines(
        tmp_path / "c.jsonl",
        [
            {"id": "1", "text": "What is gout? Gout is arthritis from uric acid crystals."},
            {"id": "2", "text": "What is scabies? Mites burrow into the skin and it itches."},
        ],
    )
    asked = lines(
        tmp_path / "q.jsonl",
        [
            {"id": "q", "text": "my toe is red, they say gout, what is it", "relevant": {"1": 3}},
            {"id": "r", "text": "how do I write a complaint", "relevant": {}},
        ],
    )
    out = tmp_path / "out.jsonl"
    ran = CliRunner().invoke(
        app,
        ["eval", "answers", "--corpus", str(corpus), "--questions", str(asked), "--out", str(out)],
    )
    assert ran.exit_code == 0, ran.output
    assert "nDCG@10" in ran.stdout and "AUROC" in ran.stdout
    [first, second] = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert first["found"][0]["id"] == "1"
    assert first["answerable"] > second["answerable"]


def test_a_line_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    corpus = lines(tmp_path / "c.jsonl", [{"id": "1", "text": "Gout."}])
    asked = lines(tmp_path / "q.jsonl", [{"id": "q", "text": "gout", "relevant": ["1"]}])
    ran = CliRunner().invoke(
        app, ["eval", "answers", "--corpus", str(corpus), "--questions", str(asked)]
    )
    assert ran.exit_code == 2
    assert "line 1, field relevant" in " ".join(ran.stderr.split())
