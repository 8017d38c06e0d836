"""Days, spans of days and lengths of time as they are said in Chinese."""

# ruff: noqa: E501
from __future__ import annotations

import re
from datetime import date, datetime, time

from bot.when import days
from bot.when.atoms import Atom, Context, Patterns
from bot.when.chinese_numbers import LENGTH, WEEK, WEEKDAY, ZH, length, number
from bot.when.words import either

_NEAR = {
    "大前天": -3,
    "前天": -2,
    "昨天": -1,
    "昨日": -1,
    "昨儿": -1,
    "今天": 0,
    "今日": 0,
    "今儿": 0,
    "当天": 0,
    "明天": 1,
    "明日": 1,
    "明儿": 1,
    "后天": 2,
    "后日": 2,
    "大后天": 3,
}
_SHORT = {"今": 0, "明": 1, "昨": -1, "当": 0, "后": 2}
_YEARS = {"前年": -2, "去年": -1, "今年": 0, "本年": 0, "明年": 1, "来年": 1, "后年": 2}
_YEAR = rf"(?:\d{{4}}|\d{{2}}|[〇零一二三四五六七八九]{{4}}|[〇零一二三四五六七八九]{{2}})年|{either(_YEARS)}"
_MONTH = r"(?:元|1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])"
_DAY = r"(?:\d{1,2}|[三二]?十[一二三四五六七八九]?|[一二三四五六七八九]|廿[一二三四五六七八九]?)"
_SHIFT = {"上上": -2, "上": -1, "前": -1, "这": 0, "本": 0, "当": 0, "下": 1, "下下": 2, "": 0}


def _year(text: str | None, today: date) -> int | None:
    if not text:
        return None
    if text in _YEARS:
        return today.year + _YEARS[text]
    digits = text.rstrip("年")
    return days.full_year(f"{int(number(digits)):02d}", today)


def _d(text: str) -> int:
    return int(number(text.replace("廿", "二十")))


def _mon(text: str) -> int:
    return 1 if text == "元" else int(number(text))


def _near(m: re.Match[str], c: Context) -> Atom | None:
    return Atom(day=c.today + days.DAY * _NEAR[m["word"]])


def _near_part(m: re.Match[str], c: Context) -> Atom | None:
    return Atom(day=c.today + days.DAY * _SHORT[m["word"]], part=ZH.parts[m["part"]])


def _full(m: re.Match[str], c: Context) -> Atom | None:
    year, mon, d = _year(m["y"], c.today), _mon(m["mon"]), _d(m["d"])
    lunar = bool(m["lunar"] or m["first"])
    found = days.month_day(c.today, mon, d) if year is None else days.build(year, mon, d)
    if found is None:
        return Atom(problem="lunar" if lunar else "no_such_date")
    sure = not m["wd"] or ZH.weekdays[m["wd"]] == found.weekday()
    return Atom(day=found, sure=sure, problem="lunar" if lunar else None)


def _iso(m: re.Match[str], c: Context) -> Atom | None:
    found = days.build(int(m["y"]), int(m["m"]), int(m["d"]))
    return Atom(day=found) if found else Atom(problem="no_such_date")


def _slashed(m: re.Match[str], c: Context) -> Atom | None:
    if re.search(r"[痛疼分评级压]\D{0,3}$", m.string[: m.start()]):
        return None  # 疼痛 7/10
    if m["y"]:
        one, two = int(m["m"]), int(m["d"])
        found = days.build(int(m["y"]), two, one) or days.build(int(m["y"]), one, two)
        return Atom(day=found, sure=one == two) if found else Atom(problem="no_such_date")
    found = days.month_day(c.today, int(m["m"]), int(m["d"]))
    return Atom(day=found, sure=False) if found else None


def _month_of(m: re.Match[str], c: Context) -> date:
    return days.month_start(c.today, _SHIFT[m["rel"]])


def _rel_month_day(m: re.Match[str], c: Context) -> Atom | None:
    first = _month_of(m, c)
    found = days.build(first.year, first.month, _d(m["d"]))
    return Atom(day=found) if found else Atom(problem="no_such_date")


def _month_edge(m: re.Match[str], c: Context) -> Atom | None:
    first = _month_of(m, c)
    if m["edge"] in ("初", "头"):
        return Atom(day=first, sure=False)
    return Atom(day=days.month_end(first))


def _year_edge(m: re.Match[str], c: Context) -> Atom | None:
    year = c.today.year + _YEARS.get(m["y"] or "", 0)
    return Atom(day=date(year, 12, 31), sure=False)


def _rel_month(m: re.Match[str], c: Context) -> Atom | None:
    first = _month_of(m, c)
    return Atom(span=(first, days.month_start(first, 1)))


def _rel_week(m: re.Match[str], c: Context) -> Atom | None:
    low = days.monday(c.today) + days.WEEK * _SHIFT[m["rel"]]
    return Atom(span=(low, low + days.WEEK))


def _weekend(m: re.Match[str], c: Context) -> Atom | None:
    low = days.monday(c.today) + days.WEEK * _SHIFT[m["rel"] or ""] + days.DAY * 5
    return Atom(span=(low, low + days.DAY * 2))


def _day(m: re.Match[str], c: Context) -> Atom | None:
    found = days.day_of_month(c.today, _d(m["d"]))
    return Atom(day=found) if found else Atom(problem="no_such_date")


def _weekday(m: re.Match[str], c: Context) -> Atom | None:
    wanted, rel = ZH.weekdays[m["day"]], (m["rel"] or "")
    if rel:
        return Atom(day=days.weekday(c.today, wanted, _SHIFT[rel.removesuffix("个")]))
    return Atom(day=days.coming(c.today, wanted), weekday=wanted)


