"""Is every number and every identifier of a draft this patient's own?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from safety.numbers import flatten

Span = tuple[int, int]

# A digit or two inside a word is part of its name (A1c, SpO2, B12).
_DIGITS = re.compile(r"(?![0-9]{1,2}(?![0-9.,]))[0-9]+(?:[.,][0-9]+)*|(?<![a-z])[0-9]{1,2}")
_HAN = "零〇一二两三四五六七八九"
_CHINESE = re.compile(
    rf"[{_HAN}十百千]+(?:点[{_HAN}]+)?(?=(?:个)?(?:毫克|微克|毫升|单位|片|粒|颗|支|毫摩|公斤|斤|度|岁))"
    rf"|[{_HAN}]?百[{_HAN}十百]*|[{_HAN}]*十[{_HAN}]+|[{_HAN}]+点[{_HAN}]+|百分之[{_HAN}十百]+"
)
_TENS = {"ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15,
         "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20,
         "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80,
         "ninety": 90}  # fmt: skip
_ONES = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
         "nine": 9}  # fmt: skip
_WORD = "|".join(sorted([*_TENS, *_ONES, "hundred"], key=len, reverse=True))
_ENGLISH = re.compile(rf"(?<![a-z])(?:{_WORD})(?:(?:[ \-]|[ ]and[ ])(?:{_WORD})){{0,6}}(?![a-z])")
_LIST_MARK = re.compile(r"(?m)^\s*(?:\d{1,2}[.)、]|[(（]\d{1,2}[)）])(?=\s|[^\d\s])")

_DAY = re.compile(
    r":[0-5]\d(?!\d)|\s*(?:am|pm|a\.m|p\.m|o'?clock)(?![a-z])"
    r"|(?:st|nd|rd|th)?\s*(?:of )?(?:jan|feb|mar|apr|may|june?|july?|aug|sep|oct|nov|dec)[a-z]*"
    r"|\s*(?:min(?:ute)?s?|hours?)(?![a-z])|\s*(?:点|时|:|分钟|小时|月|日|号(?!码)|楼|层|诊室)"
)
_MINUTES = re.compile(r"(?<!\d)\d{1,2}[:点时月]\s*$")  # what stands behind "3:" or 3点, 12月
_PLACE = re.compile(r"\b(?:room|floor|ward|desk|clinic|gate)\s+$")
_CALLED = re.compile(r"(?:\b(?:call|called|calling|ring|rang|dial|dialled)\s+|[打拨叫]了?)$")
_COMES = re.compile(r"\s*(?:ambulance|came|come|coming|arrive|on the way|[来到]|还没|救护车|急救)")
_HOW_OFTEN = re.compile(r"(?:\bevery|\beach|\bper|每隔?)\s*$")
_UNIT = re.compile(r"\s*(?:%|[a-zµ]*g\b|ml\b|mm|units?\b|tablets?\b|pills?\b)")

_EMAIL = re.compile(r"[A-Za-z0-9_.+\-]{1,64}@[A-Za-z0-9\-]{1,63}(?:\.[A-Za-z0-9\-]{1,63}){1,4}")
_CHINA_ID = re.compile(r"(?<![0-9A-Za-z])\d{17}[0-9Xx](?![0-9A-Za-z])")
_RECORD = re.compile(
    r"(?:\b(?:mrn|nhs|medical record|record|patient id|hospital|ssn|id)\b"
    r"|病历号|住院号|门诊号|医保号|身份证)"
    r"\s*(?:no\.?|number|num|id|号码?)?\s*[:：#是为]?\s*"
    r"([A-Za-z]{0,3}[0-9][0-9\- ]{3,18}[0-9])",
    re.IGNORECASE,
)
_PHONE = re.compile(
    r"(?<![\w.])(?:\+\d{1,3}[\s\-]?)?(?:\(\d{2,4}\)[\s\-]?)?\d{2,4}(?:[\s\-]\d{2,4}){1,3}(?![\w/])"
    r"|(?<![\w.])\+?\d{7,15}(?![\w/]|\.\d)"
)


def numbers_in(text: str) -> Iterator[tuple[Span, float]]:
    """Every number of a text, in digits, Chinese numerals or English words, with its place.

    List marks ("1.") and single small words ("one", 一) are no numbers here.
    """
    plain = flatten(text)
    marks = [match.span() for match in _LIST_MARK.finditer(plain)]
    for match in _DIGITS.finditer(plain):
        if not any(start <= match.start() < end for start, end in marks):
            yield match.span(), _plain_number(match[0])
    for match in _CHINESE.finditer(plain):
        value = _chinese_number(match[0])
        if value is not None:
            yield match.span(), value
    for match in _ENGLISH.finditer(plain):
        value = _english_number(match[0])
        if value >= 10:
            yield match.span(), value


def ungrounded_numbers(text: str, allowed: Iterable[str | float]) -> list[Span]:
    """Places of numbers that are not among the allowed ones ("132/84" allows 132 and 84)."""
    known: set[float] = set()
    for item in allowed:
        if isinstance(item, str):
            known.update(round(value, 4) for _, value in numbers_in(item))
        else:
            known.add(round(float(item), 4))
    return [span for span, value in numbers_in(text) if round(value, 4) not in known]


def is_of_the_day(text: str, span: Span, lines: Iterable[str]) -> bool:
    """A clock time, a date, a wait, a room, or one of the ``lines`` that is called ("at 3 pm",
    下午3点, "in 10 minutes", 120到了吗): what a person says of the day and needs no record for. How
    often something is done is none of these."""
    plain = flatten(text)
    if plain[slice(*span)] in lines:
        return bool(_CALLED.search(plain[: span[0]]) or _COMES.match(plain, span[1]))
    if _HOW_OFTEN.search(plain[: span[0]]):
        return False
    if _PLACE.search(plain[: span[0]]):
        return not _UNIT.match(plain, span[1])
    return bool(_DAY.match(plain, span[1]) or _MINUTES.search(plain[: span[0]]))


def foreign_identifiers(
    text: str, *, others: Iterable[str], own: Iterable[str], allowed: Iterable[str | float]
) -> list[Span]:
    """Places of other people's names, telephones, addresses and record numbers.

    ``others``: identifiers of anyone else, as given. ``own``: this patient's names and
    identifiers. A telephone or record number is fine when it is among ``own`` or ``allowed``.
    """
    plain = flatten(text)
    mine = {flatten(name).strip() for name in own}
    spans = []
    for name in others:
        folded = flatten(name).strip()
        if len(folded) < 2 or folded in mine:
            continue
        latin = folded[0].isascii()
        edged = rf"(?<![a-z0-9]){re.escape(folded)}(?![a-z0-9])" if latin else re.escape(folded)
        spans += [
            match.span()
            for match in re.finditer(edged, plain)
            if not any(folded in name and name in plain for name in mine)
        ]
    kept = {_key(item) for item in (*own, *(str(item) for item in allowed))}
    for pattern, least in ((_EMAIL, 5), (_CHINA_ID, 18), (_RECORD, 5), (_PHONE, 7)):
        for match in pattern.finditer(text):
            said = match[match.lastindex or 0]
            long_enough = pattern is _EMAIL or sum(sign.isdigit() for sign in said) >= least
            if long_enough and _key(said) not in kept:
                spans.append(match.span())
    return sorted(set(spans))


def _key(identifier: str) -> str:
    return "".join(sign for sign in identifier.lower() if sign.isalnum() or sign == "@")


def _plain_number(digits: str) -> float:
    parts = re.split(r"[.,]", digits)
    if len(parts) > 2:
        return float("".join(parts))  # 1,234,567 or 1.2.3: compared as one figure
    if len(parts) == 2 and "," in digits and len(parts[1]) == 3:
        return float("".join(parts))  # 1,234
    return float(digits.replace(",", "."))


def _chinese_number(words: str) -> float | None:
    whole, _, tail = words.removeprefix("百分之").partition("点")
    total, digit, last = 0, None, 1
    for sign in whole:
        if sign in "十百千":
            last = {"十": 10, "百": 100, "千": 1000}[sign]
            total += (1 if digit is None else digit) * last
            digit = None
        elif sign in "零〇":
            last = 10
        else:
            digit = _VALUES[sign]
    value = float(total if digit is None else total + digit * (last // 10 if last >= 100 else 1))
    if tail:
        value += float("0." + "".join(str(_VALUES[sign]) for sign in tail))
    return value


_VALUES = dict(zip("零〇一二两三四五六七八九", (0, 0, 1, 2, 2, 3, 4, 5, 6, 7, 8, 9), strict=True))


def _english_number(words: str) -> float:
    total = 0
    for word in re.split(r"[ \-]+", words):
        if word == "hundred":
            total = max(total, 1) * 100
        else:
            total += _TENS.get(word, _ONES.get(word, 0))
    return float(total)
