"""From a table to a model folder: learn, judge, explain, write the card."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from risk.learn import choose, design, drift, folder, model, outcome, plots, reasons
from risk.learn import people as people_
from risk.learn import raw as raw_
from risk.learn.card import card
from risk.learn.choose import Learned, Progress
from risk.learn.groups import Group, by_group, usual
from risk.learn.measures import Report, judge
from risk.learn.outcome import Outcome
from risk.learn.people import People, Roles
from risk.learn.raw import Raw

if TYPE_CHECKING:
    from numpy.typing import NDArray

_EXPLAINED = 200  # people whose shares are averaged for the picture of what counts


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What was asked for."""

    roles: Roles
    groups: tuple[str, ...] | None = None  #: None: sex and age under their usual names
    model: str = "auto"
    calibration: str = "auto"
    horizon: float | None = None
    seed: int = 0
    name: str = "model"


@dataclass(frozen=True, kw_only=True)
class Training:
    """Everything that came of it."""

    plan: Plan
    raw: Raw
    people: People
    outcome: Outcome
    learned: Learned
    report: Report
    groups: tuple[Group, ...]
    notes: tuple[str, ...]
    counts: dict[str, float]  #: column → mean absolute share
    typical: NDArray[np.float64]


def train(
    tables: Sequence[Path], plan: Plan, *, progress: Progress = lambda _name, _share: None
) -> Training:
    """Learn from the tables. SheetError with column, row and reason where that cannot be."""
    raw = raw_.read(tables)
    roles = plan.roles
    columns, notes = people_.kinds(raw, roles)
    everybody = people_.people(raw, columns, roles)
    groups = usual(raw) if plan.groups is None else plan.groups
    for name in groups:
        from risk.learn.groups import parts

        parts(raw, everybody, name)  # a column that is not there is said before the work begins
    told = outcome.known(raw, everybody, roles)
    found = everybody.some(told)
    if lacking := len(everybody) - len(found):
        notes = (*notes, f"{lacking} of {len(everybody)} people were left out: no outcome is said.")
    happened = outcome.outcome(raw, found, roles, plan.horizon)
    learned = choose.learn(
        found,
        happened,
        model=plan.model,
        calibration=plan.calibration,
        seed=plan.seed,
        progress=progress,
    )
    report = judge(
        learned.held_out,
        happened.label,
        happened.weight,
        seed=plan.seed,
        progress=lambda share: progress("Judging", share),
    )
    gaps = []
    for group in by_group(
        raw, found, learned.held_out, happened.label, happened.weight, groups, seed=plan.seed
    ):
        gaps.append(group)
        progress(f"Group {group.column} {group.name}", 1.0)
    typical, counts = _what_counts(learned, found, plan.seed)
    return Training(
        plan=replace(plan, groups=tuple(groups)),
        raw=raw,
        people=found,
        outcome=happened,
        learned=learned,
        report=report,
        groups=tuple(gaps),
        notes=notes,
        counts=counts,
        typical=typical,
    )


def _what_counts(
    learned: Learned, people: People, seed: int
) -> tuple[NDArray[np.float64], dict[str, float]]:
    fitted = learned.fitted
    read = design.flat(people) if fitted.shape is None else people
    typical = reasons.reference(read)
    some = np.random.default_rng(seed).permutation(len(people))[:_EXPLAINED]
    each = np.abs(reasons.shares(fitted, people.some(np.sort(some)), typical)).mean(axis=0)
    names = reasons.columns_of(fitted)
    return typical, {name: float(value) for name, value in zip(names, each, strict=True)}


def save(training: Training, target: Path, *, now: datetime) -> str:
    """Write the model folder; returns the SHA-256 of its manifest. FolderError if it is there."""
    from safetensors.numpy import save as tensors

    happened, learned = training.outcome, training.learned
    pictures = plots.draw(learned.held_out, happened.label, happened.weight, training.report)
    files = {f"{name}.png": content for name, content in pictures.items()}
    files["counts.png"] = plots.counts(training.counts)
    page = card(training, now=now)
    state = {name: np.ascontiguousarray(value) for name, value in learned.fitted.state.items()}
    files |= {
        "model.json": folder.as_json(_described(training, now)),
        "report.json": folder.as_json(_reported(training)),
        "weights.safetensors": tensors(state),
        "card.md": page.markdown().encode(),
        "card.html": page.page(files).encode(),
    }
    return folder.write(target, files)


def _described(training: Training, now: datetime) -> dict[str, Any]:
    plan, learned, happened = training.plan, training.learned, training.outcome
    return {
        "format": 1,
        "kind": "learned",
        "name": plan.name,
        "version": f"{now:%Y%m%d.%H%M%S}",
        "made_at": now.isoformat(),
        "seed": plan.seed,
        "tables": [{"file": name, "sha256": value} for name, value in training.raw.digests],
        "people": len(training.people),
        "events": int(happened.label.sum()),
        "horizon": happened.horizon,
        "roles": asdict(plan.roles),
        "columns": [column.plain() for column in training.people.columns],
        "network": model.plain(learned.fitted),
        "calibrator": learned.calibrator.plain(),
        "typical": training.typical.tolist(),
        "population": drift.summary(training.people),
        "said": drift.said(learned.held_out),
        "made_with": {"python": platform.python_version(), **_versions()},
        "evidence": "draft, needs clinical sign-off",
        "reviewed_on": "",
        "reviewer": "",
    }


def _versions() -> dict[str, str]:
    import torch

    return {"torch": torch.__version__, "numpy": np.__version__}


def _reported(training: Training) -> dict[str, Any]:
    learned = training.learned
    return {
        "how": "nested cross-validation; every person is judged by a model that never saw them",
        "chosen_in_each_fold": list(learned.chosen),
        "calibration": learned.calibrator.kind,
        "overall": training.report.plain(),
        "groups": [group.plain() for group in training.groups],
        "counts": training.counts,
        "notes": list(training.notes),
    }
