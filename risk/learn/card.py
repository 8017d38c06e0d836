"""The model card: what the model is, for whom, how good, and where it must not be trusted."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from risk.learn.groups import Group
from risk.learn.measures import told
from risk.learn.pages import Page

if TYPE_CHECKING:
    from risk.learn.train import Training

_DRAFT = (
    "Draft. No clinician has reviewed this model. It may not be used for a patient before one has, "
    "and before it has run silently beside what is used today."
)


def card(training: Training, *, now: datetime) -> Page:
    """The card of a model that was just learned."""
    plan, learned, happened = training.plan, training.learned, training.outcome
    page = Page(title=f"Model card: {plan.name}")
    page.note(_DRAFT)
    page.heading("What it says")
    what = plan.roles.target or plan.roles.event
    by_when = f" by time {happened.horizon:g}" if happened.horizon is not None else ""
    from_ = f" (from {plan.roles.at_least:g})" if plan.roles.at_least is not None else ""
    page.text(f"The probability of {what}{from_}{by_when}. It is no diagnosis and no advice.")
    page.heading("What it was learned from")
    visits = "" if training.people.starts is None else f", {len(training.people.values)} visits"
    page.table(
        ("", ""),
        [
            ("tables", ", ".join(name for name, _ in training.raw.digests)),
            ("people", f"{len(training.people)}{visits}"),
            ("with the outcome", int(happened.label.sum())),
            ("made at", f"{now:%Y-%m-%d %H:%M} UTC"),
            ("seed", plan.seed),
            ("model", learned.fitted.candidate.told),
            ("chosen in each fold", "; ".join(learned.chosen)),
            ("calibration", learned.calibrator.kind),
        ],
    )
    for note in training.notes:
        page.text(note)
    _columns(page, training)
    page.heading("How good it is")
    page.text(
        "By nested cross-validation: each person is judged by a model, a choice of model and a "
        "calibration that never saw that person. 95 % intervals by resampling people. It says "
        "nothing about another clinic, another country or a later year: judge it there first."
    )
    page.table(("figure", "value (95 % interval)"), told(training.report))
    page.picture("roc.png", "ROC curve")
    page.picture("calibration.png", "Calibration: probability said and share seen, by tenths")
    page.picture("decision.png", "Decision curve: net benefit by threshold")
    _benefit(page, training)
    _groups(page, training.groups)
    page.heading("What it goes by")
    page.text(
        "Mean absolute share of each column against the typical person, in log-odds. What counts "
        "for the model need not cause anything."
    )
    page.picture("counts.png", "What moves the score most")
    return page


def _columns(page: Page, training: Training) -> None:
    import numpy as np

    rows = []
    for place, column in enumerate(training.people.columns):
        unknown = float(np.isnan(training.people.values[:, place]).mean())
        values = (
            f"{column.low:g} to {column.high:g}"
            if column.kind == "number"
            else ", ".join(column.levels)
        )
        rows.append((column.name, column.kind, values, f"{unknown:.1%}"))
    page.table(("column", "kind", "values", "not known"), rows)


def _benefit(page: Page, training: Training) -> None:
    rows = [
        (f"{threshold:g}", str(one), f"{everybody:.3f}")
        for threshold, (one, everybody) in training.report.benefit.items()
    ]
    page.table(("threshold", "net benefit by the model", "for everybody"), rows)


def _groups(page: Page, groups: tuple[Group, ...]) -> None:
    page.heading("By group")
    if not groups:
        page.text("No groups were asked for, and no column has a usual name for sex or age.")
        return
    page.table(
        ("column", "group", "people", "events", "AUROC", "Brier score", "slope", "intercept",
         "observed / expected", "flagged"),
        [group_row(group) for group in groups],
    )  # fmt: skip
    page.text(
        "Within a band of age, age itself no longer tells people apart: a lower AUROC there than "
        "in everybody else is usual."
    )
    flagged = [one for one in groups if one.flags]
    page.note(
        f"{len(flagged)} of {len(groups)} groups are flagged by risk/learn/fairness.toml: find out "
        "why before anyone uses the model."
        if flagged
        else "No group is flagged by risk/learn/fairness.toml. Groups that are too small to judge "
        "are not shown to be treated fairly."
    )


def group_row(group: Group) -> tuple[str, ...]:
    """A group as a row of the card's table."""
    start = (group.column, group.name, str(group.people), str(group.events))
    if group.report is None:
        return (*start, "too small to judge", "", "", "", "", "")
    shown = ("auroc", "brier", "slope", "intercept", "observed_over_expected")
    figures = [str(group.report.figures[name]) for name in shown]
    return (*start, *figures, "; ".join(group.flags) or "–")
