"""Is a model still right for our own people? Inputs then and now, and what came true."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from risk.assessment import RiskAssessment
from risk.learn import drift
from risk.learn.people import Column, People
from risk.learn.rules import happened, watching

_YEAR = 365.25


@dataclass(frozen=True, kw_only=True)
class Shift:
    """One input of one model: the first people asked about against those of late."""

    model: str
    name: str
    index: float  #: population stability index
    chance: float  #: what chance alone reaches in 5 of 100 cases
    before: int
    lately: int

    @property
    def flagged(self) -> bool:
        """By the rule of ``watching.toml``."""
        return self.index > max(float(watching("drift", "index")), self.chance)


@dataclass(frozen=True, kw_only=True)
class Truth:
    """One outcome of one model: events expected by now, and events in the record."""

    model: str
    outcome: str
    people: int
    expected: float
    observed: int

    @property
    def ratio(self) -> tuple[float, float, float]:
        """Observed over expected with its 95 % interval (Byar's, close to the exact one)."""
        seen = self.observed
        low = seen * (1 - 1 / (9 * seen) - 1.96 / (3 * math.sqrt(seen))) ** 3 if seen else 0.0
        more = seen + 1
        high = more * (1 - 1 / (9 * more) + 1.96 / (3 * math.sqrt(more))) ** 3
        return seen / self.expected, low / self.expected, high / self.expected

    @property
    def judged(self) -> bool:
        """Are enough events expected for anything to be said?"""
        return self.expected >= float(watching("calibration", "fewest_expected"))

    @property
    def flagged(self) -> bool:
        """By the rule of ``watching.toml``."""
        if not self.judged:
            return False
        value, low, high = self.ratio
        least, most = watching("calibration", "observed_over_expected")
        return not least <= value <= most and not low <= 1 <= high


def shifts(assessed: Sequence[RiskAssessment], now: datetime) -> list[Shift]:
    """Input drift of each model, one assessment a person and span."""
    found: list[Shift] = []
    edge = now - timedelta(days=watching("drift", "recent_days"))
    fewest = watching("drift", "fewest_people")
    for model, ones in _by_model(assessed).items():
        first = _one_each(ones)[: watching("drift", "reference_people")]
        kept = {one.id for one in first}
        late = _one_each(
            [one for one in reversed(ones) if one.occurred_at >= edge and one.id not in kept]
        )
        if min(len(first), len(late)) < fewest:
            continue
        names = sorted({used.name for one in (*first, *late) for used in one.inputs})
        for name in names:
            known = drift.summary(_people(first, name))
            column = _people(late, name, known[name].get("levels"))
            index, chance = drift.drifted(known, column)[name]
            found.append(
                Shift(
                    model=model, name=name, index=index, chance=chance, before=len(first),
                    lately=len(late),
                )
            )  # fmt: skip
    return found


def truths(
    assessed: Sequence[RiskAssessment],
    conditions: Mapping[str, Sequence[tuple[str, datetime]]],
    now: datetime,
) -> list[Truth]:
    """Calibration of each model and outcome so far.

    ``conditions``: by patient the names in the record and when they were entered. Each person's
    first assessment counts. Expected by now: 1 - (1 - p)^(time passed / horizon), which takes the
    hazard as even over the horizon. Outcomes that ``watching.toml`` does not name are left out.
    """
    first: dict[tuple[str, str, str], RiskAssessment] = {}
    for one in sorted(assessed, key=lambda one: one.occurred_at):
        first.setdefault((one.method, one.prediction.outcome, one.patient_id), one)
    sums: dict[tuple[str, str], list[float]] = {}
    for (model, outcome, patient), one in first.items():
        names, horizon = happened(outcome), one.prediction.horizon_years
        chance = one.prediction.probability
        if not names or not horizon or chance is None or not chance < 1:
            continue
        passed = min((now - one.occurred_at).days / _YEAR, horizon)
        end = one.occurred_at + timedelta(days=horizon * _YEAR)
        came = any(
            one.occurred_at < at <= min(now, end) and any(word in name.lower() for word in names)
            for name, at in conditions.get(patient, ())
        )
        total = sums.setdefault((model, outcome), [0, 0.0, 0])
        total[0] += 1
        total[1] += 1 - (1 - chance) ** (passed / horizon)
        total[2] += came
    return [
        Truth(model=model, outcome=outcome, people=int(n), expected=e, observed=int(o))
        for (model, outcome), (n, e, o) in sorted(sums.items())
    ]


def _by_model(assessed: Sequence[RiskAssessment]) -> dict[str, list[RiskAssessment]]:
    found: dict[str, list[RiskAssessment]] = {}
    for one in sorted(assessed, key=lambda one: one.occurred_at):
        found.setdefault(one.method, []).append(one)
    return found


def _one_each(ones: Sequence[RiskAssessment]) -> list[RiskAssessment]:
    found: dict[str, RiskAssessment] = {}
    for one in ones:
        found.setdefault(one.patient_id, one)
    return list(found.values())


def _people(
    ones: Sequence[RiskAssessment], name: str, levels: Sequence[str] | None = None
) -> People:
    """One column: the input ``name`` of each; NaN where it was not used."""
    import numpy as np

    values = [next((u.value for u in one.inputs if u.name == name), None) for one in ones]
    words = levels is not None or any(isinstance(value, str) for value in values)
    if words:
        known = list(levels or sorted({str(v) for v in values if v is not None}))
        places = {word: float(place) for place, word in enumerate(known)}
        numbers = [np.nan if v is None else places.get(str(v), -1.0) for v in values]
        column = Column(name=name, kind="words", levels=tuple(known))
    else:
        numbers = [np.nan if v is None else float(v) for v in values]
        column = Column(name=name, kind="number")
    return People(
        columns=(column,), values=np.array(numbers)[:, None],
        ids=tuple(str(i) for i in range(len(ones))), rows=tuple(range(len(ones))),
    )  # fmt: skip
