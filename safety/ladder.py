"""Who hears of an escalation, and how soon somebody else does if they stay silent."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from safety.files import list_field, read_toml, table_field, text_field
from safety.verdict import Tier

_FILE = Path(__file__).with_name("ladders.toml")
#: Whom a rung may call. "operator": whoever keeps the house itself running.
ROLES = ("on_shift", "team", "everyone", "supervisor", "operator")
#: How a rung may reach them; "chat" is the messenger the house lives in.
PATHS = ("chat", "email", "pager")
HOUSE = "house"  #: the ladder of matters about the house itself, which concern no patient
_NAMES = (*(tier.name for tier in Tier), HOUSE)


@dataclass(frozen=True, kw_only=True)
class Rung:
    """One step: whom to tell, how, and how long after the step before (the first: the start)."""

    role: str
    wait: timedelta
    paths: tuple[str, ...] = ("chat",)


@dataclass(frozen=True, kw_only=True)
class Ladder:
    """Every rung of one urgency. It has no end: past the last rung that one repeats."""

    name: str  #: a tier, or "house"
    version: str  #: of the file it was read from
    rungs: tuple[Rung, ...]
    repeat: timedelta
    acceptance: timedelta | None = None  #: how long an acceptance holds without contact; None: on
    calls: tuple[timedelta, ...] = ()  #: when the patient is asked "have you been able to call?"
    answer: timedelta = timedelta(minutes=2)  #: after this the question counts as not answered

    def rung(self, step: int) -> Rung:
        """The rung at ``step`` (0 is the first). Raises ValueError below 0."""
        if step < 0:
            raise ValueError("step must be 0 or more")
        if step < len(self.rungs):
            return self.rungs[step]
        last = self.rungs[-1]
        return Rung(role=last.role, wait=self.repeat, paths=last.paths)

    def plain(self) -> dict[str, Any]:
        """As JSON, in the words of the file; ``read`` gives the same ladder back."""
        table: dict[str, Any] = {
            "name": self.name,
            "version": self.version,
            "rungs": [
                {"role": r.role, "minutes": _as_minutes(r.wait), "paths": list(r.paths)}
                for r in self.rungs
            ],
            "repeat_minutes": _as_minutes(self.repeat),
            "call_minutes": [_as_minutes(wait) for wait in self.calls],
            "answer_minutes": _as_minutes(self.answer),
        }
        if self.acceptance is not None:
            table["acceptance_minutes"] = _as_minutes(self.acceptance)
        return table


@functools.cache
def _load() -> dict[str, Ladder]:
    data = read_toml(_FILE)
    version = f"ladders-{hashlib.sha256(_FILE.read_bytes()).hexdigest()[:12]}"
    return {
        name: read(table_field(data, name, _FILE.name) | {"name": name, "version": version})
        for name in _NAMES
    }


def read(table: Mapping[str, Any]) -> Ladder:
    """A ladder from the words of the file or from ``Ladder.plain``.

    Raises ValueError naming the ladder and the field.
    """
    name = text_field(table, "name", _FILE.name)
    where = f"{_FILE.name}: {name}"
    rows = table.get("rungs")
    if not isinstance(rows, list) or not rows:
        raise ValueError(f"{where}: rungs must have at least one rung")
    repeat = _minutes(table, "repeat_minutes", where)
    if not repeat:
        raise ValueError(f"{where}: repeat_minutes must be more than 0")
    acceptance = "acceptance_minutes" in table
    return Ladder(
        name=name,
        version=text_field(table, "version", where),
        rungs=tuple(_rung(row, where) for row in rows),
        repeat=repeat,
        acceptance=_minutes(table, "acceptance_minutes", where) if acceptance else None,
        calls=_calls(table, where),
        answer=_minutes(table, "answer_minutes", where) if _calls(table, where) else timedelta(),
    )


def _rung(row: Mapping[str, Any], where: str) -> Rung:
    role = text_field(row, "role", where)
    if role not in ROLES:
        raise ValueError(f"{where}: role must be one of {', '.join(ROLES)}")
    paths = tuple(list_field(row, "paths", where))
    if not paths or not set(paths) <= set(PATHS):
        raise ValueError(f"{where}: paths must be some of {', '.join(PATHS)}")
    return Rung(role=role, wait=_minutes(row, "minutes", where), paths=paths)


def _calls(table: Mapping[str, Any], where: str) -> tuple[timedelta, ...]:
    values = table.get("call_minutes", [])
    if not isinstance(values, list):
        raise ValueError(f"{where}: call_minutes must be a list of minutes")
    return tuple(_minutes({"call_minutes": value}, "call_minutes", where) for value in values)


def _minutes(table: Mapping[str, Any], field: str, where: str) -> timedelta:
    value = table.get(field)
    if not isinstance(value, int | float) or value < 0:
        raise ValueError(f"{where}: {field} must be minutes, 0 or more")
    return timedelta(minutes=value)


def _as_minutes(wait: timedelta) -> float:
    return wait / timedelta(minutes=1)


def ladder_for(name: str) -> Ladder:
    """The ladder of a tier ("P0" … "P3") or of the house ("house"), as the file has it now."""
    return _load()[name]


def rung(tier: Tier, step: int) -> Rung:
    """The rung at ``step`` (0 is the first); past the last one it repeats and never ends."""
    return ladder_for(tier.name).rung(step)


def acceptance_expires(tier: Tier) -> timedelta | None:
    """How long an acceptance holds without recorded contact; None: it does not run out."""
    return ladder_for(tier.name).acceptance
