"""Cross-validation: what to learn with is chosen inside each fold, and judged outside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from risk.learn import calibrate
from risk.learn.calibrate import Calibrator
from risk.learn.fit import Candidate, Fitted, fit
from risk.learn.outcome import Outcome
from risk.learn.people import People
from risk.learn.rules import how

if TYPE_CHECKING:
    from numpy.typing import NDArray

Progress = Callable[[str, float], object]
MODELS = ("auto", "logistic", "transformer")
CALIBRATIONS = ("auto", "platt", "isotonic", "none")


@dataclass(frozen=True, kw_only=True)
class Learned:
    """A model, and what it says of each person of the table without having seen that person."""

    fitted: Fitted
    calibrator: Calibrator
    chosen: tuple[str, ...]  #: in each outer fold
    folds: tuple[NDArray[np.int64], ...]
    uncalibrated: NDArray[np.float64]  #: float64 [people], each by a model of the other folds
    held_out: NDArray[np.float64]  #: the same, calibrated by the other folds

    def probability(self, people: People) -> NDArray[np.float64]:
        """Float64 [people] by the whole model."""
        return self.calibrator(self.fitted.probability(people))


def folds(label: NDArray[np.float64], count: int, seed: int) -> tuple[NDArray[np.int64], ...]:
    """``count`` parts of the people, with as many events in each as can be."""
    source = np.random.default_rng(seed)
    parts: list[list[int]] = [[] for _ in range(count)]
    turn = 0
    for value in (1.0, 0.0):
        for place in source.permutation(np.flatnonzero(label == value)):
            parts[turn % count].append(int(place))
            turn += 1
    return tuple(np.array(sorted(part), dtype=np.int64) for part in parts)


def learn(
    people: People,
    outcome: Outcome,
    *,
    model: str = "auto",
    calibration: str = "auto",
    seed: int = 0,
    progress: Progress = lambda _name, _share: None,
) -> Learned:
    """Nested cross-validation, then the same procedure once more on everybody."""
    parts = folds(outcome.label, how("folds", "outer"), seed)
    held = np.zeros(len(people))
    chosen: list[str] = []
    for number, part in enumerate(parts):
        rest = np.setdiff1d(np.arange(len(people)), part)
        name = f"Fold {number + 1} of {len(parts)}"
        fitted = _chosen(
            people.some(rest), outcome.some(rest), model, seed + number, _named(progress, name)
        )
        held[part] = fitted.probability(people.some(part))
        chosen.append(fitted.candidate.told)
    whole = _chosen(people, outcome, model, seed, _named(progress, "The whole table"))
    if calibration == "auto":
        kind = calibrate.choose(held, outcome.label, outcome.weight, parts)
    else:
        kind = calibration
    return Learned(
        fitted=whole,
        calibrator=calibrate.fit(kind, held, outcome.label, outcome.weight),
        chosen=tuple(chosen),
        folds=parts,
        uncalibrated=held,
        held_out=calibrate.crossed(kind, held, outcome.label, outcome.weight, parts),
    )


def _named(progress: Progress, name: str) -> Callable[[float], object]:
    return lambda share: progress(name, share)


def _chosen(
    people: People,
    outcome: Outcome,
    model: str,
    seed: int,
    progress: Callable[[float], object],
) -> Fitted:
    """The best candidate by inner folds, fitted to all of ``people``.

    The transformer must beat the logistic regression by more than the noise of the difference:
    of two models that are as good, the one that can be read is taken.
    """
    if model == "transformer":
        return fit(Candidate(kind="transformer"), people, outcome, seed=seed, progress=progress)
    parts = folds(outcome.label, how("folds", "inner"), seed + 1000)
    logistic, loss = _penalty(people, outcome, parts, seed)
    progress(0.1)
    if model == "auto" and len(people) >= how("transformer", "fewest_people"):
        part = parts[0]
        rest = np.setdiff1d(np.arange(len(people)), part)
        tried = fit(
            Candidate(kind="transformer"), people.some(rest), outcome.some(rest), seed=seed,
            progress=lambda share: progress(0.1 + 0.5 * share),
        )  # fmt: skip
        other = calibrate.losses(tried.probability(people.some(part)), outcome.label[part])
        gain = (loss[part] - other) * outcome.weight[part]
        if gain.mean() > gain.std() / np.sqrt(len(gain)):
            return fit(
                Candidate(kind="transformer"), people, outcome, seed=seed,
                progress=lambda share: progress(0.6 + 0.4 * share),
            )  # fmt: skip
    found = fit(logistic, people, outcome, seed=seed)
    progress(1.0)
    return found


def _penalty(
    people: People, outcome: Outcome, parts: tuple[NDArray[np.int64], ...], seed: int
) -> tuple[Candidate, NDArray[np.float64]]:
    """The penalty with the least held-out log loss, and that loss of each person."""
    best: tuple[float, Candidate, NDArray[np.float64]] | None = None
    for penalty in how("logistic", "penalties"):
        candidate = Candidate(kind="logistic", penalty=penalty)
        loss = np.zeros(len(people))
        for part in parts:
            rest = np.setdiff1d(np.arange(len(people)), part)
            found = fit(candidate, people.some(rest), outcome.some(rest), seed=seed)
            loss[part] = calibrate.losses(found.probability(people.some(part)), outcome.label[part])
        mean = float((loss * outcome.weight).sum() / outcome.weight.sum())
        if best is None or mean < best[0]:
            best = (mean, candidate, loss)
    assert best is not None
    return best[1], best[2]
