"""The rooms' own benches, run in processes of their own and read into the table."""

from __future__ import annotations

import re
import subprocess
import sys

from bench.figures import Figure
from bench.house import ROOT
from bench.machine import load
from bench.progress import bar

_TIMES = re.compile(r"p50 ([\d.]+) ms, p95 ([\d.]+) ms")


def recall() -> list[Figure]:
    """One patient among 10,000 with 50 memories each, beside 100 patients."""
    busy, said = load(), _run("recall, 10,000 patients × 50 memories", "bench.recall")
    cold = [_TIMES.search(line) for line in said if "cold, with encoding the question" in line]
    warm = [_TIMES.search(line) for line in said if "warm, with encoding" in line]
    ratio = re.search(r"= ([\d.]+)$", said[-1])
    if len(cold) != 2 or None in (*cold, *warm, ratio):
        raise ValueError("bench.recall printed other lines than these figures are read from")
    (few50, _), (p50, p95) = ((float(m[1]), float(m[2])) for m in cold if m)
    hot50, hot95 = next((float(m[1]), float(m[2])) for m in reversed(warm) if m)
    grown = float(ratio[1]) if ratio else 0.0
    return [
        Figure(
            what="recall for one patient, 10,000 patients × 50 memories, cold",
            must="p50 ≤ 8 ms, p95 ≤ 60 ms",
            measured=f"p50 {p50:.1f} ms, p95 {p95:.1f} ms",
            spread=f"500 patients, question encoded each time; warm {hot50:.1f}/{hot95:.1f} ms",
            load=busy,
            met=p50 <= 8 and p95 <= 60,
        ),
        Figure(
            what="  its p50 against 100 patients",
            must="within 1.5 ×",
            measured=f"{grown:.2f} ×",
            spread=f"{few50:.1f} ms at 100 patients",
            load=busy,
            met=grown <= 1.5,
        ),
    ]


def risk() -> list[Figure]:
    """PREVENT for a million people, and one answer with its picture."""
    busy, said = load(), _run("risk of 1,000,000 people", "bench.risk")
    crowd = re.search(r"median ([\d.]+) s", said[1])
    answer = re.search(r"median (\d+) ms, p95 (\d+) ms", said[2])
    if crowd is None or answer is None:
        raise ValueError("bench.risk printed other lines than these figures are read from")
    return [
        Figure(
            what="PREVENT base for 1,000,000 people, five outcomes",
            must="≤ 1 s",
            measured=f"{float(crowd[1]):.2f} s",
            spread="median of 5 runs",
            load=busy,
            met=float(crowd[1]) <= 1,
        ),
        Figure(
            what="one risk answer, picture included",
            must="p95 ≤ 400 ms",
            measured=f"p50 {answer[1]} ms, p95 {answer[2]} ms",
            spread="40 answers",
            load=busy,
            met=int(answer[2]) <= 400,
        ),
    ]


def _run(what: str, module: str) -> list[str]:
    with bar(what, 1) as step:
        done = subprocess.run(
            [sys.executable, "-m", module], cwd=ROOT, capture_output=True, text=True, check=False
        )
        step()
    if done.returncode:
        raise RuntimeError(f"{module} failed:\n{done.stderr[-2000:]}")
    return done.stdout.strip().splitlines()
