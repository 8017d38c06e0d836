"""Say a rule of repetition back to the person who asked for it."""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from bot.domain.checkin import Schedule
from bot.domain.dates import day_in_words
from bot.domain.places import zone_label
from bot.occurrences import rule_of
from bot.when.rule import Rule
from prompts import say


def schedule_in_words(schedule: Schedule, zone: ZoneInfo, language: str) -> str:
    """ "every day at 08:00 and 20:00", and by whose clock where it is not the local one."""
    rule = rule_of(schedule)
    said = rule_in_words(rule, zone, language)
    if not schedule.home_zone or schedule.home_zone == zone.key or rule.clock != "same_clock":
        return said
    place = zone_label(schedule.home_zone, language)
    return say("reminders.by_clock_of", language, rule=said, place=place)


def rule_in_words(rule: Rule, zone: ZoneInfo, language: str) -> str:
    """The rule as a person would say it; times as HH:MM, in the patient's clock."""
    if rule.start and rule.once:
        return say(
            "reminders.once",
            language,
            day=_day(rule.start[:10], zone, language),
            times=_joined(rule.times or (rule.start[11:16],), language),
            several=len(rule.times) > 1,
        )
    text = say(
        f"reminders.{_form(rule)}", language, interval=rule.interval, days=_days(rule, language)
    )
    if rule.times and rule.frequency not in ("hourly", "minutely"):
        text += " " + say("reminders.at", language, times=_joined(rule.times, language))
    if rule.end:
        text += say("reminders.until", language, day=_day(rule.end[:10], zone, language))
    return " ".join(text.split())


def _form(rule: Rule) -> str:
    if rule.frequency == "weekly" and not rule.weekdays:
        return "weekly_any"
    return rule.frequency


def _days(rule: Rule, language: str) -> str:
    if rule.weekdays:
        names = [say(f"reminders.weekday_{day}", language) for day in rule.weekdays]
        if rule.nth is not None:
            names = [say("reminders.nth", language, nth=rule.nth, day=name) for name in names]
        return _joined(names, language)
    last = say("reminders.last_day", language)
    days = [last if day == -1 else str(day) for day in rule.monthdays]
    if rule.months:
        days = [f"{month}-{day}" for month in rule.months for day in days]
    return _joined(days, language)


def _joined(parts: list[str] | tuple[str, ...], language: str) -> str:
    *first, last = parts or ("",)
    if not first:
        return last
    between, before_last = ("、", "、") if language == "zh" else (", ", " and ")
    return between.join(first) + before_last + last


def _day(iso: str, zone: ZoneInfo, language: str) -> str:
    noon = datetime.combine(date.fromisoformat(iso), time(12), tzinfo=zone)
    return day_in_words(noon, zone, language)
