"""The limits a clinician has set for one patient, judged beside the general bands."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safety.files import list_field, read_toml, table_field, text_field
from safety.lexicon import LANGUAGES
from safety.metric_rules import rules
from safety.reading_board import Reading
from safety.signatures import EVIDENCE
from safety.units import words as unit_words
from safety.verdict import Finding, PersonalLimit, Tier

_FILE = Path(__file__).with_name("personal_limits.toml")
_SIDES: dict[str, Callable[[float, float], bool]] = {
    "below": operator.lt, "from": operator.ge, "above": operator.gt, "gain": operator.gt,
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class LimitKind:
    """One kind of limit that may be set, and what crossing it means."""

    id: str
    code: str
    unit: str
    side: str
    margin: float
    lowest: float
    highest: float
    tier: Tier
    flag: str
    replaces: tuple[str, ...]  #: ids of general bands that no longer count
    name: Mapping[str, str]

    def crossed(self, limit: float, value: float) -> bool:
        """True where ``value`` lies beyond ``limit``, both in ``unit``."""
        return _SIDES[self.side](value, limit + self.margin)

    def check(self, limit: float) -> None:
        """ValueError with one sentence where a limit may not be set to this value."""
        if not self.lowest <= limit <= self.highest:
            low, high = f"{self.lowest:g}", f"{self.highest:g}"
            raise ValueError(f"{self.id} must lie between {low} and {high} {self.unit}")


@functools.cache
def limit_kinds() -> Mapping[str, LimitKind]:
    """personal_limits.toml, read and checked once; ValueError names the field that is wrong."""
    tables = table_field(read_toml(_FILE), "limit", _FILE.name)
    return {name: _kind(name, table) for name, table in tables.items()}


def _kind(name: str, table: Mapping[str, Any]) -> LimitKind:
    where = f"{_FILE.name}: {name}"
    code, side = text_field(table, "code", where), text_field(table, "side", where)
    tier, allowed = text_field(table, "tier", where), table.get("allowed")
    if code not in unit_words().quantities:
        raise ValueError(f"{where}: code: {code} is not in units.toml")
    if side not in _SIDES or tier not in Tier.__members__:
        raise ValueError(f"{where}: side or tier is not one of the known ones")
    if not isinstance(allowed, list) or len(allowed) != 2 or not allowed[0] < allowed[1]:
        raise ValueError(f"{where}: allowed must be [lowest, highest]")
    if text_field(table, "evidence", where) not in EVIDENCE or not list_field(
        table, "source", where
    ):
        raise ValueError(f"{where}: source and evidence are needed")
    bands = {rule.id: rule for found in rules().by_code.values() for rule in found}
    replaces = tuple(list_field(table, "replaces", where))
    for band in replaces:
        if band not in bands or bands[band].symptoms:
            raise ValueError(f"{where}: replaces: {band} is no band without symptoms")
    names = table_field(table, "name", where)
    return LimitKind(
        id=name,
        code=code,
        unit=text_field(table, "unit", where),
        side=side,
        margin=float(table.get("margin", 0.0)),
        lowest=float(allowed[0]),
        highest=float(allowed[1]),
        tier=Tier[tier],
        flag=text_field(table, "flag", where),
        replaces=replaces,
        name={language: text_field(names, language, where) for language in LANGUAGES},
    )


def replaced(limits: Iterable[PersonalLimit]) -> frozenset[str]:
    """The general bands that do not count for a patient with these limits."""
    known = limit_kinds()
    return frozenset(
        band for limit in limits if limit.kind in known for band in known[limit.kind].replaces
    )


def overruled(limits: Iterable[PersonalLimit]) -> tuple[frozenset[str], frozenset[str]]:
    """The codes for which a limit replaces general bands, and the flags those bands raise."""
    bands = replaced(limits)
    fitting = [rule for found in rules().by_code.values() for rule in found if rule.id in bands]
    return frozenset(rule.code for rule in fitting), frozenset(rule.flag for rule in fitting)


def crossed(limits: Iterable[PersonalLimit], reading: Reading) -> Iterator[Finding]:
    """A finding for each limit that a reading lies beyond; a doubtful reading is asked about.

    A value that fits two units is judged as the one that crosses.
    """
    for limit in limits:
        kind = limit_kinds().get(limit.kind)
        if kind is None or kind.code != reading.code:
            continue
        values = {reading.value, *(value for value, _ in reading.alternatives)}
        if not any(kind.crossed(limit.value, value) for value in values):
            continue
        doubtful = not reading.certain or bool(reading.alternatives) or reading.implausible
        tier = Tier.P1 if reading.implausible and kind.tier is Tier.P0 else kind.tier
        yield Finding(
            flag=kind.flag,
            tier=tier,
            start=reading.start,
            end=reading.end,
            source="metric",
            cues=("personal_limit", limit.kind),
            asked=doubtful,
        )
