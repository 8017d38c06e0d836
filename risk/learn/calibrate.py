"""Bring probabilities to what was seen: a line or a stair, learned on held-out folds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_TINY = 1e-6


def logit(probability: NDArray[np.float64]) -> NDArray[np.float64]:
    """Log-odds, kept finite."""
    import numpy as np

    inside = np.clip(probability, _TINY, 1 - _TINY)
    found: NDArray[np.float64] = np.log(inside / (1 - inside))
    return found


def expit(log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probability of log-odds."""
    import numpy as np

    found: NDArray[np.float64] = 1 / (1 + np.exp(-np.clip(log_odds, -40, 40)))
    return found


@dataclass(frozen=True, kw_only=True)
class Calibrator:
    """``kind`` "none"; "platt" with numbers (intercept, slope); "isotonic" with steps."""

    kind: str
    numbers: tuple[float, ...] = ()
    steps: tuple[tuple[float, float], ...] = ()  #: (log-odds, probability), both rising

    def __call__(self, probability: NDArray[np.float64]) -> NDArray[np.float64]:
        import numpy as np

        if self.kind == "platt":
            return expit(self.numbers[0] + self.numbers[1] * logit(probability))
        if self.kind == "isotonic":
            x, y = zip(*self.steps, strict=True)
            found: NDArray[np.float64] = np.interp(logit(probability), x, y)
            return found
        return probability

    def plain(self) -> dict[str, Any]:
        """As JSON."""
        steps = [list(step) for step in self.steps]
        return {"kind": self.kind, "numbers": list(self.numbers), "steps": steps}


def read(raw: Mapping[str, Any]) -> Calibrator:
    """The calibrator that ``plain`` wrote."""
    steps = tuple((float(x), float(y)) for x, y in raw["steps"])
    return Calibrator(kind=raw["kind"], numbers=tuple(raw["numbers"]), steps=steps)


def line(
    log_odds: NDArray[np.float64],
    label: NDArray[np.float64],
    weight: NDArray[np.float64],
    *,
    slope: bool = True,
) -> tuple[float, float]:
    """(intercept, slope) of the logistic regression of ``label`` on ``log_odds``, by Newton.

    ``slope=False`` keeps the slope at 1: calibration in the large. NaN where it has no optimum.
    """
    import numpy as np

    a, b = 0.0, 1.0
    for _ in range(50):
        p = expit(a + b * log_odds)
        rest, curve = weight * (label - p), weight * p * (1 - p)
        first, second = rest.sum(), curve.sum()
        if not slope:
            step_a, step_b = (first / second if second > 0 else np.nan), 0.0
        else:
            gradient = np.array([first, (rest * log_odds).sum()])
            mixed = (curve * log_odds).sum()
            hessian = np.array([[second, mixed], [mixed, (curve * log_odds**2).sum()]])
            if abs(np.linalg.det(hessian)) < 1e-12:
                return float("nan"), float("nan")
            step_a, step_b = np.linalg.solve(hessian, gradient)
        longest = max(abs(step_a), abs(step_b))
        shorter = (
            1.0 if longest <= 2 else 2 / longest
        )  # Newton may jump too far where few events are
        a, b = a + shorter * step_a, b + shorter * step_b
        if not np.isfinite(a + b) or abs(b) > 50 or abs(a) > 200:
            return float("nan"), float("nan")
        if longest < 1e-8:
            break
    return float(a), float(b)


def fit(
    kind: str,
    probability: NDArray[np.float64],
    label: NDArray[np.float64],
    weight: NDArray[np.float64],
) -> Calibrator:
    """Learn one from probabilities that the model gave to people it had not seen."""
    import math

    if kind == "platt":
        intercept, slope = line(logit(probability), label, weight)
        if math.isfinite(slope) and slope > 0:
            return Calibrator(kind="platt", numbers=(intercept, slope))
        return Calibrator(kind="none")  # a line that turns the order round is none
    if kind == "isotonic":
        return _stair(logit(probability), label, weight)
    return Calibrator(kind="none")


def _stair(
    log_odds: NDArray[np.float64], label: NDArray[np.float64], weight: NDArray[np.float64]
) -> Calibrator:
    """Pool adjacent violators; each step is shrunk by one person, so that none is 0 or 1."""
    import numpy as np

    order = np.argsort(log_odds, kind="stable")
    order = order[weight[order] > 0]
    blocks: list[list[float]] = []  # [events, weight, sum of weighted log-odds]
    for place in order:
        w = float(weight[place])
        blocks.append([float(label[place]) * w, w, float(log_odds[place]) * w])
        while len(blocks) > 1 and blocks[-2][0] * blocks[-1][1] >= blocks[-1][0] * blocks[-2][1]:
            last = blocks.pop()
            blocks[-1] = [x + y for x, y in zip(blocks[-1], last, strict=True)]
    rate = float((label * weight).sum() / weight.sum())
    steps = tuple((xs / w, (events + rate) / (w + 1)) for events, w, xs in blocks)
    levels = np.maximum.accumulate([y for _, y in steps])
    return Calibrator(
        kind="isotonic",
        steps=tuple((x, float(y)) for (x, _), y in zip(steps, levels, strict=True)),
    )


def losses(probability: NDArray[np.float64], label: NDArray[np.float64]) -> NDArray[np.float64]:
    """Log loss of each person."""
    import numpy as np

    inside = np.clip(probability, _TINY, 1 - _TINY)
    found: NDArray[np.float64] = -(label * np.log(inside) + (1 - label) * np.log(1 - inside))
    return found


def crossed(
    kind: str,
    probability: NDArray[np.float64],
    label: NDArray[np.float64],
    weight: NDArray[np.float64],
    folds: Sequence[NDArray[np.int64]],
) -> NDArray[np.float64]:
    """Each fold's probabilities, calibrated by what the other folds showed."""
    import numpy as np

    found = probability.copy()
    for fold in folds:
        rest = np.setdiff1d(np.arange(len(label)), fold)
        found[fold] = fit(kind, probability[rest], label[rest], weight[rest])(probability[fold])
    return found


def choose(
    probability: NDArray[np.float64],
    label: NDArray[np.float64],
    weight: NDArray[np.float64],
    folds: Sequence[NDArray[np.int64]],
) -> str:
    """ "isotonic" only where the held-out folds are better by more than the noise; else "platt"."""
    import numpy as np

    loss = {
        kind: losses(crossed(kind, probability, label, weight, folds), label)
        for kind in ("platt", "isotonic")
    }
    gain = (loss["platt"] - loss["isotonic"]) * weight
    noise = float(gain.std()) / float(np.sqrt(len(gain)))
    return "isotonic" if gain.mean() > noise else "platt"
