"""Rank one patient's memories against a question: meaning, words, neighbours and recency."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from memory.model import Memory, Recalled, Vectors
from memory.words import is_chinese, terms

_K1, _B = 1.2, 0.6  #: BM25's usual saturation and a gentle length norm: chat turns are short


@dataclass(frozen=True, kw_only=True)
class Weights:
    """How much each part counts, in standard deviations; measured in docs/adr/0004."""

    dense: float = 1.0
    dense_unread: float = 0.1  #: for a language the encoder cannot read
    words: float = 0.8
    neighbour: float = 0.5
    recency: float = 0.15
    recency_days: float = 30.0
    patient: float = 0.1  #: the patient's own words before the bot's
    question: float = -0.4  #: a question tells less than a statement


DEFAULT = Weights()


def rank(
    question: str,
    query: Vectors,
    memories: Sequence[Memory],
    vectors: Vectors,
    *,
    limit: int,
    now: datetime,
    reads_chinese: bool,
    weights: Weights = DEFAULT,
) -> list[Recalled]:
    """Rank `memories` for `question`, best first, near-duplicates merged, at most `limit`.

    `query` is (d,), `vectors` (n, d) in the memories' order; rows of zeros are memories without a
    usable vector. A score is a sum of standardised parts and has no unit.
    """
    if not memories or limit <= 0:
        return []
    asked = terms(question)
    dense = _standardised(vectors @ query)
    words = _standardised(_bm25(asked, [terms(m.text) for m in memories]))
    blind = is_chinese(question) and not reads_chinese
    near = (weights.dense_unread if blind else weights.dense) * dense + weights.words * words
    parts = {
        "dense": dense,
        "words": words,
        "neighbours": weights.neighbour * _neighbours(memories, near),
        "recency": weights.recency * _recency(memories, now, weights.recency_days),
        "speaker": np.array([weights.patient * (m.said_by != "bot") for m in memories]),
        "question": np.array([weights.question * _asks(m.text) for m in memories]),
    }
    total = near + parts["neighbours"] + parts["recency"] + parts["speaker"] + parts["question"]
    found: list[Recalled] = []
    seen: set[tuple[str, ...]] = set()
    for i in np.argsort(-total, kind="stable"):
        memory = memories[i]
        # Same words in any order, not merely close: "sugar 6.5" and "sugar 7.5" are neighbours in
        # meaning and must both stay.
        alike = tuple(sorted(terms(memory.text))) or (memory.id,)
        if alike in seen:
            continue
        seen.add(alike)
        why = {name: float(part[i]) for name, part in parts.items()}
        found.append(Recalled(memory=memory, score=float(total[i]), why=why))
        if len(found) == limit:
            break
    return found


def _bm25(asked: Sequence[str], documents: Sequence[Sequence[str]]) -> Vectors:
    """BM25 of each document for the asked terms, float32 (n,); statistics are this patient's."""
    scores = np.zeros(len(documents), dtype=np.float32)
    lengths = np.array([len(d) for d in documents], dtype=np.float32)
    norm = _K1 * (1 - _B + _B * lengths / max(float(lengths.mean()), 1.0))
    counts = [Counter(d) for d in documents]
    for term in set(asked):
        tf = np.array([c[term] for c in counts], dtype=np.float32)
        df = int((tf > 0).sum())
        if df:
            idf = math.log(1 + (len(documents) - df + 0.5) / (df + 0.5))
            scores += idf * tf * (_K1 + 1) / (tf + norm)
    return scores


def _standardised(values: Vectors) -> Vectors:
    spread = float(values.std())
    if spread < 1e-6:
        return np.zeros(len(values), dtype=np.float32)
    return np.asarray((values - values.mean()) / spread, dtype=np.float32)


def _neighbours(memories: Sequence[Memory], scores: Vectors) -> Vectors:
    """The best score among the turns just before and after each turn; 0 for anything else."""
    at: dict[int, float] = {}
    for memory, score in zip(memories, scores, strict=True):
        if memory.kind == "turn":
            at[memory.position] = max(float(score), at.get(memory.position, -math.inf))
    lifted = np.zeros(len(memories), dtype=np.float32)
    for i, memory in enumerate(memories):
        if memory.kind == "turn":
            beside = [at[p] for p in (memory.position - 1, memory.position + 1) if p in at]
            lifted[i] = max(0.0, *beside) if beside else 0.0
    return lifted


def _recency(memories: Sequence[Memory], now: datetime, days: float) -> Vectors:
    ages = [max(0.0, (now - m.recorded_at).total_seconds() / 86_400) for m in memories]
    return np.asarray(np.exp(-np.array(ages) / days), dtype=np.float32)


def _asks(text: str) -> bool:
    return text.rstrip().endswith(("?", "？", "吗", "呢"))
