"""Lay what the tagger marked beside what the rules drew from the same words."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

from memory.tagger.found import Found

_FILE = Path(__file__).parent / "tagger" / "bars.toml"


@functools.cache
def bars(language: str) -> tuple[Mapping[str, float], float]:
    """(share from which a mark counts, by kind; share below which a rule stands alone)."""
    table = tomllib.loads(_FILE.read_text("utf-8"))[language]
    return {kind: float(bar) for kind, bar in table["kinds"].items()}, float(table["alone"])


def sure(marked: Sequence[Found], language: str) -> list[Found]:
    """The marks that are above the bar of their kind."""
    kinds, _ = bars(language)
    return [one for one in marked if one.share >= kinds[one.kind]]


def stands(kind: str, start: int, end: int, marked: Sequence[Found], language: str) -> bool:
    """Whether the tagger, too, sees a fact in what a rule drew from [start, end), be it faintly, or
    one of another kind of which it is not sure."""
    kinds, alone = bars(language)
    there = [one for one in marked if one.share >= alone and one.start < end and start < one.end]
    return any(one.kind == kind or one.share < kinds[one.kind] for one in there)