def _month(m: re.Match[str], c: Context) -> Atom | None:
    mon, year = _mon(m["mon"]), _year(m["y"], c.today)
    if year is None:
        year = c.today.year + (mon < c.today.month)
    low = days.build(year, mon, 1)
    if low is None:
        return None
    return Atom(span=(low, days.month_start(low, 1)))


def _whole_year(m: re.Match[str], c: Context) -> Atom | None:
    year = _year(m["y"], c.today)
    return Atom(span=(date(year, 1, 1), date(year + 1, 1, 1))) if year and year < 9999 else None


def _after(m: re.Match[str], c: Context) -> Atom | None:
    found = length(m["len"])
    if found is None:
        return None
    back = m.groupdict().get("way") in ("前", "以前", "之前")
    at = found.after(c.now, -1 if back else 1)
    return Atom(moment=at) if found.clocked else Atom(day=at.date())


def _around(m: re.Match[str], c: Context) -> Atom | None:
    """三天内, 还剩5分钟, 之前3小时: a span that touches now."""
    found = length(m["len"])
    if found is None:
        return None
    back = (m.groupdict().get("lead") or "") in ("前", "之前", "过去", "最近", "近")
    at = found.after(c.now, -1 if back else 1)
    low, high = (at, c.now) if back else (c.now, at)
    return Atom(span=(low, high) if found.clocked else (low.date(), high.date()))


def _length(m: re.Match[str], c: Context) -> Atom | None:
    found = length(m.group())
    return Atom(length=found) if found else None


def _now(m: re.Match[str], c: Context) -> Atom | None:
    return Atom(moment=c.now)


def _holiday(m: re.Match[str], c: Context) -> Atom | None:
    mon, d = (int(x) for x in ZH.holidays[m["name"]].split("-"))
    year = _year(m["y"], c.today)
    found = days.build(year, mon, d) if year else days.month_day(c.today, mon, d)
    return Atom(day=found)


def _end_of_day(m: re.Match[str], c: Context) -> Atom | None:
    return Atom(moment=datetime.combine(c.today, time(23, 59, 59)))


_REL = r"(?P<rel>上上|下下|上|下|这|本|当)"
_p = re.compile

# One line a pattern: the table is read across, not down.
# fmt: off
PATTERNS: Patterns = [
    (_p(rf"(?P<word>{either(_NEAR)})"), _near),
    (_p(r"(?P<word>[今明昨当后])(?P<part>早上?|晚上?|晨|夜里?)".replace("|晨|夜里?", "")), _near_part),
    (_p(rf"(?P<lunar>农历|阴历|旧历)?(?P<y>{_YEAR})?的? ?(?P<mon>{_MONTH})月(?P<first>初)?(?P<d>{_DAY})(?:日|号|(?![\d十个.%]))(?:[ ,(]?{WEEK}(?P<wd>{WEEKDAY})[)]?)?"), _full),
    (_p(r"(?P<y>\d{4})[-/.年](?P<m>\d{1,2})[-/.月](?P<d>\d{1,2})日?"), _iso),
    (_p(r"(?<![\d/.-])(?P<m>\d{1,2})[/-](?P<d>\d{1,2})(?:[-/](?P<y>\d{4}))?[日号]?(?![\d/.%-])"), _slashed),
    (_p(rf"{_REL}个?月的?(?P<d>{_DAY})[号日]"), _rel_month_day),
    (_p(r"(?P<rel>上|下|这|本|)个?月(?P<edge>底|末|初|头)"), _month_edge),
    (_p(rf"(?P<y>{either(_YEARS)})?年[底末]|(?P<y2>年底)".replace("|(?P<y2>年底)", "")), _year_edge),
    (_p(rf"{_REL}个?月份?"), _rel_month),
    (_p(rf"{_REL}(?:个?星期|个?礼拜|一?周)(?![{''.join(ZH.weekdays)}末])"), _rel_week),
    (_p(r"(?:(?P<rel>上上|下下|上|下|这|本)个?)?(?:周末|双休日)"), _weekend),
    (_p(r"(?<![\d.])(?P<d>\d{1,2}|[三二]?十[一二三四五六七八九]?|[一二三四五六七八九])号(?![楼线房床院门])"), _day),
    (_p(r"(?<![\d.])(?P<d>\d{1,2})日"), _day),
    (_p(rf"(?P<rel>(?:上上|下下|上|下|这|本)个?)?的?{WEEK}(?P<day>{WEEKDAY})"), _weekday),
    (_p(rf"(?P<y>{_YEAR})?的? ?(?P<mon>{_MONTH})月份?(?![\d])"), _month),
    (_p(rf"(?P<y>{_YEAR})(?!前|后|以|之|内|来)"), _whole_year),
    (_p(rf"(?:再?过|再)?(?:大?约|差不多)?(?P<len>{LENGTH})(?P<way>以后|之后|过后|后|以前|之前|前)(?!天)"), _after),
    (_p(rf"再?过(?:大?约)?(?P<len>{LENGTH})"), _after),
    (_p(rf"(?P<len>{LENGTH})(?:以内|之内|内)"), _around),
    (_p(rf"(?P<lead>还剩|之前|(?<!提)前|过去|最近|近|未来|接下来|今后|之后|往后)(?:的|这)? ?(?P<len>{LENGTH})"), _around),
    (_p(LENGTH), _length),
    (_p(r"(?:现在|此刻|马上|立刻|立即|目前|刻下)"), _now),
    (_p(rf"(?P<y>{_YEAR})?(?P<name>{either(ZH.holidays)})"), _holiday),
    (_p(r"今天结束(?:前|之前)?"), _end_of_day),
]
# fmt: on
