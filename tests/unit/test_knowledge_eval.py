"""`./ankang eval answers` measures a ranking, and names the line it cannot read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.__main__ import app
from bot.commands import eval_ranking as ranking
from knowledge import library


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


def test_the_library_is_measured_in_both_languages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    some = dict(list(library.load().items())[:8])
    some["potassium_in_food"] = library.load()["potassium_in_food"]
    monkeypatch.setattr(library, "load", lambda: some)
    monkeypatch.setenv("ANKANG_DATA", str(tmp_path / "data"))
    asked = lines(
        tmp_path / "q.jsonl",
        [
            {
                "id": "1",
                "text": "which foods hold a lot of potassium",
                "lang": "en",
                "relevant": {"potassium_in_food": 1},
            },
            {
                "id": "2",
                "text": "哪些食物含钾比较高",
                "lang": "zh",
                "relevant": {"potassium_in_food": 1},
            },
            {"id": "3", "text": "how do I renew my passport", "lang": "en", "relevant": {}},
            {"id": "4", "text": "护照过期了怎么换新的", "lang": "zh", "relevant": {}},
        ],
    )
    out = tmp_path / "out.jsonl"
    ran = CliRunner().invoke(
        app,
        ["eval", "answers", "--library", "--questions", str(asked), "--out", str(out)],
    )
    assert ran.exit_code == 0, ran.output
    assert "2 questions in en" in ran.stdout and "2 questions in zh" in ran.stdout
    found = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert [one["found"][0]["id"] for one in found[:2]] == ["potassium_in_food"] * 2
    assert [one["refused"] for one in found] == [False, False, True, True]


def test_a_relevant_id_that_is_no_passage_is_told(tmp_path: Path) -> None:
    corpus = lines(tmp_path / "c.jsonl", [{"id": "1", "text": "Gout is arthritis."}])
    asked = lines(tmp_path / "q.jsonl", [{"id": "q", "text": "gout", "relevant": {"9": 1}}])
    ran = CliRunner().invoke(
        app, ["eval", "answers", "--corpus", str(corpus), "--questions", str(asked)]
    )
    assert ran.exit_code == 0
    assert "1 relevant ids are no passage, such as '9'" in " ".join(ran.stderr.split())
