"""Know what a message only names: on a paper, for a lesson, as a word, or of others long well."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from pathlib import Path

from safety import tight
from safety.files import list_field, read_toml, table_field
from safety.lexicon import LANGUAGES, joined
from safety.verdict import Language

_ROOM = Path(__file__).parent
_FIELDS = (
    "label", "study", "knowing", "wording", "over", "lively", "others", "named", "self", "begins",
    "never", "dated", "turned", "closes",
)  # fmt: skip
_LABEL = 4  #: characters between the sign and the paper, room or lecture named after it
_NEXT = 40  #: characters of the next sentence in which it may be over


@functools.cache
def load() -> Mapping[Language, Mapping[str, re.Pattern[str]]]:
    """The expressions of the languages that have them; ValueError names the file and the field."""
    found: dict[Language, Mapping[str, re.Pattern[str]]] = {}
    for language in LANGUAGES:
        path = _ROOM / f"context_{language}.toml"
        data = read_toml(path)
        if "aside" not in data:  # a language may do without
            continue
        table = table_field(data, "aside", path.name)
        found[language] = {
            name: joined(list_field(table, name, path.name), language, {}, path.name)
            for name in _FIELDS
        }
        either = f"{found[language]['over'].pattern}|{found[language]['closes'].pattern}"
        found[language] = {**found[language], "closes": re.compile(either)}
    return found


def settled(
    text: str, match: re.Match[str], language: Language, sentence: tuple[int, int], *, past: bool
) -> str:
    """Why the match is certainly not happening: "paper", "study", "word", "over", or "".

    A word of now anywhere in the text undoes it, as in ``tight``. ``past``: its clause dates it a
    year back or more; "two years ago" anywhere in the sentence does as well. What is told of
    others is settled only where an illness is called by its name and they are well since; a pain
    of theirs is not.
    """
    say = load().get(language)
    if say is None or _now(text, language, say):
        return ""
    start, end = match.span()
    left, right = tight.clause(text, start, end, language)
    # "had a stroke": news of now until something else is said
    if say["begins"].search(text, end - 1, end + 2):
        return ""
    label = say["label"].search(text, start, right)
    named = label and label.start() <= end + _LABEL
    if label and named and not say["turned"].search(text, label.end()):
        return "paper"
    if say["wording"].search(text, left, right):
        return "word"
    if say["study"].search(text) and say["knowing"].search(text, left, right):
        return "study"
    if say["never"].search(text):
        return ""
    if _ends(text, end, sentence[1], say) and (
        past
        or say["dated"].search(text, *sentence)
        or (say["named"].search(match[0]) and _of_others(text, start, sentence[0], say))
    ):
        return "over"
    return ""


def of_others_and_over(
    text: str, match: re.Match[str], language: Language, sentence: tuple[int, int]
) -> bool:
    """True where another's trouble is told and its end after it, and nothing speaks of now."""
    say = load().get(language)
    if say is None or _now(text, language, say):
        return False
    ends = _ends(text, match.end(), sentence[1], say)
    return ends and _of_others(text, match.start(), sentence[0], say)


def closes(language: Language) -> re.Pattern[str] | None:
    """The words that close a story well; None for a language that keeps none here."""
    say = load().get(language)
    return say["closes"] if say else None


def _now(text: str, language: Language, say: Mapping[str, re.Pattern[str]]) -> bool:
    """True where a word anywhere speaks of now, words of an end and of a good life left out."""
    return tight.spoilt(say["lively"].sub(" ", say["over"].sub(" ", text)), language)


def _ends(text: str, end: int, right: int, say: Mapping[str, re.Pattern[str]]) -> bool:
    """True where an end is told after the sign, and no new trouble of a body after that."""
    found = say["over"].search(text, end, min(len(text), right + _NEXT))
    return found is not None and say["turned"].search(text, found.end()) is None


def _of_others(text: str, start: int, left: int, say: Mapping[str, re.Pattern[str]]) -> bool:
    """True where somebody outside the writer's home is named before, and the writer not after."""
    named = list(say["others"].finditer(text, left, start))
    return bool(named) and say["self"].search(text, named[-1].end(), start) is None
