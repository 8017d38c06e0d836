"""The library: right article first, what is refused, and how long a search takes among 50,000."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from bench.figures import Figure, share
from bench.machine import load
from bench.progress import bar
from bot import knowing
from knowledge import library
from knowledge.model import Passage, Vectors
from knowledge.search import Index
from knowledge.shelf import Shelf

_QUESTIONS = "tests/evals/answers/questions.jsonl"
_PASSAGES = 50_000
_FIRST = {"en": 0.85, "zh": 0.80}
_REFUSED = 0.9


def measure() -> list[Figure]:
    """Both figures of the own question set for each language, and the search among many."""
    articles = library.load()
    with open(_QUESTIONS, encoding="utf-8") as file:
        asked = [one for one in map(json.loads, file) if one["part"] == "judge"]
    with bar("reading the library", 1) as step:
        shelf = knowing.shelf(articles)
        step()
    figures = [figure for lang in _FIRST for figure in _own(shelf, asked, lang)]
    lines = [line.text for one in articles.values() for line in one.lines["en"]]
    return [*figures, _among_many(lines, [one["text"] for one in asked if one["lang"] == "en"])]


def _own(shelf: Shelf, asked: Sequence[dict[str, Any]], lang: str) -> list[Figure]:
    first, best, refused, helped = [], [], [], []
    for one in (one for one in asked if one["lang"] == lang):
        found = shelf.search(one["text"], "zh" if lang == "zh" else "en", limit=1)
        if not one["relevant"]:
            refused.append(not found.sure)
            continue
        grade = one["relevant"].get(found.found[0].passage.id, 0) if found.found else 0
        first.append(grade > 0)
        best.append(grade == max(one["relevant"].values()))
        helped.append(found.sure)
    right, no = float(np.mean(first)), float(np.mean(refused))
    return [
        Figure(
            what=f"own questions, {lang}: a right article first",
            must=f"≥ {_FIRST[lang]}",
            measured=f"{right:.3f}",
            spread=f"{len(first)} questions; the best one {np.mean(best):.3f}; "
            f"answered at all {np.mean(helped):.3f}",
            load=load(),
            met=right >= _FIRST[lang],
        ),
        Figure(
            what=f"own questions, {lang}: unanswerable ones refused",
            must=f"≥ {_REFUSED}",
            measured=f"{no:.3f}",
            spread=f"{len(refused)} questions",
            load=load(),
            met=no >= _REFUSED,
        ),
    ]


class _Drawn:
    """The real encoder for a question; drawn vectors for the passages, which cost no time."""

    def __init__(self, real: Any) -> None:
        self._real, self._chance = real, np.random.default_rng(0)
        self.name, self.dimensions = "drawn", real.dimensions
        self.reads_chinese = False

    def encode(self, texts: Sequence[str]) -> Vectors:
        """float32 (n, dimensions) of length one."""
        if len(texts) <= 2:
            return np.asarray(self._real.encode(texts))
        made = self._chance.standard_normal((len(texts), self.dimensions), dtype=np.float32)
        return np.asarray(made / np.linalg.norm(made, axis=1, keepdims=True))


def _among_many(lines: Sequence[str], questions: Sequence[str]) -> Figure:
    chance = random.Random(0)
    passages = [
        Passage(id=str(number), text=" ".join(chance.sample(lines, 6)))
        for number in range(_PASSAGES)
    ]
    with bar(f"{_PASSAGES} passages", 1) as step:
        index = Index(passages, _Drawn(knowing.encoder()))
        step()
    took = []
    for text in questions[:200]:
        began = time.perf_counter()
        index.search(text)
        took.append((time.perf_counter() - began) * 1e3)
    p95 = share(took, 0.95)
    return Figure(
        what=f"search among {_PASSAGES} passages",
        must="p95 ≤ 60 ms",
        measured=f"p50 {share(took, 0.5):.1f} ms, p95 {p95:.1f} ms",
        spread=f"{len(took)} questions, the encoding of each included",
        load=load(),
        met=p95 <= 60,
    )
