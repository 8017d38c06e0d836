"""Print the figures with the machine: python -m bench [NAME …]."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from rich.table import Table

from bench import (
    asked,
    emergency,
    interactions,
    kills,
    latency,
    library,
    others,
    schedules,
    starts,
    when,
)
from bench.figures import Figure
from bench.house import ROOT
from bench.machine import machine, more_files
from bench.progress import screen

BENCHES: dict[str, Callable[[], list[Figure]]] = {
    "starts": starts.measure,
    "replies": latency.measure,
    "asked": asked.measure,
    "emergency": emergency.measure,
    "kills": kills.measure,
    "schedules": schedules.measure,
    "when": when.figures,
    "recall": others.recall,
    "isolation": others.isolation,
    "risk": others.risk,
    "library": library.measure,
    "interactions": interactions.measure,
}
_HEAD = ("figure", "must", "met", "measured", "repeats and spread", "load")
_BEGIN, _END = "<!-- figures -->", "<!-- /figures -->"
#: A tutorial bot (python-telegram-bot polling + Chroma + the same encoder; no screen, no
#: encryption, no durable row), measured once on a machine of two cores.
TUTORIAL = (
    "For comparison, a tutorial bot without screening, encryption or durable rows, on two cores: "
    "p50 30 ms, p95 64 ms, 39 answers/s in the burst, and 44 of 60 messages lost for ever at one "
    "kill -9."
)


def main() -> None:
    """Measure what was asked for, or everything, and print one table."""
    options = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    options.add_argument("name", nargs="*", metavar="NAME", help=", ".join(BENCHES))
    options.add_argument("--readme", action="store_true", help="put the table into README.md, too")
    given = options.parse_args()
    names = given.name or list(BENCHES)
    if unknown := [name for name in names if name not in BENCHES]:
        options.error(f"there is no {', '.join(unknown)}; there are {', '.join(BENCHES)}")
    more_files()
    screen.print(machine())
    began, rows = time.monotonic(), [_HEAD]
    try:
        for name in names:
            for figure in BENCHES[name]():
                met = {True: "yes", False: "NO", None: ""}[figure.met]
                busy = f"{figure.load:.1f}"
                rows.append((figure.what, figure.must, met, figure.measured, figure.spread, busy))
    finally:  # a bench that fails does not take the others' figures with it
        screen.print(_table(rows))
    if given.readme:
        _into_readme(rows)
    screen.print(TUTORIAL)
    screen.print(f"Measured in {time.monotonic() - began:.0f} s.")


def _table(rows: Sequence[Sequence[str]]) -> Table:
    table = Table(*rows[0])
    table.columns[0].max_width = 44
    table.columns[4].max_width = 46
    for row in rows[1:]:
        table.add_row(*row)
    return table


def _into_readme(rows: Sequence[Sequence[str]]) -> None:
    """Between the two marks of README.md, in place of what stood there."""
    file = ROOT / "README.md"
    before, _, rest = file.read_text("utf-8").partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not end:
        raise ValueError(f"README.md: the marks {_BEGIN} and {_END} are missing")
    lines = [f"{datetime.now(UTC):%Y-%m-%d}, {machine()}.", ""]
    for number, row in enumerate(rows):
        lines.append("| " + " | ".join(cell.strip() for cell in row) + " |")
        if not number:
            lines.append("| --- " * len(row) + "|")
    lines += ["", TUTORIAL]
    file.write_text(before + "\n".join([_BEGIN, *lines, end]) + after, "utf-8")


if __name__ == "__main__":
    main()
