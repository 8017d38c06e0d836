"""Read the rates of breast cancer and of other deaths by age that Gail's projection runs on."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from risk.loader import table
from risk.reader import FOLDER, read

KINDS = ("lambda1", "lambda2", "average1", "average2")


@dataclass(frozen=True, kw_only=True)
class Rates:
    """Yearly hazards by race; index as in the race input's choices."""

    race: str  #: the input that names the race
    ages: tuple[str, str]  #: the inputs of the first and the last age
    first: int  #: age at which the first band begins
    last: int  #: age at which the last band ends
    older_from: int  #: age from which the second relative risk counts
    by_year: Mapping[str, tuple[tuple[float, ...], ...]]  #: kind -> [race][year of age]
    unattributable: tuple[tuple[float, ...], tuple[float, ...]]  #: 1 - AR: below, from older_from


@cache
def rates(model: str) -> Rates:
    """The rates of ``model``, read and checked once. ValueError names the file and the field."""
    top = read(model)
    part = top.part("projection")
    first, last, width = (int(part.number(name)) for name in ("first", "last", "width"))
    race, ages = part.text("race"), part.texts("ages")
    choices = table(model).spec(race).choices
    file = part.text("rates")
    found: dict[tuple[str, str], dict[int, float]] = {}
    try:
        with (FOLDER / file).open(encoding="utf-8", newline="") as lines:
            for number, row in enumerate(csv.DictReader(lines), start=2):
                try:
                    where = found.setdefault((row["rates"], row["kind"]), {})
                    where[int(row["age_from"])] = float(row["per_year"])
                except (KeyError, TypeError, ValueError) as error:
                    raise ValueError(f"risk/models/{file} line {number}: {error}") from error
    except FileNotFoundError:
        raise ValueError(f"risk/models/{file} does not exist") from None
    starts = list(range(first, last, width))
    names = {kind: part.part(kind).table for kind in KINDS}
    by_year: dict[str, tuple[tuple[float, ...], ...]] = {}
    for kind in KINDS:
        everyone = []
        for choice in choices:
            own = found.get((names[kind].get(choice, choice), f"lambda{kind[-1]}"), {})
            if sorted(own) != starts:
                raise part.fail(kind, f"lacks rates for {choice}")
            everyone.append(
                tuple(own[first + year // width * width] for year in range(last - first))
            )
        by_year[kind] = tuple(everyone)
    shares = part.part("unattributable")
    groups = table(model).groups
    pairs = [shares.table.get(groups.get(choice, choice)) for choice in choices]
    if any(not isinstance(pair, list) or len(pair) != 2 for pair in pairs):
        raise shares.fail("", "must give [below, from older_from] for every group")
    return Rates(
        race=race,
        ages=(ages[0], ages[1]),
        first=first,
        last=last,
        older_from=int(part.number("older_from")),
        by_year=by_year,
        unattributable=(
            tuple(float(pair[0]) for pair in pairs if pair),
            tuple(float(pair[1]) for pair in pairs if pair),
        ),
    )
