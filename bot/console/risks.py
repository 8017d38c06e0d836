"""A risk assessment as a nurse checks it: every input, every share, every source."""

from __future__ import annotations

from dataclasses import dataclass

import risk
from bot.console.words import Shown
from prompts import UnknownWords, say
from risk import RiskAssessment


@dataclass(frozen=True, kw_only=True)
class Calculation:
    """One assessment with its whole calculation, in words and figures."""

    made: RiskAssessment
    headline: str
    outcome: str
    band: str
    comparison: str
    inputs: tuple[tuple[str, str, str, str], ...]  #: what, as given, as used, from (with its date)
    shares: tuple[tuple[str, str, str, str], ...]  #: what, value, compared with, share
    changes: tuple[tuple[str, str], ...]  #: what, the number then
    limits: tuple[str, ...]


def calculation(made: RiskAssessment, shown: Shown) -> Calculation:
    """``made`` as the page shows it."""
    language = shown.language
    best = made.comparison_probability
    model = made.method.split("/")[0]

    def called(name: str) -> str:
        return _name(risk.concept(model, name), language)

    def value(name: str, given: float | str, unit: str) -> str:
        return _value(risk.concept(model, name), given, unit, language)

    return Calculation(
        made=made,
        headline=_number(made.prediction.probability, made.points, language),
        outcome=shown.code("risk", made.prediction.outcome),
        band=f"{made.category} ({made.category_source})" if made.category else "",
        comparison="" if best is None else _number(best, None, language),
        inputs=tuple(
            (
                called(one.name),
                value(one.name, one.given, one.given_unit),
                value(one.name, one.value, one.unit),
                one.source + (f", {shown.time(one.as_of)}" if one.as_of else ""),
            )
            for one in made.inputs
        ),
        shares=tuple(
            (
                called(one.name),
                value(one.name, one.value, one.unit),
                value(one.name, one.reference, one.unit) if made.points is None else "",
                f"{one.contribution:+.4f}" if made.points is None else f"{one.contribution:g}",
            )
            for one in made.drivers
        ),
        changes=tuple(
            (
                f"{called(one.name)}: {value(one.name, one.value, one.unit)}",
                _number(one.probability, one.points, language),
            )
            for one in made.what_ifs
        ),
        limits=made.limits,
    )


def _name(concept: str, language: str) -> str:
    try:
        return say(f"console.input_{concept}", language)
    except UnknownWords:
        pass
    try:
        name = say(f"risk.name_{concept}", language)
    except UnknownWords:
        return concept.replace("_", " ")
    return name[:1].upper() + name[1:]


def _value(concept: str, value: float | str, unit: str, language: str) -> str:
    if not isinstance(value, str):
        return f"{value:g} {unit}".strip()
    for key in (f"risk.choice_{concept}_{value}", f"risk.{value}"):
        try:
            return say(key, language)
        except UnknownWords:
            continue
    return value.replace("_", " ")


def _number(probability: float | None, points: float | None, language: str) -> str:
    parts = []
    if points is not None:
        parts.append(say("console.points", language, count=f"{points:g}"))
    if probability is not None:
        parts.append(say("console.in_hundred", language, count=f"{probability * 100:.1f}"))
    return ", ".join(parts)
