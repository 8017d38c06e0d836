"""What a model was told, what it answers, and why it may refuse. FHIR: RiskAssessment."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Input:
    """One thing known about a person, in the unit in which it was said.

    ``value`` is a number, "yes"/"no", or one of an input's choices; ``unit`` is "" where the input
    has none; ``as_of`` is when it was measured or said; ``source`` is where it comes from, for
    example "patient", "Observation/12", "Patient/7".
    """

    value: float | str
    unit: str = ""
    as_of: datetime | None = None
    source: str = "patient"


@dataclass(frozen=True, kw_only=True)
class Used:
    """One predictor as it entered the calculation, beside what was given for it."""

    name: str
    value: float | str  #: canonical unit, or "yes"/"no"/a choice
    unit: str
    given: float | str  #: as it was said
    given_unit: str
    as_of: datetime | None
    source: str
    derived_from: tuple[str, ...] = ()  #: names of the inputs it was worked out from


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """FHIR RiskAssessment.prediction: what may happen, how likely, by when."""

    outcome: str
    horizon_years: int
    probability: float | None  #: 0 to 1; None: the method gives points and no published share


@dataclass(frozen=True, kw_only=True)
class Driver:
    """One input's exact share in the difference from the comparison person (the link's scale).

    For a points table: the points that it adds, against none.
    """

    name: str
    contribution: float  #: positive raises the risk
    theme: str  #: what it is told under: blood_pressure, cholesterol, …
    value: float | str
    unit: str
    reference: float | str  #: the comparison person's value, canonical unit


@dataclass(frozen=True, kw_only=True)
class WhatIf:
    """The same person with one thing changed that people can change."""

    name: str
    value: float | str  #: the changed value, canonical unit
    unit: str
    probability: float | None
    points: float | None = None


@dataclass(frozen=True, kw_only=True)
class RiskAssessment:
    """A number, the grounds it stands on, and what it cannot say."""

    id: str
    patient_id: str
    method: str  #: for example "prevent_2023/base/10y"
    version: str
    occurred_at: datetime
    basis: tuple[str, ...]  #: sources of the inputs used
    prediction: Prediction
    linear_predictor: float  #: on the link's scale; the points of a points table
    comparison_probability: float | None  #: same age and sex, optimal values
    comparison_source: str
    drivers: tuple[Driver, ...]  #: largest absolute contribution first; they sum to the difference
    inputs: tuple[Used, ...]
    limits: tuple[str, ...]  #: codes
    name: str  #: the model's full name
    year: int  #: when the model was published
    counts: tuple[str, ...]  #: codes of the events that the outcome counts
    mention_from: float = field(default=0.0)  #: smallest theme worth telling (log-odds)
    category: str = ""  #: the published band; "" where none was read
    category_source: str = ""
    points: float | None = None  #: of a points table
    what_ifs: tuple[WhatIf, ...] = ()
    citation: str = ""
    population: str = ""
    asked: str = ""  #: what the person asked about, where the method answers something wider


@dataclass(frozen=True, kw_only=True)
class Natural:
    """A probability as people in a hundred."""

    count: int  #: rounded half up; 0 means fewer than 1
    of: int = 100


def natural(probability: float) -> Natural:
    """``probability`` (0 to 1) as people in 100, rounded half up."""
    return Natural(count=math.floor(probability * 100 + 0.5))


@dataclass(frozen=True, kw_only=True)
class Theme:
    """Drivers that belong together when told to a person: pressure and its treatment, say."""

    name: str
    contribution: float
    drivers: tuple[Driver, ...]


def themes(assessment: RiskAssessment) -> tuple[Theme, ...]:
    """The drivers summed by theme, what raises the risk most first."""
    grouped: dict[str, list[Driver]] = {}
    for driver in assessment.drivers:
        grouped.setdefault(driver.theme, []).append(driver)
    found = [
        Theme(
            name=name,
            contribution=math.fsum(driver.contribution for driver in drivers),
            drivers=tuple(drivers),
        )
        for name, drivers in grouped.items()
    ]
    return tuple(sorted(found, key=lambda theme: -theme.contribution))


class RiskError(Exception):
    """The model gives no number."""


class NotEligible(RiskError):
    """The model was not made for this person."""

    def __init__(
        self, code: str, values: Mapping[str, float | str], *, urgent: bool = False
    ) -> None:
        super().__init__(f"not eligible: {code}")
        self.code = code
        self.values = dict(values)
        self.urgent = urgent  #: True: a person must look today; an emergency wins over a score


class OutOfRange(RiskError):
    """A value lies outside what the model was made for. Nothing is clamped."""

    def __init__(self, name: str, value: float, low: float, high: float, unit: str) -> None:
        super().__init__(f"{name} is outside {low:g} to {high:g} {unit}".rstrip())
        self.input = name
        self.value = value
        self.low = low
        self.high = high
        self.unit = unit


class MissingInputs(RiskError):
    """These inputs have to be asked for, in this order."""

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__("missing: " + ", ".join(names))
        self.names = names


class BadInput(RiskError):
    """A value is of the wrong kind or in a unit that the input does not know."""

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(f"{name}: {problem}")
        self.input = name
        self.problem = problem
