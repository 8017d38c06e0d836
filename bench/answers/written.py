"""Read what was written: topics with their passages, letters, what makes the search harder."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from knowledge.model import Passage

_FOLDER = Path(__file__).parent
_HEADINGS = {
    "information": "What is (are) {name} ?",
    "symptoms": "What are the symptoms of {name} ?",
    "treatment": "What are the treatments for {name} ?",
    "prevention": "How to prevent {name} ?",
    "outlook": "What is the outlook for {name} ?",
    "complications": "What are the complications of {name} ?",
    "causes": "What causes {name} ?",
    "diagnosis": "How to diagnose {name} ?",
    "diet": "What to eat with {name} ?",
    "inheritance": "Is {name} inherited ?",
    "frequency": "How many people are affected by {name} ?",
    "genetics": "What are the genetic changes related to {name} ?",
    "side_effects": "What are the side effects or risks of {name} ?",
}


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A patient's letter; no topic: nothing answers it."""

    topic: str
    kind: str
    text: str


def _lines(name: str) -> Iterator[str]:
    for line in (_FOLDER / name).read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line


def topics() -> dict[str, tuple[str, dict[str, str]]]:
    """Topic → its other names, and its passages by kind."""
    found: dict[str, tuple[str, dict[str, str]]] = {}
    name = ""
    for line in _lines("passages.txt"):
        if line.startswith("= "):
            name, _, also = line[2:].partition(" | ")
            found[name] = (also, {})
        else:
            kind, _, text = line.partition(": ")
            found[name][1][kind] = text
    return found


def letters(*, rambling: bool = False) -> list[Letter]:
    """The letters; `rambling`: each among sentences that have nothing to do with it."""
    random_ = random.Random(5)
    fillers = list(_lines("fillers.txt"))
    found = []
    for line in _lines("questions.txt"):
        topic, kind, text = line.split(" | ", 2)
        if rambling:
            around = random_.sample(fillers, random_.randint(2, 5))
            cut = random_.randint(0, len(around))
            text = _among(text, " ".join(around[:cut]), " ".join(around[cut:]))
        found.append(Letter(topic=topic.strip("-"), kind=kind, text=text))
    return found


def _among(text: str, before: str, after: str) -> str:
    subject = re.match(r"(subject:.*?message:)(.*)", text, re.IGNORECASE | re.DOTALL)
    if subject:
        return f"{subject[1]} {before} {subject[2]} {after}"
    return f"{before} {text} {after}".strip()


def unanswerable(language: str) -> list[str]:
    """Questions that nothing answers."""
    held = (line.split(" | ", 1) for line in _lines("unanswerable.txt"))
    return [text for code, text in held if code == language]


def passages(*, headings: bool, without: frozenset[str] = frozenset()) -> list[Passage]:
    """The passages, id topic/kind, with their question lines or not, and others beside them."""
    found = []
    for name, (also, texts) in topics().items():
        if name in without:
            continue
        for kind, text in texts.items():
            called = f"{name} (Also called: {also})" if also and kind == "information" else name
            heading = _HEADINGS.get(kind, f"What about {kind.replace('_', ' ')} of {{name}} ?")
            whole = f"{text} This is what is known about {name}."
            found.append(
                Passage(
                    id=f"{name}/{kind}",
                    text=f"{heading.format(name=called)} {text}" if headings else whole,
                )
            )
    return found + list(_others(headings))


def _others(headings: bool) -> Iterator[Passage]:
    for line in _lines("others.txt"):
        name, _, gloss = line.partition(": ")
        texts = {
            "information": f"{name} is a condition in which {gloss}.",
            "symptoms": f"The signs differ from person to person: {gloss}. Some feel nothing.",
            "treatment": f"Care depends on age and health. In {name}, {gloss}; medicines help.",
            "causes": f"The cause is often unknown: {gloss}. Age and genes play a part.",
        }
        for kind, text in texts.items():
            heading = _HEADINGS[kind].format(name=name) + " " if headings else ""
            yield Passage(id=f"other/{name}/{kind}", text=heading + text)


def relevant(letter: Letter) -> Mapping[str, float]:
    """Grades: 3 the kind asked for, 2 what it is, 1 whatever else of its topic."""
    if not letter.topic:
        return {}
    kinds = topics()[letter.topic][1]
    return {
        f"{letter.topic}/{kind}": 3.0
        if kind == letter.kind
        else 2.0
        if kind == "information"
        else 1.0
        for kind in kinds
    }
