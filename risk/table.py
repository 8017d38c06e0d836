"""The shape of a model's table, as plain frozen words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Key = tuple[str, int, str, str]  #: variant, horizon in years, stratum, outcome


@dataclass(frozen=True, kw_only=True)
class Unit:
    """A unit an input may come in; value x ``factor`` + ``offset`` is the canonical value."""

    name: str
    factor: float
    offset: float = 0.0
    entry_low: float  #: what a person may plausibly mean by a bare number in this unit
    entry_high: float

    def back(self, canonical: float) -> float:
        """A canonical value in this unit."""
        return (canonical - self.offset) / self.factor


@dataclass(frozen=True, kw_only=True)
class Span:
    """The values that a variant and horizon accept, where they differ from the input's own."""

    variants: tuple[str, ...]  #: () is every one
    horizons: tuple[int, ...]
    low: float
    high: float
    high_open: bool = False


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
    low_open: bool = False  #: low itself is refused
    high_open: bool = False  #: high itself is refused
    plausible: bool = False  #: low and high are ours; the method names none
    spans: tuple[Span, ...] = ()
    codes: tuple[float, ...] = ()  #: accepted although outside, for example 99 for unknown
    whole: bool = False
    step: float | None = None  #: values lie on multiples of it
    optimal: float | None = None  #: the comparison person's value
    max_age_days: int | None = None  #: None: it does not age
    average_of: int = 1  #: the mean of so many latest readings, where the method asks for it
    average_days: int = 0  #: … not older than this before the newest
    yes_lasts: bool = False  #: a "yes" does not age
    lever: bool = False  #: a person can change it
    no_lever_for: str = ""  #: a sex for which it must not be offered as one
    optional: bool = False  #: the method has an answer without it
    unknown: float | None = None  #: the code for "I do not know", where the method has one
    never: float | None = None  #: the code for "none", "never happened"
    skip: Mapping[str, tuple[float, ...]] | None = None  #: not asked of whoever has these values …
    skip_as: float | None = None  #: … and then this
    absent: str = ""  #: what it stands for when it is not given and ``absent_when`` holds
    absent_when: Mapping[str, str] | None = None
    when: Mapping[str, float | str] | None = None  #: asked only of these people
    variants: tuple[str, ...] = ()  #: only these variants use it; () is every one
    outcomes: tuple[str, ...] = ()  #: the outcomes for which it is needed
    text: str = ""  #: the official English wording of a questionnaire's item


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
    variants: tuple[str, ...] = ()  #: () is every one
    horizons: tuple[int, ...] = ()
    note: str = ""  #: in a table of research values: give the number, with this note


@dataclass(frozen=True, kw_only=True)
class Relation:
    """Two inputs that must stand so: ``lower`` below (or at most) ``upper``."""

    lower: str
    upper: str
    strict: bool
    unless: tuple[float, ...]  #: codes that stand for no value
    not_for: Mapping[str, str]  #: choices for which it does not matter


@dataclass(frozen=True, kw_only=True)
class Conflict:
    """Values that no one person can have together."""

    values: Mapping[str, tuple[float, ...]]


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of a table of people, and the inputs that it fills."""

    name: str
    inputs: tuple[str, ...]
    unit: str = ""
    codes: Mapping[str, str] | None = None  #: what stands in the cell -> choice
    form: str = "plain"  #: plain, split (values in order, blanks between), json (an object)


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One column of the answers: an outcome's value times a factor."""

    name: str
    outcome: str
    times: float = 1.0


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """How a table of people is read and what is written for it."""

    variant: str  #: the column that names the variant; "" if there is only one
    horizon: str  #: the column that names the years; "" if there is only one
    columns: tuple[Column, ...]
    outputs: tuple[Cell, ...]


@dataclass(frozen=True, kw_only=True)
class Band:
    """From here on, this value: at ``ge``, or right above ``gt``; neither: from the start."""

    value: float
    ge: float | None = None
    gt: float | None = None


@dataclass(frozen=True, kw_only=True)
class Feature:
    """A term: bands(log(clip(source) / per)), less ``center``, by ``scale``.

    The source is one of: a weighted sum of inputs, a product of earlier features, a choice's
    value, or 1 where an input is absent. Steps that are not set are left out.
    """

    name: str
    of: Mapping[str, float]
    product: tuple[str, ...] = ()
    choice: str = ""
    values: Mapping[str, float] | None = None
    missing: str = ""
    at_least: float | None = None
    at_most: float | None = None
    per: float = 1.0
    log: bool = False
    bands: tuple[Band, ...] = ()
    center: float = 0.0
    scale: float = 1.0
    absent: float | None = None  #: the term's value where an optional input is absent

    @property
    def uses(self) -> frozenset[str]:
        """The inputs that enter directly."""
        return frozenset(self.of) | ({self.choice, self.missing} - {""})


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What is predicted, and what it counts."""

    name: str
    secondary: bool
    counts: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Category:
    """A published band of the result, from ``low`` (inclusive) up; with its source."""

    label: str
    low: float
    variants: tuple[str, ...] = ()
    age: tuple[float, float] | None = None  #: only for these ages, both inclusive
    source: str = ""
    share: tuple[int, int] | None = None  #: of a points table: published as (1, 6), one in six


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
    kind: str = "risk"  #: risk, projection, points or equation
    audience: str = "patient"  #: "clinician": never told to a patient; it can only raise
    checked: str = ""  #: how the numbers were verified, and what was chosen where sources differ
    caution: str = ""
    attribution: str = ""


@dataclass(frozen=True, kw_only=True)
class Card:
    """What every model has: what it is, what it wants, whom it refuses, how a table is read."""

    info: ModelInfo
    inputs: tuple[InputSpec, ...]
    refuse: tuple[Refusal, ...]
    relations: tuple[Relation, ...]
    conflicts: tuple[Conflict, ...]
    sheet: Sheet
    categories: tuple[Category, ...]
    derive: tuple[Derivation, ...] = ()

    def spec(self, name: str) -> InputSpec:
        """The input called ``name``; KeyError if the model does not know it."""
        for spec in self.inputs:
            if spec.name == name:
                return spec
        raise KeyError(name)


@dataclass(frozen=True, kw_only=True)
class Table(Card):
    """A whole regression model: a card, and how it computes."""

    link: str  #: logistic, cox, cox_recalibrated or gail
    strata_by: tuple[str, ...]  #: the choices that pick the coefficients
    groups: Mapping[str, str]  #: choices that share another one's coefficients
    strata: tuple[str, ...]
    features: tuple[Feature, ...]
    coefficients: Mapping[Key, Mapping[str, float]]  #: term (feature or "constant") -> beta
    baseline_by: tuple[str, ...]
    baseline: Mapping[tuple[str, int, str], Mapping[str, float]]  #: variant, horizon, group
    limits: Mapping[str, tuple[str, ...]]
    mention_from: float
    comparison_source: str
    ages: tuple[str, ...] = ()  #: a projection's first and last age

    @property
    def columns(self) -> tuple[str, ...]:
        """The predictors that enter the calculation, in table order; a choice as its index."""
        used = {name for feature in self.features for name in feature.uses}
        used |= {*self.strata_by, *self.baseline_by, *self.ages}
        return tuple(spec.name for spec in self.inputs if spec.name in used)
