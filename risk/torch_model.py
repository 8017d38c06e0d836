"""Compute linear predictors and probabilities from a model's table in float64 (v: torch)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np
import torch  # noqa: TID253 - the one file of this room that knows torch
from numpy.typing import ArrayLike, NDArray

from risk.loader import table as load_table
from risk.table import Feature, Table

_CHUNK = 1 << 15  # rows whose features fit the cache; measured fastest on two cores


class Equations(torch.nn.Module):
    """All outcomes and strata of one variant and horizon at once.

    ``forward(x, stratum)``: x float64 [inputs, n] (one row per ``Table.columns``), stratum int64
    [n]; gives the linear predictor, float64 [outcomes, n].
    """

    weights: torch.Tensor
    constants: torch.Tensor

    def __init__(self, table: Table, variant: str, horizon: int) -> None:
        super().__init__()
        self.link = table.link
        self.columns = table.columns
        self.features = table.features
        self.outcomes = tuple(outcome.name for outcome in table.info.outcomes)
        rows = [
            table.coefficients[variant, horizon, stratum, outcome]
            for stratum in table.strata
            for outcome in self.outcomes
        ]
        terms = [feature.name for feature in table.features]
        self.register_buffer(
            "weights", torch.tensor([[row[t] for t in terms] for row in rows], dtype=torch.float64)
        )
        self.register_buffer(
            "constants", torch.tensor([[row["constant"]] for row in rows], dtype=torch.float64)
        )

    def _feature(
        self, feature: Feature, x: torch.Tensor, known: Mapping[str, torch.Tensor]
    ) -> torch.Tensor:
        if feature.product:
            first, *rest = (known[name] for name in feature.product)
            for other in rest:
                first = first * other
            return first
        total = torch.zeros_like(x[0])
        for name, weight in feature.of.items():
            total = total + weight * x[self.columns.index(name)]
        if feature.at_least is not None or feature.at_most is not None:
            total = total.clamp(min=feature.at_least, max=feature.at_most)
        return (total - feature.center) / feature.scale

    def forward(self, x: torch.Tensor, stratum: torch.Tensor) -> torch.Tensor:
        known: dict[str, torch.Tensor] = {}
        for feature in self.features:
            known[feature.name] = self._feature(feature, x, known)
        every = self.weights @ torch.stack(list(known.values())) + self.constants
        every = every.view(-1, len(self.outcomes), x.shape[1])
        result = every[0]
        for index in range(1, every.shape[0]):
            result = torch.where(stratum == index, every[index], result)
        return result

    def probability(self, linear: torch.Tensor) -> torch.Tensor:
        """The probability that belongs to a linear predictor, by the table's link."""
        if self.link == "logistic":
            return torch.sigmoid(linear)
        raise ValueError(f"unknown link {self.link}")


@cache
def equations(model: str, variant: str, horizon: int) -> Equations:
    """The equations of one variant and horizon, built once."""
    return Equations(load_table(model), variant, horizon).eval()


def compute(
    model: str, variant: str, horizon: int, rows: NDArray[np.float64], stratum: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Linear predictors and probabilities, each float64 [outcomes, n].

    ``rows`` is [inputs, n] in the order of ``Table.columns``, canonical units, without NaN;
    ``stratum`` is [n], indices into ``Table.strata``.
    """
    module = equations(model, variant, horizon)
    x = torch.from_numpy(np.ascontiguousarray(rows, dtype=np.float64))
    which = torch.as_tensor(np.asarray(stratum, dtype=np.int64))
    linear = torch.empty((len(module.outcomes), x.shape[1]), dtype=torch.float64)
    with torch.inference_mode():
        for start in range(0, x.shape[1], _CHUNK):
            piece = slice(start, start + _CHUNK)
            linear[:, piece] = module(x[:, piece], which[piece])
        return linear.numpy(), module.probability(linear).numpy()
