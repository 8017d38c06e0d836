"""Weigh what speaks for each passage, and add it up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from knowledge import words
from knowledge.asked import Asked
from knowledge.model import Language, Vectors

_LEAST = -12.0  #: log share below which less says no more


@dataclass(frozen=True, kw_only=True)
class Weights:
    """How much each part counts; each is scaled so that the best passage has 1."""

    bm25: float
    names: float
    asks: float
    kind: float
    core: float
    whole: float
    head: float
    head_whole: float
    guess: float
    group: float
    reranker: float


@lru_cache(maxsize=8)
def weights(part: str, language: Language = "en") -> Weights:
    """The weights of one part of `asking/weights.toml`, the language's own where there are any.

    `_unread`: of a language that the encoder does not read.
    """
    tables = words.read_toml("weights.toml")
    table = tables.get(f"{part}_{language}") or tables[part]
    return Weights(**{key: float(value) for key, value in table.items()})


@dataclass(frozen=True, kw_only=True)
class Features:
    """What is known of each passage for one message, float32 (passages,) each, and raw bests."""

    asked: Asked
    core: str  #: what is asked, with what it is about
    parts: Mapping[str, Vectors]
    raw: Mapping[str, float]
    guess: Vectors | None = None  #: log shares by what was learnt, NaN where nothing was


def combined(features: Features, by: Weights, groups: Vectors | None = None) -> Vectors:
    """The weighted sum of the parts, float32 (passages,).

    The kind only tells apart what fits the topic; passages of one name (`groups`) lift each other.
    """
    parts = features.parts
    topic = np.zeros(len(parts["kind"]), dtype=np.float32)
    for name, part in parts.items():
        if name != "kind":
            topic += getattr(by, name) * part
    if features.guess is not None and by.guess:
        topic += by.guess * _guessed(features.guess, topic)
    most = float(topic.max(initial=0.0))
    near = np.clip(topic / most, 0, 1) ** 2 if most > 0 else np.zeros_like(topic)
    total = topic + by.kind * most * near * parts["kind"]
    if groups is not None and by.group and len(topic):
        best = np.full(int(groups.max()) + 1, -np.inf, dtype=np.float32)
        np.maximum.at(best, groups, topic)
        total = total + by.group * best[groups]
    return np.asarray(total, dtype=np.float32)


def _guessed(shares: Vectors, topic: Vectors) -> Vectors:
    """Log shares scaled as the other parts are; what was never learnt fits as it does by these."""
    learnt = ~np.isnan(shares)
    found = np.clip(topic / max(float(topic.max(initial=0.0)), 1e-6), 0, 1)
    if learnt.any():
        found[learnt] = scaled(np.maximum(shares[learnt], _LEAST))
    return np.asarray(found, dtype=np.float32)


def agreed(shares: Vectors, at: int) -> float:
    """The log share of the first passage; of one never learnt, that of the likeliest."""
    learnt = shares[~np.isnan(shares)]
    own = float(shares[at])
    return max(_LEAST, own if own == own else float(learnt.max(initial=_LEAST)))


def first(scores: Vectors, count: int) -> Vectors:
    """The places of the best scores, best first; of equals the earlier one."""
    count = min(count, len(scores))
    near = np.argpartition(-scores, count - 1)[:count] if count < len(scores) else np.arange(count)
    return np.asarray(near[np.lexsort((near, -scores[near]))], dtype=np.int64)


def margin(scores: Vectors) -> float:
    """How far the first stands before the fourth, as a share of it."""
    if len(scores) < 4 or scores[0] <= 0:
        return 0.0
    return float(min(1.0, (scores[0] - scores[3]) / scores[0]))


def scaled(values: Vectors) -> Vectors:
    """The mean at 0 and the best at 1, so that parts of different units can be added."""
    top, middle = float(values.max(initial=0.0)), float(values.mean()) if len(values) else 0.0
    if top - middle < 1e-6:
        return np.zeros(len(values), dtype=np.float32)
    return np.asarray((values - middle) / (top - middle), dtype=np.float32)
