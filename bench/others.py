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
    """One patient among 10,000 with 100 memories each, beside 100 patients.

    The rows are filled with drawn vectors, so that it takes minutes; questions and what is
    written are encoded.
    """
    busy, said = load(), _run("recall, 10,000 patients × 100 memories", "bench.recall")
    cold = [_TIMES.search(line) for line in said if "cold, with encoding the question" in line]
    warm = [_TIMES.search(line) for line in said if "warm, with encoding" in line]
    held = [re.search(r"resident (\d+) MB", line) for line in said if "  resident" in line]
    wrote = [re.search(r"wrote (\d+) memories/s", line) for line in said if "wrote" in line]
    ratio = re.search(r"= ([\d.]+)$", said[-1])
    if len(cold) != 2 or None in (*cold, *warm, *held, *wrote, ratio):
        raise ValueError("bench.recall printed other lines than these figures are read from")
    (few50, _), (p50, p95) = ((float(m[1]), float(m[2])) for m in cold if m)
    hot50, hot95 = next((float(m[1]), float(m[2])) for m in reversed(warm) if m)
    megabytes = next(int(m[1]) for m in reversed(held) if m)
    apart, together = [int(m[1]) for m in wrote if m][-2:]
    grown = float(ratio[1]) if ratio else 0.0
    return [
        Figure(
            what="recall for one patient among 1,000,000 rows, cold",
            must="p95 ≤ 20 ms",
            measured=f"p50 {p50:.1f} ms, p95 {p95:.1f} ms",
            spread="500 of 10,000 patients, drawn vectors, question encoded each time",
            load=busy,
            met=p95 <= 20,
        ),
        Figure(
            what="  warm",
            must="p95 ≤ 5 ms",
            measured=f"p50 {hot50:.1f} ms, p95 {hot95:.1f} ms",
            spread="200 patients, question encoded each time",
            load=busy,
            met=hot95 <= 5,
        ),
        Figure(
            what="  its cold p50 against 100 patients",
            must="within 1.5 ×",
            measured=f"{grown:.2f} ×",
            spread=f"{few50:.1f} ms at 100 patients",
            load=busy,
            met=grown <= 1.5,
        ),
        Figure(
            what="  writing memories, 32 a call",
            must="≥ 150/s",
            measured=f"{together}/s",
            spread=f"of 8 patients a call; of 32 patients {apart}/s; encoding included",
            load=busy,
            met=together >= 150,
        ),
        Figure(
            what="  memory of the process, encoder included",
            must="≤ 1,500 MB",
            measured=f"{megabytes} MB",
            load=busy,
            met=megabytes <= 1500,
        ),
    ]


def isolation() -> list[Figure]:
    """Other patients' rows in 100,000 adversarial queries."""
    busy, said = load(), _run("100,000 adversarial queries", "bench.isolation")
    foreign = re.search(r"(\d+) rows returned, (\d+) of them another patient's", said[-1])
    if foreign is None:
        raise ValueError("bench.isolation printed another line than this figure is read from")
    return [
        Figure(
            what="other patients' rows in 10⁵ adversarial queries",
            must="0",
            measured=foreign[2],
            spread=f"{foreign[1]} rows of 3,000 interleaved patients",
            load=busy,
            met=foreign[2] == "0",
        )
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
