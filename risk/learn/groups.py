"""Judge a model group by group, and flag gaps by the rules of ``fairness.toml``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from risk.learn.measures import Estimate, Report, interval, judge
from risk.learn.people import People, as_number
from risk.learn.raw import Raw
from risk.learn.rules import fair
from risk.sheet import SheetError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_BAND = "_band"
_USUAL = ("sex", "gender", "male", "female", "age")


@dataclass(frozen=True, kw_only=True)
class Group:
    """One group of one column, with its figures and what is flagged about it."""

    column: str
    name: str
    report: Report | None  #: None: too small to be judged
    people: int
    events: int
    gap: Estimate | None = None  #: AUROC of the group less that of the rest
    flags: tuple[str, ...] = ()

    def plain(self) -> dict[str, Any]:
        """As JSON."""
        found: dict[str, Any] = {
            "column": self.column, "group": self.name, "people": self.people,
            "events": self.events, "flags": list(self.flags),
        }  # fmt: skip
        if self.report is not None:
            found |= {name: one.plain() for name, one in self.report.figures.items()}
        return found | ({"auroc_less_rest": self.gap.plain()} if self.gap else {})


def usual(raw: Raw) -> tuple[str, ...]:
    """The columns that are looked at where none is named: sex and age, under their usual names."""
    names = [name for name in raw.names if name.lower() in _USUAL]
    return tuple(f"{n}{_BAND}" if n.lower() == "age" else n for n in names)


def parts(raw: Raw, people: People, column: str) -> dict[str, NDArray[np.int64]]:
    """The places of the people in each group of ``column``; who is in none is "not known".

    ``NAME_band`` cuts the column NAME into the bands of ``fairness.toml``. SheetError without one.
    """
    import numpy as np

    banded = column not in raw.names and column.endswith(_BAND)
    source = column.removesuffix(_BAND) if banded else column
    cells = raw.column(source)
    said = [cells[row] for row in people.rows]
    numbers = [as_number(one) for one in said]
    numeric = all(number is not None for number, one in zip(numbers, said, strict=True) if one)
    if numeric:  # "1" in one table is "1.0" in another
        said = ["" if number is None else f"{number:g}" for number in numbers]
    if numeric and (
        banded or len({n for n in numbers if n is not None}) > fair("group", "most_values")
    ):
        values = np.array([np.nan if n is None else n for n in numbers])
        cuts = fair("group", "age_bands")[1:] if banded else _terciles(values)
        names = [
            "not known" if v != v else _band(int(np.searchsorted(cuts, v, "right")), cuts)
            for v in values
        ]
    elif banded:
        raise SheetError(f"The column {source} holds words: {column} cannot be made of it.")
    else:
        names = [one or "not known" for one in said]
    order = sorted(set(names), key=lambda n: (n == "not known", _first(n), n))
    return {name: np.array([i for i, n in enumerate(names) if n == name]) for name in order}


def _terciles(values: NDArray[np.float64]) -> list[float]:
    import numpy as np

    return [float(x) for x in np.unique(np.nanquantile(values, [1 / 3, 2 / 3]))]


def _band(place: int, cuts: Sequence[float]) -> str:
    if place == 0:
        return f"below {cuts[0]:g}"
    if place == len(cuts):
        return f"{cuts[-1]:g} and over"
    return f"{cuts[place - 1]:g} to below {cuts[place]:g}"


def _first(name: str) -> float:
    if name.startswith("below "):
        return float("-inf")
    return as_number(name.partition(" ")[0]) or 0.0


def by_group(
    raw: Raw,
    people: People,
    probability: NDArray[np.float64],
    label: NDArray[np.float64],
    weight: NDArray[np.float64],
    columns: Sequence[str],
    *,
    seed: int,
) -> Iterator[Group]:
    """Each group of each column, in order."""
    import numpy as np

    everyone = np.arange(len(people))
    for column in columns:
        found = parts(raw, people, column)
        for name, inside in found.items():
            counted = inside[weight[inside] > 0]
            events = int(label[counted].sum())
            group = Group(column=column, name=name, report=None, people=len(counted), events=events)
            small = len(counted) < fair("group", "fewest_people") or (
                min(events, len(counted) - events) < fair("group", "fewest_events")
            )
            if small:
                yield group
                continue
            report = judge(probability[inside], label[inside], weight[inside], seed=seed)
            rest = np.setdiff1d(everyone, inside)
            gap = _gap(report, probability[rest], label[rest], weight[rest], seed)
            yield Group(
                column=column, name=name, report=report, people=len(counted), events=events,
                gap=gap, flags=tuple(_flags(report, gap)),
            )  # fmt: skip


def _gap(
    report: Report,
    probability: NDArray[np.float64],
    label: NDArray[np.float64],
    weight: NDArray[np.float64],
    seed: int,
) -> Estimate | None:
    events = int(label[weight > 0].sum())
    if min(events, int((weight > 0).sum()) - events) < fair("group", "fewest_events"):
        return None
    rest = judge(probability, label, weight, seed=seed + 1)
    return interval(
        report.figures["auroc"].value - rest.figures["auroc"].value,
        report.replicates["auroc"] - rest.replicates["auroc"],
    )


def _flags(report: Report, gap: Estimate | None) -> Iterator[str]:
    least = fair("flag", "auroc_below_rest")
    if gap is not None and gap.value < -least and gap.high < 0:
        wide = f"{-gap.high:.3f} to {-gap.low:.3f}"
        yield f"AUROC lower than in the rest by {-gap.value:.3f} ({wide})"
    for name, words in (
        ("observed_over_expected", "observed / expected events"),
        ("slope", "calibration slope"),
    ):
        low, high = fair("flag", name)
        one = report.figures[name]
        if not low <= one.value <= high and not one.low <= 1 <= one.high:
            yield f"{words} {one}"
