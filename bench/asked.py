"""Library questions at the door of a house without a model: how soon the answer leaves."""

from __future__ import annotations

import json
import random

from bench.figures import Figure, share
from bench.house import BenchHouse
from bench.latency import MESSAGES, PATIENTS, paced
from bench.machine import load
from bench.progress import bar

_QUESTIONS = "tests/evals/answers/questions.jsonl"
_LANGUAGES = ("en", "zh")  #: of even and of odd patients


def measure() -> list[Figure]:
    """Questions that an article answers, in both languages, five a second, all rooms on the way."""
    asked = _asked()
    with BenchHouse(patients=PATIENTS) as house:
        with bar("starting a house", 1) as step:
            house.wait_until_awake()
            house.wait_for_the_library()
            step()
        with bar("questions, five a second", 2 * MESSAGES) as step:
            new = paced(house, 0, step, lambda patient, turn: _one(asked, patient, turn))
            busy = load()
            took = paced(house, MESSAGES, step, lambda patient, turn: _one(asked, patient, turn))
    every = [seconds * 1e3 for _, seconds in took]
    p50, p95 = share(every, 0.5), share(every, 0.95)
    each = "; ".join(
        f"{language} {share([s * 1e3 for kind, s in took if kind == language], 0.95):.0f}"
        for language in _LANGUAGES
    )
    first = share([seconds * 1e3 for _, seconds in new], 0.95)
    return [
        Figure(
            what="question to answer without a model, door to wire, 5 questions/s",
            must="p95 ≤ 200 ms",
            measured=f"p50 {p50:.1f} ms, p95 {p95:.1f} ms",
            spread=f"{len(every)} questions after as many others, whose p95 was {first:.0f} ms (a "
            f"rule is made ready when first met); p95 by language {each} ms; "
            f"worst {max(every):.0f} ms",
            load=busy,
            met=p95 <= 200,
        )
    ]


def _asked() -> dict[str, list[str]]:
    with open(_QUESTIONS, encoding="utf-8") as file:
        rows = [one for one in map(json.loads, file) if one["relevant"]]
    drawn = random.Random(0)
    drawn.shuffle(rows)
    return {lang: [one["text"] for one in rows if one["lang"] == lang] for lang in _LANGUAGES}


def _one(asked: dict[str, list[str]], patient: int, turn: int) -> tuple[str, str]:
    language = _LANGUAGES[patient % 2]
    return language, asked[language][turn % len(asked[language])]
