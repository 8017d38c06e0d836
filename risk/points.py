"""Add up a score's points and name its result, as a table says."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from risk import parts
from risk.loader import card_fields
from risk.reader import Reader, read
from risk.table import Band, Card, Category
from risk.values import Value

_CONDITION = re.compile(r"(\w+) (=|<=|>=|<|>) ([\w.+ -]+)")
_COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
}


@dataclass(frozen=True, kw_only=True)
class Condition:
    """For example "sbp < 90" or "sex = male"; false where the value is not known."""

    name: str
    sign: str
    value: Value

    def holds(self, values: Mapping[str, Value]) -> bool:
        """Whether it is true of ``values``."""
        given = values.get(self.name)
        if isinstance(given, str) or isinstance(self.value, str):
            return given == self.value
        return given is not None and _COMPARE[self.sign](given, self.value)


@dataclass(frozen=True, kw_only=True)
class Point:
    """What one answer or measurement adds."""

    name: str
    of: str  #: the input whose value, band or choice gives the points; "" for a fixed number
    bands: tuple[Band, ...]
    values: Mapping[str, float]
    points: float
    all: tuple[Condition, ...]
    any: tuple[Condition, ...]
    variants: tuple[str, ...]

    def add(self, values: Mapping[str, Value]) -> float | None:
        """The points; None where the row of the table does not concern this person."""
        if not all(condition.holds(values) for condition in self.all):
            return None if self.of else 0.0
        if self.any and not any(condition.holds(values) for condition in self.any):
            return 0.0
        if not self.of:
            return self.points
        given = values.get(self.of)
        if given is None:  # not answered yet
            return None
        if isinstance(given, str):
            return self.values[given]
        found = given if not self.bands else self.bands[0].value
        for band in self.bands[1:]:
            if given >= band.ge if band.ge is not None else given > (band.gt or 0.0):
                found = band.value
        return found


@dataclass(frozen=True, kw_only=True)
class Case:
    """A result and the conditions under which it is given."""

    then: Value
    all: tuple[Condition, ...]


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One result: a sum by name, or the first case that holds."""

    name: str
    of: str
    cases: tuple[Case, ...]
    otherwise: Value


@dataclass(frozen=True, kw_only=True)
class Count:
    """How many of the conditions hold."""

    name: str
    of: tuple[Condition, ...]


@dataclass(frozen=True, kw_only=True)
class Raise:
    """When a person must look, and how soon (P0 to P3)."""

    all: tuple[Condition, ...]
    priority: str
    path: str  #: the safety path to open, for example "self_harm"; "" for none
    variants: tuple[str, ...]  #: () is every one


@dataclass(frozen=True, kw_only=True)
class Points(Card):
    """A whole score: a card, and how it is added up."""

    points: tuple[Point, ...]
    sums: Mapping[str, tuple[str, ...]]  #: name -> inputs
    counts: tuple[Count, ...]
    answers: tuple[Answer, ...]
    raises: tuple[Raise, ...]
    years: int = 0  #: how far ahead its published shares reach; 0: now
    limits: tuple[str, ...] = ()  #: codes of what an answer to a patient must say


@dataclass(frozen=True, kw_only=True)
class Added:
    """A score of one person."""

    answers: Mapping[str, Value]
    points: Mapping[str, float]  #: by row of the table
    total: float
    category: Category | None
    raises: tuple[Raise, ...]


def _condition(part: Reader, field: str, text: str, known: set[str]) -> Condition:
    found = _CONDITION.fullmatch(text)
    if found is None or found[1] not in known:
        raise part.fail(field, f"holds {text!r}, which is no condition on a known value")
    try:
        value: Value = float(found[3])
    except ValueError:
        value = found[3]
        if found[2] != "=":
            raise part.fail(field, f"compares {text!r} with a word") from None
    return Condition(name=found[1], sign=found[2], value=value)


def _conditions(part: Reader, field: str, known: set[str]) -> tuple[Condition, ...]:
    texts = part.texts(field, default=())
    return tuple(_condition(part, field, text, known) for text in texts)


def _value(part: Reader, field: str) -> Value:
    value = part.table.get(field)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise part.fail(field, "must be a text or a number")
    return value


