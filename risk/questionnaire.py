"""Score one person by a points table: a questionnaire, a bedside score, a screening."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from risk import points
from risk.assessment import BadInput, Input, MissingInputs
from risk.narrow import fit
from risk.table import Card, InputSpec
from risk.values import (
    Value,
    canonical,
    check_conflicts,
    check_eligible,
    check_range,
    check_relations,
    concerns,
)


@dataclass(frozen=True, kw_only=True)
class Score:
    """What a points table says of one person, and whether a person must look."""

    model: str
    variant: str
    version: str
    answers: Mapping[str, Value]  #: as in the model's table of answers
    points: Mapping[str, float]  #: by row of the table
    total: float
    category: str  #: "" where none is published
    category_source: str
    for_patient: bool  #: False: the result is for clinicians; it may raise, never reassure
    priority: str  #: P0 to P3: a person must look by then; "" for nobody
    path: str  #: the safety path to open, for example "self_harm"
    attribution: str  #: to be shown with the questions


def _needed(card: Card) -> tuple[str, ...]:
    return tuple(spec.name for spec in card.inputs)


def missing(name: str, inputs: Mapping[str, Input], *, variant: str = "") -> tuple[str, ...]:
    """What still has to be asked for the score ``name``, in asking order."""
    whole = points.table(name)
    card = fit(whole, variant or whole.info.variants[0], whole.info.horizons[0])
    values: dict[str, Value] = {
        spec.name: canonical(spec, inputs[spec.name]) for spec in card.inputs if spec.name in inputs
    }
    found = []
    for spec in card.inputs:
        if spec.role == "source" or spec.name in inputs or spec.optional:
            continue
        if concerns(spec, values) is False:
            continue
        if spec.absent and all(values.get(n) == v for n, v in (spec.absent_when or {}).items()):
            continue
        found.append(spec.name)
    return tuple(found)


def asked(name: str, variant: str) -> tuple[InputSpec, ...]:
    """Everything that one variant of the score ``name`` wants to know, in asking order."""
    whole = points.table(name)
    return fit(whole, variant, whole.info.horizons[0]).inputs


def answers_last(name: str) -> int:
    """For how many days answers to the score ``name`` may still be counted with newer ones."""
    found = [one.max_age_days for one in points.table(name).inputs if one.max_age_days is not None]
    return min(found, default=1)


def opened(name: str, inputs: Mapping[str, Input], *, variant: str = "") -> str:
    """The safety path that the answers so far already open ("self_harm"); "" for none.

    A questionnaire that is never finished must not hide what it was told on the way.
    """
    whole = points.table(name)
    variant = variant or whole.info.variants[0]
    card = fit(whole, variant, whole.info.horizons[0])
    known = {
        spec.name: canonical(spec, inputs[spec.name]) for spec in card.inputs if spec.name in inputs
    }
    found = points.add(whole, variant, known)
    return next((rule.path for rule in found.raises if rule.path), "")


def score(name: str, inputs: Mapping[str, Input], *, variant: str = "") -> Score:
    """The score ``name`` ("phq9", "findrisc", …) of one person.

    ``inputs`` in any unit the table knows; nothing is clamped or filled in. Raises NotEligible,
    OutOfRange, BadInput or MissingInputs. Method and source: the table's citation.
    """
    whole = points.table(name)
    variant = variant or whole.info.variants[0]
    if variant not in whole.info.variants:
        raise BadInput("variant", f"must be one of {', '.join(whole.info.variants)}")
    card = fit(whole, variant, whole.info.horizons[0])
    given = {key: inputs[key] for key in _needed(card) if key in inputs}
    values = {key: canonical(card.spec(key), one) for key, one in given.items()}
    check_eligible(card, values)
    for key, value in values.items():
        check_range(card.spec(key), value, given[key].unit)
    check_relations(card, values)
    check_conflicts(card, values)
    if absent := missing(name, inputs, variant=variant):
        raise MissingInputs(absent)
    for spec in card.inputs:
        if spec.absent and spec.name not in values:
            values[spec.name] = spec.absent
    found = points.add(whole, variant, values)
    first = min(found.raises, key=lambda rule: rule.priority, default=None)
    return Score(
        model=name,
        variant=variant,
        version=whole.info.version,
        answers=found.answers,
        points=found.points,
        total=found.total,
        category=found.category.label if found.category else "",
        category_source=found.category.source if found.category else "",
        for_patient=whole.info.audience == "patient",
        priority=first.priority if first else "",
        path=next((rule.path for rule in found.raises if rule.path), ""),
        attribution=whole.info.attribution,
    )
