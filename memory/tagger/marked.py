"""Read the messages written for teaching: memory/corpus/LANGUAGE/*.txt, their facts marked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "corpus"
#: Letter of a mark → kind of fact. In lower case: arguable, neither taught nor held against.
LETTERS = {
    "A": "AllergyIntolerance",
    "C": "Condition",
    "F": "FamilyMemberHistory",
    "G": "Goal",
    "M": "MedicationStatement",
    "O": "Observation",
    "P": "Preference",
    "R": "RelatedPerson",
    "S": "SocialHistory",
    "V": "Appointment",
}
KINDS = tuple(LETTERS.values())
_MARK = re.compile(r"\[([A-Za-z])[:：]([^\[\]]+)\]")


@dataclass(frozen=True, kw_only=True)
class Mark:
    """[start, end) of the text states a fact of ``kind``; ``sure`` is False for arguable ones."""

    start: int
    end: int
    kind: str
    sure: bool


@dataclass(frozen=True, kw_only=True)
class Marked:
    """One message and its facts, in order."""

    text: str
    marks: tuple[Mark, ...]


def read(language: str, folder: Path = FOLDER) -> list[Marked]:
    """Every message of one language. Raises ValueError naming file and line."""
    found = []
    for path in sorted((folder / language).glob("*.txt")):
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            if line.strip():
                try:
                    found.append(parse(line.strip()))
                except ValueError as error:
                    raise ValueError(f"{path.name}, line {number}: {error}") from error
    if not found:
        raise ValueError(f"no marked messages for {language} in {folder}")
    return found


def parse(line: str) -> Marked:
    """ "[M:metformin] for my [C:sugar]" as text and marks. Raises ValueError for a broken mark."""
    text, marks, done = "", [], 0
    for match in _MARK.finditer(line):
        kind = LETTERS.get(match[1].upper())
        if kind is None:
            raise ValueError(f"no kind of fact has the letter {match[1]}")
        text += line[done : match.start()]
        marks.append(
            Mark(start=len(text), end=len(text) + len(match[2]), kind=kind, sure=match[1].isupper())
        )
        text, done = text + match[2], match.end()
    text += line[done:]
    if "[" in text or "]" in text:
        raise ValueError("a mark does not close, or stands inside another")
    return Marked(text=text, marks=tuple(marks))
