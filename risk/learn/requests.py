"""What a registered model is asked, as counts by tenth and word: enough for drift, nobody in it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from risk.learn import drift
from risk.learn.people import People
from risk.learn.registry import Entry, Registry


def note(
    registry: Registry,
    entry: Entry,
    population: Mapping[str, Mapping[str, Any]],
    people: People,
    now: datetime,
) -> None:
    """Add the counts of one table to the model's notes."""
    rows = len(people.values)
    counts = {
        column.name: [
            round(share * rows) for share in drift.shares(population[column.name], values)
        ]
        for column, values in zip(people.columns, people.values.T, strict=True)
        if column.name in population
    }
    line = {"at": f"{now:%Y-%m-%d}", "version": entry.version, "rows": rows, "counts": counts}
    handle = os.open(_path(registry, entry), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(handle, "a", encoding="utf-8") as out:
        out.write(json.dumps(line, ensure_ascii=False) + "\n")


def drifted(
    registry: Registry, entry: Entry, population: Mapping[str, Mapping[str, Any]], since: datetime
) -> tuple[int, dict[str, tuple[float, float]]]:
    """(rows asked about since, by column the stability index and what chance alone reaches)."""
    path, rows = _path(registry, entry), 0
    totals: dict[str, list[int]] = {}
    if path.exists():
        for text in path.read_text("utf-8").splitlines():
            line = json.loads(text)
            if line["version"] == entry.version and line["at"] >= f"{since:%Y-%m-%d}":
                rows += line["rows"]
                for name, counts in line["counts"].items():
                    before = totals.get(name, [0] * len(counts))
                    totals[name] = [a + b for a, b in zip(before, counts, strict=True)]
    found = {}
    for name, counts in totals.items():
        known = population[name]
        seen = [count / max(rows, 1) for count in counts]
        parts = sum(a > 0 or b > 0 for a, b in zip(known["shares"], seen, strict=True))
        index = drift.stability(known["shares"], seen)
        found[name] = (index, drift.chance(known["people"], rows, parts))
    return rows, found


def _path(registry: Registry, entry: Entry) -> Path:
    return registry.home / entry.name / "requests.jsonl"
