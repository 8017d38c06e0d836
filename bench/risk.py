"""Time PREVENT for a million people and one pictured answer (python -m bench.risk)."""

from __future__ import annotations

import os
import platform
import statistics
import time
from datetime import UTC, datetime

import risk
from bot.conversation import risk_answer
from risk.crowd import timed

PEOPLE = 1_000_000


def _one() -> float:
    number = {"age": (62, "years"), "total_c": (5.4, "mmol/L"), "hdl_c": (1.2, "mmol/L"),
              "sbp": (148, "mmHg"), "creatinine": (80, "umol/L")}  # fmt: skip
    words = {"sex": "female", "known_cvd": "no", "dm": "no", "smoking": "yes", "bp_tx": "yes",
             "statin": "no"}  # fmt: skip
    inputs = {name: risk.Input(value=value, unit=unit) for name, (value, unit) in number.items()}
    inputs |= {name: risk.Input(value=value) for name, value in words.items()}
    start = time.perf_counter()
    found = risk.load("prevent_2023").assess(
        inputs, outcome="chd", patient_id="bench", now=datetime.now(UTC)
    )
    risk_answer.answer(found, "zh", listed=False)
    risk.picture(found, language="zh", labels=risk_answer.picture_labels(found, "zh"))
    return (time.perf_counter() - start) * 1000


def main() -> None:
    print(f"machine: {platform.machine()}, {os.cpu_count()} cores")
    found = timed("prevent_2023", "base", 10, PEOPLE)
    print(
        f"PREVENT base, 10 years, 5 outcomes, {PEOPLE:,} people: first {found.first:.2f} s, "
        f"then median {found.median:.2f} s (must: 1 s)"
    )
    first, *rest = (_one() for _ in range(41))
    p95 = statistics.quantiles(rest, n=20)[-1]
    print(
        f"one answer with picture: first {first:.0f} ms, then median "
        f"{statistics.median(rest):.0f} ms, p95 {p95:.0f} ms (must: p95 400 ms)"
    )


if __name__ == "__main__":
    main()
