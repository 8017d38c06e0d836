"""Who hears of an escalation, and how soon somebody else does if they stay silent."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from safety.files import read_toml, table_field, text_field
from safety.verdict import Tier

_FILE = Path(__file__).with_name("ladders.toml")
ROLES = ("on_shift", "team", "supervisor")


@dataclass(frozen=True, kw_only=True)
class Rung:
    """One step: whom to tell, and how long after the step before (the first: after the start)."""

    role: str
    wait: timedelta


@dataclass(frozen=True, kw_only=True)
class _Ladder:
    rungs: tuple[Rung, ...]
    repeat: timedelta
    acceptance: timedelta | None


@functools.cache
def _load() -> dict[Tier, _Ladder]:
    data = read_toml(_FILE)
    return {tier: _ladder(tier, table_field(data, tier.name, _FILE.name)) for tier in Tier}


def _ladder(tier: Tier, table: Mapping[str, Any]) -> _Ladder:
    where = f"{_FILE.name}: {tier.name}"
    rows = table.get("rungs")
    if not isinstance(rows, list) or not rows:
        raise ValueError(f"{where}: rungs must have at least one rung")
    repeat = _minutes(table, "repeat_minutes", where)
    if not repeat:
        raise ValueError(f"{where}: repeat_minutes must be more than 0")
    return _Ladder(
        rungs=tuple(_rung(row, where) for row in rows),
        repeat=repeat,
        acceptance=_minutes(table, "acceptance_minutes", where)
        if "acceptance_minutes" in table
        else None,
    )


def _rung(row: Mapping[str, Any], where: str) -> Rung:
    role = text_field(row, "role", where)
    if role not in ROLES:
        raise ValueError(f"{where}: role must be one of {', '.join(ROLES)}")
    return Rung(role=role, wait=_minutes(row, "minutes", where))


def _minutes(table: Mapping[str, Any], field: str, where: str) -> timedelta:
    value = table.get(field)
    if not isinstance(value, int | float) or value < 0:
        raise ValueError(f"{where}: {field} must be minutes, 0 or more")
    return timedelta(minutes=value)


def rung(tier: Tier, step: int) -> Rung:
    """The rung at ``step`` (0 is the first); past the last one it repeats and never ends."""
    if step < 0:
        raise ValueError("step must be 0 or more")
    ladder = _load()[tier]
    if step < len(ladder.rungs):
        return ladder.rungs[step]
    return Rung(role=ladder.rungs[-1].role, wait=ladder.repeat)


def acceptance_expires(tier: Tier) -> timedelta | None:
    """How long an acceptance holds without recorded contact; None: it does not run out."""
    return _load()[tier].acceptance
