"""Read what a model's file says of the model: its name, outcomes, terms, table and bands."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from risk.reader import Reader
from risk.table import (
    Band,
    Category,
    Cell,
    Column,
    Feature,
    InputSpec,
    ModelInfo,
    Outcome,
    Sheet,
)

_AUDIENCES = ("patient", "clinician")
FORMS = ("plain", "split", "json")


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
        horizons=top.years("horizons") or (0,),
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
