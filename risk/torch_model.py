"""Compute linear predictors and probabilities from a model's table in float64 (v: torch)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import numpy as np
import torch  # noqa: TID253 - the one file of this room that knows torch
from numpy.typing import NDArray

from risk.loader import LINKS, combinations, group
from risk.narrow import narrow
from risk.rates import Rates, rates
from risk.table import Feature, Table

_CHUNK = 1 << 15  # rows whose features fit the cache; measured fastest on two cores


class Choices(torch.nn.Module):
    """Which row of a small table belongs to each person, by the choices that divide people."""

    places: torch.Tensor

    def __init__(self, table: Table, by: Sequence[str], places: Sequence[int]) -> None:
        super().__init__()
        self.by = tuple((table.columns.index(name), len(table.spec(name).choices)) for name in by)
        self.single = len(set(places)) == 1
        self.identity = list(places) == list(range(len(places)))
        self.register_buffer("places", torch.tensor(places, dtype=torch.int64))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if self.single:
            return torch.full((x.shape[1],), int(self.places[0]), dtype=torch.int64)
        index = torch.zeros(x.shape[1], dtype=torch.int64)
        for row, size in self.by:
            index = index * size + x[row].to(torch.int64)
        return index if self.identity else self.places[index]


class Equations(torch.nn.Module):
    """All outcomes and strata of one variant and horizon at once.

    ``forward(x)``: x float64 [inputs, n], one row per ``Table.columns`` (a choice as its index,
    NaN for an absent optional input); gives the predictor on the link's own scale, float64
    [outcomes, n]: log-odds for logistic, the log of the cumulative hazard for the Cox links,
    the log of the relative risk for Gail.
    """

    weights: torch.Tensor
    constants: torch.Tensor

    def __init__(self, table: Table, variant: str, horizon: int) -> None:
        super().__init__()
        self.link = table.link
        self.columns = table.columns
        self.features = table.features
        self.choices = {spec.name: spec.choices for spec in table.inputs}
        self.outcomes = tuple(outcome.name for outcome in table.info.outcomes)
        rows = [
            table.coefficients[variant, horizon, stratum, outcome]
            for stratum in table.strata
            for outcome in self.outcomes
        ]
        self.terms = [feature.name for feature in table.features if feature.name in rows[0]]
        weights = [[row[term] for term in self.terms] for row in rows]
        constants = [[row.get("constant", 0.0)] for row in rows]
        self.register_buffer("weights", torch.tensor(weights, dtype=torch.float64))
        self.register_buffer("constants", torch.tensor(constants, dtype=torch.float64))
        divided = combinations(table.inputs, table.strata_by)
        places = [table.strata.index(group(table.groups, values)) for values in divided]
        self.stratum = Choices(table, table.strata_by, places)
        self._link_numbers(table, variant, horizon)

    def _link_numbers(self, table: Table, variant: str, horizon: int) -> None:
        divided = combinations(table.inputs, table.baseline_by)
        self.base = Choices(table, table.baseline_by, list(range(len(divided))))
        for name in LINKS[self.link]:
            numbers = [
                table.baseline[variant, horizon, group(table.groups, values)][name]
                for values in divided
            ]
            if name == "s0":  # the log of the baseline's cumulative hazard
                name, numbers = "log_hazard", [math.log(-math.log(s0)) for s0 in numbers]
            self.register_buffer(name, torch.tensor(numbers, dtype=torch.float64))

    def _feature(
        self, feature: Feature, x: torch.Tensor, known: Mapping[str, torch.Tensor]
    ) -> torch.Tensor:
        if feature.product:
            total = (
                known[feature.product[0]].clone()
                if len(feature.product) == 1
                else (known[feature.product[0]] * known[feature.product[1]])
            )
            for name in feature.product[2:]:
                total.mul_(known[name])
        elif feature.values is not None:
            values = [feature.values[choice] for choice in self.choices[feature.choice]]
            index = x[self.columns.index(feature.choice)].to(torch.int64)
            total = torch.tensor(values, dtype=torch.float64)[index]
        elif feature.missing:
            total = x[self.columns.index(feature.missing)].isnan().to(torch.float64)
        else:
            (name, weight), *others = feature.of.items()
            total = x[self.columns.index(name)] * weight
            for name, weight in others:
                total.add_(x[self.columns.index(name)], alpha=weight)
        if feature.at_least is not None or feature.at_most is not None:
            total.clamp_(min=feature.at_least, max=feature.at_most)
        if feature.per != 1.0:
            total = total / feature.per
        if feature.log:
            total = total.log()
        if feature.bands:
            total = self._bands(feature, total)
        if feature.center:
            total.sub_(feature.center)
        if feature.scale != 1.0:
            total.div_(feature.scale)
        return total if feature.absent is None else total.nan_to_num(nan=feature.absent)

    def _bands(self, feature: Feature, x: torch.Tensor) -> torch.Tensor:
        found = torch.full_like(x, feature.bands[0].value)
        for band in feature.bands[1:]:
            here = x >= band.ge if band.ge is not None else x > band.gt  # type: ignore[operator]
            found = torch.where(here, torch.full_like(x, band.value), found)
        return found.masked_fill(x.isnan(), math.nan)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        known: dict[str, torch.Tensor] = {}
        for feature in self.features:
            known[feature.name] = self._feature(feature, x, known)
        every = self.weights @ torch.stack([known[term] for term in self.terms]) + self.constants
        every = every.view(-1, len(self.outcomes), x.shape[1])
        result = every[0]
        if every.shape[0] > 1:
            stratum = self.stratum(x)
            for index in range(1, every.shape[0]):
                result = torch.where(stratum == index, every[index], result)
        return self._on_link_scale(result, x)

    def _on_link_scale(self, linear: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
        if self.link in ("logistic", "gail"):
            return linear
        here = self.base(x)
        hazard = linear - self.get_buffer("mean")[here] + self.get_buffer("log_hazard")[here]
        if self.link == "cox":
            return hazard
        return self.get_buffer("scale1")[here] + self.get_buffer("scale2")[here] * hazard

    def probability(self, predictor: torch.Tensor) -> torch.Tensor:
        """The probability that belongs to a predictor, by the table's link."""
        if self.link == "logistic":
            return torch.sigmoid(predictor)
        if self.link == "gail":
            raise ValueError("Gail's probabilities need the ages: see project")
        return -torch.expm1(-torch.exp(predictor))


