"""Care plans as files a nurse can read and change: what is asked when, and what is too much."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from bot.domain.checkin import Schedule, kinds
from bot.domain.message import PatientId
from bot.domain.observation import Observation
from bot.plans import targets
from bot.plans.targets import Target
from bot.when.rule import Rule

_FOLDER = Path(__file__).parent
_TIERS = ("P1", "P2", "P3")


@dataclass(frozen=True, kw_only=True)
class Item:
    """One thing that is asked; days count from the plan's start, 0 is the first."""

    kind: str
    what: Mapping[str, str]
    rule: Rule
    from_day: int
    until_day: int
    missed: str  #: tier at which silence is told to the care team; "": as the kind has it


@dataclass(frozen=True, kw_only=True)
class Threshold:
    """A reading the care team wants to see: value or diastolic at or beyond a limit."""

    code: str
    at_least: float | None
    at_most: float | None
    diastolic_at_least: float | None
    tier: str

    def crossed(self, observation: Observation) -> bool:
        """The observation lies at or beyond one of the limits."""
        if observation.code != self.code:
            return False
        second = observation.diastolic
        return (
            (self.at_least is not None and observation.value >= self.at_least)
            or (self.at_most is not None and observation.value <= self.at_most)
            or (
                self.diastolic_at_least is not None
                and second is not None
                and second >= self.diastolic_at_least
            )
        )


@dataclass(frozen=True, kw_only=True)
class Plan:
    """One care plan; evidence and reviewer say how far it may be trusted."""

    name: str
    title: Mapping[str, str]
    evidence: str
    items: tuple[Item, ...]
    thresholds: tuple[Threshold, ...]
    targets: tuple[Target, ...]


@cache
def plans() -> Mapping[str, Plan]:
    """Every plan by name. ValueError names the file and the field that is wrong."""
    return {path.stem: _read(path) for path in sorted(_FOLDER.glob("*.toml"))}


def schedules(plan: Plan, patient_id: PatientId, language: str, start: date) -> list[Schedule]:
    """The plan's items as schedules of one patient, from its start to its end."""
    found = []
    for number, item in enumerate(plan.items):
        first = start + timedelta(days=item.from_day)
        last = start + timedelta(days=item.until_day)
        rule = item.rule.to_dict() | {"start": first.isoformat(), "end": last.isoformat()}
        found.append(
            Schedule(
                id=f"plan/{plan.name}/{number}/{patient_id}"[:64],
                patient_id=patient_id,
                kind=item.kind,
                rule=rule,
                what=item.what[language if language in item.what else "en"],
                plan=plan.name,
            )
        )
    return found


def crossed(names: set[str], observation: Observation) -> str | None:
    """The most urgent tier that an observation reaches in these plans; None: in none."""
    tiers = [
        threshold.tier
        for name in names
        if (plan := plans().get(name)) is not None
        for threshold in plan.thresholds
        if threshold.crossed(observation)
    ]
    return min(tiers, default=None)


def _read(path: Path) -> Plan:
    where = f"bot/plans/{path.name}"
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{where}: {error}") from error
    unknown = set(data) - {
        "title", "source", "evidence", "reviewed_on", "reviewer", "item", "threshold",
        "target",
    }  # fmt: skip
    if unknown:
        raise ValueError(f"{where}: {min(unknown)} is no field of a plan")
    for field in ("source", "evidence"):
        if not data.get(field):
            raise ValueError(f"{where}: {field} is missing")
    return Plan(
        name=path.stem,
        title=_both(data, "title", where),
        evidence=data["evidence"],
        items=tuple(_item(row, place) for row, place in _tables(data, "item", where)),
        thresholds=tuple(
            _threshold(row, place) for row, place in _tables(data, "threshold", where)
        ),
        targets=tuple(targets.read(row, place) for row, place in _tables(data, "target", where)),
    )


def _tables(
    data: Mapping[str, Any], field: str, where: str
) -> Iterator[tuple[Mapping[str, Any], str]]:
    rows = data.get(field, [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ValueError(f"{where}: {field} must be written as [[{field}]]")
    if not rows and field == "item":
        raise ValueError(f"{where}: item is missing: a plan asks something")
    for number, row in enumerate(rows, 1):
        yield row, f"{where}: {field} {number}"


def _both(table: Mapping[str, Any], field: str, where: str) -> dict[str, str]:
    texts = table.get(field, {})
    if not isinstance(texts, dict) or not all(texts.get(language) for language in ("en", "zh")):
        raise ValueError(f"{where}: {field} needs en and zh")
    return dict(texts)


def _item(row: Mapping[str, Any], where: str) -> Item:
    unknown = set(row) - {"kind", "what", "rule", "from_day", "until_day", "missed"}
    if unknown:
        raise ValueError(f"{where}: {min(unknown)} is no field of an item")
    if row.get("kind") not in kinds():
        raise ValueError(f"{where}: kind must be one of {', '.join(kinds())}")
    if row.get("missed", "") not in ("", *_TIERS):
        raise ValueError(f"{where}: missed must be one of {', '.join(_TIERS)}")
    if "missed" in row and kinds()[row["kind"]].missed is None:
        raise ValueError(f"{where}: missed: a {row['kind']} waits for no answer")
    first, last = row.get("from_day", 0), row.get("until_day")
    if type(first) is not int or type(last) is not int or not 0 <= first <= last:
        raise ValueError(f"{where}: from_day and until_day must be days, the first not later")
    if not isinstance(row.get("rule"), dict):
        raise ValueError(f"{where}: rule is missing, or no table")
    try:
        rule = Rule.from_dict(row["rule"])
    except ValueError as error:
        raise ValueError(f"{where}: rule: {error}") from error
    if not rule.times:
        raise ValueError(f"{where}: rule: times are missing")
    return Item(
        kind=row["kind"],
        what=_both(row, "what", where),
        rule=rule,
        from_day=first,
        until_day=last,
        missed=row.get("missed", ""),
    )


def _threshold(row: Mapping[str, Any], where: str) -> Threshold:
    unknown = set(row) - {"code", "at_least", "at_most", "diastolic_at_least", "tier"}
    if unknown:
        raise ValueError(f"{where}: {min(unknown)} is no field of a threshold")
    if row.get("tier") not in _TIERS:
        raise ValueError(f"{where}: tier must be one of {', '.join(_TIERS)}")
    limits = targets.limits(row, ("at_least", "at_most", "diastolic_at_least"), where)
    return Threshold(code=targets.code(row, where), tier=row["tier"], **limits)
