"""Measure what `memory.learn` draws from labelled messages: python -m bench.facts."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from pathlib import Path

from memory.learn import learn
from memory.statement import Statement
from memory.tagger import Tagging
from memory.tagger.tagger import Tagger
from memory.tagger.weights import FOLDER as SHIPPED

FOLDER = Path(__file__).parents[1] / "tests" / "evals" / "memory"
#: A drawn text may say this many characters more than the label before it counts as wrong: it
#: swallowed something that is not part of the fact.
SLACK = 45
#: Sets written before the rules had seen them. All but the last six teach the tagger since
#: (memory/corpus/*/earlier.txt): with it, only the seventh to the twelfth say anything.
PARTS = (
    ("heldback", "seen since; before that en 0.978 / 0.746, zh 0.981 / 0.898"),
    ("second", "seen since; before that en 0.920 / 0.836, zh 0.818 / 0.818"),
    ("third", "looked at since; before that en 0.980 / 0.926, zh 0.981 / 0.962"),
    ("fourth_a", "tuned on; before that en 0.871 / 0.673, zh 0.890 / 0.598"),
    ("fourth_b", "seen since; tuned on fourth_a alone en 0.943 / 0.877, zh 0.929 / 0.860"),
    ("fifth", "seen since; before that en 0.917 / 0.948, zh 0.909 / 0.926"),
    ("sixth_a", "tuned on; before that en 0.933 / 0.579, zh 0.796 / 0.467"),
    (
        "sixth_b",
        "precision mended since; tuned on sixth_a alone en 0.883 / 0.676, zh 0.820 / 0.491",
    ),
    ("seventh", "told indirectly; bars chosen on it; rules en 0.604 / 0.195, zh 0.607 / 0.207"),
    ("eighth", "figures often in view; rules en 0.769 / 0.235, zh 0.768 / 0.402"),
    ("ninth", "by other eyes, for judging; rules en 0.778 / 0.303, zh 0.659 / 0.390"),
    ("tenth", "an ordinary day, mended on since; before en 0.737 / 0.577, zh 0.799 / 0.652"),
    (
        "eleventh",
        "an ordinary day, read blind, half seen since; rules en 0.724 / 0.249, zh 0.682 / 0.296",
    ),
    ("twelfth", "an ordinary day, by other eyes, blind; before en 0.811 / 0.730, zh 0.753 / 0.531"),
)


@dataclass
class Tally:
    """Hits, false facts and missed facts, in all and by kind, with the lines that went wrong."""

    hit: Counter[str] = field(default_factory=Counter)
    false: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def precision(self, *kinds: str) -> float:
        """Share of drawn facts that were labelled; 1.0 when nothing was drawn."""
        hit, false = self._sum(self.hit, kinds), self._sum(self.false, kinds)
        return hit / (hit + false) if hit + false else 1.0

    def recall(self, *kinds: str) -> float:
        """Share of labelled facts that were drawn; 1.0 when nothing was labelled."""
        hit, missed = self._sum(self.hit, kinds), self._sum(self.missed, kinds)
        return hit / (hit + missed) if hit + missed else 1.0

    @staticmethod
    def _sum(counts: Counter[str], kinds: tuple[str, ...]) -> int:
        return sum(n for kind, n in counts.items() if not kinds or kind in kinds)


def measure(
    language: str,
    folder: Path = FOLDER,
    part: str = "",
    tagger: Tagging | None = None,
    same: Callable[[Statement, dict[str, str]], bool] | None = None,
) -> Tally:
    """Draw from every labelled message of `language` and compare, kind and value; `same` says what
    counts as the labelled fact, as a rule all of its words."""
    same = same or whole
    tally = Tally()
    lines = (folder / f"facts_{language}{part}.jsonl").read_text(encoding="utf-8").splitlines()
    for line in lines:
        row = json.loads(line)
        marked = tagger.find(row["text"], language) if tagger is not None else None
        drawn = list(learn(row["text"], language=language, said_by="patient", marked=marked))
        for fact in row["facts"]:
            match = next((s for s in drawn if same(s, fact)), None)
            if match is None:
                tally.missed[fact["kind"]] += 1
                tally.wrong.append(f"missed  {row['text']}  →  {fact['kind']}: {fact['value']}")
            else:
                drawn.remove(match)
                tally.hit[fact["kind"]] += 1
        for statement in drawn:
            # True as well, but left out when the messages were labelled: neither hit nor false.
            if any(same(statement, fact) for fact in row.get("also", ())):
                continue
            tally.false[statement.kind] += 1
            tally.wrong.append(f"false   {row['text']}  →  {statement.kind}: {statement.text}")
    return tally


def whole(drawn: Statement, fact: dict[str, str]) -> bool:
    """Whether a drawn fact holds all of the label's words, in their order, and little else."""
    value = fact["value"].casefold()
    return (
        drawn.kind == fact["kind"]
        and value in drawn.text.casefold()
        and len(drawn.text) <= len(value) + SLACK
    )


def half(drawn: Statement, fact: dict[str, str]) -> bool:
    """The same, or half of the label's words without a gap: "toe like a furnace" without its "big",
    "Prefers to see Dr Lim" for "prefer to see Dr Lim"."""
    value, said = fact["value"].casefold(), drawn.text.casefold()
    found = SequenceMatcher(None, value, said, autojunk=False).find_longest_match()
    return drawn.kind == fact["kind"] and 2 * found.size >= len(value)


def main() -> None:
    """Print precision and recall per language and kind; with --wrong, every mistake."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--wrong", action="store_true", help="list every mistake")
    options.add_argument("--part", default="", help="only a part: facts_LANGUAGE_PART.jsonl")
    options.add_argument("--rules-only", action="store_true", help="without the tagger")
    options.add_argument("--weights", type=Path, help="another tagger than the shipped one")
    asked = options.parse_args()
    part = f"_{asked.part}" if asked.part else ""
    tagger = None if asked.rules_only else Tagger(asked.weights or SHIPPED)
    for language in ("en", "zh"):
        tally = measure(language, part=part, tagger=tagger)
        kinds = sorted({*tally.hit, *tally.false, *tally.missed})
        print(f"{language}  all: {_figures(tally)}")
        loose = measure(language, part=part, tagger=tagger, same=half)
        print(f"    half of the words will do: {_figures(loose)}")
        for kind in kinds:
            print(f"    {kind:22} {_figures(tally, kind)}")
        if asked.wrong:
            print("\n".join(f"    {line}" for line in tally.wrong))
        for name, what in () if part else PARTS:
            earlier = measure(language, part=f"_{name}", tagger=tagger)
            print(f"    {name:9} {_figures(earlier)}  {what}")


def _figures(tally: Tally, *kinds: str) -> str:
    labelled = sum(n for k, n in (tally.hit + tally.missed).items() if not kinds or k in kinds)
    return (
        f"precision {tally.precision(*kinds):.3f}  recall {tally.recall(*kinds):.3f}"
        f"  ({labelled} labelled)"
    )


if __name__ == "__main__":
    main()
