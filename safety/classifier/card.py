"""The model card: what the classifier learnt from, how well it does, what it is not for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np

from safety.classifier.corpus import Example
from safety.classifier.decide import thresholds
from safety.classifier.heard import Floats
from safety.classifier.train import Trained
from safety.shares import wilson

_HEAD = (Path(__file__).with_name("card_head.md")).read_text("utf-8")
_ENOUGH = 15  #: messages below which a share says nothing


def write(trained: Sequence[Trained]) -> str:
    """The card as Markdown."""
    parts = [_HEAD]
    for one in trained:
        parts.append(_of(one))
    return "\n".join(parts)


def _of(one: Trained) -> str:
    name = {"en": "English", "zh": "Chinese"}[one.language]
    at = thresholds(one.language)
    lines = [
        f"## {name}",
        "",
        f"{one.learnt} messages to learn from, {len(one.held_back)} held back by a hash of their",
        "words: the same authors; unseen authors do worse. Shares with 95 % Wilson intervals.",
        "",
        "| held-back messages | P0 heard outright | heard or asked |",
        "| --- | --- | --- |",
    ]
    for title, wanted in _rows(one.held_back):
        chosen = np.array([wanted(e) for e in one.held_back])
        if chosen.sum() >= _ENOUGH:
            urgent = one.urgent[chosen]
            lines.append(
                f"| {title} | {_share(urgent >= at.urgent)} | {_share(urgent >= at.urgent_asked)} |"
            )
    lines += ["", _calibration(one), ""]
    return "\n".join(lines)


def _rows(held: Sequence[Example]) -> Iterable[tuple[str, Callable[[Example], bool]]]:
    yield "P0, all", lambda e: e.tier == "P0"
    for group in sorted({e.group for e in held}):
        yield f"P0, {group}", lambda e, group=group: e.tier == "P0" and e.group == group  # type: ignore[misc]
    yield "P3, all: false alarms", lambda e: e.tier == "P3"
    for kind in sorted({e.assertion for e in held if e.tier == "P3"}):
        yield (
            f"P3, {kind}: false alarms",
            lambda e, kind=kind: e.tier == "P3" and e.assertion == kind,  # type: ignore[misc]
        )


def _calibration(one: Trained) -> str:
    """Said against seen in five bands of the probability of P0."""
    true = np.array([e.tier == "P0" for e in one.held_back])
    bands = []
    for low in (0.0, 0.2, 0.4, 0.6, 0.8):
        inside = (one.urgent >= low) & (one.urgent < low + 0.2 + (low == 0.8))
        if inside.any():
            said, seen = one.urgent[inside].mean(), true[inside].mean()
            bands.append(f"said {said:.2f}, seen {seen:.2f} ({int(inside.sum())})")
    return "Calibration of P0: " + "; ".join(bands) + "."


def _share(hits: Floats) -> str:
    low, high = wilson(int(hits.sum()), len(hits))
    return f"{hits.mean():.1%} ({low:.1%} to {high:.1%}; {len(hits)})"
