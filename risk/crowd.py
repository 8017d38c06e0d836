"""Make up people for timing a model: every value inside the model's own ranges."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass
from typing import Any

from risk.many import assess_many
from risk.narrow import narrow


@dataclass(frozen=True, kw_only=True)
class Timing:
    """How long a crowd took, in seconds."""

    model: str
    variant: str
    horizon: int
    outcomes: int
    people: int
    first: float
    median: float


def crowd(model: str, variant: str, horizon: int, people: int) -> dict[str, Any]:
    """``people`` made-up persons, the same every time; units as for ``assess_many``."""
    import numpy as np

    random = np.random.default_rng(2023)
    table = narrow(model, variant, horizon)
    made: dict[str, Any] = {}
    for name in table.columns:
        spec = table.spec(name)
        if spec.kind == "choice":
            made[name] = np.asarray(spec.choices)[random.integers(0, len(spec.choices), people)]
        elif spec.kind == "yes_no":
            made[name] = random.integers(0, 2, people)
        else:
            assert spec.low is not None and spec.high is not None
            values = random.uniform(spec.low, spec.high, people)
            made[name] = np.maximum(values, np.nextafter(spec.low, np.inf))
    return made


def timed(model: str, variant: str, horizon: int, people: int, rounds: int = 5) -> Timing:
    """Assess a crowd once cold and ``rounds`` times warm."""
    made = crowd(model, variant, horizon, people)
    times = []
    for _ in range(rounds + 1):
        start = time.perf_counter()
        found = assess_many(made, model=model, variant=variant, horizon=horizon)
        times.append(time.perf_counter() - start)
    return Timing(
        model=model,
        variant=variant,
        horizon=horizon,
        outcomes=len(found.outcomes),
        people=people,
        first=times[0],
        median=statistics.median(times[1:]),
    )
