"""Rank one patient's memories against a question: meaning, words, neighbours, time and speaker."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from memory.cues import Asked, ask
from memory.events import around
from memory.features import Features, features
from memory.model import Memory, Recalled, Vectors
from memory.when import span
from memory.words import is_chinese, terms

_K1, _B = 1.2, 0.6  #: BM25's usual saturation and a gentle length norm: chat turns are short
_ALIKE = 0.8  #: share of words in common above which two texts say the same
_EPISODE_HOURS = 6.0  #: turns farther apart than this do not belong to one conversation


@dataclass(frozen=True, kw_only=True)
class Weights:
    """How much each part counts, in standard deviations; measured in docs/adr/0004."""

    dense: float = 1.0
    dense_unread: float = 0.1  #: for a language the encoder cannot read
    words: float = 0.5
    words_unread: float = 1.0  #: words alone must carry such a language
    related: float = 0.5  #: a word that means the same, beside the word itself
    before: float = 0.6  #: the turn before a match's answer …
    after: float = 0.3  #: … counts more than the turn after it
    episode: float = 0.2
    recency: float = 0.15
    recency_days: float = 30.0
    speaker: float = 0.4  #: the question says whose words it wants
    named: float = 2.0  #: … by name
    question: float = -0.7  #: a question tells less than a statement
    length: float = 0.4
    time: float = 1.5
    tells: float = 0.5  #: asked when or how many, and the turn says when or how many
    hint: float = 0.2  #: words of the first three found


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
    asked = ask(question)
    seen = [features(m.text) for m in memories]
    named = _named(question, memories)
    names = {t for m in memories if m.speaker for t in terms(m.speaker)} if named.any() else set()
    bm25 = _Words(seen)
    blind = is_chinese(question) and not reads_chinese
    likeness = np.asarray(vectors @ query, dtype=np.float32)
    dense = (weights.dense_unread if blind else weights.dense) * _standardised(likeness)
    found_words = bm25.scores([t for t in asked.terms if t not in names])
    found_words += weights.related * bm25.best(asked.related, without=set(asked.terms))
    words = (weights.words_unread if blind else weights.words) * _standardised(found_words)
    near = dense + words
    episodes = _episodes(memories)
    parts = {
        "dense": dense,
        "words": words,
        "neighbours": _neighbours(memories, near, episodes, weights),
        "episode": weights.episode * _standardised(_best_of(episodes, near)),
        "recency": weights.recency * _recency(memories, now, weights.recency_days),
        "speaker": _spoke(asked, memories, weights) + weights.named * named,
        "question": weights.question * np.array([f.asks for f in seen], dtype=np.float32),
        "length": weights.length * np.log1p([f.length for f in seen], dtype=np.float32),
        "time": weights.time * _in_time(question, memories, now) + _tells(asked, seen, weights),
    }
    total = np.sum(list(parts.values()), axis=0)
    first = np.argsort(-total, kind="stable")[:3]
    parts["hint"] = weights.hint * _standardised(
        bm25.scores(bm25.telling([seen[i] for i in first], without={*asked.terms, *names}))
    )
    total = total + parts["hint"]
    return [
        replace(
            one,
            shares_words=bool(found_words[i] > 0),
            likeness=0.0 if blind else float(likeness[i]),
        )
        for i, one in _chosen(memories, total, parts, limit)
    ]


def _chosen(
    memories: Sequence[Memory], total: Vectors, parts: dict[str, Vectors], limit: int
) -> list[tuple[int, Recalled]]:
    found: list[tuple[int, Recalled]] = []
    for i in np.argsort(-total, kind="stable"):
        memory = memories[i]
        if any(_same_said(memory, other.memory) for _, other in found):
            continue
        why = {name: float(part[i]) for name, part in parts.items()}
        found.append((int(i), Recalled(memory=memory, score=float(total[i]), why=why)))
        if len(found) == limit:
            break
    return found


def _same_said(one: Memory, other: Memory) -> bool:
    """Nearly the same words of the same person: a retelling, which would only take up a place.

    Never by meaning alone: "sugar 6.5" and "sugar 7.5", "it hurts" and "it does not hurt" are
    neighbours in meaning and must both stay.
    """
    if (one.speaker, one.said_by) != (other.speaker, other.said_by):
        return False
    first, second = features(one.text), features(other.text)
    if not first.counts or first.exact != second.exact:
        return False
    shared = len(first.counts.keys() & second.counts.keys())
    return shared >= _ALIKE * len(first.counts.keys() | second.counts.keys())


class _Words:
    """BM25 over one patient's memories; its statistics are this patient's alone."""

    def __init__(self, seen: Sequence[Features]) -> None:
        self._counts = [f.counts for f in seen]
        lengths = np.array([f.length for f in seen], dtype=np.float32)
        self._norm = _K1 * (1 - _B + _B * lengths / max(float(lengths.mean()), 1.0))
        self._held: dict[str, Vectors | None] = {}

    def scores(self, asked: Sequence[str]) -> Vectors:
        """The BM25 of each memory for the asked terms, float32 (n,)."""
        scores = np.zeros(len(self._counts), dtype=np.float32)
        for term in dict.fromkeys(asked):
            one = self._one(term)
            if one is not None:
                scores += one
        return scores

    def best(self, groups: Sequence[Sequence[str]], without: set[str]) -> Vectors:
        """For each group its best term, summed over the groups: many synonyms are one word."""
        scores = np.zeros(len(self._counts), dtype=np.float32)
        for group in groups:
            found = [one for t in group if t not in without and (one := self._one(t)) is not None]
            if found:
                scores += np.max(found, axis=0)
        return scores

    def telling(self, seen: Sequence[Features], without: set[str], most: int = 8) -> list[str]:
        """The rarest words of `seen`, those said often there first."""
        df: Counter[str] = Counter()
        for counts in self._counts:
            df.update(counts.keys())
        weights: dict[str, float] = {}
        for one in seen:
            for term in one.counts:
                if term not in without:
                    weights[term] = weights.get(term, 0.0) + self._idf(df[term])
        return sorted(weights, key=lambda t: -weights[t])[:most]

    def _idf(self, df: int) -> float:
        return math.log(1 + (len(self._counts) - df + 0.5) / (df + 0.5))

    def _one(self, term: str) -> Vectors | None:
        if term not in self._held:
            tf = np.array([c.get(term, 0) for c in self._counts], dtype=np.float32)
            df = int(np.count_nonzero(tf))
            idf = np.float32(self._idf(df) * (_K1 + 1))
            scores = np.asarray(idf * tf / (tf + self._norm), dtype=np.float32)
            self._held[term] = scores if df else None
        return self._held[term]


def _standardised(values: Vectors) -> Vectors:
    spread = float(values.std())
    if spread < 1e-6:
        return np.zeros(len(values), dtype=np.float32)
    # Bounded below: among many like turns the one that differs is no worse than merely unlike.
    return np.asarray(np.maximum((values - values.mean()) / spread, -1), dtype=np.float32)


def _episodes(memories: Sequence[Memory]) -> list[int]:
    """A number per memory, the same for turns of one conversation; -1 for what is no turn."""
    numbers = [-1] * len(memories)
    turns = [i for i, m in enumerate(memories) if m.kind == "turn"]
    turns.sort(key=lambda i: memories[i].position)
    episode, last = 0, None
    for i in turns:
        at = memories[i].recorded_at
        if last is not None and abs((at - last).total_seconds()) > _EPISODE_HOURS * 3600:
            episode += 1
        numbers[i], last = episode, at
    return numbers


def _neighbours(
    memories: Sequence[Memory], scores: Vectors, episodes: Sequence[int], weights: Weights
) -> Vectors:
    """The better of the turns just before and after in the same conversation, weighted; never
    below 0, and 0 for anything but a turn."""
    at: dict[tuple[int, int], float] = {}
    for memory, score, episode in zip(memories, scores, episodes, strict=True):
        if episode >= 0:
            place = (episode, memory.position)
            at[place] = max(float(score), at.get(place, -math.inf))
    lifted = np.zeros(len(memories), dtype=np.float32)
    for i, (memory, episode) in enumerate(zip(memories, episodes, strict=True)):
        if episode >= 0:
            before = at.get((episode, memory.position - 1), 0.0)
            after = at.get((episode, memory.position + 1), 0.0)
            lifted[i] = max(0.0, weights.before * before, weights.after * after)
    return lifted


def _best_of(episodes: Sequence[int], scores: Vectors) -> Vectors:
    """For each turn the mean of the three best scores of its conversation."""
    of: dict[int, list[float]] = {}
    for episode, score in zip(episodes, scores, strict=True):
        of.setdefault(episode, []).append(float(score))
    best = {e: float(np.mean(sorted(s)[-3:])) for e, s in of.items()}
    middle = float(np.mean(list(best.values())))
    return np.array([best[e] if e >= 0 else middle for e in episodes], dtype=np.float32)


def _recency(memories: Sequence[Memory], now: datetime, days: float) -> Vectors:
    ages = [max(0.0, (now - m.recorded_at).total_seconds() / 86_400) for m in memories]
    return np.asarray(np.exp(-np.array(ages) / days), dtype=np.float32)


def _named(question: str, memories: Sequence[Memory]) -> Vectors:
    """1 for the words of the one speaker whom the question names, by name or its first letters."""
    blank = np.zeros(len(memories), dtype=np.float32)
    asked = set(question.lower().replace("'s", "").replace("’s", "").split())
    asked = {word.strip(".,?!\"'()") for word in asked}
    meant = {m.speaker for m in memories if m.speaker and _says(m.speaker, question, asked)}
    if len(meant) != 1:
        return blank
    return np.array([m.speaker in meant for m in memories], dtype=np.float32)


def _says(name: str, question: str, asked: set[str]) -> bool:
    if is_chinese(name):
        return name in question
    low = name.lower()
    return any(w == low or (len(w) >= 3 and low.startswith(w)) or w in low.split() for w in asked)


def _spoke(asked: Asked, memories: Sequence[Memory], weights: Weights) -> Vectors:
    if not asked.speakers:  # the patient's own words before the bot's
        return np.array([0.1 * (m.said_by != "bot") for m in memories], dtype=np.float32)
    meant = [weights.speaker * (m.said_by in asked.speakers) for m in memories]
    return np.array(meant, dtype=np.float32)


def _in_time(question: str, memories: Sequence[Memory], now: datetime) -> Vectors:
    asked = span(question, now) or around(question, memories, now)
    if asked is None:
        return np.zeros(len(memories), dtype=np.float32)
    days = [m.recorded_at.astimezone(now.tzinfo).date() for m in memories]
    strength = 0.5 if asked.vague else 1.0
    return np.array([strength * asked.nearness(day) for day in days], dtype=np.float32)


def _tells(asked: Asked, seen: Sequence[Features], weights: Weights) -> Vectors:
    told = np.zeros(len(seen), dtype=np.float32)
    if asked.wants_time:
        told += np.array([f.tells_time for f in seen], dtype=np.float32)
    if asked.wants_number:
        told += np.array([f.tells_number for f in seen], dtype=np.float32)
    return weights.tells * told
