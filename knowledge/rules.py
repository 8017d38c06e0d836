"""What an article must have and must not say, read from `checks/articles.toml`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from knowledge.model import LANGUAGES, KnowledgeError, Language

FILE = Path(__file__).parent / "checks" / "articles.toml"


@dataclass(frozen=True, kw_only=True)
class Forbidden:
    """One thing that no line may say; empty ``areas`` means all."""

    id: str
    what: Mapping[str, str]
    areas: frozenset[str]
    patterns: Mapping[Language, tuple[re.Pattern[str], ...]]
    unless_before: Mapping[Language, re.Pattern[str] | None]

    def said(self, text: str, language: Language, area: str) -> str:
        """The words that say it, or ""."""
        if self.areas and area not in self.areas:
            return ""
        excuse = self.unless_before[language]
        for pattern in self.patterns[language]:
            for match in pattern.finditer(text):
                if excuse is None or not excuse.search(text[: match.start()]):
                    return match[0].strip(" ,;:")
        return ""


@dataclass(frozen=True, kw_only=True)
class Rules:
    """The whole of the file."""

    areas: frozenset[str]
    topics: frozenset[str]  #: of `about`, beside the concepts of the graph
    without_safety_net: frozenset[str]
    tags: frozenset[str]
    headings: Mapping[Language, Mapping[str, str]]
    bounds: Mapping[str, tuple[int, int]]
    forbidden: tuple[Forbidden, ...]

    def said(self, text: str, language: Language, area: str) -> Iterator[tuple[str, str]]:
        """What is forbidden and said in `text`: (what it does, the words)."""
        for one in self.forbidden:
            words = one.said(text, language, area)
            if words:
                yield one.what["en"] or one.what["zh"], words


@lru_cache(maxsize=4)
def load(file: Path = FILE) -> Rules:
    """Read the rules. Raises KnowledgeError naming the file when they cannot be used."""
    try:
        table = tomllib.loads(file.read_text("utf-8"))
        return Rules(
            areas=frozenset(table["areas"]),
            topics=frozenset(table["topics"]),
            without_safety_net=frozenset(table["without_safety_net"]),
            tags=frozenset(table["tags"]),
            headings=table["headings"],
            bounds={key: (low, high) for key, (low, high) in table["bounds"].items()},
            forbidden=tuple(_forbidden(one) for one in table["forbidden"]),
        )
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, re.error) as error:
        raise KnowledgeError(f"{file.name}: cannot be used: {error}") from error


def _forbidden(table: Mapping[str, Any]) -> Forbidden:
    def compiled(pattern: str) -> re.Pattern[str]:
        return re.compile(pattern, re.IGNORECASE)

    excuses = {lang: table.get(f"unless_before_{lang}") for lang in LANGUAGES}
    return Forbidden(
        id=table["id"],
        what=table["what"],
        areas=frozenset(table.get("areas", ())),
        patterns={lang: tuple(map(compiled, table.get(lang, ()))) for lang in LANGUAGES},
        unless_before={lang: compiled(one) if one else None for lang, one in excuses.items()},
    )
