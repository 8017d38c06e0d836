"""A new model answers silently beside the old one; how far they differ is told before a switch."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from risk.learn.registry import Entry, Registry
from risk.learn.rules import watching

if TYPE_CHECKING:
    from risk.learn.apply import Said


@dataclass(frozen=True, kw_only=True)
class Pair:
    """One request answered by both; None: no number, with a reason."""

    old: float | None
    new: float | None


@dataclass(frozen=True, kw_only=True)
class Difference:
    """How far two models differ on the same requests."""

    requests: int
    both: int  #: answered by both
    only_old: int
    only_new: int
    mean: float  #: new less old
    absolute: float
    ninety_fifth: float  #: of the absolute differences
    largest: float
    crossed: tuple[tuple[float, int, int], ...]  #: (threshold, now above, now below)

    @property
    def enough(self) -> bool:
        """Have both answered as many requests as the rule asks for?"""
        return self.both >= int(watching("shadow", "fewest"))

    def told(self) -> list[tuple[str, str]]:
        """In words, for a table."""
        found = [
            ("requests", f"{self.requests}"),
            ("answered by both", f"{self.both}"),
            ("only by the old one, only by the new one", f"{self.only_old}, {self.only_new}"),
        ]
        if self.both:
            found += [
                ("mean difference (new less old)", f"{self.mean:+.4f}"),
                ("mean absolute difference", f"{self.absolute:.4f}"),
                ("95 of 100 differ by at most", f"{self.ninety_fifth:.4f}"),
                ("largest", f"{self.largest:.4f}"),
            ]
        for threshold, above, below in self.crossed:
            words = f"{above} rise above, {below} fall below"
            found.append((f"of them cross {threshold:g}", words))
        return found


def compare(pairs: Sequence[Pair]) -> Difference:
    """The difference over all requests."""
    both = [(p.old, p.new) for p in pairs if p.old is not None and p.new is not None]
    gaps = sorted(abs(new - old) for old, new in both)
    crossed = []
    for limit in watching("shadow", "thresholds"):
        above = sum(old < limit <= new for old, new in both)
        below = sum(new < limit <= old for old, new in both)
        crossed.append((limit, above, below))
    count = len(both)
    return Difference(
        requests=len(pairs),
        both=count,
        only_old=sum(p.old is not None and p.new is None for p in pairs),
        only_new=sum(p.new is not None and p.old is None for p in pairs),
        mean=sum(new - old for old, new in both) / count if count else 0.0,
        absolute=sum(gaps) / count if count else 0.0,
        ninety_fifth=gaps[min(count - 1, int(0.95 * count))] if count else 0.0,
        largest=gaps[-1] if count else 0.0,
        crossed=tuple(crossed),
    )


def log(
    registry: Registry, old: Entry, new: Entry, said: Iterable[tuple[Said, Said]], now: datetime
) -> None:
    """Note the pairs: two probabilities and no word of whom they are about."""
    path = _path(registry, old.name)
    lines = [
        json.dumps(
            {"at": f"{now:%Y-%m-%d}", "old": old.version, "new": new.version,
             "p": [one.probability, other.probability]}
        )
        for one, other in said
    ]  # fmt: skip
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(handle, "a", encoding="utf-8") as out:
        out.write("".join(f"{line}\n" for line in lines))


def logged(registry: Registry, old: Entry, new: Entry) -> list[Pair]:
    """What was noted of these two versions."""
    path, found = _path(registry, old.name), []
    if path.exists():
        for line in path.read_text("utf-8").splitlines():
            said = json.loads(line)
            if (said["old"], said["new"]) == (old.version, new.version):
                found.append(Pair(old=said["p"][0], new=said["p"][1]))
    return found


def _path(registry: Registry, name: str) -> Path:
    return registry.home / name / "shadow.jsonl"
