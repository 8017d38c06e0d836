"""Which of the tagger's marks count."""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from memory.rules import Rules
from memory.tagger.found import Found

#: Share from which a mark next to a sure one is taken for its other half.
_HALF = 0.5
#: Two complaints as sure as this are two, though nothing stands between them.
_SURE = 0.95
#: What may stand between the when and the where of one appointment: a few words of one clause.
_ONE_VISIT = re.compile(r"[^.!?;。！？；\n]{0,24}")
_NEXT_TO = re.compile(r" ?[,，、]? ?(?:我|在|去|at|with|for|in)? ?")
_WHEN = re.compile(
    r"\d|\b(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|today|tonight|tomorrow|week|month|morning"
    r"|afternoon|noon|half past|o'?clock)\b|周|星期|礼拜|[号点月]|明[天早]|后天|下午|上午|早上",
    re.IGNORECASE,
)
_FILE = Path(__file__).parent / "tagger" / "bars.toml"


@functools.cache
def bars(language: str) -> Mapping[str, float]:
    """Kind → share from which a mark of it counts."""
    table = tomllib.loads(_FILE.read_text("utf-8"))[language]
    return {kind: float(bar) for kind, bar in table.items()}


def seen(start: int, end: int, marked: Sequence[Found]) -> bool:
    """Whether the tagger sees any fact in the words [start, end)."""
    return any(one.start < end and start < one.end for one in marked)


def sure(marked: Sequence[Found], text: str, language: str) -> list[Found]:
    """The marks that are above the bar of their kind, whole."""
    kinds = bars(language)
    found: list[Found] = []
    for at, one in enumerate(marked):
        if one.share < kinds[one.kind]:
            continue
        start, end = one.start, one.end
        if at and _goes_on(marked[at - 1], one, text):
            start = marked[at - 1].start
        if at + 1 < len(marked) and _goes_on(one, marked[at + 1], text):
            end = marked[at + 1].end
        if found and found[-1].end > start:  # both halves were sure
            start = found.pop().start
        found.append(replace(one, start=start, end=end))
    return found


def _goes_on(one: Found, other: Found, text: str) -> bool:
    """Whether two marks are one, cut in two: "stage 3" and "kidney disease", or when and where."""
    between = text[one.end : other.start]
    visit = one.kind == "Appointment" and _of_one_visit(one, between, other, text)
    return (
        one.kind == other.kind
        and min(one.share, other.share) >= _HALF
        and bool(between == " " or visit)
        and not (one.kind == "Observation" and min(one.share, other.share) >= _SURE)
    )


def _of_one_visit(one: Found, between: str, other: Found, text: str) -> bool:
    """Side by side; or one says when, the other where, a few words apart."""
    if _NEXT_TO.fullmatch(between):
        return True
    when = [bool(_WHEN.search(text[m.start : m.end])) for m in (one, other)]
    return when[0] != when[1] and bool(_ONE_VISIT.fullmatch(between))


def dosed(one: Found, text: str, rules: Rules) -> int:
    """Where the words end, dose and times directly behind a medicine's name taken in."""
    end = one.end
    if one.kind != "MedicationStatement":
        return end
    parts = [d.pattern for d in rules.details if d.kind == one.kind and d.part in ("dose", "times")]
    while True:
        behind = end + (text[end : end + 1] == " ")
        further = max((m.end() for part in parts if (m := part.match(text, behind))), default=end)
        if further <= behind:
            return end
        end = further
