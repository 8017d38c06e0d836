"""Read what a model's file says of its inputs: units, spans, refusals, relations."""

from __future__ import annotations

from collections.abc import Collection

from risk.reader import Reader
from risk.table import Conflict, Derivation, InputSpec, Refusal, Relation, Span, Unit

_KINDS = ("number", "choice", "yes_no")
_ROLES = ("predictor", "eligibility", "source")
DERIVATIONS = ("ckd_epi_2021", "body_mass_index")


def _unit(part: Reader) -> Unit:
    divide_by = part.optional_number("divide_by")
    factor = 1 / divide_by if divide_by else part.number("factor")
    entry = part.pair("entry")
    if entry is None:
        raise part.fail("entry", "is missing")
    if factor <= 0:
        raise part.fail("factor", "must be above 0")
    return Unit(
        name=part.text("name"),
        factor=factor,
        offset=part.number("offset", 0.0),
        entry_low=entry[0],
        entry_high=entry[1],
    )


def _span(part: Reader) -> Span:
    low, high = part.number("low"), part.number("high")
    if not low < high:
        raise part.fail("low", "must be below high")
    return Span(
        variants=part.texts("variants", default=()),
        horizons=part.years("horizons"),
        low=low,
        high=high,
        high_open=part.flag("high_open"),
    )


def input_spec(part: Reader) -> InputSpec:
    """One input, checked."""
    kind = part.text("kind", among=_KINDS)
    units = tuple(_unit(unit) for unit in part.parts("units"))
    low, high = part.optional_number("low"), part.optional_number("high")
    if kind == "number":
        if not units or units[0].factor != 1.0 or units[0].offset:
            raise part.fail("units", "must begin with the canonical unit, factor 1.0")
        if low is None or high is None or not low < high:
            raise part.fail("low", "and high must both be given, low below high")
    if kind == "choice" and not part.texts("choices"):
        raise part.fail("choices", "must not be empty")
    days = part.optional_number("max_age_days")
    codes = part.table.get("codes", [])
    if not isinstance(codes, list) or not all(type(code) in (int, float) for code in codes):
        raise part.fail("codes", "must be a list of numbers")
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
        low_open=part.flag("low_open"),
        high_open=part.flag("high_open"),
        plausible=part.flag("plausible"),
        spans=tuple(_span(span) for span in part.parts("spans")),
        codes=tuple(float(code) for code in codes),
        whole=part.flag("whole"),
        step=part.optional_number("step"),
        optimal=part.optional_number("optimal"),
        max_age_days=None if days is None else int(days),
        average_of=int(part.number("average_of", 1.0)),
        average_days=int(part.number("average_days", 0.0)),
        yes_lasts=part.flag("yes_lasts"),
        lever=part.flag("lever"),
        no_lever_for=part.text("no_lever_for", default=""),
        optional=part.flag("optional"),
        unknown=part.optional_number("unknown"),
        never=part.optional_number("never"),
        skip={
            name: tuple(float(value) for value in values)
            for name, values in part.table["skip"].items()
        }
        if "skip" in part.table
        else None,
        skip_as=part.optional_number("skip_as"),
        absent=part.text("absent", default=""),
        absent_when=part.table.get("absent_when"),
        when=part.table.get("when"),
        variants=part.texts("variants", default=()),
        text=part.text("text", default=""),
    )


def refusal(part: Reader, inputs: Collection[str]) -> Refusal:
    """A rule for who gets no number."""
    rule = Refusal(
        code=part.text("code"),
        input=part.text("input", among=sorted(inputs)),
        equals=part.text("is", default="") or None,
        outside=part.pair("outside"),
        above=part.optional_number("above"),
        urgent=part.flag("urgent"),
        variants=part.texts("variants", default=()),
        horizons=part.years("horizons"),
        note=part.text("note", default=""),
    )
    if [rule.equals, rule.outside, rule.above].count(None) != 2:
        raise part.fail("is", "or outside or above must be given, exactly one")
    return rule


def derivations(top: Reader, inputs: Collection[str]) -> tuple[Derivation, ...]:
    """How predictors are worked out from what people know."""
    return tuple(
        Derivation(
            input=part.text("input", among=sorted(inputs)),
            method=part.text("method", among=DERIVATIONS),
            sources=part.texts("from"),
            ask=part.texts("ask"),
        )
        for part in top.parts("derive")
    )


def relation(part: Reader, inputs: Collection[str]) -> Relation:
    """Two inputs that must stand in order."""
    return Relation(
        lower=part.text("lower", among=sorted(inputs)),
        upper=part.text("upper", among=sorted(inputs)),
        strict=part.flag("strict"),
        unless=tuple(float(code) for code in part.table.get("unless", ())),
        not_for=part.table.get("not_for", {}),
    )


def conflict(part: Reader, inputs: Collection[str]) -> Conflict:
    """Values that exclude one another."""
    if unknown := set(part.table) - set(inputs):
        raise part.fail("", f"names the unknown {', '.join(sorted(unknown))}")
    return Conflict(
        values={name: tuple(float(v) for v in values) for name, values in part.table.items()}
    )
