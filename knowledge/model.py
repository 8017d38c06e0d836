"""The words of the room: what an article, a passage and a found passage are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy.typing as npt

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")
Vectors = npt.NDArray[Any]  #: float, rows of length one


class KnowledgeError(ValueError):
    """Something of the room cannot be used; the message names file, line and reason."""


class Encoder(Protocol):
    """Turns texts into vectors of length one."""

    @property
    def name(self) -> str:
        """Changes with the weights."""
        ...

    @property
    def dimensions(self) -> int:
        """Of a vector."""
        ...

    @property
    def reads_chinese(self) -> bool:
        """Whether likeness of Chinese texts means anything."""
        ...

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return float32 (n, dimensions)."""
        ...


@dataclass(frozen=True, kw_only=True)
class Source:
    """A reference that exists, in the edition meant."""

    organisation: str
    title: str
    year: int


@dataclass(frozen=True, kw_only=True)
class Line:
    """One sentence of an article; ``cites`` counts its sources from 1, ``tag`` says for whom."""

    text: str
    cites: tuple[int, ...]
    tag: str = ""
    number: int = 0  #: of the line in its file


@dataclass(frozen=True, kw_only=True)
class Article:
    """One topic in both languages, line by line the same."""

    id: str
    area: str
    title: Mapping[Language, str]
    questions: Mapping[Language, tuple[str, ...]]
    about: tuple[str, ...]
    red_flags: tuple[str, ...]
    sources: tuple[Source, ...]
    evidence: str
    status: str
    reviewed_on: str
    reviewer: str
    reading_level: Mapping[Language, int]
    lines: Mapping[Language, tuple[Line, ...]]
    help: Mapping[Language, tuple[Line, ...]]  #: the safety net
    file: Path = Path()


@dataclass(frozen=True, kw_only=True)
class Passage:
    """A text that can be found; ``questions`` are ways to ask for it, ``title`` its topic."""

    id: str
    text: str
    language: Language = "en"
    title: str = ""
    questions: tuple[str, ...] = ()
    about: tuple[str, ...] = ()
    source: str = ""


@dataclass(frozen=True, kw_only=True)
class Found:
    """A passage with its score (no unit) and what the score is made of."""

    passage: Passage
    score: float
    why: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What was found, best first, and the probability that the first ones answer."""

    found: tuple[Found, ...]
    known: float
    sure: bool
    raw: Mapping[str, float] = field(default_factory=dict)  #: what `known` rests on
