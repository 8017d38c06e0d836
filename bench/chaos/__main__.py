"""`make chaos`: a year of questions and alerts while everything goes wrong; 1 if one is lost."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from math import inf

from rich.table import Table

from bench.chaos.cluster import own_cluster, programs
from bench.chaos.databases import KINDS, Cuts, empty, memory, server
from bench.chaos.year import Restarting, Year, live
from bench.machine import machine, more_files
from bench.progress import screen, share_bar


def main() -> None:
    """Both databases, one after the other; print a table and every unknown outcome's number."""
    options = argparse.ArgumentParser(prog="python -m bench.chaos", description=__doc__)
    options.add_argument("--fires", type=int, default=100_000)
    options.add_argument("--matters", type=int, default=1_000)
    options.add_argument("--days", type=int, default=365)
    options.add_argument("--seed", type=int, default=7)
    options.add_argument(
        "--minutes", type=float, default=inf, help="end the year early, and say so"
    )
    options.add_argument("--database", choices=KINDS, action="append")
    options.add_argument("--list-unknown", action="store_true")
    chosen = options.parse_args()
    more_files()
    screen.print(machine())
    years = []
    for kind in chosen.database or KINDS:
        if kind == "postgresql" and not (programs() or server()):
            screen.print("no PostgreSQL answers here; left out")
            continue
        with _database(kind) as (url, database), share_bar(f"a year on {kind}") as step:
            years.append(
                live(
                    kind, url, fires=chosen.fires, matters=chosen.matters, days=chosen.days,
                    workers=1 if kind == "sqlite" else 4, seed=chosen.seed, step=step,
                    database=database, within=chosen.minutes * 60,
                )
            )  # fmt: skip
        screen.print(_table(years[-1:]))
    if len(years) > 1:
        screen.print(_table(years))
    for year in years:
        for what in _broken(year):
            for line in what[:20]:
                screen.print(f"BROKEN on {year.kind}: {line}", highlight=False)
        if chosen.list_unknown:
            screen.print("\n".join(f"unknown: {name}" for name in year.found.unknown))
    sys.exit(0 if all(year.kept for year in years) else 1)


@contextmanager
def _database(kind: str) -> Iterator[tuple[str, Restarting | None]]:
    """(URL, what restarts it): SQLite ends and begins with its process, PostgreSQL crashes.

    Where PostgreSQL's programs are missing, the connections to a server are cut instead.
    """
    if kind == "postgresql" and (found := programs()):
        with own_cluster(found) as cluster:
            yield cluster.url, cluster
        return
    with empty(kind, within=memory()) as url:
        yield url, Cuts(url) if kind == "postgresql" else None


def _broken(year: Year) -> tuple[list[str], ...]:
    found = year.found
    return found.lost, found.doubled, found.unasked_for, found.untold, year.dead


def _table(years: list[Year]) -> Table:
    table = Table("", *(year.kind for year in years))
    rows = {
        "simulated days": lambda y: f"{y.days:.0f}",
        "questions that were due": lambda y: f"{y.found.expected:,}",
        "  arrived": lambda y: f"{y.found.sent:,}",
        "  outcome unknown, and listed": lambda y: str(len(y.found.unknown)),
        "  due in an outage over 2 h, dropped and noted": lambda y: str(y.found.too_late),
        "  lost": lambda y: str(len(y.found.lost)),
        "  said twice": lambda y: str(len(y.found.doubled)),
        "  asked though not due": lambda y: str(len(y.found.unasked_for)),
        "silences about medicine, told to a nurse": lambda y: str(y.found.silences),
        "  told to nobody": lambda y: str(len(y.found.untold)),
        "escalations": lambda y: f"{y.escalations:,} ({y.raised:,} of ours)",
        "  completed by a person": lambda y: f"{y.completed:,}",
        "  accepted or still climbing": lambda y: f"{y.climbing:,}",
        "  dead": lambda y: str(len(y.dead)),
        "workers killed": lambda y: str(y.kills),
        "  fallen by themselves": lambda y: str(y.fallen),
        "database server crashed and restarted": lambda y: str(y.restarts),
        "outages of more than 2 hours": lambda y: str(y.outages),
        "seconds": lambda y: f"{y.seconds:.0f}",
    }
    for name, of in rows.items():
        table.add_row(name, *(of(year) for year in years))
    return table


if __name__ == "__main__":
    main()
