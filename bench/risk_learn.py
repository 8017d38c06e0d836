"""Learning measured on public tables: rows kept back, several seeds, scikit-learn beside it."""

from __future__ import annotations

import argparse
import statistics
import time
from pathlib import Path

import numpy as np

from risk.learn import choose, measures, outcome, raw
from risk.learn import people as people_
from risk.learn.apply import Judged
from risk.learn.fit import Fitted
from risk.learn.outcome import Outcome
from risk.learn.people import People, Roles

_FRAMINGHAM = Roles(target="TenYearCHD", leave_out=("subj_id",))
_HEART = Roles(target="X14", at_least=1.0, missing=("-9", "-9.0"))


def main() -> None:
    """Print AUROC and calibration slope of each seed on rows kept back, and their spread."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folder", type=Path, help="framingham.csv, heart_*.csv")
    options.add_argument("--seeds", type=int, default=5)
    options.add_argument("--model", choices=choose.MODELS, default="auto")
    options.add_argument("--kept-back", type=float, default=0.3)
    given = options.parse_args()
    _framingham(given)
    _heart(given)


def _opened(paths: list[Path], roles: Roles) -> tuple[People, Outcome]:
    table = raw.read(paths)
    columns, _ = people_.kinds(table, roles)
    everybody = people_.people(table, columns, roles)
    found = everybody.some(outcome.known(table, everybody, roles))
    return found, outcome.outcome(table, found, roles)


def _framingham(given: argparse.Namespace) -> None:
    people, happened = _opened([given.folder / "framingham.csv"], _FRAMINGHAM)
    print(f"framingham: {len(people)} people, {int(happened.label.sum())} events", flush=True)
    rows = []
    for seed in range(given.seeds):
        held = choose.folds(happened.label, round(1 / given.kept_back), seed + 100)[0]
        rest = np.setdiff1d(np.arange(len(people)), held)
        began = time.perf_counter()
        learned = choose.learn(people.some(rest), happened.some(rest), model=given.model, seed=seed)
        took = time.perf_counter() - began
        ours = _figures(learned.probability(people.some(held)), happened.label[held])
        other = _figures(_sklearn(people, happened, rest, held, seed), happened.label[held])
        rows.append((ours["auroc"], other["auroc"], ours["slope"], other["slope"]))
        print(
            f"  seed {seed}: AUROC {ours['auroc']:.4f} (scikit-learn {other['auroc']:.4f}), "
            f"slope {ours['slope']:.3f} (scikit-learn {other['slope']:.3f}), "
            f"{learned.fitted.candidate.told}, {learned.calibrator.kind}, {took:.0f} s",
            flush=True,
        )
    for name, values in zip(
        ("AUROC", "AUROC scikit-learn", "slope", "slope scikit-learn"),
        zip(*rows, strict=True),
        strict=True,
    ):
        spread = statistics.stdev(values) if len(values) > 1 else float("nan")
        print(f"  {name}: mean {statistics.mean(values):.4f}, SD {spread:.4f}")
    gaps = [row[0] - row[1] for row in rows]
    print(f"  AUROC less scikit-learn's: mean {statistics.mean(gaps):+.4f}, worst {min(gaps):+.4f}")


def _figures(probability: np.ndarray, label: np.ndarray) -> dict[str, float]:
    return measures.Ranked(probability, label).figures(np.ones(len(label)))


def _sklearn(
    people: People, happened: Outcome, rest: np.ndarray, held: np.ndarray, seed: int
) -> np.ndarray:
    """A logistic regression tuned over 30 penalties by ten folds; gaps filled and marked."""
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegressionCV
    from sklearn.model_selection import StratifiedKFold
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    folds = StratifiedKFold(10, shuffle=True, random_state=seed)
    found = make_pipeline(
        SimpleImputer(add_indicator=True),
        StandardScaler(),
        LogisticRegressionCV(
            Cs=np.logspace(-4, 2, 30), cv=folds, scoring="neg_log_loss", max_iter=2000,
            l1_ratios=(0,), use_legacy_attributes=False,
        ),
    )  # fmt: skip
    found.fit(people.values[rest], happened.label[rest])
    return np.asarray(found.predict_proba(people.values[held])[:, 1])


def _heart(given: argparse.Namespace) -> None:
    sites = [given.folder / f"heart_{name}.csv" for name in ("cleveland", "hungarian")]
    people, happened = _opened(sites, _HEART)
    learned = choose.learn(people, happened, model=given.model, seed=0)
    report = measures.judge(learned.held_out, happened.label, happened.weight, seed=0)
    print(f"heart, both sites: {len(people)} people, cross-validated; {learned.chosen[0]}")
    _tell(report)
    for site, other in (sites, sites[::-1]):
        people, happened = _opened([site], _HEART)
        learned = choose.learn(people, happened, model=given.model, seed=0)
        found = _elsewhere(learned.fitted, learned.calibrator, other, people)
        print(f"heart, learned at {site.stem} ({len(people)}), judged at {other.stem}:")
        _tell(found.report)


def _elsewhere(
    fitted: Fitted, calibrator: choose.Calibrator, other: Path, people: People
) -> Judged:
    table = raw.read([other])
    everybody = people_.people(table, people.columns, _HEART)
    found = everybody.some(outcome.known(table, everybody, _HEART))
    happened = outcome.outcome(table, found, _HEART)
    probability = calibrator(fitted.probability(found))
    report = measures.judge(probability, happened.label, happened.weight, seed=0)
    return Judged(
        raw=table, people=found, probability=probability, outcome=happened, report=report,
        groups=(), refused=0,
    )  # fmt: skip


def _tell(report: measures.Report) -> None:
    for name, value in measures.told(report):
        print(f"  {name}: {value}")


if __name__ == "__main__":
    main()
