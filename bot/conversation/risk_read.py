"""Read what a person writes about risk: the wish for it, and the answers to its questions."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_FILE = Path(__file__).with_name("risk_form.toml")
_NUMBER = re.compile(r"(?<![\d.])\d{1,3}(?:,\d{3})+(?!\d)|\d+(?:[.,]\d+)?")
_PUNCTUATION = re.compile(r"[\s,;:!.。，、；：！~]+")
_FEET = re.compile(
    r"(\d)\s*(?:ft|feet|foot|'|′|英尺)\s*(\d{1,2}(?:\.\d)?)?\s*(?:inches|in|\"|″|英寸)?"
)
_METRES = re.compile(r"(?<![\d.])([12])\s*(?:米|m)\s*(\d{1,2})(?!\d)")


@dataclass(frozen=True, kw_only=True)
class Lexicon:
    """The words of risk_form.toml, checked."""

    wanted: dict[str, tuple[re.Pattern[str], ...]]
    outcomes: dict[str, tuple[re.Pattern[str], ...]]
    answers: dict[str, tuple[str, ...]]
    names: dict[str, tuple[str, ...]]
    units: dict[str, tuple[str, ...]]


def _patterns(where: str, value: Any) -> tuple[re.Pattern[str], ...]:
    try:
        return tuple(re.compile(pattern) for pattern in value)
    except (re.error, TypeError) as error:
        raise ValueError(f"bot/conversation/{_FILE.name}: {where}: {error}") from error


@cache
def lexicon() -> Lexicon:
    """The words people use, read once. ValueError names a broken file and field."""
    try:
        top = tomllib.loads(_FILE.read_text("utf-8"))
        wanted, answers, units = top["wanted"], top["answers"], top["units"]
        outcomes, names = wanted["outcomes"], top["names"]
        kinds = {key: wanted[key] for key in ("cue", "personal", "bare", "exclude")}
        words = {
            key: tuple(answers[key])
            for key in ("yes", "no", "unknown", "later", "go_on", "female", "male", "filler")
        }
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise ValueError(f"bot/conversation/{_FILE.name} cannot be read: {error}") from error
    except KeyError as error:
        raise ValueError(f"bot/conversation/{_FILE.name}: {error} is missing") from None
    return Lexicon(
        wanted={key: _patterns(f"wanted.{key}", value) for key, value in kinds.items()},
        outcomes={key: _patterns(f"wanted.outcomes.{key}", v) for key, v in outcomes.items()},
        answers=words,
        names={name: tuple(called) for name, called in names.items()},
        units={unit: tuple(sorted(names, key=len, reverse=True)) for unit, names in units.items()},
    )


def plain(text: str) -> str:
    """``text`` in lower case, full-width forms and typographic signs made plain."""
    text = unicodedata.normalize("NFKC", text).lower().replace("’", "'").replace("μ", "u")
    return " ".join(text.split())


def wanted(text: str, language: str) -> str | None:
    """The outcome whose personal risk ``text`` asks for; None if it asks for something else.

    ``language`` is the patient's; both languages are understood whichever it is.
    """
    said, words = plain(text), lexicon()

    def any_of(patterns: Sequence[re.Pattern[str]]) -> bool:
        return any(pattern.search(said) for pattern in patterns)

    if not any_of(words.wanted["cue"]) or any_of(words.wanted["exclude"]):
        return None
    if not (any_of(words.wanted["personal"]) or any_of(words.wanted["bare"])):
        return None
    found = {outcome for outcome, patterns in words.outcomes.items() if any_of(patterns)}
    if "af_stroke" in found:
        return "af_stroke"
    if len(found) > 1:
        found.discard("diabetes")  # "I am diabetic": a condition, not the question
    if len(found) < 2:
        return next(iter(found), None)
    return "ascvd" if found == {"chd", "stroke"} else "total_cvd"


def word(text: str, among: Sequence[str]) -> str | None:
    """Which of the answers ``among`` (names in [answers]) ``text`` gives, or None.

    A whole answer wins; otherwise a short text may begin with one ("yes, two a day"), unless it
    asks something or is a plain no/yes in front of another sentence.
    """
    said = _PUNCTUATION.sub(" ", plain(text)).strip()
    words = lexicon().answers
    for answer in among:
        if said in words[answer]:
            return answer
    if "?" in said or len(said) > 40:
        return None
    bare = " ".join(part for part in said.split() if part not in words["filler"])
    for answer in among:
        if bare and bare in words[answer]:
            return answer
    first = _PUNCTUATION.split(plain(text).strip())[0]
    short = len(said.split()) <= 6 and len(said) <= (12 if not said.isascii() else 40)
    for answer in among:
        if answer in ("yes", "no") and short and first in words[answer]:
            return answer
    return None


def whole(text: str) -> bool:
    """The whole of ``text`` is a plain answer: yes, no, not known, not now."""
    said = _PUNCTUATION.sub(" ", plain(text)).strip()
    kinds = ("yes", "no", "unknown", "later", "go_on", "female", "male")
    return any(said in lexicon().answers[kind] for kind in kinds)


@dataclass(frozen=True, kw_only=True)
class Number:
    """A number that was said; ``unit`` is None where none was named."""

    value: float
    unit: str | None
    clear: bool = True  #: False: it came in a unit that this question does not know


def number(text: str, units: Sequence[str], names: Sequence[str]) -> Number | None:
    """The one number ``text`` answers with, and its unit if it is one of ``units``; else None.

    ``names`` are the inputs the number may be for: "HDL 1.2" is no answer about the total.
    """
    said = plain(text)
    called = [word for name in names for word in lexicon().names.get(name, ())]
    if "in" in units and (feet := _FEET.search(said)):
        inches = int(feet[1]) * 12 + float(feet[2] or 0)
        return None if _rest(said, feet[0], called) else Number(value=inches, unit="in")
    if "m" in units and (metres := _METRES.search(said)):
        value = int(metres[1]) + float(f"0.{metres[2]}")
        return None if _rest(said, metres[0], called) else Number(value=value, unit="m")
    if "mmHg" in units and (pair := re.search(r"(\d{2,3})\s*/\s*\d{2,3}", said)):
        said = said.replace(pair[0], pair[1])
    unit = None
    # Longest name first, over all units: "mmol/l" before "m", "kg/m2" before "kg".
    spelt = sorted(
        ((name, key) for key in lexicon().units for name in lexicon().units[key]),
        key=lambda pair: -len(pair[0]),
    )
    for name, key in spelt:
        pattern = rf"(?<![a-z]){re.escape(name)}(?![a-z0-9])" if name.isascii() else re.escape(name)
        if re.search(pattern, said):
            unit, said = key, re.sub(pattern, " ", said)
            break
    found = _NUMBER.findall(said)
    if len(found) != 1:
        return None
    if "?" in said or _rest(said, found[0], called):
        return None
    digits = found[0]
    if re.fullmatch(r"\d{1,3}(,\d{3})+", digits):
        digits = digits.replace(",", "")
    value = float(digits.replace(",", "."))
    clear = unit is None or unit in units
    return Number(value=value, unit=unit if unit in units else None, clear=clear)


def unit(text: str, units: Sequence[str]) -> str | None:
    """The unit of ``units`` that ``text`` names by itself, or None."""
    said = plain(text).strip(" .!。")
    return next((key for key in units if said in lexicon().units[key]), None)


def _rest(said: str, found: str, called: Sequence[str]) -> str:
    """What is left of ``said`` without ``found``, punctuation and words that carry nothing."""
    nothing = {*lexicon().answers["filler"], *called}
    rest = _PUNCTUATION.sub(" ", said.replace(found, " ", 1))
    rest = " ".join(part for part in rest.split() if part not in nothing)
    for name in sorted((n for n in nothing if not n.isascii()), key=len, reverse=True):
        rest = rest.replace(name, "")
    return rest.strip()
