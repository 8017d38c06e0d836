"""Which of the tagger's marks count."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

from memory.tagger.found import Found

_FILE = Path(__file__).parent / "tagger" / "bars.toml"


@functools.cache
def bars(language: str) -> Mapping[str, float]:
    """Kind → share from which a mark of it counts."""
    table = tomllib.loads(_FILE.read_text("utf-8"))[language]
    return {kind: float(bar) for kind, bar in table.items()}


def seen(start: int, end: int, marked: Sequence[Found]) -> bool:
    """Whether the tagger sees any fact in the words [start, end)."""
    return any(one.start < end and start < one.end for one in marked)


def sure(marked: Sequence[Found], language: str) -> list[Found]:
    """The marks that are above the bar of their kind."""
    kinds = bars(language)
    return [one for one in marked if one.share >= kinds[one.kind]]
