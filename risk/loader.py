"""Read a model's table from its files, refusing a broken one with one clear sentence."""

from __future__ import annotations

import csv
import dataclasses
import math
from collections.abc import Mapping
from functools import cache

from risk.reader import FOLDER, Reader, read
from risk.table import (
    Derivation,
    Feature,
    InputSpec,
    Key,
    ModelInfo,
    Outcome,
    Refusal,
    Table,
    Unit,
)

_LINKS = ("logistic",)
_KINDS = ("number", "choice", "yes_no")
_ROLES = ("predictor", "eligibility", "source")


def _unit(part: Reader) -> Unit:
    divide_by = part.optional_number("divide_by")
    factor = 1 / divide_by if divide_by else part.number("factor")
    entry = part.pair("entry")
    if entry is None:
        raise part.fail("entry", "is missing")
    if factor <= 0:
        raise part.fail("factor", "must be above 0")
    return Unit(name=part.text("name"), factor=factor, entry_low=entry[0], entry_high=entry[1])


def _input(part: Reader) -> InputSpec:
    kind = part.text("kind", among=_KINDS)
    units = tuple(_unit(unit) for unit in part.parts("units"))
    low, high = part.optional_number("low"), part.optional_number("high")
    if kind == "number":
        if not units or units[0].factor != 1.0:
            raise part.fail("units", "must begin with the canonical unit, factor 1.0")
        if low is None or high is None or not low < high:
            raise part.fail("low", "and high must both be given, low below high")
    days = part.optional_number("max_age_days")
    return InputSpec(
        name=part.text("name"),
        kind=kind,
        role=part.text("role", among=_ROLES),
        theme=part.text("theme", default=""),
        unit=units[0].name if units else "",
        units=units,
        choices=part.texts("choices", default=()),
        low=low,
        high=high,
        whole=part.flag("whole"),
        optimal=part.optional_number("optimal"),
        max_age_days=None if days is None else int(days),
        yes_lasts=part.flag("yes_lasts"),
        when=part.table.get("when"),
    )


def _feature(part: Reader, inputs: set[str], known: set[str]) -> Feature:
    of = part.table.get("of", {})
    product = part.texts("product", default=())
    if bool(of) == bool(product):
        raise part.fail("of", "or product must be given, and not both")
    if unknown := (set(of) - inputs) | (set(product) - known):
        raise part.fail("of", f"names the unknown {', '.join(sorted(unknown))}")
    return Feature(
        name=part.text("name"),
        of={name: float(weight) for name, weight in of.items()},
        product=product,
        at_least=part.optional_number("at_least"),
        at_most=part.optional_number("at_most"),
        center=part.number("center", 0.0),
        scale=part.number("scale", 1.0),
    )


def _refusal(part: Reader, inputs: set[str]) -> Refusal:
    refusal = Refusal(
        code=part.text("code"),
        input=part.text("input", among=sorted(inputs)),
        equals=part.text("is", default="") or None,
        outside=part.pair("outside"),
        above=part.optional_number("above"),
        urgent=part.flag("urgent"),
    )
    if [refusal.equals, refusal.outside, refusal.above].count(None) != 2:
        raise part.fail("is", "or outside or above must be given, exactly one")
    return refusal


def _coefficients(name: str, terms: set[str]) -> dict[Key, dict[str, float]]:
    found: dict[Key, dict[str, float]] = {}
    try:
        with (FOLDER / name).open(encoding="utf-8", newline="") as lines:
            for number, row in enumerate(csv.DictReader(lines), start=2):
                try:
                    key = (row["model"], int(row["horizon_years"]), row["sex"], row["outcome"])
                    term, beta = row["term"], float(row["beta"])
                except (KeyError, TypeError, ValueError) as error:
                    raise ValueError(f"risk/models/{name} line {number}: {error}") from error
                if term not in terms or not math.isfinite(beta) or term in found.get(key, {}):
                    raise ValueError(
                        f"risk/models/{name} line {number}: term {term} cannot be used"
                    )
                found.setdefault(key, {})[term] = beta
    except FileNotFoundError:
        raise ValueError(f"risk/models/{name} does not exist") from None
    return found


