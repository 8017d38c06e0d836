"""How good probabilities are: discrimination, calibration and net benefit, with intervals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from risk.learn.calibrate import line, logit
from risk.learn.rules import how

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: In the order in which they are told.
NAMES = ("auroc", "auprc", "brier", "slope", "intercept", "observed_over_expected")


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A figure with its 95 % bootstrap interval; NaN where it has no value."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} ({self.low:.3f} to {self.high:.3f})"

    def plain(self) -> list[float | None]:
        """As JSON: value, low, high; null where there is none."""
        return [None if x != x else round(x, 6) for x in (self.value, self.low, self.high)]


@dataclass(frozen=True, kw_only=True)
class Report:
    """All figures of one set of people."""

    people: int
    events: int
    figures: dict[str, Estimate]
    benefit: dict[float, tuple[Estimate, float]] = field(default_factory=dict)
    #: threshold → (net benefit of the model, net benefit of treating everybody)
    replicates: dict[str, NDArray[np.float64]] = field(default_factory=dict)

    def plain(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "people": self.people,
            "events": self.events,
            **{name: one.plain() for name, one in self.figures.items()},
            "net_benefit": [
                {"threshold": t, "model": one.plain(), "everybody": round(every, 6)}
                for t, (one, every) in self.benefit.items()
            ],
        }


class Ranked:
    """Probabilities grouped by their ties once, so that each resample costs no sorting."""

    def __init__(self, probability: NDArray[np.float64], label: NDArray[np.float64]) -> None:
        import numpy as np

        self.probability, self.label = probability, label
        self.log_odds = logit(probability)
        self.levels, self.place = np.unique(probability, return_inverse=True)

    def figures(self, weight: NDArray[np.float64]) -> dict[str, float]:
        """Every figure for people who count ``weight`` each."""
        import numpy as np

        yes = np.bincount(self.place, weight * self.label, len(self.levels))
        no = np.bincount(self.place, weight * (1 - self.label), len(self.levels))
        total_yes, total_no = yes.sum(), no.sum()
        if not (total_yes > 0 and total_no > 0):
            return dict.fromkeys(NAMES, float("nan"))
        below = np.cumsum(no) - no
        auroc = (yes * (below + no / 2)).sum() / (total_yes * total_no)
        true = np.cumsum(yes[::-1])
        flagged = np.cumsum((yes + no)[::-1])
        precision = np.divide(true, flagged, out=np.zeros_like(true), where=flagged > 0)
        auprc = (precision * yes[::-1]).sum() / total_yes
        brier = (weight * (self.probability - self.label) ** 2).sum() / weight.sum()
        _, slope = line(self.log_odds, self.label, weight)
        intercept, _ = line(self.log_odds, self.label, weight, slope=False)
        expected = (weight * self.probability).sum()
        return {
            "auroc": float(auroc),
            "auprc": float(auprc),
            "brier": float(brier),
            "slope": slope,
            "intercept": intercept,
            "observed_over_expected": float(total_yes / expected),
        }

    def benefit(self, weight: NDArray[np.float64], threshold: float) -> tuple[float, float]:
        """(net benefit of acting from ``threshold`` on, net benefit of acting for everybody)."""
        total = weight.sum()
        odds = threshold / (1 - threshold)
        acted = weight * (self.probability >= threshold)
        found = ((acted * self.label).sum() - (acted * (1 - self.label)).sum() * odds) / total
        rate = float((weight * self.label).sum() / total)
        return float(found), rate - (1 - rate) * odds


def judge(
    probability: NDArray[np.float64],
    label: NDArray[np.float64],
    weight: NDArray[np.float64],
    *,
    seed: int,
    resamples: int | None = None,
    progress: Callable[[float], object] = lambda _: None,
) -> Report:
    """The figures with 95 % percentile intervals over resampled people.

    ``weight`` is 1 for each, or the censoring weight; who weighs 0 is not counted. AUPRC is
    average precision; slope and intercept as in Van Calster et al. (2019), the intercept with the
    slope at 1; net benefit as in Vickers and Elkin (2006).
    """
    import numpy as np

    inside = weight > 0
    probability, label, weight = probability[inside], label[inside], weight[inside]
    ranked, count = Ranked(probability, label), len(label)
    rounds = how("report", "resamples") if resamples is None else resamples
    thresholds = how("report", "thresholds")
    source = np.random.default_rng(seed)
    drawn: dict[str, list[float]] = {name: [] for name in NAMES}
    curves: dict[float, list[float]] = {t: [] for t in thresholds}
    for turn in range(rounds):
        often = np.bincount(source.integers(0, count, count), minlength=count)
        again = weight * often
        for name, value in ranked.figures(again).items():
            drawn[name].append(value)
        for t in thresholds:
            curves[t].append(ranked.benefit(again, t)[0])
        progress((turn + 1) / rounds)
    figures = {
        name: interval(value, np.array(drawn[name]))
        for name, value in ranked.figures(weight).items()
    }
    benefit = {}
    for t in thresholds:
        value, everybody = ranked.benefit(weight, t)
        benefit[t] = (interval(value, np.array(curves[t])), everybody)
    return Report(
        people=count,
        events=int(label.sum()),
        figures=figures,
        benefit=benefit,
        replicates={name: np.array(values) for name, values in drawn.items()},
    )


def interval(value: float, drawn: NDArray[np.float64]) -> Estimate:
    """``value`` with the 2.5th and 97.5th percentile of its resamples that have one."""
    import numpy as np

    good = drawn[np.isfinite(drawn)]
    if not len(good) or value != value:
        return Estimate(value=value, low=float("nan"), high=float("nan"))
    low, high = np.percentile(good, [2.5, 97.5])
    return Estimate(value=value, low=float(low), high=float(high))


def told(report: Report) -> list[tuple[str, str]]:
    """The figures in words, for a table."""
    names = {
        "auroc": "AUROC",
        "auprc": "AUPRC",
        "brier": "Brier score",
        "slope": "calibration slope",
        "intercept": "calibration intercept",
        "observed_over_expected": "observed / expected",
    }
    return [(names[name], str(report.figures[name])) for name in NAMES]
