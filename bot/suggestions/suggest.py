"""Hold every rule against one record: what there is to talk over, and which lines say so."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from bot.domain.suggestion import Suggestion, Why
from bot.suggestions.record import Line, Record
from bot.suggestions.rules import Due, Rule, rules
from knowledge.graph import graph


def suggest(record: Record, now: datetime) -> list[Suggestion]:
    """In the order of the rules; a pure function of the record, the moment and the files."""
    found: list[Suggestion] = []
    for rule in rules().values():
        why = _fits(rule, record)
        if why is not None:
            found += _FINDERS[rule.kind](rule, record, now, why)
    return found


def _fits(rule: Rule, record: Record) -> tuple[Why, ...] | None:
    """Why this rule is for this person; None: it is not. What is unknown never fits."""
    if rule.countries and record.country not in rule.countries:
        return None
    if rule.pregnant and record.pregnant is not (rule.pregnant == "yes"):
        return None
    why = [Why(kind="pregnant")] if rule.pregnant == "yes" else []
    if rule.sex:
        if record.sex != rule.sex:
            return None
        why.append(Why(kind="sex", what=rule.sex))
    if rule.age_from is not None or rule.age_to is not None:
        age = record.age
        if age is None or not (rule.age_from or 0) <= age <= (rule.age_to or 200):
            return None
        why.append(Why(kind="age", value=str(age)))
    if any(_reaches(one, rule.unless) for one in record.conditions):
        return None
    if rule.conditions:
        theirs = [w for one, w in record.conditions.items() if _reaches(one, rule.conditions)]
        if not theirs:
            return None
        why += [Why(kind="condition", what=words) for words in theirs]
    return tuple(why)


def _reaches(condition: str, wanted: Iterable[str]) -> bool:
    """The condition itself or a wider one is among those wanted."""
    return not set(wanted).isdisjoint(graph().above(condition))


def _overdue(rule: Rule, record: Record, now: datetime, why: tuple[Why, ...]) -> list[Suggestion]:
    missing = _missing(rule.due, record, now)
    if not missing:
        return []
    return [Suggestion(rule=rule.id, tests=_tests(missing), why=(*why, *missing))]


def _medicine(rule: Rule, record: Record, now: datetime, why: tuple[Why, ...]) -> list[Suggestion]:
    found = []
    for medicine, words in record.medicines.items():
        edges = graph().edges_of(medicine, "monitored_by")
        watched = {edge.end for edge in edges if edge.strength in rule.strengths}
        missing = _missing([one for one in rule.due if one.test in watched], record, now)
        if missing:
            lines = (*why, Why(kind="medicine", what=words), *missing)
            found.append(
                Suggestion(rule=rule.id, subject=medicine, tests=_tests(missing), why=lines)
            )
    return found


def _target(rule: Rule, record: Record, now: datetime, why: tuple[Why, ...]) -> list[Suggestion]:
    since = now - timedelta(days=rule.days)
    readings = [
        o
        for o in record.observations
        if o.code == rule.code and o.unit == rule.unit and since <= o.at <= now
    ]
    days = {o.at.date() for o in readings}
    if len(readings) < rule.least or len(days) < rule.least_days:
        return []
    mean = sum(o.value for o in readings) / len(readings)
    lower = [o.diastolic for o in readings if o.diastolic is not None]
    second = sum(lower) / len(lower) if lower else None
    over = rule.diastolic is not None and second is not None and second >= rule.diastolic
    if mean < rule.mean and not over:
        return []
    shown = f"{mean:.1f}".removesuffix(".0") + (
        f"/{second:.1f}".removesuffix(".0") if second else ""
    )
    line = Why(
        kind="mean",
        what=rule.code,
        value=f"{shown} {rule.unit}",
        count=len(readings),
        at=min(o.at for o in readings),
    )
    return [Suggestion(rule=rule.id, why=(*why, line))]


def _offer(rule: Rule, record: Record, now: datetime, why: tuple[Why, ...]) -> list[Suggestion]:
    last = max((note.at for note in record.notes if _says(note, rule.done)), default=None)
    if last is not None and (not rule.days or last > now - timedelta(days=rule.days)):
        return []
    line = Why(kind="last" if last else "never", at=last)
    return [Suggestion(rule=rule.id, why=(*why, line))]


def _tests(missing: Sequence[Why]) -> tuple[str, ...]:
    """The tests that the lines name."""
    return tuple(line.what for line in missing)


def _missing(due: Iterable[Due], record: Record, now: datetime) -> tuple[Why, ...]:
    """A line for each test that was not recorded for too long."""
    lines = []
    for one in due:
        last, value = _last(one, record, now)
        if last is None:
            lines.append(Why(kind="never", what=one.test))
        elif last <= now - timedelta(days=one.days):
            lines.append(Why(kind="last", what=one.test, value=value, at=last))
    return tuple(lines)


def _last(due: Due, record: Record, now: datetime) -> tuple[datetime | None, str]:
    """When the test was last recorded, and what it gave where it is an observation."""
    known = [(o.at, o.shown) for o in record.observations if o.code in due.codes and o.at <= now]
    for note in record.notes:
        named = graph().mentions(note.words, record.language, ("test",))
        if note.at <= now and any(m.sure and m.id == due.test for m in named):
            known.append((note.at, ""))
    return max(known, key=lambda one: one[0], default=(None, ""))


def _says(note: Line, words: Iterable[str]) -> bool:
    said = note.words.casefold()
    return any(one in said for one in words)


_FINDERS = {"overdue": _overdue, "target": _target, "medicine": _medicine, "offer": _offer}
