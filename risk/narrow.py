"""Cut a model down to what one variant and horizon need of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from functools import cache

from risk.loader import table
from risk.table import Card, InputSpec, Refusal, Table


@cache
def narrow(name: str, variant: str, horizon: int) -> Table:
    """The model ``name`` as one variant and horizon need it: terms, inputs, ranges, refusals."""
    whole = table(name)
    if variant not in whole.info.variants or horizon not in whole.info.horizons:
        raise ValueError(f"{name} has no variant {variant} for {horizon} years")
    own = {key: betas for key, betas in whole.coefficients.items() if key[:2] == (variant, horizon)}
    needed = set(next(iter(own.values())))
    for feature in reversed(whole.features):
        if feature.name in needed:
            needed |= set(feature.product)
    features = tuple(feature for feature in whole.features if feature.name in needed)
    direct = {name for feature in features for name in feature.uses}
    direct |= {*whole.strata_by, *whole.baseline_by, *whole.ages}
    sources = {name for rule in whole.derive if rule.input in direct for name in rule.sources}
    extra = {name for rule in whole.relations for name in (rule.lower, rule.upper)}
    inputs = tuple(
        spec
        for spec in _fitted(whole.inputs, variant, horizon)
        if spec.role == "eligibility" or spec.name in direct | sources | extra
    )
    kept = {spec.name for spec in inputs}
    narrowed = dataclasses.replace(
        whole,
        features=features,
        coefficients=own,
        derive=tuple(rule for rule in whole.derive if rule.input in kept),
        refuse=_applying(whole, variant, horizon, kept),
        inputs=inputs,
    )
    return dataclasses.replace(narrowed, inputs=_with_outcomes(narrowed))


def _fitted(inputs: Iterable[InputSpec], variant: str, horizon: int) -> Iterable[InputSpec]:
    for spec in inputs:
        if spec.variants and variant not in spec.variants:
            continue
        for span in spec.spans:
            if variant in (span.variants or (variant,)) and horizon in (
                span.horizons or (horizon,)
            ):
                spec = dataclasses.replace(
                    spec, low=span.low, high=span.high, high_open=span.high_open
                )
        yield spec


def _applying(card: Card, variant: str, horizon: int, kept: set[str]) -> tuple[Refusal, ...]:
    return tuple(
        rule
        for rule in card.refuse
        if rule.input in kept
        and variant in (rule.variants or (variant,))
        and horizon in (rule.horizons or (horizon,))
    )


def fit(card: Card, variant: str, horizon: int) -> Card:
    """``card`` (points or an equation) as one variant needs it: inputs, ranges, refusals."""
    inputs = tuple(_fitted(card.inputs, variant, horizon))
    kept = {spec.name for spec in inputs}
    return dataclasses.replace(card, inputs=inputs, refuse=_applying(card, variant, horizon, kept))


def _with_outcomes(table: Table) -> tuple[InputSpec, ...]:
    """The inputs with the outcomes whose equations really use them (a beta other than 0)."""
    uses: dict[str, set[str]] = {}
    for feature in table.features:
        uses[feature.name] = set(feature.uses).union(*(uses[part] for part in feature.product))
    everywhere = tuple(outcome.name for outcome in table.info.outcomes)
    feeds = {source: rule.input for rule in table.derive for source in rule.sources}
    divides = set(table.strata_by) | set(table.baseline_by)

    def needed(spec: InputSpec) -> tuple[str, ...]:
        if spec.role == "eligibility" or spec.name in divides:
            return everywhere
        name = feeds.get(spec.name, spec.name)
        if name not in set().union(*uses.values()):
            return everywhere  # it bounds another input, or the years ahead
        return tuple(
            outcome
            for outcome in everywhere
            if any(
                beta and name in uses.get(term, ())
                for key, betas in table.coefficients.items()
                if key[3] == outcome
                for term, beta in betas.items()
            )
        )

    return tuple(dataclasses.replace(spec, outcomes=needed(spec)) for spec in table.inputs)
