"""High-priority interactions that somebody listed without knowing the graph: how many it holds."""

from __future__ import annotations

import json
from pathlib import Path

from bench.figures import Figure
from bench.machine import load
from knowledge.graph import Graph, graph

PAIRS = Path(__file__).parents[1] / "tests" / "evals" / "answers" / "interactions.jsonl"


def measure() -> list[Figure]:
    """The share found of pairs whose medicines the graph knows, and what is found of harmless ones.

    The list (tests/evals/answers/README.md) is from memory: no reference work was opened for it.
    """
    known, harmless, missed, raised = 0, 0, [], []
    drugs = graph()
    for line in PAIRS.read_text("utf-8").splitlines():
        pair = json.loads(line)
        a, b = (_medicine(drugs, pair[side]) for side in ("a", "b"))
        if a is None or b is None:
            continue
        found, said = bool(drugs.interactions(a, b)), f"{pair['a']} + {pair['b']}"
        if pair.get("none"):
            harmless += 1
            raised += [said] if found else []
        else:
            known += 1
            missed += [] if found else [said]
    share = 1 - len(missed) / known
    return [
        Figure(
            what="high-priority interactions of an independent list",
            must="≥ 0.95",
            measured=f"{share:.3f}",
            spread=f"{known} pairs; missed: {', '.join(missed) or 'none'}",
            load=load(),
            met=share >= 0.95,
        ),
        Figure(
            what="  pairs of which none is known, told all the same",
            must="",
            measured=f"{len(raised)} of {harmless}",
            spread=", ".join(raised),
            load=load(),
        ),
    ]


def _medicine(drugs: Graph, name: str) -> str | None:
    found = drugs.resolve(name, "en", ("medicine",))
    return found[0].id if found else None
