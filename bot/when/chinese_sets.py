"""What repeats, as it is said in Chinese, and the words that bound it."""

# ruff: noqa: E501
from __future__ import annotations

import re

from bot.when import days
from bot.when.atoms import Atom, Context, Patterns
from bot.when.chinese_numbers import LENGTH, NUMBER, PART, UNIT, WEEK, WEEKDAY, ZH, number
from bot.when.english_sets import every
from bot.when.rule import Rule
from bot.when.words import either

_MONTH = r"(?:1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])"
_DAY = r"(?:\d{1,2}|[三二]?十[一二三四五六七八九]?|[一二三四五六七八九])"
_DOES = r"(?:要|得|都)?(?:吃|服用?|测|量|打|喝|做|换|查|来|用|提醒我?|叫我?)?"
_ONCE = rf"(?:{_DOES}(?:一|1)(?:次|回|趟|遍|针|片|粒))?"
_EVERY_UNIT = either([u for u in ZH.units if u not in ("分", "日")] + ["个季度", "晚"])


def _daily(m: re.Match[str], c: Context) -> Atom | None:
    return Atom(rule=Rule(frequency="daily"))


def _daily_part(m: re.Match[str], c: Context) -> Atom | None:
    return Atom(rule=Rule(frequency="daily"), part=ZH.parts[m["part"]])


def _interval(m: re.Match[str], c: Context) -> Atom | None:
    """每两天, 每隔两天 (two days lie between), 每8小时."""
    g = m.groupdict()
    text, name = (g["n"] or "").replace(" ", ""), g["u"].strip()
    name = name if name in ZH.units else name.removeprefix("个")
    unit = ZH.units[name]
    gap = bool(g.get("gap"))
    if "半" in text:
        whole = text.replace("个半", "").replace("半个", "").replace("半", "")
        amount = (number(whole) if whole else 0) + 0.5
        if unit == "hours":
            return Atom(rule=every("minutes", round(amount * 60)))
        if unit == "years" and amount == 0.5:
            return Atom(rule=every("months", 6))
        if unit == "months" and amount == 0.5:
            return Atom(rule=every("days", 15))
        return None
    amount = number(text) if text else 1.0
    if not 1 <= amount <= 999 or amount % 1:
        return None
    skips = gap and unit in ("days", "weeks") and bool(text)
    rule = every(unit, int(amount) + skips + (gap and not text))
    return Atom(rule=rule, sure=not (skips and amount > 1)) if rule else None


def _skip(m: re.Match[str], c: Context) -> Atom | None:
    return Atom(
        rule=every(
            {"天": "days", "日": "days", "周": "weeks", "月": "months", "年": "years"}.get(
                m["u"], "weeks"
            ),
            2,
        )
    )


def _a_day(m: re.Match[str], c: Context) -> Atom | None:
    n = int(number(m["n"]))
    return Atom(rule=Rule(frequency="daily"), a_day=n) if n in c.slots.daily else None


def _a_week(m: re.Match[str], c: Context) -> Atom | None:
    n = int(number(m["n"]))
    if n not in c.slots.weekly:
        return None
    return Atom(rule=Rule(frequency="weekly", weekdays=c.slots.weekly[n]), sure=n == 1)


def _weekdays(m: re.Match[str], c: Context) -> Atom | None:
    text = re.sub(r"星期|礼拜|周|每|个", "", m["days"])
    found = tuple(sorted({ZH.weekdays[d] for d in text if d in ZH.weekdays}))
    interval = 2 if m.groupdict().get("gap") else 1
    return Atom(rule=Rule(frequency="weekly", interval=interval, weekdays=found))


def _day_span(m: re.Match[str], c: Context) -> Atom | None:
    one, two = ZH.weekdays[m["one"]], ZH.weekdays[m["two"]]
    found = tuple(sorted((one + i) % 7 for i in range((two - one) % 7 + 1)))
    return Atom(rule=Rule(frequency="weekly", weekdays=found))


