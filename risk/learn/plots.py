"""Draw how good a model is: ROC, calibration, decision curve, what counts (v: matplotlib)."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from risk.learn.measures import Report
from risk.learn.rules import how

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

_INK, _QUIET, _OTHER = "#1d4ed8", "#6b7280", "#c2410c"


def _paper(x: str, y: str) -> tuple[Figure, Axes]:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5.0, 4.4), dpi=110, facecolor="white", layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _png(figure: Figure) -> bytes:
    target = io.BytesIO()
    figure.savefig(target, format="png", metadata={"Software": None})
    return target.getvalue()


def draw(
    probability: NDArray[np.float64],
    label: NDArray[np.float64],
    weight: NDArray[np.float64],
    report: Report,
) -> dict[str, bytes]:
    """PNG pictures by name: "roc", "calibration", "decision"."""
    inside = weight > 0
    p, y, w = probability[inside], label[inside], weight[inside]
    return {
        "roc": _roc(p, y, w, report),
        "calibration": _calibration(p, y, w, report),
        "decision": _decision(report),
    }


def _roc(
    p: NDArray[np.float64], y: NDArray[np.float64], w: NDArray[np.float64], report: Report
) -> bytes:
    import numpy as np

    order = np.argsort(-p, kind="stable")
    last = np.append(np.diff(p[order]) != 0, True)
    true = np.append(0, np.cumsum((w * y)[order])[last]) / (w * y).sum()
    false = np.append(0, np.cumsum((w * (1 - y))[order])[last]) / (w * (1 - y)).sum()
    figure, axes = _paper("1 - specificity", "sensitivity")
    axes.plot([0, 1], [0, 1], color=_QUIET, linestyle="--", linewidth=1)
    axes.plot(false, true, color=_INK)
    axes.set_title(f"AUROC {report.figures['auroc']}", fontsize=10)
    return _png(figure)


def _calibration(
    p: NDArray[np.float64], y: NDArray[np.float64], w: NDArray[np.float64], report: Report
) -> bytes:
    import numpy as np

    order = np.argsort(p, kind="stable")
    groups = [g for g in np.array_split(order, how("report", "calibration_groups")) if len(g)]
    said = [float(np.average(p[g], weights=w[g])) for g in groups]
    seen = np.array([float(np.average(y[g], weights=w[g])) for g in groups])
    wide = 1.96 * np.sqrt(seen * (1 - seen) / np.array([len(g) for g in groups]))
    figure, axes = _paper("probability said", "share seen")
    top = float(max(max(said), (seen + wide).max(), 0.05)) * 1.05
    axes.plot([0, top], [0, top], color=_QUIET, linestyle="--", linewidth=1)
    axes.errorbar(said, seen, yerr=[np.minimum(wide, seen), wide], fmt="o", color=_INK, ms=4, lw=1)
    counts = np.histogram(p, bins=40, range=(0, top))[0]
    axes.bar(
        np.linspace(0, top, 40, endpoint=False), counts / max(counts.max(), 1) * top * 0.12,
        width=top / 40, align="edge", color=_QUIET, alpha=0.4,
    )  # fmt: skip
    axes.set_xlim(0, top)
    axes.set_ylim(0, top)
    axes.set_title(f"slope {report.figures['slope']}", fontsize=10)
    return _png(figure)


def _decision(report: Report) -> bytes:
    thresholds = list(report.benefit)
    model = [one for one, _ in report.benefit.values()]
    figure, axes = _paper("threshold", "net benefit")
    axes.axhline(0, color=_QUIET, linewidth=1, label="nobody")
    everybody = [every for _, every in report.benefit.values()]
    axes.plot(thresholds, everybody, color=_OTHER, linestyle="--", label="everybody")
    axes.plot(thresholds, [one.value for one in model], color=_INK, label="by the model")
    axes.fill_between(
        thresholds, [one.low for one in model], [one.high for one in model], color=_INK, alpha=0.15
    )
    highest = max(max(one.high for one in model), max(everybody), 0.01)
    axes.set_ylim(-0.15 * highest, 1.1 * highest)
    axes.legend(frameon=False, fontsize=8)
    return _png(figure)


def counts(weights: Mapping[str, float], most: int = 15) -> bytes:
    """What moves the score most: the mean absolute share of each column, a PNG."""
    from risk.draw import font_for

    largest: Sequence[tuple[str, float]] = sorted(weights.items(), key=lambda one: one[1])[-most:]
    figure, axes = _paper("mean absolute share (log-odds)", "")
    axes.barh(range(len(largest)), [value for _, value in largest], color=_INK)
    names = [name for name, _ in largest]
    family = font_for("".join(names)) or "DejaVu Sans"
    axes.set_yticks(range(len(largest)), names, fontsize=8, family=family)
    return _png(figure)
