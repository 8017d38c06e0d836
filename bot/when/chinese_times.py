"""Times of day as they are said in Chinese."""

# ruff: noqa: E501
from __future__ import annotations

import re
from dataclasses import replace

from bot.when.atoms import Atom, Clock, Context, Patterns
from bot.when.chinese_numbers import (
    LENGTH,
    LONG_PART,
    NUMBER,
    ONE_DIGIT,
    PART,
    ZH,
    length,
    number,
)
from bot.when.words import either

_DOSE = "片粒颗次个毫克支瓶袋滴勺口包单喷遍顿杯"
#: Minutes said without 分: always two figures or more.
_BARE = rf"(?:[零〇]{ONE_DIGIT}|[二三四五]十{ONE_DIGIT}?|十{ONE_DIGIT}?|[0-5]\d)"
_MINUTES = (
    rf"(?:半|[一1三3]刻钟?|整|钟|差(?P<less>{NUMBER}分|一刻)钟?|"
    rf"过?(?P<m>{NUMBER})分(?!钟?[后前内])(?:(?P<s>{NUMBER})秒)?|过?(?P<b>{_BARE})(?![{_DOSE}\d零〇一二两三四五六七八九十]))"
)
_HOUR = r"(?P<h>\d{1,2}|[零〇一二两三四五六七八九十]{1,3})"
_MARK = r"(?:点|时(?![候间常刻]))"
#: In front of a lone 一点 these make it a time and not "a little".
_BEFORE_ONE = "在到至成前约每天日号从和,午 "


def _clock(m: re.Match[str], c: Context) -> Atom | None:
    g = m.groupdict()
    hour, tail = int(number(g["h"])), m.string[m.end() :]
    if not g["min"]:
        if re.match(rf"(?:{ONE_DIGIT}|\d)(?![{_DOSE}分十刻])", tail):
            return None  # 六点五: a reading, not a time
        before = m.string[m.start() - 1 : m.start()]
        if g["h"] in ("一", "1") and not g["part"] and before and before not in _BEFORE_ONE:
            return None  # 好一点
    if re.fullmatch(r"[一二两三四五六七八九]{2}", g["h"]):
        return Atom(clocks=(Clock(hour=0),), problem="unclear")  # 三四点: three or four
    if hour > 60:
        return None
    clock = _with_minutes(hour, g)
    return _settled(clock, g["part"])


def _with_minutes(hour: int, g: dict[str, str | None]) -> Clock:
    text, minute, second, less = g["min"] or "", 0, 0, g["less"]
    if text.startswith("半"):
        minute = 30
    elif "刻" in text and not less:
        minute = 15 * int(number(text[0]))
    elif g["m"] or g["b"]:
        minute = int(number((g["m"] or g["b"] or "0").lstrip("零〇") or "0"))
        second = int(number(g["s"])) if g["s"] else 0
    elif less:
        minute = -15 if "刻" in less else -int(number(less.rstrip("分")))
    if hour == 24 and minute == 0:
        return Clock(hour=0)
    if minute < 0:
        hour, minute = (hour - 1) % 24 or (12 if hour == 1 else 0), 60 + minute
    return Clock(hour=hour, minute=minute, second=second, known=hour > 12 or hour == 0)


def _settled(clock: Clock, part: str | None) -> Atom:
    if not clock.exists:
        return Atom(clocks=(clock,), problem="no_such_time")
    if part:
        clock = clock.settled(ZH.parts[part])
        return Atom(clocks=(replace(clock, known=True),))
    return Atom(clocks=(clock,))


def _less(m: re.Match[str], c: Context) -> Atom | None:
    """差一刻八点."""
    less = 15 if "刻" in m["less"] else int(number(m["less"].rstrip("分钟")))
    clock = _with_minutes(
        int(number(m["h"])), {"min": "差", "less": f"{less}", "m": None, "b": None, "s": None}
    )
    return _settled(clock, m["part"])


def _digital(m: re.Match[str], c: Context) -> Atom | None:
    clock = Clock(
        hour=int(m["h"]) % 24 if m["h"] == "24" else int(m["h"]),
        minute=int(m["m"]),
        second=int(m["s"] or 0),
        known=int(m["h"]) > 12 or m["h"].startswith("0"),
    )
    return _settled(clock, m["part"])


def _part(m: re.Match[str], c: Context) -> Atom | None:
    return Atom(part=ZH.parts[m["part"]])


def moment_clock(name: str, c: Context) -> Clock:
    """The default clock time of a named moment."""
    hour, minute = c.slots.moments[name].split(":")
    return Clock(hour=int(hour), minute=int(minute), sure=False)


def _named(m: re.Match[str], c: Context) -> Atom | None:
    return Atom(clocks=(moment_clock(ZH.moments[m["name"]], c),), sure=False, by_meal=True)


def _beside(m: re.Match[str], c: Context) -> Atom | None:
    """早饭后两小时: counted from the meal itself."""
    meals = {"早": "breakfast", "午": "lunch", "中": "lunch", "晚": "dinner", "睡": "bedtime"}
    clock = moment_clock(meals[m["name"][0]], c)
    away = length(m["len"])
    if away is None:
        return None
    sign = -1 if m["way"] == "前" else 1
    return Atom(clocks=(clock.shifted(sign * away.seconds / 60),), sure=False, by_meal=True)


def _beside_meals(m: re.Match[str], c: Context) -> Atom | None:
    """饭后半小时: after each of the three meals."""
    away = length(m["len"])
    if away is None:
        return None
    minutes = (-1 if m["way"] == "前" else 1) * away.seconds / 60
    meals = (moment_clock(name, c) for name in ("breakfast", "lunch", "dinner"))
    return Atom(clocks=tuple(clock.shifted(minutes) for clock in meals), sure=False, by_meal=True)


def _manifold(m: re.Match[str], c: Context) -> Atom | None:
    moments = ZH.manifold[m["name"]]
    return Atom(moments=moments, sure=False, by_meal="morning" not in moments)


_SEVERAL = either(w for w in ZH.manifold if w != "早晚")
# One line a pattern: the table is read across, not down.
# fmt: off
PATTERNS: Patterns = [
    (re.compile(rf"(?P<part>{PART})?的? ?{_HOUR}{_MARK}(?P<min>{_MINUTES})?"), _clock),
    (re.compile(rf"(?P<part>{PART})?的? ?差(?P<less>{NUMBER}分钟?|一刻钟?)(?:到)?{_HOUR}{_MARK}"), _less),
    (re.compile(rf"(?P<part>{PART})?的? ?(?<![\d.])(?P<h>\d{{1,2}}):(?P<m>\d\d)(?::(?P<s>\d\d))?(?!\d)"), _digital),
    (re.compile(rf"(?P<part>{LONG_PART})(?![模档])"), _part),
    (re.compile(rf"(?P<name>{either(ZH.moments)})"), _named),
    (re.compile(rf"(?P<name>[早午中晚][饭餐]|睡觉?)(?P<way>[后前])(?P<len>{LENGTH})"), _beside),
    (re.compile(rf"(?<![早午中晚])(?:三餐|三顿饭|每餐|饭|餐)(?P<way>[后前])(?P<len>{LENGTH})"), _beside_meals),
    (re.compile(rf"(?P<name>{_SEVERAL})"), _manifold),
    (re.compile(r"(?P<name>早晚)(?=都|各|吃|服|测|量)"), _manifold),
]
# fmt: on
