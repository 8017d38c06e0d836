"""What a question wants to know and what a passage tells, such as cause or treatment."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from knowledge.words import any_of, read_toml

INFORMATION = "information"


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind with its patterns."""

    id: str
    ask: re.Pattern[str]
    head: re.Pattern[str]
    tell: re.Pattern[str]


@lru_cache(maxsize=1)
def load() -> tuple[Kind, ...]:
    """The kinds of `asking/kinds.toml`, in its order."""
    return tuple(
        Kind(id=id_, **{part: any_of(table[part]) for part in ("ask", "head", "tell")})
        for id_, table in read_toml("kinds.toml")["kind"].items()
    )


def asked(questions: list[str], rest: str) -> dict[str, float]:
    """The kinds that the sentences ask for, 1 the surest; what only the rest says counts less."""
    found: dict[str, float] = {}
    for order, kind in enumerate(load()):
        hits = sum(bool(kind.ask.search(one)) for one in questions)
        if hits:
            found[kind.id] = 1.0 - 0.01 * order
        elif rest and kind.ask.search(rest):
            found[kind.id] = 0.3
    sure = {id_ for id_, weight in found.items() if weight > 0.5}
    if sure - {INFORMATION}:
        found.pop(INFORMATION, None)
    return found or {INFORMATION: 1.0}


def of_heading(heading: str) -> str:
    """The kind that a heading or question line names, or ""."""
    for kind in load():
        if kind.head.search(heading):
            return kind.id
    return ""


def told(text: str) -> Mapping[str, float]:
    """How much of each kind a text without a heading tells, each 0 to 1."""
    counts = {kind.id: len(kind.tell.findall(text)) for kind in load()}
    most = max(counts.values(), default=0)
    return {id_: count / most for id_, count in counts.items() if count} if most else {}
