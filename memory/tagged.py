"""Which of the tagger's marks count."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

from memory.rules import Rules
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


def dosed(one: Found, text: str, rules: Rules) -> int:
    """Where the words end, a dose directly behind a medicine's name taken in."""
    if one.kind == "MedicationStatement":
        behind = one.end + (text[one.end : one.end + 1] == " ")
        for detail in rules.details:
            if detail.kind == one.kind and detail.part == "dose":
                match = detail.pattern.match(text, behind)
                if match:
                    return match.end()
    return one.end
