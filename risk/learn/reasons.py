"""What makes up one person's score: exact for the logistic regression, integrated otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch  # noqa: TID253 - one of the files of this room that know torch

from risk.learn import design
from risk.learn.design import Design
from risk.learn.fit import Fitted, inputs, moments
from risk.learn.people import People

if TYPE_CHECKING:
    from numpy.typing import NDArray

_STEPS = 64
_AT_ONCE = 64  # people; each of them needs every step


def reference(people: People) -> NDArray[np.float64]:
    """The typical person, float64 [columns]: the mean, and the commonest word."""
    found = []
    for place, column in enumerate(people.columns):
        said = people.values[:, place]
        said = said[~np.isnan(said)]
        if column.kind == "number":
            found.append(float(said.mean()) if len(said) else 0.0)
        else:
            found.append(float(np.bincount(said.astype(int)).argmax()) if len(said) else np.nan)
    return np.array(found)


def shares(fitted: Fitted, people: People, typical: NDArray[np.float64]) -> NDArray[np.float64]:
    """Float64 [people, columns]: what each column adds to the score against the typical person.

    The rows sum to score(person) - score(typical): exactly for the logistic regression, whose
    Shapley values are these differences since it is additive; to the error of 64 steps for the
    transformer (integrated gradients over the tokens; Sundararajan et al., ICML 2017). For visits
    a column's share is that of all its visits, or of the sums made of them.
    """
    if fitted.shape is None:
        return _additive(fitted, people, typical)
    found = [
        _integrated(
            fitted, people.some(np.arange(start, min(start + _AT_ONCE, len(people)))), typical
        )
        for start in range(0, len(people), _AT_ONCE)
    ]
    return np.concatenate(found)


def _additive(fitted: Fitted, people: People, typical: NDArray[np.float64]) -> NDArray[np.float64]:
    rows = design.flat(people)
    scales, weights = fitted.design, fitted.state["weights"]
    middle = People(columns=rows.columns, values=typical[None, :], ids=("",), rows=(0,))
    terms = (scales.matrix(rows) - scales.matrix(middle)) * weights
    found = np.zeros((len(rows), len(scales.columns)))
    np.add.at(found.T, list(scales.owners), terms.T)
    return found


def columns_of(fitted: Fitted) -> tuple[str, ...]:
    """The names of the columns of ``shares``."""
    return tuple(column.name for column in fitted.design.columns)


def _integrated(
    fitted: Fitted, people: People, typical: NDArray[np.float64]
) -> NDArray[np.float64]:
    network, scales = fitted.network(), fitted.design
    tokens = network.embed(*inputs(scales, people)).detach()
    same = People(
        columns=people.columns,
        values=np.tile(typical, (len(people.values), 1)),
        ids=people.ids, rows=people.rows, starts=people.starts, when=people.when,
    )  # fmt: skip
    start = network.embed(*inputs(scales, same)).detach()
    total = torch.zeros_like(tokens)
    for step in range(_STEPS):
        here = start + (tokens - start) * ((step + 0.5) / _STEPS)
        here.requires_grad_()
        if people.starts is None:
            score = network.judge(here)
        else:
            score = network.judge_visits(here, *moments(scales, people))
        total += torch.autograd.grad(score.sum(), here)[0]
    each = ((tokens - start) * total / _STEPS).sum(dim=2).to(torch.float64).numpy()
    order = _order(scales)
    if people.starts is None:
        found: NDArray[np.float64] = each[:, order]
        return found
    summed: NDArray[np.float64] = np.add.reduceat(each, people.starts[:-1], axis=0)[:, order]
    return summed


def _order(scales: Design) -> list[int]:
    """Where each column's token stands: numbers come first."""
    numbers = [i for i, column in enumerate(scales.columns) if column.kind == "number"]
    words = [i for i, column in enumerate(scales.columns) if column.kind == "words"]
    return [(numbers + words).index(i) for i in range(len(scales.columns))]
