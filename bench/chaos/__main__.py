"""`make chaos`: a year of questions and alerts while everything goes wrong; 1 if one is lost."""

from __future__ import annotations

import argparse
import sys

from rich.table import Table

from bench.chaos.databases import KINDS, empty, server
from bench.chaos.year import Year, live
from bench.machine import machine, more_files
from bench.progress import screen, share_bar


def main() -> None:
    """Both databases, one after the other; print a table and every unknown outcome's number."""
    options = argparse.ArgumentParser(prog="python -m bench.chaos", description=__doc__)
    options.add_argument("--fires", type=int, default=100_000)
    options.add_argument("--matters", type=int, default=1_000)
    options.add_argument("--days", type=int, default=365)
    options.add_argument("--seed", type=int, default=7)
    options.add_argument("--database", choices=KINDS, action="append")
    options.add_argument("--list-unknown", action="store_true")
    chosen = options.parse_args()
    more_files()
    screen.print(machine())
    years = []
    for kind in chosen.database or KINDS:
        if kind == "postgresql" and not server():
            screen.print("no PostgreSQL answers here; left out")
            continue
        with empty(kind) as url, share_bar(f"a year on {kind}") as step:
            years.append(
                live(
                    kind, url, fires=chosen.fires, matters=chosen.matters, days=chosen.days,
                    workers=1 if kind == "sqlite" else 4, seed=chosen.seed, step=step,
                )
            )  # fmt: skip
    screen.print(_table(years))
    for year in years:
        for what in (year.found.lost, year.found.doubled, year.found.unasked_for, year.dead):
            for line in what[:20]:
                screen.print(f"BROKEN on {year.kind}: {line}", highlight=False)
        if chosen.list_unknown:
            screen.print("\n".join(f"unknown: {name}" for name in year.found.unknown))
    sys.exit(0 if all(year.kept for year in years) else 1)


def _table(years: list[Year]) -> Table:
    table = Table("", *(year.kind for year in years))
    rows = {
        "questions that were due": lambda y: f"{y.found.expected:,}",
        "  arrived": lambda y: f"{y.found.sent:,}",
        "  outcome unknown, and listed": lambda y: str(len(y.found.unknown)),
        "  due in an outage over 2 h, dropped and noted": lambda y: str(y.found.too_late),
        "  lost": lambda y: str(len(y.found.lost)),
        "  said twice": lambda y: str(len(y.found.doubled)),
        "  asked though not due": lambda y: str(len(y.found.unasked_for)),
        "escalations": lambda y: f"{y.escalations:,}",
        "  completed by a person": lambda y: f"{y.completed:,}",
        "  accepted or still climbing": lambda y: f"{y.climbing:,}",
        "  dead": lambda y: str(len(y.dead)),
        "workers killed": lambda y: str(y.kills),
        "database connections cut": lambda y: str(y.restarts),
        "outages of more than 2 hours": lambda y: str(y.outages),
        "seconds": lambda y: f"{y.seconds:.0f}",
    }
    for name, of in rows.items():
        table.add_row(name, *(of(year) for year in years))
    return table


if __name__ == "__main__":
    main()
