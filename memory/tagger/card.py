"""The card of the tagger: what it learnt from, how well it does, what it is not for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from memory.tagged import bars
from memory.tagger.marked import KINDS
from memory.tagger.train import Taught

_HEAD = Path(__file__).with_name("card_head.md").read_text("utf-8")


def write(taught: Sequence[Taught]) -> str:
    """The card as Markdown."""
    return "\n".join([_HEAD, *(_of(one) for one in taught)])


def _of(one: Taught) -> str:
    hit, false, missed = _counts(one)
    lines = [
        f"## {({'en': 'English', 'zh': 'Chinese'})[one.language]}",
        "",
        f"{one.taught} messages to learn from, {len(one.held_back)} held back by a hash of their",
        "words: the same authors; unseen authors do worse. The tagger alone, at its bars.",
        "",
        "| held-back messages | bar | precision | recall |",
        "| --- | --- | --- | --- |",
    ]
    kinds = bars(one.language)
    for kind in KINDS:
        lines.append(
            f"| {kind} | {kinds[kind]:.3f} | {_share(hit[kind], hit[kind] + false[kind])} "
            f"| {_share(hit[kind], hit[kind] + missed[kind])} |"
        )
    every = hit.total(), false.total(), missed.total()
    lines.append(
        f"| all | | {_share(every[0], every[0] + every[1])} "
        f"| {_share(every[0], every[0] + every[2])} |"
    )
    return "\n".join([*lines, ""])


def _counts(one: Taught) -> tuple[Counter[str], Counter[str], Counter[str]]:
    """Hits, false marks and missed facts by kind; words that overlap are the same fact."""
    kinds = bars(one.language)
    hit: Counter[str] = Counter()
    false: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    for message, found in zip(one.held_back, one.found, strict=True):
        drawn = [f for f in found if f.share >= kinds[f.kind]]
        for mark in message.marks:
            same = [
                f
                for f in drawn
                if f.kind == mark.kind and f.start < mark.end and mark.start < f.end
            ]
            if mark.sure:
                hit[mark.kind] += bool(same)
                missed[mark.kind] += not same
            drawn = [f for f in drawn if f not in same]
        false.update(f.kind for f in drawn)
    return hit, false, missed


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.2f} of {whole}" if whole else "–"