def _point(part: Reader, known: set[str]) -> Point:
    of = part.text("of", default="", among=("", *sorted(known)))
    return Point(
        name=part.text("name", default=of),
        of=of,
        bands=parts.bands(part, "bands"),
        values={key: float(value) for key, value in part.table.get("values", {}).items()},
        points=0.0 if of else part.number("points"),
        all=_conditions(part, "all", known),
        any=_conditions(part, "any", known),
        variants=part.texts("variants", default=()),
    )


@cache
def table(name: str) -> Points:
    """The score ``name``, read and checked once. ValueError names the file and the field."""
    top = read(name)
    top.text("kind", among=("points",))
    names = [part.text("name") for part in top.parts("answers")]
    fields = card_fields(top, "points", names)
    inputs = {spec.name for spec in fields["inputs"]}
    sums = {part.text("name"): part.texts("of") for part in top.parts("sums")}
    counts = tuple(
        Count(name=part.text("name"), of=_conditions(part, "of", inputs))
        for part in top.parts("counts")
    )
    known = inputs | set(sums) | {count.name for count in counts} | {"total", "largest"}
    answers = tuple(
        Answer(
            name=part.text("name"),
            of=part.text("of", default="", among=("", *sorted(known))),
            cases=tuple(
                Case(then=_value(case, "then"), all=_conditions(case, "all", known))
                for case in part.parts("cases")
            ),
            otherwise=_value(part, "otherwise") if "otherwise" in part.table else "",
        )
        for part in top.parts("answers")
    )
    known |= set(names)
    return Points(
        info=parts.info(top, "points", ()),
        **fields,
        points=tuple(_point(part, inputs) for part in top.parts("points")),
        sums=sums,
        counts=counts,
        answers=answers,
        raises=tuple(
            Raise(
                all=_conditions(part, "all", known),
                priority=part.text("priority", among=("P0", "P1", "P2", "P3")),
                path=part.text("path", default=""),
                variants=part.texts("variants", default=()),
            )
            for part in top.parts("raises")
        ),
        years=int(top.number("years", 0.0)),
        limits=top.texts("limits", default=()),
    )


def add(score: Points, variant: str, values: Mapping[str, Value]) -> Added:
    """The score of one person from checked, canonical ``values``."""
    points: dict[str, float] = {}
    for row in score.points:
        if not row.variants or variant in row.variants:
            found = row.add(values)
            if found is not None:
                points[row.name] = points.get(row.name, 0.0) + found
    total = sum(points.values())
    known: dict[str, Value] = {**values, "total": total}
    known["largest"] = max(points.values(), default=0.0)
    for name, of in score.sums.items():
        known[name] = sum(_numbers(values, of))
    for count in score.counts:
        known[count.name] = float(sum(condition.holds(values) for condition in count.of))
    answers: dict[str, Value] = {}
    for answer in score.answers:
        if answer.of:
            answers[answer.name] = known[answer.of]
        else:
            answers[answer.name] = next(
                (case.then for case in answer.cases if all(c.holds(known) for c in case.all)),
                answer.otherwise,
            )
    known |= answers
    return Added(
        answers=answers,
        points=points,
        total=total,
        category=category(score.categories, total, variant, values),
        raises=tuple(
            rule
            for rule in score.raises
            if variant in (rule.variants or (variant,)) and all(c.holds(known) for c in rule.all)
        ),
    )


def _numbers(values: Mapping[str, Value], names: Iterable[str]) -> Iterable[float]:
    for name in names:
        value = values.get(name, 0.0)  # not answered yet
        assert not isinstance(value, str)
        yield value


def category(
    bands: Iterable[Category], result: float, variant: str, values: Mapping[str, Value]
) -> Category | None:
    """The highest published band that ``result`` reaches for this person."""
    found = None
    for band in bands:
        age = values.get("age")
        if band.variants and variant not in band.variants:
            continue
        if band.age is not None and (
            not isinstance(age, float | int) or not band.age[0] <= age <= band.age[1]
        ):
            continue
        if result >= band.low and (found is None or band.low >= found.low):
            found = band
    return found
