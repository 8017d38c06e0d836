"""Say a probability of each person with a learned model, and judge it on people it never saw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from risk.learn import outcome as outcome_
from risk.learn import people as people_
from risk.learn import raw as raw_
from risk.learn.groups import Group, by_group, usual
from risk.learn.measures import Report, judge
from risk.learn.model import LearnedModel
from risk.learn.outcome import Outcome
from risk.learn.people import People, Roles
from risk.learn.raw import Raw
from risk.learn.rules import how

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_MOST_REASONS = 5  # columns named in an explanation


@dataclass(frozen=True, kw_only=True)
class Said:
    """The answer for one person: a probability, or why there is none."""

    id: str
    probability: float | None
    reason: str = ""
    note: str = ""
    explained: str = ""

    def cells(self) -> dict[str, object]:
        """As a row of a table."""
        number = "" if self.probability is None else repr(self.probability)
        return {
            "id": self.id, "probability": number, "reason": self.reason, "note": self.note,
            "explain": self.explained,
        }  # fmt: skip


def read(model: LearnedModel, tables: Sequence[Path], person: str = "") -> tuple[Raw, People]:
    """The people of the tables as this model reads them. SheetError says what is wrong where."""
    raw = raw_.read(tables)
    roles = model.roles
    if not roles.person:
        usual = [name for name in raw.names if name.lower() in how("reading", "identifiers")]
        roles = replace(roles, person=person or next(iter(usual), ""))
    return raw, people_.people(raw, model.columns, roles, unique=False)


def predict(model: LearnedModel, people: People, *, explain: bool = False) -> list[Said]:
    """One answer a person, in the order of the table.

    No number where a word was never learned, or where a number lies further outside what was
    learned than ``learn.toml`` allows: nothing is clamped.
    """
    import numpy as np

    reasons, notes = _outside(people)
    good = np.array([i for i in range(len(people)) if not reasons[i]], dtype=np.int64)
    probability = model.probability(people.some(good)) if len(good) else np.zeros(0)
    told = _explained(model, people.some(good)) if explain and len(good) else [""] * len(good)
    found = {
        int(place): (float(value), words)
        for place, value, words in zip(good, probability, told, strict=True)
    }
    order = sorted(range(len(people)), key=lambda i: people.rows[i])
    return [
        Said(
            id=people.ids[i],
            probability=found[i][0] if i in found else None,
            reason="; ".join(reasons[i]),
            note="; ".join(notes[i]),
            explained=found[i][1] if i in found else "",
        )
        for i in order
    ]


def _outside(people: People) -> tuple[list[list[str]], list[list[str]]]:
    import numpy as np

    reasons: list[list[str]] = [[] for _ in people.ids]
    notes: list[list[str]] = [[] for _ in people.ids]
    owner = (
        np.arange(len(people))
        if people.starts is None
        else np.repeat(np.arange(len(people)), np.diff(people.starts))
    )
    for place, column in enumerate(people.columns):
        values = people.values[:, place]
        if column.kind == "words":
            for row in np.flatnonzero(values == -1):
                _once(reasons[owner[row]], f"{column.name} holds a word that was never learned")
            continue
        span = column.high - column.low
        below, above = column.low - values, values - column.high
        away = np.nan_to_num(np.maximum(below, above), nan=-1.0)
        for row in np.flatnonzero(away > how("range", "note_beyond") * span):
            words = f"{column.name} {values[row]:g} is outside {column.low:g} to {column.high:g}"
            far = away[row] > how("range", "refuse_beyond") * span
            _once((reasons if far else notes)[owner[row]], words)
    for place, one in enumerate(_empty(people)):
        if one:
            reasons[place].append("nothing is known of this person")
    return reasons, notes


def _once(among: list[str], words: str) -> None:
    if words not in among:
        among.append(words)


def _empty(people: People) -> list[bool]:
    import numpy as np

    nothing: NDArray[np.bool_] = np.isnan(people.values).min(axis=1)
    if people.starts is not None:
        nothing = np.logical_and.reduceat(nothing, people.starts[:-1])
    return list(nothing.tolist())


def _explained(model: LearnedModel, people: People) -> list[str]:
    from risk.learn import reasons

    names = reasons.columns_of(model.fitted)
    found = []
    for row in reasons.shares(model.fitted, people, model.typical):
        largest = sorted(zip(names, row, strict=True), key=lambda one: -abs(one[1]))
        found.append("; ".join(f"{n} {v:+.3f}" for n, v in largest[:_MOST_REASONS] if v))
    return found


@dataclass(frozen=True, kw_only=True)
class Judged:
    """How good a model is on a table that says what happened."""

    raw: Raw
    people: People
    probability: NDArray[np.float64]
    outcome: Outcome
    report: Report
    groups: tuple[Group, ...]
    refused: int  #: people who get no number


def judged(
    model: LearnedModel,
    tables: Sequence[Path],
    roles: Roles,
    *,
    groups: Sequence[str] | None = None,
    horizon: float | None = None,
    seed: int = 0,
) -> Judged:
    """Judge ``model`` on people it has not seen; ``roles`` names the outcome of these tables."""
    import numpy as np

    raw = raw_.read(tables)
    merged = replace(
        roles,
        person=roles.person or model.roles.person,
        visit=model.roles.visit,
        missing=(*model.roles.missing, *roles.missing),
    )
    everybody = people_.people(raw, model.columns, merged)
    reasons, _ = _outside(everybody)
    told = outcome_.known(raw, everybody, merged)
    good = np.array([i for i in told if not reasons[i]], dtype=np.int64)
    found = everybody.some(good)
    happened = outcome_.outcome(raw, found, merged, horizon)
    probability = model.probability(found)
    report = judge(probability, happened.label, happened.weight, seed=seed)
    names = usual(raw) if groups is None else groups
    return Judged(
        raw=raw,
        people=found,
        probability=probability,
        outcome=happened,
        report=report,
        groups=tuple(
            by_group(raw, found, probability, happened.label, happened.weight, names, seed=seed)
        ),
        refused=len(told) - len(good),
    )
