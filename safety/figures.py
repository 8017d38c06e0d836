"""The numbers of a message that may be readings: not dates, times, doses, ages or telephones."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from pathlib import Path

from safety.files import list_field, read_toml, table_field
from safety.numbers import NUMBER, to_number

_FILE = Path(__file__).with_name("units.toml")
_NUMBER = re.compile(NUMBER)
_PAIR_AFTER = re.compile(r"\s*(?:/\s*\d|over\b|['’]|(?:ft|feet|kg|kilos?|lbs?|cm|stone|st)\b)")
_LOOK_BACK = 16
MOST = 2000  #: numbers looked at in one text; nobody sends more readings, machines may


@dataclass(frozen=True, slots=True)
class Figure:
    """One number: its place in the flattened text and its value."""

    start: int
    end: int
    value: float


@dataclass(frozen=True)
class _Never:
    begins: re.Pattern[str]
    before: re.Pattern[str]
    remind: re.Pattern[str]
    clock: re.Pattern[str]


@functools.cache
def _never() -> _Never:
    data, name = read_toml(_FILE), _FILE.name
    table, cues = table_field(data, "never", name), table_field(data, "cues", name)
    ends = "|".join(list_field(table, "after", name))
    begins = "|".join([*list_field(table, "from", name), rf"{{N}}\s*(?:{ends})"])
    before = "|".join(list_field(table, "before", name))
    reminds = list_field(cues, "remind_en", name) + list_field(cues, "remind_zh", name)
    try:
        return _Never(
            begins=re.compile(begins.replace("{N}", NUMBER)),
            before=re.compile(rf"(?<![a-z])(?:{before})\s*$"),
            remind=re.compile("|".join(reminds)),
            clock=re.compile(rf"\b(?:{'|'.join(list_field(table, 'clock', name))})\s+$"),
        )
    except re.error as problem:
        raise ValueError(f"{name}: never: a pattern cannot be read: {problem}") from problem


def find_figures(text: str) -> tuple[list[Figure], list[Figure]]:
    """(numbers that may be readings, stretches that are certainly none) of a flattened text.

    Of more than MOST numbers only the first and last MOST / 2 are looked at.
    """
    never = _never()
    matches = list(_NUMBER.finditer(text))
    if len(matches) > MOST:
        matches = matches[: MOST // 2] + matches[-MOST // 2 :]
    clock = never.remind.search(text) is not None
    kept: list[Figure] = []
    dropped: list[Figure] = []
    done = 0
    for match in matches:
        start, end = match.span()
        if start < done:
            continue
        stretch = never.begins.match(text, start)
        if stretch is None:
            back = max(0, start - _LOOK_BACK)
            if (
                never.before.search(text, back, start)
                or (clock and never.clock.search(text, back, start))
            ) and not _PAIR_AFTER.match(text, end):
                dropped.append(Figure(start, end, 0.0))
                continue
            kept.append(Figure(start, end, to_number(match[0])))
        else:
            done = stretch.end()
            dropped.append(Figure(start, done, 0.0))
    return kept, dropped
