"""English number words and the fragments every English pattern is built from."""

from __future__ import annotations

import re

from bot.when.words import either, words

EN = words("en")
_TENS = {w for w, n in EN.numbers.items() if n >= 20}
_ONES = {w for w, n in EN.numbers.items() if 1 <= n <= 9 and w not in ("a", "an")}
_BELOW = {w for w, n in EN.numbers.items() if n < 20 and w not in ("a", "an")}

#: A word ends here, also before a digit-free apostrophe s.
END = r"(?![a-z0-9])"
START = r"(?<![a-z0-9])"
SPELT = rf"(?:{either(_TENS)}(?:[ -]{either(_ONES)})?|{either(_BELOW)})"
NUMBER = rf"(?:\d+(?:\.\d+)?|{SPELT}|an?)"
_ORDINAL_TENS = rf"{either(_TENS)}[ -]{either(w for w, n in EN.ordinals.items() if n < 10)}"
ORDINAL = rf"(?:\d{{1,2}}(?:st|nd|rd|th)|{_ORDINAL_TENS}|{either(EN.ordinals)})"
MONTH = rf"(?:{either(EN.months)})\.?"
WEEKDAY = rf"(?:{either(EN.weekdays)})\.?"
#: Short forms that are also words ("sun", "sat") need company; the long ones do not.
LONG_WEEKDAY = rf"(?:{either(w for w in EN.weekdays if len(w) > 3)})"
UNIT = rf"(?:{either(EN.units)})s?\.?"
YEAR = r"(?:(?:19|20)\d\d)"


def number(text: str) -> float:
    """ "12", "1.5", "twenty-two", "a"."""
    text = text.strip()
    if re.fullmatch(r"\d+(?:\.\d+)?", text):
        return float(text)
    return float(sum(EN.numbers.get(w, 0) for w in re.split(r"[ -]+", text)))


def ordinal(text: str) -> int:
    """ "2nd", "twenty-first", "last" (-1)."""
    text = text.strip()
    if text == "last":
        return -1
    if digits := re.match(r"\d+", text):
        return int(digits.group())
    return sum(EN.ordinals.get(w, EN.numbers.get(w, 0)) for w in re.split(r"[ -]+", text))


def unit(text: str) -> str:
    """The unit a word stands for: "hrs" is hours."""
    text = text.rstrip(".")
    return EN.units.get(text) or EN.units[text.rstrip("s")]


def weekday(text: str) -> int:
    """0 for Monday."""
    return EN.weekdays[text.rstrip(".")]


def month(text: str) -> int:
    """1 for January."""
    return EN.months[text.rstrip(".")]


def standing(pattern: str) -> re.Pattern[str]:
    """``pattern`` where it stands as words of its own."""
    return re.compile(START + pattern + END)
