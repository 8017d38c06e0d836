"""How sure it is that the library answers a message: a calibrated "I don't know"."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from knowledge.model import Language
from knowledge.words import read_toml


@dataclass(frozen=True, kw_only=True)
class Known:
    """A logistic rule over a few features; fitted by `python -m bench.answers`."""

    intercept: float
    weights: Mapping[str, float]
    least: float  #: the probability from which on the library is asked

    def probability(self, raw: Mapping[str, float]) -> float:
        """0 to 1."""
        x = self.intercept + sum(w * raw.get(name, 0.0) for name, w in self.weights.items())
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, x))))


@lru_cache(maxsize=8)
def load(part: str, language: Language) -> Known:
    """The rule of one part of `asking/known.toml`, the language's own where there is one."""
    tables = read_toml("known.toml")
    table = tables.get(f"{part}_{language}") or tables[part]
    return Known(
        intercept=float(table["intercept"]),
        weights={name: float(table["weights"][name]) for name in table["weights"]},
        least=float(table["least"]),
    )
