"""Turn people into what a network reads, as the training table taught it, gaps kept as gaps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from risk.learn.people import Column, People

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True)
class Design:
    """How the columns are scaled, and which of them had gaps to learn from.

    A gap in a number becomes 0 (the training mean) beside an indicator with a weight of its own:
    weight / slope is the value that the model has learned to put there. A gap in words is a level.
    """

    columns: tuple[Column, ...]
    center: tuple[float, ...]
    scale: tuple[float, ...]
    gaps: tuple[bool, ...]  #: the column had gaps in training
    clock: float = 1.0  #: spread of the visits' times

    @property
    def owners(self) -> tuple[int, ...]:
        """Of each column of ``matrix``, the place of the column it came from."""
        found: list[int] = []
        for place, column in enumerate(self.columns):
            width = 1 if column.kind == "number" else len(column.levels)
            found += [place] * (width + self.gaps[place])
        return tuple(found)

    @property
    def terms(self) -> tuple[str, ...]:
        """The name of each column of ``matrix``."""
        found: list[str] = []
        for place, column in enumerate(self.columns):
            words = [f"{column.name} = {level}" for level in column.levels]
            found += [column.name] if column.kind == "number" else words
            found += [f"{column.name} not known"] * self.gaps[place]
        return tuple(found)

    def scaled(self, people: People) -> NDArray[np.float64]:
        """Float64 [rows, columns]: numbers standardised, words as places, NaN where not known."""
        import numpy as np

        numbers = np.array([column.kind == "number" for column in self.columns])
        center = np.where(numbers, np.array(self.center), 0.0)
        return (people.values - center) / np.where(numbers, np.array(self.scale), 1.0)

    def matrix(self, people: People) -> NDArray[np.float64]:
        """Float64 [rows, terms] for the logistic regression; people without visits."""
        import numpy as np

        scaled = self.scaled(people)
        found = []
        for place, column in enumerate(self.columns):
            values = scaled[:, place]
            unknown = np.isnan(values)
            if column.kind == "number":
                found.append(np.where(unknown, 0.0, values))
            else:
                found += [(values == level).astype(float) for level in range(len(column.levels))]
            if self.gaps[place]:
                found.append(unknown.astype(float))
        return np.stack(found, axis=1)

    def plain(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "columns": [column.plain() for column in self.columns],
            "center": list(self.center),
            "scale": list(self.scale),
            "gaps": list(self.gaps),
            "clock": self.clock,
        }


def learn(people: People) -> Design:
    """The scales of a training table."""
    import numpy as np

    center, scale, gaps = [], [], []
    for place, column in enumerate(people.columns):
        values = people.values[:, place]
        said = values[~np.isnan(values)]
        gaps.append(bool(len(said) < len(values)))
        spread = float(said.std()) if len(said) else 0.0
        center.append(float(said.mean()) if column.kind == "number" and len(said) else 0.0)
        scale.append(spread if column.kind == "number" and spread > 0 else 1.0)
    clock = 1.0 if people.when is None else float(people.when.std()) or 1.0
    return Design(
        columns=people.columns,
        center=tuple(center),
        scale=tuple(scale),
        gaps=tuple(gaps),
        clock=clock,
    )


def read(raw: Mapping[str, Any]) -> Design:
    """The design that ``plain`` wrote."""
    columns = tuple(
        Column(**{**one, "levels": tuple(one.get("levels", ()))}) for one in raw["columns"]
    )
    return Design(
        columns=columns,
        center=tuple(raw["center"]),
        scale=tuple(raw["scale"]),
        gaps=tuple(raw["gaps"]),
        clock=raw["clock"],
    )


def flat(people: People) -> People:
    """Visits summed up in one row a person: the last value, the mean, the change, and how many.

    What was never measured stays unknown. People without visits come back as they are.
    """
    import numpy as np

    if people.starts is None or people.when is None:
        return people
    starts, columns, found = people.starts, [], []
    for place, column in enumerate(people.columns):
        spans = [people.values[starts[i] : starts[i + 1], place] for i in range(len(starts) - 1)]
        said = [span[~np.isnan(span)] for span in spans]
        last = np.array([one[-1] if len(one) else np.nan for one in said])
        columns.append(replace(column, name=f"{column.name} (last)"))
        found.append(last)
        if column.kind == "number":
            span = column.high - column.low
            mean = np.array([one.mean() if len(one) else np.nan for one in said])
            change = np.array([one[-1] - one[0] if len(one) > 1 else np.nan for one in said])
            columns.append(replace(column, name=f"{column.name} (mean)"))
            columns.append(
                Column(name=f"{column.name} (change)", kind="number", low=-span, high=span)
            )
            found += [mean, change]
    visits = np.diff(starts).astype(float)
    columns.append(Column(name="visits", kind="number", low=1.0, high=float(visits.max())))
    found.append(visits)
    return People(
        columns=tuple(columns), values=np.stack(found, axis=1), ids=people.ids, rows=people.rows
    )
