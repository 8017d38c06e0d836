"""Numbers as patients write them: digits, full width and Chinese numerals, at their own places."""

from __future__ import annotations

import functools
import re
import unicodedata
from pathlib import Path

from safety.files import read_toml, text_field

_DIGITS = {"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6}
_DIGITS |= {"七": 7, "八": 8, "九": 9}
_HAN = "零〇一二两三四五六七八九"
_CHARACTERS = Path(__file__).with_name("characters.toml")

#: A number in digits ("132", "6.5", "6点5") or in Chinese ("一百三十二", "六点五"). It starts with
#: a plain class, so that the regular expression engine skips quickly to the next number.
NUMBER = (
    rf"[0-9{_HAN}十百](?:"
    r"(?<=[0-9])(?<![0-9.].)[0-9]{0,11}(?:[.,][0-9]{1,2}|点[0-9](?![0-9分]))?(?![0-9])"
    rf"|(?<![0-9])(?<![{_HAN}十百千].)[{_HAN}十百]{{0,6}}"
    rf"(?:点[{_HAN}]{{1,2}}(?![十钟分]))?(?![{_HAN}十百千万]))"
)
#: What has none of these has no number in it.
ANY_NUMBER = re.compile(rf"[0-9０-９{_HAN}十百]")


class _OneToOne(dict[int, str]):
    """What one character becomes; never more or less than one character."""

    def __init__(self, simplified: dict[str, str]) -> None:
        super().__init__()
        self.simplified = simplified

    def __missing__(self, code: int) -> str:
        character = chr(code)
        plain = unicodedata.normalize("NFKC", character).lower()
        if len(plain) != 1:
            plain = character
        self[code] = self.simplified.get(plain, plain)
        return self[code]


@functools.cache
def _table() -> _OneToOne:
    data = read_toml(_CHARACTERS)
    old = "".join(text_field(data, "traditional", _CHARACTERS.name).split())
    new = "".join(text_field(data, "simplified", _CHARACTERS.name).split())
    return _OneToOne(dict(zip(old, new, strict=True)))


def flatten(text: str) -> str:
    """The text in plain width, lower case and simplified script, every character in its place.

    Unlike ``normalise.fold`` nothing moves and no digit is read as a letter ("a1c" stays).
    """
    return text.translate(_table())


def to_number(words: str) -> float:
    """The value of what NUMBER matched: "132" → 132.0, "一百六" → 160.0, "三十八点五" → 38.5."""
    words = words.replace("点", ".")
    if words[0] in "0123456789":
        return float(words.replace(",", "."))
    whole, _, tail = words.partition(".")
    value = float(_chinese(whole))
    if tail:
        value += float("0." + "".join(str(_DIGITS[sign]) for sign in tail))
    return value


def _chinese(words: str) -> int:
    """Whole numbers below 1000: 一百三十二, 一百六 (160), 一百零六 (106), 一三二 (132)."""
    if "百" not in words and "十" not in words:
        return int("".join(str(_DIGITS[sign]) for sign in words))
    total, digit, last = 0, None, 1
    for sign in words:
        if sign in "十百":
            last = 100 if sign == "百" else 10
            total += (1 if digit is None else digit) * last
            digit = None
        elif sign in "零〇":
            last = 10
        else:
            digit = _DIGITS[sign]
    return total if digit is None else total + digit * (10 if last == 100 else 1)
