"""Read a model's table from its files, refusing a broken one with one clear sentence."""

from __future__ import annotations

import csv
import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from risk import input_parts, parts
from risk.reader import FOLDER, Reader, read
from risk.table import (
    Feature,
    InputSpec,
    Key,
    Table,
)

LINKS: Mapping[str, tuple[str, ...]] = {
    "logistic": (),
    "cox": ("s0", "mean"),
    "cox_recalibrated": ("s0", "mean", "scale1", "scale2"),
    "gail": (),
}
KINDS = ("risk", "projection", "points", "equation")


def _coefficients(name: str, terms: set[str]) -> dict[Key, dict[str, float]]:
    found: dict[Key, dict[str, float]] = {}
    try:
        with (FOLDER / name).open(encoding="utf-8", newline="") as lines:
            for number, row in enumerate(csv.DictReader(lines), start=2):
                try:
                    key = (
                        row["variant"],
                        int(row["horizon_years"]),
                        row["stratum"],
                        row["outcome"],
                    )
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


def _complete(
    top: Reader, coefficients: Mapping[Key, Mapping[str, float]], wanted: list[Key]
) -> None:
    """Every equation is there, and those of one variant and horizon have the same terms."""
    for key in wanted:
        if key not in coefficients:
            raise top.fail("coefficients", f"lack terms for {key}")
        first = next(other for other in wanted if other[:2] == key[:2])
        if odd := set(coefficients[key]) ^ set(coefficients[first]):
            raise top.fail("coefficients", f"lack terms for {key}: {', '.join(sorted(odd))}")


def group(table_groups: Mapping[str, str], values: Iterable[str]) -> str:
    """The name of the stratum of these choices; "all" where nothing divides people."""
    return "/".join(table_groups.get(value, value) for value in values) or "all"


def combinations(inputs: Sequence[InputSpec], by: Sequence[str]) -> list[tuple[str, ...]]:
    """Every combination of the choices of the inputs ``by``, the last one running fastest."""
    specs = {spec.name: spec for spec in inputs}
    return list(itertools.product(*(specs[name].choices for name in by)))


def _by(top: Reader, field: str, inputs: Sequence[InputSpec]) -> tuple[str, ...]:
    found = top.texts(field, default=())
    choices = {spec.name for spec in inputs if spec.kind == "choice"}
    if unknown := set(found) - choices:
        raise top.fail(field, f"names {', '.join(sorted(unknown))}, which is no choice")
    return found


def _baseline(
    top: Reader,
    link: str,
    by: Sequence[str],
    inputs: Sequence[InputSpec],
    groups: Mapping[str, str],
) -> dict[tuple[str, int, str], dict[str, float]]:
    """The link's own numbers for each variant, horizon and group, put together from all rows."""
    wanted = LINKS[link]
    found: dict[tuple[str, int, str], dict[str, float]] = {}
    if not wanted:
        return found
    rows = top.parts("baseline")
    variants = top.texts("variants", default=("base",))
    for variant in variants:
        for horizon in top.years("horizons"):
            for values in combinations(inputs, by):
                own = dict(zip(by, (groups.get(value, value) for value in values), strict=True))
                here: dict[str, float] = {}
                for row in rows:
                    where = row.table.get("where", {})
                    if (
                        variant in row.texts("variants", default=variants)
                        and horizon in (row.years("horizons") or (horizon,))
                        and all(own.get(name) == value for name, value in where.items())
                    ):
                        for name in wanted:
                            if name in row.table:
                                if name in here:
                                    raise row.fail(name, f"is given twice for {own}")
                                here[name] = row.number(name)
                here.setdefault("mean", 0.0)
                if missing := [name for name in wanted if name not in here]:
                    raise top.fail("baseline", f"lacks {missing[0]} for {variant} {horizon} {own}")
                found[variant, horizon, group(groups, values)] = here
    return found


def card_fields(top: Reader, kind: str, outcomes: Sequence[str]) -> dict[str, Any]:
    """The fields of a Card, for any kind of model."""
    inputs = tuple(input_parts.input_spec(part) for part in top.parts("inputs"))
    names = [spec.name for spec in inputs]
    return {
        "inputs": inputs,
        "refuse": tuple(input_parts.refusal(part, names) for part in top.parts("refuse")),
        "relations": tuple(input_parts.relation(part, names) for part in top.parts("relations")),
        "conflicts": tuple(input_parts.conflict(part, names) for part in top.parts("conflicts")),
        "sheet": parts.sheet(top.part("sheet"), names, outcomes),
        "categories": parts.categories(top),
        "derive": input_parts.derivations(top, names),
    }


@cache
def table(name: str) -> Table:
    """The regression model ``name``, read and checked once. ValueError names file and field."""
    top = read(name)
    kind = top.text("kind", among=KINDS)
    if kind not in ("risk", "projection"):
        raise top.fail("kind", "must be risk")
    outcomes = parts.outcomes(top)
    cells = [outcome.name for outcome in outcomes]
    if kind == "projection":
        cells = list(top.texts("answers"))
    card = card_fields(top, kind, cells)
    inputs: tuple[InputSpec, ...] = card["inputs"]
    features: list[Feature] = []
    for part in top.parts("features"):
        features.append(parts.feature(part, inputs, [feature.name for feature in features]))
    link = top.text("link", among=LINKS)
    strata_by, baseline_by = _by(top, "strata_by", inputs), _by(top, "baseline_by", inputs)
    groups = dict(top.part("groups").table) if "groups" in top.table else {}
    strata = tuple(
        dict.fromkeys(group(groups, values) for values in combinations(inputs, strata_by))
    )
    info = parts.info(top, kind, outcomes)
    terms = {feature.name for feature in features} | {"constant"}
    coefficients = _coefficients(top.text("coefficients"), terms)
    _complete(
        top,
        coefficients,
        list(itertools.product(info.variants, info.horizons, strata, [o.name for o in outcomes])),
    )
    limits = top.part("limits")
    drivers = top.part("drivers")
    return Table(
        info=info,
        **card,
        link=link,
        strata_by=strata_by,
        groups=groups,
        strata=strata,
        features=tuple(features),
        coefficients=coefficients,
        baseline_by=baseline_by,
        baseline=_baseline(top, link, baseline_by, inputs, groups),
        limits={field: limits.text_or_texts(field) for field in limits.table},
        mention_from=drivers.number("mention_from"),
        comparison_source=drivers.text("comparison_source"),
        ages=top.part("projection").texts("ages") if kind == "projection" else (),
    )


def kind_of(name: str) -> str:
    """Which kind of model the file ``name`` holds."""
    return read(name).text("kind", among=KINDS)


def all_names() -> tuple[str, ...]:
    """Every model in the folder, of any kind, sorted."""
    return tuple(path.stem for path in sorted(FOLDER.glob("*.toml")))


def names() -> tuple[str, ...]:
    """Every model that ``risk.load`` can load, sorted."""
    return tuple(name for name in all_names() if kind_of(name) == "risk")