def _except(m: re.Match[str], c: Context) -> Atom | None:
    """除了周日每天: the other days."""
    text = re.sub(r"星期|礼拜|周", "", m["days"])
    without = {5, 6} if text == "末" else {ZH.weekdays[d] for d in text if d in ZH.weekdays}
    rest = tuple(d for d in range(7) if d not in without)
    return Atom(rule=Rule(frequency="weekly", weekdays=rest)) if rest else None


def _workdays(m: re.Match[str], c: Context) -> Atom | None:
    return Atom(rule=Rule(frequency="weekly", weekdays=(0, 1, 2, 3, 4)))


def _weekends(m: re.Match[str], c: Context) -> Atom | None:
    return Atom(rule=Rule(frequency="weekly", weekdays=(5, 6)))


def _month_days(m: re.Match[str], c: Context) -> Atom | None:
    found = tuple(int(number(d)) for d in re.findall(_DAY, m["d"]))
    if any(not 1 <= d <= 31 for d in found):
        return Atom(rule=Rule(frequency="monthly"), problem="no_such_date")
    return Atom(rule=Rule(frequency="monthly", monthdays=found))


def _month_end(m: re.Match[str], c: Context) -> Atom | None:
    first = "初" in m.group()
    return Atom(rule=Rule(frequency="monthly", monthdays=(1 if first else -1,)), sure=not first)


def _nth_day(m: re.Match[str], c: Context) -> Atom | None:
    nth = -1 if m["n"] == "最后一" else int(number(m["n"].removeprefix("第")))
    if not (nth == -1 or 1 <= nth <= 5):
        return None
    return Atom(rule=Rule(frequency="monthly", weekdays=(ZH.weekdays[m["day"]],), nth=nth))


def _year_day(m: re.Match[str], c: Context) -> Atom | None:
    mon, d = int(number(m["mon"])), int(number(m["d"]))
    if not days.possible(mon, d):
        return Atom(rule=Rule(frequency="yearly"), problem="no_such_date")
    return Atom(rule=Rule(frequency="yearly", months=(mon,), monthdays=(d,)))


def _year_month(m: re.Match[str], c: Context) -> Atom | None:
    return Atom(rule=Rule(frequency="yearly", months=(int(number(m["mon"])),)))


def _apiece(m: re.Match[str], c: Context) -> Atom | None:
    """早晚各一次."""
    return Atom(rule=Rule(frequency="daily"), moments=ZH.manifold[m["name"]])


def _meals(m: re.Match[str], c: Context) -> Atom | None:
    """三餐前: every day, three times."""
    moments = ZH.manifold[m["name"]]
    return Atom(rule=Rule(frequency="daily"), moments=moments, sure=False, by_meal=True)


def _unclear(m: re.Match[str], c: Context) -> Atom | None:
    rule = every(ZH.units[m["u"]], max(1, int(number(m["two"]))))
    return Atom(rule=rule, problem="unclear") if rule else None


def _in_all(m: re.Match[str], c: Context) -> Atom | None:
    n = int(number(m["n"]))
    return Atom(count=n) if 1 <= n <= 1000 else None


def _role(m: re.Match[str], c: Context) -> Atom | None:
    return Atom(role="from" if m.group() in ("从", "自", "自从", "由") else "until")


_LIST = rf"{WEEKDAY}(?:(?:,|和|与|及|跟|或|/| )*(?:每个?)?{WEEK}?{WEEKDAY})*"
_p = re.compile