@cache
def table(name: str) -> Table:
    """The model ``name``, read and checked once. Raises ValueError naming the file and field."""
    top = read(name)
    if top.text("kind", among=("risk", "equation")) != "risk":
        raise top.fail("kind", "must be risk")
    inputs = tuple(_input(part) for part in top.parts("inputs"))
    names = {spec.name for spec in inputs}
    features: list[Feature] = []
    for part in top.parts("features"):
        features.append(_feature(part, names, {feature.name for feature in features}))
    terms = {feature.name for feature in features} | {"constant"}
    outcomes = tuple(
        Outcome(name=key, secondary=part.flag("secondary"), counts=part.texts("counts"))
        for key in top.part("outcomes").table
        for part in [top.part("outcomes").part(key)]
    )
    strata = top.texts("strata")
    horizons = tuple(int(years) for years in top.table.get("horizons", ()))
    coefficients = _coefficients(top.text("coefficients"), terms)
    wanted = {
        (variant, years, stratum, outcome.name)
        for variant in top.texts("variants")
        for years in horizons
        for stratum in strata
        for outcome in outcomes
    }
    if absent := sorted(str(key) for key in wanted if set(coefficients.get(key, {})) != terms):
        raise top.fail("coefficients", f"lack terms for {absent[0]}")
    derive = tuple(
        Derivation(
            input=part.text("input", among=sorted(names)),
            method=part.text("method", among=("ckd_epi_2021", "body_mass_index")),
            sources=part.texts("from"),
            ask=part.texts("ask"),
        )
        for part in top.parts("derive")
    )
    limits = top.part("limits")
    drivers = top.part("drivers")
    return Table(
        info=ModelInfo(
            id=top.text("id", among=(name,)),
            name=top.text("name"),
            version=top.text("version"),
            year=int(top.number("year")),
            citation=top.text("citation"),
            licence=top.text("licence"),
            population=top.text("population"),
            country=top.text("country"),
            outcomes=outcomes,
            variants=top.texts("variants"),
            horizons=horizons,
            evidence=top.text("evidence"),
            reviewed_on=top.text("reviewed_on", default="") or None,
            reviewer=top.text("reviewer", default="") or None,
        ),
        link=top.text("link", among=_LINKS),
        stratum=top.text("stratum", among=sorted(names)),
        strata=strata,
        inputs=_with_outcomes(inputs, derive, features, coefficients),
        derive=derive,
        refuse=tuple(_refusal(part, names) for part in top.parts("refuse")),
        features=tuple(features),
        coefficients=coefficients,
        limits={field: limits.text_or_texts(field) for field in limits.table},
        mention_from=drivers.number("mention_from"),
        comparison_source=drivers.text("comparison_source"),
    )


def _with_outcomes(
    inputs: tuple[InputSpec, ...],
    derive: tuple[Derivation, ...],
    features: list[Feature],
    coefficients: Mapping[Key, Mapping[str, float]],
) -> tuple[InputSpec, ...]:
    """The inputs with the outcomes whose equations really use them (a beta other than 0)."""
    uses: dict[str, set[str]] = {}
    for feature in features:
        uses[feature.name] = set(feature.of).union(*(uses[part] for part in feature.product))
    everywhere = tuple(dict.fromkeys(key[3] for key in coefficients))
    feeds = {source: rule.input for rule in derive for source in rule.sources}

    def needed(spec: InputSpec) -> tuple[str, ...]:
        if spec.role == "eligibility" or spec.kind == "choice":
            return everywhere
        name = feeds.get(spec.name, spec.name)
        return tuple(
            outcome
            for outcome in everywhere
            if any(
                beta and name in uses.get(term, ())
                for key, betas in coefficients.items()
                if key[3] == outcome
                for term, beta in betas.items()
            )
        )

    return tuple(dataclasses.replace(spec, outcomes=needed(spec)) for spec in inputs)


def names() -> tuple[str, ...]:
    """Every risk model in the folder, sorted."""
    return tuple(
        path.stem
        for path in sorted(FOLDER.glob("*.toml"))
        if read(path.stem).table.get("kind") == "risk"
    )
