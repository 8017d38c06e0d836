"""Read the parts that every model's file is made of: inputs, refusals, terms, sheet."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from risk.reader import Reader
from risk.table import (
    Band,
    Category,
    Cell,
    Column,
    Conflict,
    Derivation,
    Feature,
    InputSpec,
    ModelInfo,
    Outcome,
    Refusal,
    Relation,
    Sheet,
    Span,
    Unit,
)

_KINDS = ("number", "choice", "yes_no")
_ROLES = ("predictor", "eligibility", "source")
_AUDIENCES = ("patient", "clinician")
DERIVATIONS = ("ckd_epi_2021", "body_mass_index")
FORMS = ("plain", "split", "json")


def years(part: Reader, field: str) -> tuple[int, ...]:
    """A list of whole numbers of years; () if it is not given."""
    value = part.table.get(field, [])
    if not isinstance(value, list) or not all(type(item) is int for item in value):
        raise part.fail(field, "must be a list of whole numbers")
    return tuple(value)


def info(top: Reader, kind: str, outcomes: tuple[Outcome, ...]) -> ModelInfo:
    """What is said about a model at the top of its file."""
    return ModelInfo(
        id=top.text("id", among=(top.file.removesuffix(".toml"),)),
        name=top.text("name"),
        version=top.text("version"),
        year=int(top.number("year")),
        citation=top.text("citation"),
        licence=top.text("licence"),
        population=top.text("population"),
        country=top.text("country"),
        outcomes=outcomes,
        variants=top.texts("variants", default=("base",)),
        horizons=years(top, "horizons") or (0,),
        evidence=top.text("evidence"),
        reviewed_on=top.text("reviewed_on", default="") or None,
        reviewer=top.text("reviewer", default="") or None,
        kind=kind,
        audience=top.text("audience", among=_AUDIENCES),
        checked=top.text("checked"),
        caution=top.text("caution", default=""),
        attribution=top.text("attribution", default=""),
    )


def outcomes(top: Reader) -> tuple[Outcome, ...]:
    """What a model predicts."""
    part = top.part("outcomes")
    return tuple(
        Outcome(name=key, secondary=one.flag("secondary"), counts=one.texts("counts"))
        for key in part.table
        for one in [part.part(key)]
    )


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
        horizons=years(part, "horizons"),
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
        horizons=years(part, "horizons"),
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


def sheet(part: Reader, inputs: Collection[str], outcomes: Collection[str]) -> Sheet:
    """How a table of people is read; the cells of the answers must name ``outcomes``."""
    columns = []
    for one in part.parts("columns"):
        name = one.text("name")
        fills = one.texts("inputs", default=(name,))
        form = one.text("form", default="plain", among=FORMS)
        if unknown := set(fills) - set(inputs):
            raise one.fail("inputs", f"names the unknown {', '.join(sorted(unknown))}")
        codes = one.table.get("codes")
        unit = one.text("unit", default="")
        columns.append(Column(name=name, inputs=fills, unit=unit, codes=codes, form=form))
    outputs = tuple(
        Cell(
            name=one.text("name"),
            outcome=one.text("outcome", default=one.text("name"), among=sorted(outcomes)),
            times=one.number("times", 1.0),
        )
        for one in part.parts("outputs")
    )
    return Sheet(
        variant=part.text("variant", default="") if "variant" in part.table else "",
        horizon=part.text("horizon", default="") if "horizon" in part.table else "",
        columns=tuple(columns),
        outputs=outputs,
    )


def bands(part: Reader, field: str) -> tuple[Band, ...]:
    """A list of [{ value = 0 }, { ge = 45, value = 2 }, …] in rising order."""
    found = tuple(
        Band(
            value=one.number("value"),
            ge=one.optional_number("ge"),
            gt=one.optional_number("gt"),
        )
        for one in part.parts(field)
    )
    starts = [band.ge if band.ge is not None else band.gt for band in found]
    if found and starts[0] is not None:
        raise part.fail(field, "must begin with a value that has neither ge nor gt")
    later = [start for start in starts[1:] if start is not None]
    if len(later) != len(starts[1:]) or later != sorted(later):
        raise part.fail(field, "must rise, each from a ge or a gt")
    return found


def feature(part: Reader, inputs: Sequence[InputSpec], known: Collection[str]) -> Feature:
    """One term of a linear predictor."""
    names = {spec.name for spec in inputs}
    of: Mapping[str, Any] = part.table.get("of", {})
    product = part.texts("product", default=())
    choice, missing = part.text("choice", default=""), part.text("missing", default="")
    if sum(map(bool, (of, product, choice, missing))) != 1:
        raise part.fail("of", "or product, choice or missing must be given, exactly one")
    if unknown := ((set(of) | {choice, missing} - {""}) - names) | (set(product) - set(known)):
        raise part.fail("of", f"names the unknown {', '.join(sorted(unknown))}")
    values = part.table.get("values")
    if choice:
        wanted = next(spec.choices for spec in inputs if spec.name == choice)
        if not isinstance(values, dict) or set(values) != set(wanted):
            raise part.fail("values", f"must give a number for each of {', '.join(wanted)}")
    return Feature(
        name=part.text("name"),
        of={name: float(weight) for name, weight in of.items()},
        product=product,
        choice=choice,
        values={name: float(value) for name, value in values.items()}
        if choice and values
        else None,
        missing=missing,
        at_least=part.optional_number("at_least"),
        at_most=part.optional_number("at_most"),
        per=part.number("per", 1.0),
        log=part.flag("log"),
        bands=bands(part, "bands"),
        center=part.number("center", 0.0),
        scale=part.number("scale", 1.0),
        absent=part.optional_number("absent"),
    )


def _share(part: Reader) -> tuple[int, int] | None:
    pair = part.pair("share")
    return None if pair is None else (int(pair[0]), int(pair[1]))


def categories(top: Reader) -> tuple[Category, ...]:
    """The published bands of the result."""
    return tuple(
        Category(
            label=part.text("label"),
            low=part.number("low"),
            variants=part.texts("variants", default=()),
            age=part.pair("age"),
            source=part.text("source"),
            share=_share(part),
        )
        for part in top.parts("categories")
    )
