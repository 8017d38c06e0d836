"""A month of what a patient said in a few of their own sentences, each with its source."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from memory.features import features
from memory.learn import learn, sentences
from memory.model import Memory
from memory.words import terms

EXTRACTIVE = "extractive"
_MOST = 6  #: sentences of a month
_SHORTEST, _LONGEST = 2, 60  #: words (Chinese: characters and pairs) of a sentence worth keeping
_OF_WEIGHT = ("AllergyIntolerance", "MedicationStatement", "Condition")
_CITED = re.compile(r"^(.{2,}?)\s*((?:\[\d+(?:\s*[,，、]\s*\d+)*\]\s*)+)[.。]?$")
_ALIKE = 0.6  #: share of words in common above which two sentences say the same


@dataclass(frozen=True, kw_only=True)
class Sentence:
    """One sentence, what it rests on (ids of messages), and the day of the newest of them."""

    text: str
    sources: tuple[str, ...]
    day: str  #: "2026-05-04"


@dataclass(frozen=True, kw_only=True)
class Summary:
    """One calendar month (UTC) of one patient. `turns`: how many messages it was made from."""

    patient_id: str
    period: str  #: "2026-05"
    method: str  #: EXTRACTIVE, or the language model's name
    turns: int
    made_at: datetime
    sentences: tuple[Sentence, ...]


def period_of(at: datetime) -> str:
    """The month that `at` (aware) lies in, UTC."""
    return at.astimezone(UTC).strftime("%Y-%m")


def by_period(memories: Sequence[Memory]) -> dict[str, list[Memory]]:
    """The patient's own turns by month."""
    found: dict[str, list[Memory]] = defaultdict(list)
    for memory in memories:
        if memory.kind == "turn" and memory.said_by in ("patient", "carer") and memory.source:
            found[period_of(memory.recorded_at)].append(memory)
    return dict(found)


def extract(turns: Sequence[Memory], *, now: datetime) -> Summary:
    """The sentences of one patient's month that say most, in the order they were said.

    A sentence counts for what it states about health, for a number or a time in it, and for how
    much of the month's talk it shares; a second one like it is left out. Raises ValueError for no
    turns, or turns of two patients or months.
    """
    if len({(turn.patient_id, period_of(turn.recorded_at)) for turn in turns}) != 1:
        raise ValueError("a summary is of one patient's month")
    said = [
        (turn, text.strip())
        for turn in turns
        for _, text in sentences(turn.text, "zh" if turn.language == "zh" else "en")
    ]
    said = [(t, text) for t, text in said if _SHORTEST <= len(terms(text)) <= _LONGEST]
    shared: Counter[str] = Counter()
    for _, text in said:
        shared.update(set(terms(text)))
    order = sorted(range(len(said)), key=lambda i: -_weight(*said[i], shared, len(said)))
    chosen: list[int] = []
    for i in order:
        if len(chosen) < _MOST and not any(_alike(said[i][1], said[k][1]) for k in chosen):
            chosen.append(i)
    first = turns[0]
    return Summary(
        patient_id=first.patient_id,
        period=period_of(first.recorded_at),
        method=EXTRACTIVE,
        turns=len(turns),
        made_at=now,
        sentences=tuple(
            Sentence(
                text=said[i][1],
                sources=(said[i][0].source,),
                day=said[i][0].recorded_at.date().isoformat(),
            )
            for i in sorted(chosen)
        ),
    )


def cited(answer: str, turns: Sequence[Memory]) -> tuple[Sentence, ...]:
    """The sentences of a model's answer, one a line, each ending in the numbers (from 1) of the
    `turns` it rests on; () where any line cites none, or one that is not there."""
    found: list[Sentence] = []
    for line in (line.strip(" -•*\t") for line in answer.splitlines()):
        if not line:
            continue
        match = _CITED.search(line)
        numbers = [int(n) for n in re.findall(r"\d+", match[2])] if match else []
        if match is None or not numbers or not all(0 < n <= len(turns) for n in numbers):
            return ()
        its = [turns[n - 1] for n in dict.fromkeys(numbers)]
        found.append(
            Sentence(
                text=match[1].strip(),
                sources=tuple(turn.source for turn in its),
                day=max(turn.recorded_at for turn in its).date().isoformat(),
            )
        )
    return tuple(found[:_MOST])


def without(summary: Summary, sources: Collection[str]) -> Summary:
    """The summary without any sentence that rests on one of these messages."""
    gone = set(sources)
    kept = tuple(s for s in summary.sentences if not gone & set(s.sources))
    return replace(summary, sentences=kept)


def _weight(turn: Memory, text: str, shared: Counter[str], total: int) -> float:
    language = "zh" if turn.language == "zh" else "en"
    seen = features(text)
    stated = learn(text, language=language, said_by="patient")
    health = sum(2.0 if one.kind in _OF_WEIGHT else 1.0 for one in stated)
    detail = 0.5 * seen.tells_number + 0.5 * seen.tells_time
    words = set(seen.counts)
    talk = sum(math.log1p(shared[w]) for w in words) / (len(words) * math.log1p(total) or 1)
    return min(health, 4.0) + detail + talk - 1.5 * seen.asks


def _alike(one: str, other: str) -> bool:
    first, second = set(terms(one)), set(terms(other))
    return len(first & second) / max(1, len(first | second)) >= _ALIKE
