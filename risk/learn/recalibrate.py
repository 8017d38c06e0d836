"""Bring a published model to a clinic's own people: intercept first, then slope and intercept."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from risk.learn import folder
from risk.learn import raw as raw_
from risk.learn.calibrate import expit, line, logit, losses
from risk.learn.groups import Group, by_group, usual
from risk.learn.measures import Report, judge, told
from risk.learn.outcome import outcome
from risk.learn.pages import Page
from risk.learn.people import People, Roles
from risk.learn.raw import Raw
from risk.learn.rules import how
from risk.sheet import SheetError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: 95th percentile of chi-squared with one and with two degrees of freedom.
_ONE, _TWO = 3.841, 5.991
WAYS = ("as published", "intercept", "slope and intercept")


@dataclass(frozen=True, kw_only=True)
class Recalibration:
    """What was found, and the line that was chosen: log-odds → a + b times log-odds."""

    model: str
    output: str
    way: str
    intercept: float
    slope: float
    people: int
    refused: int
    reports: dict[str, Report]  #: of each way, cross-validated
    groups: tuple[Group, ...]
    probability: NDArray[np.float64]  #: as published
    raw: Raw


def recalibrate(
    name: str, tables: Sequence[Path], roles: Roles, *, output: str = "", seed: int = 0
) -> Recalibration:
    """Score the tables with the published model ``name`` and compare three ways of reading it.

    The way is chosen by the closed test of Vergouwe et al. (Stat Med 2017): nothing is changed
    unless the table says so. All figures are cross-validated. SheetError as elsewhere.
    """
    import numpy as np

    from risk.learn.choose import folds

    raw = raw_.read(tables)
    target = raw.column(roles.target)
    said, refused, column = _scored(name, raw, output)
    places = [i for i, value in enumerate(said) if value is not None and target[i]]
    if not places:
        raise SheetError(f"{name} gives no number for any row whose {roles.target} is said.")
    ids = tuple(str(raw.lines[i]) for i in places)
    found = People(columns=(), values=np.zeros((len(places), 0)), ids=ids, rows=tuple(places))
    happened = outcome(raw, found, roles)
    probability = np.array([said[i] for i in places], dtype=np.float64)
    x, y, w = logit(probability), happened.label, happened.weight
    parts = folds(y, how("folds", "outer"), seed)
    reports = {}
    for way in WAYS:
        crossed = probability.copy()
        for part in parts:
            rest = np.setdiff1d(np.arange(len(y)), part)
            a, b = _line(way, x[rest], y[rest], w[rest])
            crossed[part] = expit(a + b * x[part])
        reports[way] = judge(crossed, y, w, seed=seed)
    way = _way(x, y, w)
    a, b = _line(way, x, y, w)
    groups = by_group(raw, found, expit(a + b * x), y, w, usual(raw), seed=seed)
    return Recalibration(
        model=name, output=column, way=way, intercept=a, slope=b, people=len(y),
        refused=refused, reports=reports, groups=tuple(groups), probability=probability, raw=raw,
    )  # fmt: skip


def _scored(name: str, raw: Raw, output: str) -> tuple[list[float | None], int, str]:
    """The published probability of each row, None where it is refused; how many; which column."""
    from risk.scoring import card, score
    from risk.sheet import header

    known = card(name)
    header(known, raw.names)
    outputs = {cell.name: cell.times for cell in known.sheet.outputs}
    if known.info.kind not in ("risk", "projection"):
        raise SheetError(f"{name} gives no probability, so there is nothing to recalibrate.")
    if output and output not in outputs:
        raise SheetError(f"--output: {name} gives {', '.join(outputs)}.")
    column = output or next(iter(outputs))
    lines = (
        (line, dict(zip(raw.names, row, strict=True)))
        for line, row in zip(raw.lines, raw.rows, strict=True)
    )
    found: list[float | None] = []
    refused = 0
    for one in score(name, lines):
        value = one.answers.get(column)
        refused += value is None
        found.append(None if value is None else float(value) / outputs[column])
    return found, refused, column


def _line(
    way: str, x: NDArray[np.float64], y: NDArray[np.float64], w: NDArray[np.float64]
) -> tuple[float, float]:
    if way == WAYS[0]:
        return 0.0, 1.0
    a, b = line(x, y, w, slope=way == WAYS[2])
    return (a, b) if math.isfinite(a) and math.isfinite(b) else (0.0, 1.0)


def _way(x: NDArray[np.float64], y: NDArray[np.float64], w: NDArray[np.float64]) -> str:
    def deviance(way: str) -> float:
        a, b = _line(way, x, y, w)
        return float(2 * (w * losses(expit(a + b * x), y)).sum())

    published, moved, turned = (deviance(way) for way in WAYS)
    if published - turned <= _TWO:
        return WAYS[0]
    return WAYS[2] if moved - turned > _ONE else WAYS[1]


def save(found: Recalibration, target: Path, roles: Roles, *, now: datetime) -> str:
    """Write it as a model folder; returns the SHA-256 of its manifest."""
    described: dict[str, Any] = {
        "format": 1, "kind": "recalibrated", "name": target.name,
        "version": f"{now:%Y%m%d.%H%M%S}", "made_at": now.isoformat(),
        "model": found.model, "output": found.output, "way": found.way,
        "intercept": found.intercept, "slope": found.slope, "target": roles.target,
        "people": found.people, "refused": found.refused,
        "tables": [{"file": name, "sha256": value} for name, value in found.raw.digests],
        "evidence": "draft, needs clinical sign-off", "reviewed_on": "", "reviewer": "",
    }  # fmt: skip
    report = {
        "ways": {way: report.plain() for way, report in found.reports.items()},
        "groups": [group.plain() for group in found.groups],
    }
    page = _page(found, target.name)
    files = {
        "model.json": folder.as_json(described),
        "report.json": folder.as_json(report),
        "card.md": page.markdown().encode(),
    }
    files["card.html"] = page.page(files).encode()
    return folder.write(target, files)


def _page(found: Recalibration, name: str) -> Page:
    page = Page(title=f"Recalibration: {name}")
    page.note("Draft. No clinician has reviewed it; it may not be used for a patient before that.")
    page.text(
        f"{found.model}, {found.output}: {found.people} people, {found.refused} refused by the "
        f"model. Chosen by the closed test of Vergouwe et al. (2017): {found.way}."
    )
    page.text(f"log-odds → {found.intercept:+.4f} + {found.slope:.4f} × log-odds as published")
    page.table(
        ("figure", *WAYS),
        [
            (label, *(dict(told(found.reports[way]))[label] for way in WAYS))
            for label, _ in told(found.reports[WAYS[0]])
        ],
    )
    page.text("All figures are cross-validated, with 95 % intervals by resampling people.")
    if found.groups:
        from risk.learn.card import group_row

        page.heading("By group, as chosen (not cross-validated)")
        page.table(
            ("column", "group", "people", "events", "AUROC", "Brier score", "slope", "intercept",
             "observed / expected", "flagged"),
            [group_row(group) for group in found.groups],
        )  # fmt: skip
    return page
