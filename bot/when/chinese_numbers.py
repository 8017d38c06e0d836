"""Chinese numbers and lengths of time, and the fragments every Chinese pattern is built from."""

from __future__ import annotations

import re

from bot.when.atoms import Length
from bot.when.words import either, words

ZH = words("zh")
_DIGITS = "".join(w for w, n in ZH.numbers.items() if n < 10)
_HAN = _DIGITS + "十百"
NUMBER = rf"(?:\d+(?:\.\d+)?|[{_HAN}]+)"
ONE_DIGIT = rf"[{_DIGITS}]"
WEEK = r"(?:周|星期|礼拜)"
WEEKDAY = rf"[{''.join(ZH.weekdays)}]"
PART = either(ZH.parts)
#: Words of one character stand for a part of the day only in company.
LONG_PART = either(w for w in ZH.parts if len(w) > 1)
#: "3月" is March and "3日" a date, so lengths need 个月 and 天.
UNIT = either(u for u in ZH.units if u not in ("月", "日", "分"))
_PLAIN_UNIT = either([*(u for u in ZH.units if u not in ("月", "日")), "分"])
LENGTH = (
    rf"(?:半 ?个?{UNIT}|{NUMBER}刻钟|{NUMBER} ?个半 ?{UNIT}|半个?月|{NUMBER} ?个半月|"
    rf"{NUMBER} ?{UNIT}半?(?:(?:又|零|,|加)? ?(?:{NUMBER} ?{_PLAIN_UNIT}|半个?{UNIT}))*)"
)


def number(text: str) -> float:
    """ "12", "十二", "二百五十", "二〇二七"."""
    text = text.strip()
    if re.fullmatch(r"\d+(?:\.\d+)?", text):
        return float(text)
    if not re.search("[十百]", text):
        return float("".join(str(ZH.numbers[c]) for c in text))
    total, digit = 0, 0
    for character in text:
        value = ZH.numbers[character]
        if value >= 10:
            total += (digit or 1) * value
            digit = 0
        else:
            digit = value
    return float(total + digit)


def length(text: str) -> Length | None:
    """ "半小时", "一个半小时", "两天半", "半个月" (15 days); None past a hundred years."""
    units: list[tuple[str, float]] = []
    rest = text.replace(" ", "")
    while rest:
        m = re.match(
            rf"(?P<before>半个?)?(?P<n>{NUMBER})?(?P<mid>个半|半)?"
            rf"(?P<u>刻钟|{_PLAIN_UNIT}|月)(?P<after>半(?!个?{UNIT}))?",
            rest,
        )
        if m is None:
            rest = rest[1:]
            continue
        amount = number(m["n"]) if m["n"] else 0.0
        amount += 0.5 * bool(m["before"] or m["mid"] or m["after"])
        if m["u"] == "刻钟":
            units.append(("minutes", 15 * amount))
        elif m["u"] == "月" and amount == 0.5:
            units.append(("days", 15))
        else:
            units.append((ZH.units[m["u"]], amount))
        rest = rest[m.end() :]
    found = Length.of(units)
    return found if units and found.sane else None
