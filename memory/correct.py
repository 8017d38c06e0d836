"""Draw out of one message what takes back or changes something that was said before, by rule."""

from __future__ import annotations

from dataclasses import dataclass

from memory.learn import sentences
from memory.rules import rules_of

EVERYTHING = "*"  #: "I have no allergies": whatever is known of that kind
_EDGES = " .!:。！，,;；的"


@dataclass(frozen=True, kw_only=True)
class Correction:
    """`was` no longer holds, or never did; `now` stands in its place where something does.

    `act` is "ended", "denied" or "replaced"; `kind` is a kind of fact, or "" where any may be
    meant. [start, end) is where the message said it.
    """

    act: str
    kind: str
    was: str
    now: str
    start: int
    end: int


def corrections(text: str, *, language: str) -> tuple[Correction, ...]:
    """What `text` may correct about its writer, the likeliest reading of a stretch of words first.

    A `was` counts only where something known is about it, so readings may overlap.
    Questions, quotations and sentences about other people correct nothing. Raises ValueError for
    a broken file.
    """
    if language not in ("en", "zh"):
        return ()
    rules = rules_of(language)
    found: list[Correction] = []
    for start, sentence in sentences(text, language):
        asks = rules.sentence_gates["question"].search(sentence)
        if asks or rules.sentence_gates["quoted"].search(sentence):
            continue
        if rules.corrects_others.search(sentence):
            continue
        for rule in rules.corrections:
            for match in rule.pattern.finditer(sentence):
                groups = match.groupdict()
                found.append(
                    Correction(
                        act=rule.act,
                        kind=rule.kind,
                        was=EVERYTHING if groups.get("all") else groups["was"].strip(_EDGES),
                        now=(groups.get("now") or "").strip(_EDGES),
                        start=start + match.start(),
                        end=start + match.end(),
                    )
                )
    return tuple(found)


def says_change(text: str, language: str) -> bool:
    """Whether `text` says that something is different from before: "now", 改成."""
    return rules_of("zh" if language == "zh" else "en").changed.search(text) is not None
