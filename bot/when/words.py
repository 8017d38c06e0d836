"""The words of time in each language and their default clock times, read once from files."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import time
from functools import cache
from pathlib import Path
from typing import Any

_HERE = Path(__file__).parent
_PARTS = ("from", "to", "at")


@dataclass(frozen=True, kw_only=True)
class Words:
    """One language: its numbers, calendar words, parts of the day and named moments."""

    numbers: Mapping[str, int]
    ordinals: Mapping[str, int]
    months: Mapping[str, int]
    weekdays: Mapping[str, int]
    units: Mapping[str, str]
    parts: Mapping[str, str]
    moments: Mapping[str, str]
    manifold: Mapping[str, tuple[str, ...]]
    holidays: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Slots:
    """Clock times ("HH:MM") for words that name none: defaults, to be read back."""

    parts: Mapping[str, tuple[str, str, str]]  #: from, to, stands for it
    moments: Mapping[str, str]
    daily: Mapping[int, tuple[str, ...]]
    meals: Mapping[int, tuple[str, ...]]
    weekly: Mapping[int, tuple[int, ...]]


@cache
def words(language: str) -> Words:
    """The words of "en" or "zh"; ValueError names the file and the field that is wrong."""
    name = f"words_{language}.toml"
    data = _read(name)
    tables = {f: _table(data, f, name) for f in Words.__dataclass_fields__}
    parts, moments = slots(language).parts, slots(language).moments
    _known(tables["parts"].values(), parts, f"{name}: parts")
    _known(tables["moments"].values(), moments, f"{name}: moments")
    for several in tables["manifold"].values():
        _known(several, moments, f"{name}: manifold")
    tables["manifold"] = {k: tuple(v) for k, v in tables["manifold"].items()}
    return Words(**tables)


@cache
def slots(language: str) -> Slots:
    """The default clock times; ValueError names the field that is no time of day."""
    name = "slots.toml"
    data = _read(name)
    parts = {
        key: tuple(_clock(row, f, f"{name}: parts.{key}") for f in _PARTS)
        for key, row in _table(data, "parts", name).items()
    }
    table = _table(_table(data, "moments", name), language, f"{name}: moments")
    moments = {key: _clock(table, key, f"{name}: moments.{language}") for key in table}
    daily = {}
    for key, times in _table(data, "daily", name).items():
        rows = dict(enumerate(times))
        daily[int(key)] = tuple(_clock(rows, i, f"{name}: daily.{key}") for i in rows)
    return Slots(
        parts={key: (a, b, c) for key, (a, b, c) in parts.items()},
        moments=moments,
        daily=daily,
        meals={int(k): tuple(v) for k, v in _table(data, "meals", name).items()},
        weekly={int(k): tuple(v) for k, v in _table(data, "weekly", name).items()},
    )


def either(found: Iterable[str]) -> str:
    """A regular expression for any of these, the longest first."""
    return "(?:" + "|".join(re.escape(w) for w in sorted(found, key=len, reverse=True)) + ")"


def _read(name: str) -> dict[str, Any]:
    try:
        return tomllib.loads((_HERE / name).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ValueError(f"{name}: there is no such file of time words") from None
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{name}: {error}") from error


def _table(data: Mapping[str, Any], field: str, name: str) -> dict[str, Any]:
    found = data.get(field, {} if name.startswith("words") and field in _OPTIONAL else None)
    if not isinstance(found, dict):
        raise ValueError(f"{name}: {field} is missing or no table")
    return found


_OPTIONAL = ("ordinals", "months")


def _clock(row: Mapping[Any, Any], field: Any, where: str) -> str:
    try:
        return time.fromisoformat(row[field]).strftime("%H:%M")
    except (KeyError, TypeError, ValueError):
        raise ValueError(f"{where}: {field} is no time like 08:00") from None


def _known(found: Iterable[str], allowed: Mapping[str, Any], where: str) -> None:
    for one in found:
        if one not in allowed:
            raise ValueError(f"{where}: {one} is not in slots.toml")
