"""All articles of a folder: checked together, and loaded only when nothing is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from knowledge import rules as rulebook
from knowledge.check import check
from knowledge.model import Article, KnowledgeError

FOLDER = Path(__file__).parent / "articles"


@dataclass(frozen=True, kw_only=True)
class Checked:
    """The articles that may be loaded, and the problems of the others, one sentence each."""

    articles: Mapping[str, Article]
    problems: tuple[str, ...]


def files(folder: Path = FOLDER) -> list[Path]:
    """The articles' files, in order."""
    return sorted(one for one in folder.glob("*/*.md") if one.name != "README.md")


def check_all(folder: Path = FOLDER) -> Checked:
    """Check every article of `folder`."""
    rules = rulebook.load()
    found: dict[str, Article] = {}
    problems: list[str] = []
    for file in files(folder):
        name = file.relative_to(folder).as_posix()
        one, wrong = check(file, rules, name)
        if one is not None and one.id in found:
            other = found[one.id].file.relative_to(folder).as_posix()
            wrong.append(f"{name}, line 1: the id {one.id!r} is that of {other}, too.")
        problems += wrong
        if one is not None and not wrong:
            found[one.id] = one
    return Checked(articles=found, problems=tuple(problems))


def load(folder: Path = FOLDER) -> dict[str, Article]:
    """The articles by id. Raises KnowledgeError with the first problem when there is any."""
    checked = check_all(folder)
    if checked.problems:
        more = len(checked.problems) - 1
        raise KnowledgeError(checked.problems[0] + (f" ({more} more)" if more else ""))
    return dict(checked.articles)


def by_area(articles: Mapping[str, Article]) -> Iterator[tuple[str, list[Article]]]:
    """Areas in order, each with its articles."""
    for area in sorted({one.area for one in articles.values()}):
        yield area, [one for one in articles.values() if one.area == area]
