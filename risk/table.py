"""The shape of a model's table, as plain frozen words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Key = tuple[str, int, str, str]  #: variant, horizon in years, stratum, outcome


@dataclass(frozen=True, kw_only=True)
class Unit:
    """A unit an input may come in; value x ``factor`` is the value in the canonical unit."""

    name: str
    factor: float
    entry_low: float  #: what a person may plausibly mean by a bare number in this unit
    entry_high: float


@dataclass(frozen=True, kw_only=True)
class InputSpec:
    """One thing a model wants to know."""

    name: str
    kind: str  #: number, choice or yes_no
    role: str  #: predictor, eligibility, or source (only turned into a predictor)
    theme: str = ""
    unit: str = ""  #: the canonical one
    units: tuple[Unit, ...] = ()  #: the canonical one first
    choices: tuple[str, ...] = ()
    low: float | None = None  #: canonical unit, inclusive
    high: float | None = None
    whole: bool = False
    optimal: float | None = None  #: the comparison person's value
    max_age_days: int | None = None  #: None: it does not age
    yes_lasts: bool = False  #: a "yes" does not age
    when: Mapping[str, float | str] | None = None  #: asked only of these people
    outcomes: tuple[str, ...] = ()  #: the outcomes for which it is needed


@dataclass(frozen=True, kw_only=True)
class Derivation:
    """How a predictor is worked out from what people know."""

    input: str
    method: str
    sources: tuple[str, ...]
    ask: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """A rule for who gets no number. Exactly one of the tests is set."""

    code: str
    input: str
    equals: str | None = None
    outside: tuple[float, float] | None = None
    above: float | None = None
    urgent: bool = False


@dataclass(frozen=True, kw_only=True)
class Feature:
    """(clip(sum of weight x input) - center) / scale, or a product of earlier features."""

    name: str
    of: Mapping[str, float]
    product: tuple[str, ...] = ()
    at_least: float | None = None
    at_most: float | None = None
    center: float = 0.0
    scale: float = 1.0


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What is predicted, and what it counts."""

    name: str
    secondary: bool
    counts: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ModelInfo:
    """What a person should know before trusting a model."""

    id: str
    name: str
    version: str
    year: int
    citation: str
    licence: str
    population: str
    country: str
    outcomes: tuple[Outcome, ...]
    variants: tuple[str, ...]
    horizons: tuple[int, ...]
    evidence: str
    reviewed_on: str | None = None
    reviewer: str | None = None


@dataclass(frozen=True, kw_only=True)
class Table:
    """A whole model: what it wants, whom it refuses, how it computes."""

    info: ModelInfo
    link: str
    stratum: str
    strata: tuple[str, ...]
    inputs: tuple[InputSpec, ...]
    derive: tuple[Derivation, ...]
    refuse: tuple[Refusal, ...]
    features: tuple[Feature, ...]
    coefficients: Mapping[Key, Mapping[str, float]]  #: term (feature or "constant") -> beta
    limits: Mapping[str, tuple[str, ...]]
    mention_from: float
    comparison_source: str

    def spec(self, name: str) -> InputSpec:
        """The input called ``name``; KeyError if the model does not know it."""
        for spec in self.inputs:
            if spec.name == name:
                return spec
        raise KeyError(name)

    @property
    def columns(self) -> tuple[str, ...]:
        """The predictors that enter the features, in table order (the stratum is not one)."""
        used = {name for feature in self.features for name in feature.of}
        return tuple(spec.name for spec in self.inputs if spec.name in used)
