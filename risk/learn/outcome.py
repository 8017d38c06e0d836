"""What happened to each person, yes or no or when; weights stand in for whom nobody watched on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from risk.learn.people import People, Roles, as_number, cells_of
from risk.learn.raw import Raw
from risk.learn.rules import how
from risk.sheet import SheetError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_YES = {"1", "yes", "true", "y", "是", "有"}
_NO = {"0", "no", "false", "n", "否", "无"}


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """``label`` float64 [n]: 1 it happened (by ``horizon``), 0 it did not.

    ``weight`` [n] is 1, or for watched times the inverse probability of having been watched so
    long (Graf et al., Stat Med 1999); 0 for whom nobody watched up to the horizon.
    """

    label: NDArray[np.float64]
    weight: NDArray[np.float64]
    time: NDArray[np.float64] | None = None
    event: NDArray[np.float64] | None = None
    horizon: float | None = None
    edges: NDArray[np.float64] | None = None  #: [intervals + 1] of the discrete-time hazard

    def __len__(self) -> int:
        return len(self.label)

    def some(self, chosen: NDArray[np.int64]) -> Outcome:
        """The outcomes at these places."""
        return Outcome(
            label=self.label[chosen],
            weight=self.weight[chosen],
            time=None if self.time is None else self.time[chosen],
            event=None if self.event is None else self.event[chosen],
            horizon=self.horizon,
            edges=self.edges,
        )


def known(raw: Raw, people: People, roles: Roles) -> NDArray[np.int64]:
    """The places of the people whose outcome the table says."""
    import numpy as np

    names = [roles.target] if roles.target else [roles.time, roles.event]
    cells = [cells_of(raw, name, roles) for name in names]
    return np.array(
        [i for i, row in enumerate(people.rows) if all(one[row] for one in cells)], dtype=np.int64
    )


def outcome(raw: Raw, people: People, roles: Roles, horizon: float | None = None) -> Outcome:
    """The outcome of ``people``, all of whom the table knows (see ``known``).

    Raises SheetError with column, row and reason: neither yes nor no, one class only, too few,
    a negative time, visits of one person that disagree.
    """
    import numpy as np

    if roles.target:
        label = _labels(raw, people, roles, roles.target, roles.at_least)
        _enough(label, roles.target)
        return Outcome(label=label, weight=np.ones(len(label)))
    if not (roles.time and roles.event):
        raise SheetError("Say what to learn: --target COLUMN, or --time COLUMN --event COLUMN.")
    event = _labels(raw, people, roles, roles.event, None)
    _enough(event, roles.event)
    times = cells_of(raw, roles.time, roles)
    time = np.zeros(len(people))
    for place, row in enumerate(people.rows):
        value = as_number(times[row])
        if value is None:
            raise raw.fail(row, roles.time, f"{times[row][:40]!r} is not a number")
        if value < 0:
            raise raw.fail(row, roles.time, f"{value:g} is before the start")
        time[place] = value
    return timed(time, event, horizon)


def timed(
    time: NDArray[np.float64], event: NDArray[np.float64], horizon: float | None = None
) -> Outcome:
    """An outcome with watched times. SheetError if the horizon lies outside them."""
    import numpy as np

    if horizon is None:
        watched = np.quantile(time, 1 - how("survival", "still_watched"))
        horizon = float(min(watched, time[event == 1].max()))
    if not 0 < horizon <= time.max():
        raise SheetError(f"--horizon {horizon:g}: the table watches people up to {time.max():g}.")
    happened = time[(event == 1) & (time <= horizon)]
    if not len(happened):
        raise SheetError(f"--horizon {horizon:g}: nothing happens up to there.")
    parts = np.linspace(0, 1, how("survival", "intervals") + 1)[1:-1]
    inner = np.unique(np.quantile(happened, parts))
    edges = np.concatenate([[0.0], inner[(inner > 0) & (inner < horizon)], [horizon]])
    label = ((time <= horizon) & (event == 1)).astype(np.float64)
    return Outcome(
        label=label,
        weight=_weights(time, event, horizon),
        time=time,
        event=event,
        horizon=horizon,
        edges=edges,
    )


def _weights(
    time: NDArray[np.float64], event: NDArray[np.float64], horizon: float
) -> NDArray[np.float64]:
    """One over the Kaplan-Meier probability of being watched still, just before that time."""
    import numpy as np

    order = np.argsort(time, kind="stable")
    moments, first = np.unique(time[order], return_index=True)
    at_risk = len(time) - first
    ended = np.add.reduceat((event[order] == 0).astype(np.float64), first)
    watched = np.cumprod(1 - ended / at_risk)
    before = np.concatenate([[1.0], watched])  # just before moments[i]
    weight = np.zeros(len(time))
    happened = (time <= horizon) & (event == 1)
    weight[happened] = 1 / before[np.searchsorted(moments, time[happened])]
    beyond = (time > horizon) | ((time == horizon) & (event == 0))
    share = before[np.searchsorted(moments, horizon, side="left")]
    weight[beyond] = 1 / max(share, 1 / len(time))
    return weight


def _labels(
    raw: Raw, people: People, roles: Roles, name: str, at_least: float | None
) -> NDArray[np.float64]:
    import numpy as np

    cells = cells_of(raw, name, roles)
    label = np.zeros(len(people))
    for place, row in enumerate(people.rows):
        label[place] = _yes_or_no(raw, row, name, cells[row], at_least)
    if roles.visit:
        _agree(raw, people, roles, name, cells)
    return label


def _yes_or_no(raw: Raw, row: int, name: str, cell: str, at_least: float | None) -> float:
    number = as_number(cell)
    if at_least is not None:
        if number is None:
            raise raw.fail(row, name, f"{cell[:40]!r} is not a number")
        return float(number >= at_least)
    said = f"{number:g}" if number is not None else cell.lower()
    if said in _YES or said in _NO:
        return float(said in _YES)
    raise raw.fail(
        row, name, f"{cell[:40]!r} is neither 0 nor 1 (yes, no); a number may have --at-least N"
    )


def _agree(raw: Raw, people: People, roles: Roles, name: str, cells: Sequence[str]) -> None:
    said: dict[str, str] = {}
    for row, owner in enumerate(raw.column(roles.person)):
        if cells[row] and said.setdefault(owner, cells[row]) != cells[row]:
            raise raw.fail(row, name, f"the visits of {owner!r} do not agree on it")


def _enough(label: NDArray[np.float64], name: str) -> None:
    fewest = how("reading", "fewest_of_a_class")
    with_, without = int((label == 1).sum()), int((label == 0).sum())
    if with_ and without and min(with_, without) >= fewest:
        return
    if not (with_ and without):
        only = "yes" if with_ else "no"
        raise SheetError(
            f"The column {name} says only {only} in {len(label)} rows: nothing can be learned."
        )
    raise SheetError(
        f"The column {name} says yes {with_} and no {without} times; at least {fewest} of each "
        "are needed."
    )
