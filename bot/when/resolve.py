"""A gathered expression becomes one or more Whens, or says why it cannot."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from bot.when import days
from bot.when.atoms import Atom, Clock, Context
from bot.when.gather import Group
from bot.when.model import Kind, When
from bot.when.rule import Rule

DAY = timedelta(days=1)


def resolve(group: Group, context: Context, *, waking: bool) -> Iterator[When]:
    """The Whens of one group. ``waking``: an hour from 1 to 5 said alone means the afternoon."""
    if waking or group.day is not None or group.rule is not None:
        group.clocks = [_awake(c) for c in group.clocks]
    if group.problem is not None and group.problem.problem == "lunar":
        if group.rule is None and group.problem.day is not None:
            for when in _day(group, group.problem, group.problem.day, context):
                yield replace(when, problem="lunar", certain=False)
        else:
            yield When(kind=_kind(group), problem="lunar", certain=False)
    elif group.problem is not None:
        yield When(kind=_kind(group), problem=group.problem.problem, certain=False)
    elif group.rule is not None or group.a_day or _implied(group):
        group.sure = group.sure and group.rule is not None
        yield _set(group, context)
    elif group.clock_range is not None:
        yield _clock_range(group, *group.clock_range)
    elif group.moment is not None and group.moment.moment is not None:
        yield _at(group.moment.moment, group)
    elif group.day is not None and group.day.day is not None:
        yield from _day(group, group.day, group.day.day, context)
    elif group.span is not None and group.span.span is not None:
        low, high = group.span.span
        yield When(kind="range", start=low.isoformat(), end=high.isoformat(), certain=group.sure)
    elif group.clocks:
        for clock in group.clocks:
            yield _time(clock, group)
    elif group.moments:
        for name in group.moments:
            at = context.slots.moments[name]
            yield When(kind="time", value=f"{at}:00", certain=False)
    elif group.length is not None and group.length.length is not None:
        length = group.length.length
        value, seconds = length.iso(), length.seconds
        yield When(kind="duration", value=value, seconds=seconds, certain=group.sure)
    else:
        for part in group.parts:
            yield _part_alone(part, context)


def _implied(group: Group) -> bool:
    """ "at 8am until Friday", "8am for ten days": every day, though nobody said so."""
    bounded = group.last is not None or group.length is not None
    return bounded and bool(group.clocks or group.moments) and group.day is None


def _awake(clock: Clock) -> Clock:
    if clock.known or not 1 <= clock.hour <= 5:
        return clock
    return replace(clock.other(), known=False)


def _kind(group: Group) -> Kind:
    if group.rule is not None or group.a_day:
        return "set"
    if group.problem is not None and group.problem.problem == "unclear":
        return "duration"
    if group.clocks:
        return "datetime" if group.day is not None else "time"
    return "date"


def _others(clock: Clock, form: str = "{}") -> tuple[str, ...]:
    return () if clock.known else (form.format(clock.other().text()),)


def _time(clock: Clock, group: Group) -> When:
    return When(
        kind="time",
        value=clock.text(),
        certain=clock.known and clock.sure and group.sure,
        others=_others(clock),
    )


def _part_alone(part: str, context: Context) -> When:
    low, high, at = context.slots.parts[part]
    if part == "noon":
        return When(kind="time", value=f"{at}:00")
    others = (f"{at}:00",)
    return When(kind="range", start=f"{low}:00", end=f"{high}:00", certain=False, others=others)


def _at(moment: datetime, group: Group) -> When:
    return When(kind="datetime", value=moment.isoformat(timespec="seconds"), certain=group.sure)


def _day(group: Group, atom: Atom, day: date, context: Context) -> Iterator[When]:
    others = tuple(d.isoformat() for d in atom.other_days)
    if group.last is not None:
        end = group.last.day or (group.last.span or (day, day))[0]
        high = end.date() if isinstance(end, datetime) else end
        if high < day:
            day = day if atom.day != day else day.replace(year=day.year)
        yield When(kind="range", start=day.isoformat(), end=high.isoformat(), certain=group.sure)
        return
    if group.clocks or group.moments:
        clocks = group.clocks or [_named(n, context) for n in group.moments]
        for clock in clocks:
            real = day + DAY * clock.next_day
            yield When(
                kind="datetime",
                value=f"{real.isoformat()}T{clock.text()}",
                certain=clock.known and clock.sure and group.sure,
                others=_others(clock, real.isoformat() + "T{}")
                + tuple(f"{o}T{clock.text()}" for o in others),
            )
    elif group.parts:
        for part in group.parts:
            yield _part_of_day(part, day, context)
    else:
        yield When(kind="date", value=day.isoformat(), certain=group.sure, others=others)


def _named(name: str, context: Context) -> Clock:
    hour, minute = context.slots.moments[name].split(":")
    return Clock(hour=int(hour), minute=int(minute), sure=False)


def _part_of_day(part: str, day: date, context: Context) -> When:
    low, high, at = context.slots.parts[part]
    if part == "noon":
        return When(kind="datetime", value=f"{day.isoformat()}T{at}:00")
    end = day + DAY * (high <= low)
    return When(
        kind="range",
        start=f"{day.isoformat()}T{low}:00",
        end=f"{end.isoformat()}T{high}:00",
        certain=False,
        others=(f"{day.isoformat()}T{at}:00",),
    )


def _clock_range(group: Group, one: Clock, two: Clock) -> When:
    certain = one.known and two.known and group.sure
    if group.day is None or group.day.day is None:
        return When(kind="range", start=one.text(), end=two.text(), certain=certain)
    day = group.day.day
    end = day + DAY * (two.text() <= one.text())
    return When(
        kind="range",
        start=f"{day.isoformat()}T{one.text()}",
        end=f"{end.isoformat()}T{two.text()}",
        certain=certain,
    )


# --- rules -----------------------------------------------------------------------------------


def _set(group: Group, context: Context) -> When:
    rule = group.rule.rule if group.rule is not None and group.rule.rule else None
    rule = rule or Rule(frequency="daily")
    times, certain = _times(group, rule, context)
    certain = certain and group.sure
    if rule.clock == "fixed_interval" and len(times) > 1:
        return When(kind="set", problem="unclear", certain=False)
    if not all(_exists(t) for t in times):
        return When(kind="set", problem="no_such_time", certain=False)
    start = _bound(group.first)
    rule = replace(
        rule,
        times=times,
        count=group.count,
        start=start.isoformat() if start and rule.clock == "same_clock" else None,
    )
    if rule.clock == "fixed_interval" and start is not None:
        at = times[0] if times else context.slots.daily[1][0]
        rule = replace(rule, start=f"{start.isoformat()}T{at}")
    if start is not None and rule.clock == "same_clock":
        after = max(context.now, datetime.combine(start, time()))
        rule = replace(rule, start=None).anchored(after)
    rule = rule.anchored(context.now)
    return _ended(rule, group, context, certain)


def _ended(rule: Rule, group: Group, context: Context, certain: bool) -> When:
    first = datetime.fromisoformat(rule.start or context.today.isoformat())
    end = _bound(group.last, last=True)
    length = group.length.length if group.length is not None else None
    if length is not None and not length.clocked:
        end = length.after(first).date() - DAY
    elif length is not None:
        certain = False  # "every day walk for 30 minutes": how long it takes, not until when
    if end is not None:
        if end < first.date():
            return When(kind="set", problem="past", certain=False)
        rule = replace(rule, end=end.isoformat())
    return When(kind="set", rule=rule, certain=certain)


def _bound(atom: Atom | None, *, last: bool = False) -> date | None:
    if atom is None:
        return None
    if atom.day is not None:
        return atom.day
    if atom.span is None:
        return None
    low, high = (d.date() if isinstance(d, datetime) else d for d in atom.span)
    return high - days.DAY if last else low


def _exists(clock: str) -> bool:
    return bool(re.fullmatch(r"(?:[01]\d|2[0-3]):[0-5]\d", clock))


def _times(group: Group, rule: Rule, context: Context) -> tuple[tuple[str, ...], bool]:
    """The times of day a rule names, and whether they were really said."""
    slots = context.slots
    said = [c.text()[:5] for c in group.clocks]
    sure = all(c.known and c.sure for c in group.clocks)
    if group.moments:
        said += [slots.moments[n] for n in _meals(group, context)]
        return tuple(sorted(set(said))), False
    said += [slots.parts[p][2] for p in group.parts]
    if group.clock_range is not None and not said:
        said.append(group.clock_range[0].text()[:5])
    if said:
        few = bool(group.a_day) and group.a_day != len(set(said))
        return tuple(sorted(set(said))), sure and not group.parts and not few
    if group.a_day:
        return slots.daily[group.a_day], False
    return (), rule.clock == "fixed_interval"


def _meals(group: Group, context: Context) -> tuple[str, ...]:
    wanted = context.slots.meals.get(group.a_day)
    if not wanted:
        return group.moments
    return tuple(n for n in group.moments if n.split("_")[-1] in wanted) or group.moments
