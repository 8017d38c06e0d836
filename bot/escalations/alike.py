"""How like two cases are: shared codes with weights, what is the same, and what differs."""

from __future__ import annotations

import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from bot.domain.case import Alike, Case, KeptCase
from bot.domain.errors import SettingsError
from knowledge.graph import graph

_FILE = Path(__file__).with_name("cases.toml")
_ONE = ("about", "age_band", "sex", "level")
_MANY = ("red", "conditions", "medicines")


@dataclass(frozen=True, kw_only=True)
class Rules:
    """``cases.toml``."""

    ages: tuple[int, ...]
    hours: tuple[int, ...]
    floor: int
    least: float
    shown: int
    weights: Mapping[str, float]

    def band(self, age: int) -> str:
        """The age group: "0-17", "65-74", "85+"."""
        starts = (0, *self.ages)
        at = max(i for i, start in enumerate(starts) if age >= start)
        last = at + 1 == len(starts)
        return f"{starts[at]}+" if last else f"{starts[at]}-{starts[at + 1] - 1}"

    def took(self, hours: float) -> str:
        """How long, in steps: "under_4", "longer"."""
        return next((f"under_{one}" for one in self.hours if hours < one), "longer")


@cache
def rules() -> Rules:
    """The file, read once. Raises SettingsError."""
    try:
        raw = tomllib.loads(_FILE.read_text("utf-8"))
        return Rules(
            ages=tuple(raw["coarse"]["ages"]),
            hours=tuple(raw["coarse"]["hours"]),
            floor=int(raw["floor"]["patients"]),
            least=float(raw["alike"]["least"]),
            shown=int(raw["alike"]["shown"]),
            weights={name: float(raw["weights"][name]) for name in (*_ONE, *_MANY)},
        )
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise SettingsError(f"{_FILE.name} cannot be used: {error!r}") from error


def find(now: Case, kept: Sequence[KeptCase]) -> tuple[Alike, ...]:
    """The cases that may be shown and are like ``now``, the likest first.

    ``kept`` must hold nobody's cases whom ``now`` is about: the floor counts other people.
    """
    given, here = rules(), _widened(now)
    wide = [replace(one, case=_widened(one.case)) for one in kept]
    groups: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for one in wide:
        groups[one.case.about, one.case.age_band].add(one.owner)
    common = _common(wide, given.floor)
    here = _only(here, common)
    counts = Counter(
        _only(one.case, common)
        for one in wide
        if len(groups[one.case.about, one.case.age_band]) >= given.floor
    )
    found = [_compared(here, case, count) for case, count in counts.items()]
    found = [one for one in found if one.score >= given.least]
    found.sort(key=lambda a: (a.score, a.case.month), reverse=True)
    return tuple(found[: given.shown])


def _widened(case: Case) -> Case:
    """With the wider conditions and classes of the graph: two blood thinners are both one."""
    known = graph()

    def wider(codes: tuple[str, ...], kind: str) -> tuple[str, ...]:
        above = {up for code in codes for up in known.above(code)}
        return tuple(sorted(up for up in above if up in known and known.concept(up).kind == kind))

    return replace(
        case,
        conditions=wider(case.conditions, "condition"),
        medicines=wider(case.medicines, "medicine_class"),
    )


def _narrowest(codes: tuple[str, ...]) -> tuple[str, ...]:
    """Without those that another of them says more exactly."""
    above = {up for code in codes for up in graph().above(code)[1:]}
    return tuple(code for code in codes if code not in above)


def _common(kept: Iterable[KeptCase], floor: int) -> frozenset[tuple[str, str]]:
    """Codes that enough patients have; a rarer one could name its bearer."""
    who: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for one in kept:
        for field in _MANY:
            for code in getattr(one.case, field):
                who[field, code].add(one.owner)
    return frozenset(code for code, owners in who.items() if len(owners) >= floor)


def _only(case: Case, common: frozenset[tuple[str, str]]) -> Case:
    def left(field: str) -> tuple[str, ...]:
        return tuple(code for code in getattr(case, field) if (field, code) in common)

    return replace(
        case, red=left("red"), conditions=left("conditions"), medicines=left("medicines")
    )


def _compared(here: Case, there: Case, count: int) -> Alike:
    weights = rules().weights
    same: dict[str, tuple[str, ...]] = {}
    only_here: dict[str, tuple[str, ...]] = {}
    only_there: dict[str, tuple[str, ...]] = {}
    score = total = 0.0
    for field in (*_ONE, *_MANY):
        mine, theirs = _codes(here, field), _codes(there, field)
        if not mine and not theirs:
            continue
        both = tuple(code for code in mine if code in theirs)
        total += weights[field]
        score += weights[field] * len(both) / len({*mine, *theirs})
        for held, codes in (
            (same, both),
            (only_here, tuple(code for code in mine if code not in both)),
            (only_there, tuple(code for code in theirs if code not in both)),
        ):
            if codes:
                held[field] = _narrowest(codes)
    return Alike(
        case=replace(
            there,
            conditions=_narrowest(there.conditions),
            medicines=_narrowest(there.medicines),
        ),
        count=count,
        score=score / total if total else 0.0,
        same=same,
        only_here=only_here,
        only_there=only_there,
    )


def _codes(case: Case, field: str) -> tuple[str, ...]:
    value = getattr(case, field)
    if isinstance(value, tuple):
        return value
    return (value,) if value else ()
