"""The written evaluation sets: Chinese recall, and facts in both languages."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from bench.facts import measure
from memory import Memory
from memory.recall import rank

SETS = Path(__file__).parents[1] / "evals" / "memory"


def test_chinese_questions_find_their_turn_without_any_vector() -> None:
    turns: dict[str, list[Memory]] = defaultdict(list)
    for line in (SETS / "zh_turns.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        its = turns[row["patient"]]
        its.append(
            Memory(
                id=row["id"],
                patient_id=row["patient"],
                text=row["text"],
                said_by=row["speaker"],
                recorded_at=datetime.fromisoformat(row["at"]),
                position=len(its),
            )
        )
    shares = []
    for line in (SETS / "zh_questions.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        its = turns[row["patient"]]
        blank = np.zeros((len(its), 4), dtype=np.float32)
        now = datetime.fromisoformat(row["now"])
        found = rank(row["query"], blank[0], its, blank, limit=10, now=now, reads_chinese=False)
        ids = {one.memory.id for one in found}
        shares.append(len(ids & set(row["evidence"])) / len(row["evidence"]))
    assert len(turns) >= 20 and len(shares) >= 150
    assert np.mean(shares) >= 0.85


@pytest.mark.parametrize("language", ["en", "zh"])
def test_facts_are_drawn_from_messages_the_rules_were_not_written_on(language: str) -> None:
    tally = measure(language, part="_third")
    assert tally.precision() >= 0.95
    assert tally.recall() >= 0.85


@pytest.mark.parametrize("language", ["en", "zh"])
def test_facts_are_drawn_precisely(language: str) -> None:
    tally = measure(language)
    assert tally.precision() >= 0.95
    assert tally.recall() >= 0.85
    assert tally.precision("AllergyIntolerance") >= 0.98
    assert tally.precision("MedicationStatement") >= 0.98
