"""How many of the public time expressions are understood, by kind and language.

The data (Recognizers-Text, MIT) lives beside the repository and is for measuring only; where it
is missing, this says so and ends well. Run: ``python -m bench.when [--misses]``.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bench.figures import Figure
from bot.when import Rule, When, understand

SHARED = Path(__file__).resolve().parents[2] / "shared/data/time_units"
KINDS = ("date", "time", "datetime", "duration", "set")
GOALS = {"English": 0.90, "Chinese": 0.85}
_LANGUAGES = {"English": "en", "Chinese": "zh"}
_UNITS = {"Y": "yearly", "M": "monthly", "W": "weekly", "D": "daily"}
#: Where a part of the day stands for a time in a set: the hours it may mean.
_PARTS = {"TMO": (5, 12), "TAF": (12, 18), "TEV": (16, 22), "TNI": (18, 24), "TDT": (6, 18)}


@dataclass(frozen=True, kw_only=True)
class Case:
    """One expression: its kind, and every reading that is right."""

    kind: str
    text: str
    said: str
    now: datetime
    values: tuple[str, ...]
    timex: tuple[str, ...]


def cases(folder: Path, language: str) -> Iterator[Case]:
    """The supported cases (rows not marked as unsupported in Python) of the kinds judged."""
    for file in sorted(folder.glob(f"DateTime.{language}.*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            if "python" in row.get("NotSupported", "").lower():
                continue
            at = (row.get("Context") or {}).get("ReferenceDateTime", "2016-11-07T00:00:00")
            now = datetime.fromisoformat(at[:19]).replace(tzinfo=UTC)
            for result in row["Results"]:
                yield from _case(row, result, now)


def _case(row: dict[str, Any], result: dict[str, Any], now: datetime) -> Iterator[Case]:
    kind = (result.get("TypeName") or result["Type"]).split(".")[-1]
    if kind not in KINDS:
        return
    if "Resolution" in result:
        readings = result["Resolution"]["values"]
        # Where a past and a coming day are both given, the coming one is wanted.
        values = [v.get("value", "") for v in readings]
        if kind in ("date", "datetime") and len(values) > 1:
            values = [v for v in values if v[:10] >= now.date().isoformat()] or values
        timex = [v["timex"] for v in readings]
    else:
        values = [str(v) for v in result["Value"]["FutureResolution"].values()]
        timex = [result["Value"]["Timex"]]
    yield Case(
        kind=kind,
        text=row["Input"],
        said=result["Text"],
        now=now,
        values=tuple(values),
        timex=tuple(timex),
    )


def right(case: Case, found: When) -> bool:
    """Whether one reading is the wanted kind and value."""
    if found.kind != case.kind:
        return False
    if case.values == ("not resolved",) and case.kind != "set":
        return found.problem is not None  # 30 February: nothing half-made, here as there
    if case.kind == "set":
        return found.rule is not None and any(_same_rule(t, found.rule) for t in case.timex)
    if case.kind == "duration":
        return found.seconds in {float(v) for v in case.values if v}
    return (found.value or "").replace("T", " ") in case.values


def _same_rule(timex: str, rule: Rule) -> bool:
    """A TIMEX set and a rule: P2W, XXXX-WXX-1T20, T15, XXXX-WXX-WE, TMO."""
    day, _, clock = timex.partition("T") if not timex.startswith("P") else (timex, "", "")
    if f"T{clock}" in _PARTS:
        low, high = _PARTS[f"T{clock}"]
        if not rule.times or not all(low <= int(t[:2]) < high for t in rule.times):
            return False
    elif clock:
        wanted = ":".join([*clock.split(":"), "00"][:2])
        if wanted not in rule.times:
            return False
    if day.startswith("PT"):
        fixed = {"H": "hourly", "M": "minutely"}[day[-1]]
        return (rule.frequency, rule.interval) == (fixed, int(day[2:-1]))
    if day.startswith("P"):
        return _same_step(float(day[1:-1]), day[-1], rule)
    if day.startswith("XXXX-WXX-"):
        names = day.rsplit("-", 1)[1]
        weekdays = (5, 6) if names == "WE" else (int(names) - 1,)
        return rule.frequency == "weekly" and rule.weekdays == weekdays
    if day.startswith("XXXX-"):
        month, _, number = day[5:].partition("-")
        if month == "XX":
            return rule.frequency == "monthly" and rule.monthdays == (int(number),)
        return rule.frequency == "yearly" and rule.months == (int(month),)
    return rule.frequency == "daily" and rule.interval == 1


def _same_step(number: float, unit: str, rule: Rule) -> bool:
    if rule.weekdays or rule.months or (rule.monthdays and unit != "M"):
        return False
    plain = {("weekly", 7): ("daily", 7)}
    wanted = (_UNITS[unit], number)
    if unit == "Y" and number == 0.25:
        wanted = ("monthly", 3)
    return plain.get((rule.frequency, rule.interval), (rule.frequency, rule.interval)) == wanted


def measure(folder: Path, language: str) -> tuple[Counter[str], Counter[str], list[str]]:
    """How many were right, how many there are, by kind; and the misses, a line each."""
    good: Counter[str] = Counter()
    all_: Counter[str] = Counter()
    misses = []
    for case in cases(folder, language):
        found = understand(
            case.text, language=_LANGUAGES[language], now=case.now, zone=ZoneInfo("UTC")
        )
        all_[case.kind] += 1
        if any(right(case, w) or _other(case, w) for w in found):
            good[case.kind] += 1
        else:
            got = "; ".join(w.brief() for w in found) or "nothing"
            misses.append(
                f"{case.kind}: {case.text} [{case.said}] {case.values} {case.timex} {got}"
            )
    return good, all_, misses


def _other(case: Case, found: When) -> bool:
    """Half past eight may be morning or evening: either is right where both are given."""
    return found.kind == case.kind and any(
        o.replace("T", " ") in case.values for o in found.others if len(case.values) > 1
    )


def figures() -> list[Figure]:
    """The shares of the public expressions that are understood, where that data is present."""
    if not SHARED.is_dir():
        return [Figure(what="time expressions", must="", measured="the public data is not here")]
    found = []
    for language, goal in GOALS.items():
        good, all_, _ = measure(SHARED, language)
        share = good.total() / all_.total()
        found.append(
            Figure(
                what=f"time expressions understood, {language}",
                must=f"≥ {goal:.0%}",
                measured=f"{share:.1%}",
                spread=", ".join(f"{k} {good[k]}/{all_[k]}" for k in KINDS if all_[k]),
                met=share >= goal,
            )
        )
    return found


def main() -> None:
    """Print the table."""
    if not SHARED.is_dir():
        print("time expressions: the public data is not here, nothing measured")
        return
    for language, goal in GOALS.items():
        good, all_, misses = measure(SHARED, language)
        share = good.total() / all_.total()
        met = "met" if share >= goal else "NOT met"
        print(f"{language}: {good.total()}/{all_.total()} = {share:.1%}, must {goal:.0%}: {met}")
        print("  " + ", ".join(f"{k} {good[k]}/{all_[k]}" for k in KINDS if all_[k]))
        if "--misses" in sys.argv:
            print("\n".join(f"  {line}" for line in misses))


if __name__ == "__main__":
    main()
