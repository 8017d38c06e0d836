"""Know what plainly lies long ago, in a story or in a lesson: nothing of it is happening now."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from pathlib import Path

from safety.files import list_field, read_toml, table_field
from safety.lexicon import LANGUAGES, joined
from safety.verdict import Language

_ROOM = Path(__file__).parent
_FIELDS = ("well", "spoils", "long_ago", "story", "told_by", "story_after", "lesson")
_MAY_LACK = ("name_after", "name_before", "named_not", "ended", "turned", "feels", "mine", "closes")
_LATER = 140  #: characters of the next sentence looked at for a good end
_CLAUSE: dict[Language, re.Pattern[str]] = {
    "en": re.compile(r"[,;:.!?\n()]|\b(?:and|but|so|then|because|cos|though|although|now|or)\b"),
    "zh": re.compile(r"[,、;:。.!?\n()]|但|可是|不过|然后|结果|现在|所以"),
}
_AFTER_SIGN = re.compile(r"[ '\")\-]{1,3}")
_YEAR_LAST = re.compile(r"[^.!?;\n]{0,60}[,(] ?(?:in )?(?:19[3-9]\d|20[01]\d)\)?(?:[.!;\n]|$)")
#: words between a good end and a sign with which the same story goes on
_TOLD_ON = re.compile(r"\b(?:had|then|until|till|when|was|were|after)\b|后来|当时|那时")
_AROUND = 120  #: characters of a clause looked at on either side


@functools.cache
def _say() -> dict[Language, Mapping[str, re.Pattern[str]]]:
    """The expressions of both languages; ValueError names the file and the field."""
    found: dict[Language, Mapping[str, re.Pattern[str]]] = {}
    for language in LANGUAGES:
        path = _ROOM / f"context_{language}.toml"
        data = read_toml(path)
        lists = table_field(data, "slots", path.name)
        slots = {name: list_field(lists, name, path.name) for name in lists}
        table = table_field(data, "tight", path.name)
        said = {
            name: joined(list_field(table, name, path.name), language, slots, path.name)
            for name in (*_FIELDS, *(name for name in _MAY_LACK if name in table))
        }
        if "ended" in said:
            said["closes"] = re.compile(f"{said['ended'].pattern}|{said['closes'].pattern}")
        end = r"[ ,'\"()/:\-]{0,3}$" if language == "en" else "$"
        for name in ("lesson", "name_before"):
            if name in said:
                said[name] = re.compile(f"(?:{said[name].pattern}){end}")
        found[language] = said
    return found


def without_well(text: str, language: Language) -> str:
    """The text without words of lasting health, in which "always" does not mean "still"."""
    say = _say()[language]
    return say["well"].sub(" ", say["ended"].sub(" ", text) if "ended" in say else text)


def spoilt(text: str, language: Language) -> bool:
    """True where a word anywhere in the text speaks of now, or compares with now."""
    return _say()[language]["spoils"].search(without_well(text, language)) is not None


def settled(text: str, match: re.Match[str], language: Language, *, long_ago: bool) -> str:
    """Why the match is certainly not happening: "long ago", "story", "lesson", or "".

    The cue must stand in the clause of the match itself, and nothing in the whole text may speak
    of now or compare with now: "I had a clot in 2009" is settled, "it feels like my clot in 2009"
    and "had a clot in 2009, now my leg is swollen" are not. ``long_ago`` False: the flag's history
    matters however old it is.
    """
    say = _say()[language]
    if spoilt(text, language):
        return ""
    start, end = match.span()
    left, right = clause(text, start, end, language)
    if long_ago and say["long_ago"].search(text, left, right):
        return "long ago"
    if say["lesson"].search(text, left, start):
        return "lesson"
    cue = say["story"].search(text, left, start)
    if cue is not None and not say["told_by"].search(text, cue.end(), end):
        return "" if "feels" in say and say["feels"].match(text, cue.end()) else "story"
    if say["story_after"].search(text, end, right) and not say["told_by"].search(text, left, end):
        return "story"
    return ""


def named(text: str, match: re.Match[str], language: Language) -> str:
    """ "name" where the sign is only the name of a thing: "the chest pain clinic"; else "".

    "name?" where a paper is said to speak of it. What is said to be back or worse is no name.
    """
    say = _say()[language]
    if "name_after" not in say or say["named_not"].search(text):
        return ""
    start, end = match.span()
    place = _AFTER_SIGN.match(text, end)
    if say["name_after"].match(text, place.end() if place else end):
        return "name"
    left, _ = clause(text, start, end, language)
    return "name?" if say["name_before"].search(text, left, start) else ""


def ended_well(text: str, end: int, right: int, language: Language) -> int | None:
    """Where a good end is told after the sign, with no turn after that; None without one."""
    say = _say()[language]
    if "ended" not in say:
        return None
    found = say["ended"].search(text, end, min(len(text), right + _LATER))
    if found is None or say["turned"].search(without_well(text[end:], language)):
        return None
    return found.start()


def after_good_end(text: str, left: int, start: int, ended: re.Pattern[str]) -> int:
    """Where the words begin that follow the last good end before the sign; else ``left``.

    "Stroke in June, back at work, his arm has gone dead": June is no date of the arm.
    """
    found = list(ended.finditer(text, left, start))
    if not found or _TOLD_ON.search(text, found[-1].end(), start):
        return left
    return found[-1].end()


def turned_after(text: str, start: int, right: int, language: Language) -> bool:
    """True where a good end is told with or after the sign and trouble of a body after that."""
    say = _say()[language]
    found = say["closes"].search(text, start, right) if "closes" in say else None
    return found is not None and say["turned"].search(text, found.end()) is not None


def closes(language: Language) -> re.Pattern[str] | None:
    """The words that close a story well; None for a language that keeps none here."""
    return _say()[language].get("closes")


def mine(text: str, match: re.Match[str], language: Language) -> bool:
    """True where the clause of the sign tells of the writer's own body, as it is."""
    say = _say()[language]
    left, right = clause(text, *match.span(), language)
    return "mine" in say and say["mine"].search(text, left, right) is not None


def in_general(
    text: str, match: re.Match[str], say: Mapping[str, re.Pattern[str]], language: Language
) -> bool:
    """True for a question in general in the clause of the sign, where the text names nobody.

    "What causes chest pain?" A person or a word of now anywhere leaves the sign as it stands.
    ``say``: the context lists of the language, which may lack the one of such questions.
    """
    if "in_clause" not in say or say["own"].search(text):
        return False
    left, right = clause(text, *match.span(), language)
    return say["in_clause"].search(text, left, right) is not None


def dated(text: str, match: re.Match[str], language: Language) -> bool:
    """True where the clause of the match itself says that it is long ago."""
    left, right = clause(text, *match.span(), language)
    if _say()[language]["long_ago"].search(text, left, right):
        return True
    return _YEAR_LAST.match(text, match.end()) is not None  # "blood poisoning, 1969."


def clause(text: str, start: int, end: int, language: Language) -> tuple[int, int]:
    """Where the clause around the span begins and ends."""
    left = max(0, start - _AROUND)
    for stop in _CLAUSE[language].finditer(text, left, start):
        left = stop.end()
    stop_after = _CLAUSE[language].search(text, end, min(len(text), end + _AROUND))
    return left, stop_after.start() if stop_after else min(len(text), end + _AROUND)
