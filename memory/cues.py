"""Read what a question says beside its subject: who spoke, what kind of answer, related words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from memory.model import SaidBy
from memory.words import is_chinese, terms

_FOLDER = Path(__file__).parent / "cues"
_PATTERNS = (
    "asking",
    "first_person",
    "of_bot",
    "of_nurse",
    "of_carer",
    "when_question",
    "time_words",
    "number_question",
    "number_words",
    "event_before",
    "event_after",
    "event_about",
)


@dataclass(frozen=True, kw_only=True)
class Cues:
    """One language's patterns, by name, and its related words: pattern → terms."""

    patterns: dict[str, re.Pattern[str]]
    related: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...]
    events: tuple[re.Pattern[str], ...]


@dataclass(frozen=True, kw_only=True)
class EventAsked:
    """An event that a question measures time by; `side` is "before", "after" or "about"."""

    event: re.Pattern[str]
    side: str


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A question taken apart: `terms` to look for, `related` groups of terms that mean as much,
    `speakers` it asks about, and whether it asks for a time or a number."""

    terms: tuple[str, ...]
    related: tuple[tuple[str, ...], ...]
    speakers: frozenset[SaidBy]
    wants_time: bool
    wants_number: bool


def ask(question: str) -> Asked:
    """Take `question` apart, by the cues of the language it is written in."""
    cues = _cues("zh" if is_chinese(question) else "en")
    at = cues.patterns
    speakers: set[SaidBy] = set()
    if at["of_bot"].search(question):
        speakers.add("bot")
    elif at["first_person"].search(question):
        speakers |= {"patient", "carer"}
    if at["of_nurse"].search(question):
        speakers.add("nurse")
    if at["of_carer"].search(question):
        speakers.add("carer")
    return Asked(
        terms=terms(at["asking"].sub(" ", question)) or terms(question),
        related=tuple(words for found, words in cues.related if found.search(question)),
        speakers=frozenset(speakers),
        wants_time=at["when_question"].search(question) is not None,
        wants_number=at["number_question"].search(question) is not None,
    )


def event_asked(question: str) -> EventAsked | None:
    """The event in `question` that it measures time by: "before the operation", 手术前."""
    cues = _cues("zh" if is_chinese(question) else "en")
    for event in cues.events:
        for side in ("before", "after", "about"):
            pattern = cues.patterns[f"event_{side}"].pattern.replace(
                "EVENT", f"(?:{event.pattern})"
            )
            if re.search(pattern, question, re.IGNORECASE):
                return EventAsked(event=event, side=side)
    return None


def tells_time(text: str) -> bool:
    """Whether `text` says when."""
    return _cues(_language(text)).patterns["time_words"].search(text) is not None


def tells_number(text: str) -> bool:
    """Whether `text` says how much or how many."""
    return _cues(_language(text)).patterns["number_words"].search(text) is not None


def check() -> None:
    """Read both files now; raises ValueError naming the file and the field that is broken."""
    for language in ("en", "zh"):
        _cues(language)


def _language(text: str) -> str:
    return "zh" if is_chinese(text) else "en"


@lru_cache(maxsize=2)
def _cues(language: str) -> Cues:
    return read(_FOLDER / f"{language}.yaml")


def read(path: Path) -> Cues:
    """Read one file of cues; raises ValueError naming the file and the broken field."""
    field = "the file"
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
        for field in ("source", "evidence", "reviewed_on", "reviewer"):
            raw[field]
        patterns = {}
        for field in _PATTERNS:
            patterns[field] = re.compile(raw[field], re.IGNORECASE)
        field = "events"
        events = tuple(re.compile(pattern, re.IGNORECASE) for pattern in raw["events"])
        field = "related"
        related = []
        for pattern, words in raw["related"].items():
            field = f"related: {pattern}"
            found = {t for word in words.split() for t in _wholes(word)}
            related.append((re.compile(pattern, re.IGNORECASE), tuple(sorted(found))))
    except (OSError, yaml.YAMLError, KeyError, TypeError, AttributeError, re.error) as error:
        raise ValueError(f"{path.name}: {field} is missing or broken: {error}") from error
    return Cues(patterns=patterns, related=tuple(related), events=events)


def _wholes(word: str) -> tuple[str, ...]:
    """The terms of a related word without the single characters of a longer Chinese one."""
    found = terms(word)
    longer = tuple(t for t in found if len(t) > 1)
    return longer or found