# One line a pattern: the table is read across, not down.
# fmt: off
PATTERNS: Patterns = [
    (_p(r"每一?[天日]|天天|日日|每天每"), _daily),
    (_p(rf"每(?:个|天的?|日的?)?(?P<part>{PART})(?![饭餐])"), _daily_part),
    (_p(rf"(?:每|一)[天日]{_DOES} ?(?P<n>{NUMBER})(?:次|回|遍|顿)"), _a_day),
    (_p(rf"(?:每|一)个?{WEEK}{_DOES} ?(?P<n>{NUMBER})(?:次|回|遍)"), _a_week),
    (_p(rf"每(?P<gap>隔|间隔)?(?P<n>{NUMBER}(?:个半)?|半个?|) ?(?P<u>{_EVERY_UNIT}){_ONCE}".replace("|晚", "")), _interval),
    (_p(rf"(?P<gap>隔)(?P<n>{NUMBER}) ?(?P<u>{_EVERY_UNIT}){_ONCE}"), _interval),
    (_p(rf"(?P<n>{NUMBER}(?:个半)?|半个?) ?(?P<u>{UNIT}){_DOES}(?:一|1)(?:次|回|趟|遍)"), _interval),
    (_p(r"隔(?P<u>天|日|周|月|年|个?星期|个?礼拜)(?:的)?"), _skip),
    (_p(rf"(?:每(?P<gap>隔)?个?|逢){WEEK}的?(?P<days>{_LIST})(?!次|回|遍)"), _weekdays),
    (_p(rf"每个?月的?(?P<d>{_DAY}[号日](?:(?:,|和|与|及|、)?(?:{_DAY})[号日])*)"), _month_days),
    (_p(rf"(?P<gap>每隔一(?:周|个星期|个礼拜)|隔周|每两(?:周|个星期|个礼拜))的?{WEEK}(?P<days>{_LIST})"), _weekdays),
    (_p(rf"(?P<days>{WEEK}{WEEKDAY}(?:(?:,|和|与|及|跟|/)+{WEEK}?{WEEKDAY})+|{WEEK}(?:一三五|二四六|二四|一三|一四|三五))"), _weekdays),
    (_p(rf"每?个?{WEEK}(?P<one>{WEEKDAY})(?:到|至|-|~){WEEK}?(?P<two>{WEEKDAY})(?:每天)?"), _day_span),
    (_p(rf"(?:除了?|不算|除开)(?P<days>{WEEK}{_LIST}|周末)(?:以外|之外|外)?,?(?:每天|天天|都)?"), _except),
    (_p(r"每?个?(?:工作日|平日|上班日)(?:每天)?"), _workdays),
    (_p(r"每个?(?:周末|双休日)|(?:周末|双休日)(?=的|都|不用|每天|就别|别)(?:每天)?"), _weekends),
    (_p(rf"(?:周末|双休日)(?= ?(?:{PART}|\d{{1,2}}[点:]|{NUMBER}点))"), lambda m, c: Atom(rule=Rule(frequency="weekly", weekdays=(5, 6)), sure=False)),
    (_p(rf"提前 ?{LENGTH}(?=.{{0,3}}(?:提醒|叫|喊|通知))"), lambda m, c: Atom(problem="unclear")),
    (_p(r"每个?月的?(?:最后一[天日]|月?[底末]|月?初)"), _month_end),
    (_p(rf"每个?月的?(?P<n>第{NUMBER}|最后一)个?{WEEK}(?P<day>{WEEKDAY})"), _nth_day),
    (_p(rf"每年的?(?P<mon>{_MONTH})月(?P<d>{_DAY})[日号]?"), _year_day),
    (_p(rf"每年的?(?P<mon>{_MONTH})月份?"), _year_month),
    (_p(r"(?P<name>早晚|早中晚|三餐[前后]|饭[前后]|餐[前后])各"), _apiece),
    (_p(rf"(?:每天|每日|一日|一天)的?(?P<name>早晚[饭餐][前后]|早晚|早中晚|三餐[前后]|三顿饭[前后]|饭[前后]|餐[前后])(?!{LENGTH})各?"), _apiece),
    (_p(rf"(?:一日|一天|每天|每日)?(?P<name>三餐[前后]|三顿饭[前后])(?!{LENGTH})"), _meals),
    (_p(rf"每(?:隔)?(?P<one>{NUMBER})(?:到|至|-|~)(?P<two>{NUMBER}) ?(?P<u>{UNIT})"), _unclear),
    (_p(rf"{NUMBER}(?:到|至|-|~){NUMBER} ?{UNIT}"), lambda m, c: Atom(problem="unclear")),
    (_p(rf"(?:一?共|总共)(?P<n>{NUMBER})次"), _in_all),
    (_p(r"自从|从|自|由"), _role),
    (_p(r"一?直到|(?<![改推移调提挪换迟])到|至|截止到?|~|-(?=[^-])"), _role),
]
# fmt: on
