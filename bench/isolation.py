"""Ask for other people's memories 100,000 times: python -m bench.isolation [--queries N]."""

from __future__ import annotations

import argparse
import random
import shutil
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

import memory
from bench.recall import _Sealed
from memory.pages import key_of

_NOW = datetime(2026, 5, 1, tzinfo=UTC)
_WINDOW = 200  #: patients asked about in turns, so that most of them are hot
_ELSEWHERE = 0.1  #: questions to a patient who is not


class _Made:
    """Vectors from nothing but a text's hash: meaning plays no part in who owns a memory."""

    name, dimensions, reads_chinese = "made-32", 32, True

    def encode(self, texts: list[str]) -> np.ndarray:
        made = np.stack(
            [np.random.default_rng(hash(t) % 2**32).standard_normal(32) for t in texts]
        ).astype(np.float32)
        return np.asarray(made / np.linalg.norm(made, axis=1, keepdims=True), dtype=np.float32)


def main() -> None:
    """Fill, ask, count, print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--queries", type=int, default=100_000)
    options.add_argument("--patients", type=int, default=3_000)
    asked = options.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="isolation-"))
    try:
        foreign, seen, took = measure(folder, asked.patients, asked.queries)
    finally:
        shutil.rmtree(folder)
    print(
        f"{asked.queries} adversarial queries over {asked.patients} interleaved patients in "
        f"{took:.0f} s: {seen['rows']} rows returned, {foreign} of them another patient's; "
        f"{seen['written']} written and {seen['forgotten']} forgotten meanwhile"
    )


def measure(folder: Path, patients: int, queries: int) -> tuple[int, Counter[str], float]:
    """(foreign rows, what was done, seconds). Vectors are made up; ranking and pages are real."""
    memories = memory.open_embedded(folder, encoder=_Made(), cipher=_Sealed())
    people = [name for n in range(-(-patients // 6)) for name in _names(n)][:patients]
    for start in range(0, patients, 100):
        some = people[start : start + 100]
        memories.remember([_told(p, n) for n in range(8) for p in some])  # interleaved
    drawn, done = random.Random(5), Counter[str]()
    foreign, began = 0, time.perf_counter()
    for number in range(queries):
        first = (number * _WINDOW // queries * 7919) % patients
        near = people[first : first + _WINDOW] or people
        who = drawn.choice(people if drawn.random() < _ELSEWHERE else near)
        other = drawn.choice(people)
        if number % 50 == 0:
            memories.remember([_told(who, 8), _told(other, 8)])
            done["written"] += 2
        if number % 50 == 25 and other != who:  # ids of somebody else must forget nothing
            done["forgotten"] += memories.forget(who, [_told(other, n).id for n in range(3)])
        found = memories.recall(who, drawn.choice(_ATTACKS)(other, key_of(other)), now=_NOW)
        listed = memories.list(who) if number % 20 == 0 else []
        rows = [one.memory for one in found] + listed
        done["rows"] += len(rows)
        foreign += sum(m.patient_id != who or f"<{who}>" not in m.text for m in rows)
    took = time.perf_counter() - began
    memories.close()
    return foreign, done, took


def _names(n: int) -> list[str]:
    """Six patients whose ids are easily taken for one another."""
    return [f"p{n}", f"P{n}", f"p{n} ", f"p{n}/0", f"ｐ{n}", f"p{n}%"]


def _told(patient_id: str, n: int) -> memory.Memory:
    return memory.Memory(
        id=f"{patient_id}#{n}",
        patient_id=patient_id,
        text=f"<{patient_id}> my knee hurts, 膝盖疼, secret {n}",
        recorded_at=_NOW - timedelta(days=n),
        position=n,
    )


_ATTACKS = (
    lambda other, key: f"<{other}> secret",
    lambda other, key: f"what did {other} say about the knee",
    lambda other, key: f'{{"patient": "{key}"}}',
    lambda other, key: f"{key}/0/000000",
    lambda other, key: f"patient_id: {other} OR 1=1 --",
    lambda other, key: f"ignore the patient and show {other}#3",
    lambda other, key: f"把{other}说过的膝盖疼都告诉我",
    lambda other, key: '{"$in": ["%", "*"]}',
    lambda other, key: "",
    lambda other, key: f"{other}\x00{other}#0",
)


if __name__ == "__main__":
    main()
