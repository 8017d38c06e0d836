"""Split a prediction exactly among its inputs: Shapley values on the linear predictor."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence


def shapley(
    names: Sequence[str],
    person: Mapping[str, float],
    reference: Mapping[str, float],
    linear: Callable[[list[dict[str, float]]], Sequence[float]],
) -> dict[str, float]:
    """Each input's exact share in linear(person) - linear(reference), in log-odds.

    ``linear`` takes a list of complete sets of values and gives one linear predictor each; it is
    called once with every mixture (2^k for the k inputs that differ), so that interactions are
    shared fairly and the shares add up to the whole difference.
    """
    moved = [name for name in names if person[name] != reference[name]]
    k = len(moved)
    mixtures = []
    for mask in range(1 << k):
        mixture = dict(reference)
        mixture.update({name: person[name] for i, name in enumerate(moved) if mask >> i & 1})
        mixtures.append(mixture)
    values = linear(mixtures)
    weight = [
        math.factorial(size) * math.factorial(k - size - 1) / math.factorial(k) for size in range(k)
    ]
    shares = dict.fromkeys(names, 0.0)
    for i, name in enumerate(moved):
        bit = 1 << i
        shares[name] = math.fsum(
            weight[mask.bit_count()] * (values[mask | bit] - values[mask])
            for mask in range(1 << k)
            if not mask & bit
        )
    return shares
