"""Read the further questions, as patients word them, that teach which article is asked for."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from pathlib import Path

from knowledge.model import LANGUAGES, KnowledgeError, Language

FOLDER = Path(__file__).parent / "questions"
NOTHING = "nothing"  #: the heading of messages that no article answers

#: language → article's id or NOTHING → what is asked
Wordings = Mapping[Language, Mapping[str, tuple[str, ...]]]
_ID = re.compile(r"## ([a-z0-9_]+)\s*")


def read(folder: Path = FOLDER, articles: Collection[str] | None = None) -> Wordings:
    """The questions of every file of `folder`, in order.

    Raises KnowledgeError, naming file and line, for a line that cannot be read, words that stand
    twice, and an article that is not among `articles` where these are given.
    """
    found: dict[Language, dict[str, list[str]]] = {language: {} for language in LANGUAGES}
    where: dict[tuple[str, str], str] = {}
    for file in sorted(folder.glob("*.txt")):
        try:
            lines = file.read_text("utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise KnowledgeError(f"{file.name}: cannot be read: {error}") from error
        about = ""
        for number, line in enumerate(lines, 1):
            place = f"{file.name}, line {number}"
            if line.startswith("## "):
                about = _about(line, place, articles)
                continue
            if not line.strip() or line.startswith("#"):
                continue
            language, text = _question(line, place)
            if not about:
                raise KnowledgeError(f"{place}: a question before the first '## ARTICLE'")
            same = (language, " ".join(text.lower().split()))
            if same in where:
                raise KnowledgeError(f"{place}: the same question stands at {where[same]}")
            where[same] = place
            found[language].setdefault(about, []).append(text)
    return {
        language: {id_: tuple(texts) for id_, texts in by_id.items()}
        for language, by_id in found.items()
    }


def _about(line: str, place: str, articles: Collection[str] | None) -> str:
    match = _ID.fullmatch(line)
    if match is None:
        raise KnowledgeError(f"{place}: '## ' wants the id of an article, or {NOTHING!r}")
    if articles is not None and match[1] not in articles and match[1] != NOTHING:
        raise KnowledgeError(f"{place}: there is no article {match[1]!r}")
    return match[1]


def _question(line: str, place: str) -> tuple[Language, str]:
    code, bar, text = line.partition("|")
    for language in LANGUAGES:
        if bar and code == language and text.strip():
            return language, text.strip()
    raise KnowledgeError(f"{place}: wants 'en|…' or 'zh|…', not {line[:40]!r}")