@cache
def equations(model: str, variant: str, horizon: int) -> Equations:
    """The equations of one variant and horizon, built once."""
    return Equations(narrow(model, variant, horizon), variant, horizon).eval()


def compute(
    model: str, variant: str, horizon: int, rows: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Predictors on the link's scale and probabilities, each float64 [outcomes, n].

    ``rows`` is [inputs, n] in the order of ``Table.columns``, canonical units, choices as their
    index, NaN only for an absent optional input. For Gail the second is the relative risk.
    """
    module = equations(model, variant, horizon)
    x = torch.from_numpy(np.ascontiguousarray(rows, dtype=np.float64))
    linear = torch.empty((len(module.outcomes), x.shape[1]), dtype=torch.float64)
    result = torch.empty_like(linear)

    def piece(start: int) -> None:
        here = slice(start, start + _CHUNK)
        with torch.inference_mode():  # holds for one thread only
            found = module(x[:, here])
            linear[:, here] = found
            result[:, here] = found.exp() if module.link == "gail" else module.probability(found)

    starts = range(0, x.shape[1], _CHUNK)
    if len(starts) > 1:
        # A piece is too small for torch to divide; whole pieces side by side use every core.
        with ThreadPoolExecutor(torch.get_num_threads()) as pool:
            list(pool.map(piece, starts))
    else:
        piece(0)
    return linear.numpy(), result.numpy()


def project(
    model: str, variant: str, horizon: int, rows: NDArray[np.float64]
) -> dict[str, list[float]]:
    """Gail's projection for n women: risks in percent and relative risks, each [n].

    ``rows`` as for ``compute``. Between the ages, year by year, breast cancer (hazard (1 - AR) x
    RR x lambda1) competes with death from other causes (lambda2). Source: the table's citation.
    """
    table = narrow(model, variant, horizon)
    numbers = rates(model)
    _, relative = compute(model, variant, horizon, rows)
    x = torch.from_numpy(np.ascontiguousarray(rows, dtype=np.float64))
    race = x[table.columns.index(numbers.race)].to(torch.int64)
    start, end = (x[table.columns.index(name)] for name in numbers.ages)
    years = torch.arange(numbers.first, numbers.last, dtype=torch.float64)[:, None]
    time = (torch.minimum(end, years + 1) - torch.maximum(start, years)).clamp(min=0.0)
    older = (years >= numbers.older_from).expand(-1, x.shape[1])
    factor = torch.where(
        older,
        _pick(numbers.unattributable[1], race) * torch.from_numpy(relative[1]),
        _pick(numbers.unattributable[0], race) * torch.from_numpy(relative[0]),
    )
    own = _risk(numbers, "lambda1", "lambda2", race, factor, time)
    average = _risk(numbers, "average1", "average2", race, torch.ones_like(factor), time)
    return {
        "pct": (100 * own).tolist(),
        "avg_pct": (100 * average).tolist(),
        "RR_lt50": relative[0].tolist(),
        "RR_ge50": relative[1].tolist(),
    }


def _pick(values: Sequence[float], race: torch.Tensor) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float64)[race]


def _risk(
    numbers: Rates, cancer: str, death: str, race: torch.Tensor, factor: torch.Tensor,
    time: torch.Tensor,
) -> torch.Tensor:  # fmt: skip
    """The share of women with breast cancer before the end, float64 [n]."""
    lambda1, lambda2 = (
        torch.tensor(numbers.by_year[kind], dtype=torch.float64)[race].T for kind in (cancer, death)
    )
    first = factor * lambda1
    both = first + lambda2
    before = torch.cumsum(both * time, dim=0) - both * time
    return (first / both * torch.exp(-before) * -torch.expm1(-both * time)).sum(dim=0)
