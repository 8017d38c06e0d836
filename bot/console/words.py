"""Codes, times and amounts as a nurse reads them, in either language."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime

from bot.domain.places import zone_label
from bot.domain.travel import place_named
from bot.escalations.card import topic
from prompts import UnknownWords, say

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")
_DATE = re.compile(r"(\d{4}-\d\d)(-\d\d)?")
_PLACE = re.compile(r"(?!Etc/)\w+/")
_PATTERN = {"en": "d MMM, HH:mm", "zh": "M月d日 HH:mm"}
_DAY = {"en": "d MMM", "zh": "M月d日"}
_YEAR = {"en": "d MMM yyyy", "zh": "yyyy年M月d日"}
_MONTH = {"en": "MMMM yyyy", "zh": "yyyy年M月"}
_MARKS = {"en": (": ", ", ", "; ", ". "), "zh": ("：", "、", "；", "。")}
_LOCALE = {"en": "en_GB", "zh": "zh_Hans"}


def teller(area: str, language: str) -> Callable[..., str]:
    """``say`` for one area of the catalogue and one language."""

    def tell(name: str, **values: Any) -> str:
        return say(f"{area}.{name}", language, **values)

    return tell


class Shown:
    """How values look in one language at one moment."""

    def __init__(self, language: str, now: datetime) -> None:
        self.language, self.now = language, now
        self.colon, self.comma, self.between, self.stop = _MARKS[language]

    def code(self, kind: str, code: str) -> str:
        """The word for ``code`` of this ``kind``; a code without a word is shown as it is."""
        try:
            return say(f"console.{kind}_{code.replace(' ', '_')}", self.language)
        except UnknownWords:
            return code.replace("_", " ").replace(".", ": ")

    def reason(self, code: str) -> str:
        """What an escalation is about."""
        try:
            return say(f"console.reason_{code}", self.language)
        except UnknownWords:
            pass
        return topic(code, self.language).replace("_", " ")

    def age(self, since: datetime) -> str:
        """How long ago, in the largest unit that fits."""
        seconds = max(0, int((self.now - since).total_seconds()))
        for name, size in (("days", 86400), ("hours", 3600), ("minutes", 60)):
            if seconds >= size:
                return say(f"console.ago_{name}", self.language, count=seconds // size)
        return say("console.ago_now", self.language)

    def time(self, at: datetime, zone: ZoneInfo | None = None) -> str:
        """A moment as people write it; without a zone in UTC, and it says so."""
        local = at.astimezone(zone or UTC)
        text: str = format_datetime(
            local, _PATTERN[self.language], tzinfo=local.tzinfo, locale=_LOCALE[self.language]
        )
        return text if zone else f"{text} UTC"

    def moment(self, kept: str) -> str:
        """What is kept as ISO 8601 as people write it: a moment (UTC), a slot (the patient's
        clock), a day or a month; anything else as it is."""
        try:
            if found := _DATE.fullmatch(kept):
                day = date.fromisoformat(f"{found[1]}{found[2] or '-01'}")
                return self.on(day) if found[2] else self._month(day)
            at = datetime.fromisoformat(kept) if _MOMENT.match(kept) else None
        except ValueError:
            at = None
        if at is None:
            return kept
        if at.tzinfo is not None:
            return self.time(at)
        local = self.time(at.replace(tzinfo=UTC), ZoneInfo("UTC"))
        return say("console.by_their_clock", self.language, time=local)

    def clock(self, zone: ZoneInfo) -> str:
        """What a person's clock says now."""
        return f"{self.now.astimezone(zone):%H:%M}"

    def zone(self, name: str) -> str:
        """By whose clock, and how far it is from UTC now: "London time (UTC+0)"."""
        city, offset = self._city(name), self.now.astimezone(ZoneInfo(name)).utcoffset()
        minutes = int((offset or timedelta(0)).total_seconds()) // 60
        hours, rest = divmod(abs(minutes), 60)
        far = f"UTC{'−' if minutes < 0 else '+'}{hours}" + (f":{rest:02d}" if rest else "")
        if not city:
            return far if minutes else "UTC"
        return f"{self.by(name)}{'' if self.language == 'zh' else ' '}{self.aside(far)}"

    def by(self, zone: str) -> str:
        """By whose clock, in a sentence: "London time"."""
        city = self._city(zone)
        return say("console.by_clock_of", self.language, city=city) if city else self.zone(zone)

    def city(self, zone: str) -> str:
        """A clock as somebody would write it who wants that very one again."""
        city = self._city(zone)
        found = place_named(city)
        return city if found and found.zone == zone else zone

    def _city(self, zone: str) -> str:
        """Whose clock it is for people: China's is Beijing's. "" for a zone of no place."""
        try:
            return say(f"console.city_{zone.replace('/', '_')}", self.language)
        except UnknownWords:
            return zone_label(zone, self.language) if _PLACE.match(zone) else ""

    def dated(self, at: datetime, zone: ZoneInfo) -> str:
        """A day with its year."""
        return self.on(at.astimezone(zone).date())

    def on(self, day: date) -> str:
        """A day of the calendar, with its year."""
        text: str = format_date(day, _YEAR[self.language], locale=_LOCALE[self.language])
        return text

    def _month(self, day: date) -> str:
        text: str = format_date(day, _MONTH[self.language], locale=_LOCALE[self.language])
        return text

    def aside(self, words: str) -> str:
        """In brackets, as the language writes them."""
        return f"（{words}）" if self.language == "zh" else f"({words})"

    def place(self, city: str, country: str) -> str:
        """Where somebody lives: in Chinese the country goes first."""
        named = [one for one in (city, self.country(country)) if one]
        return " ".join(reversed(named)) if self.language == "zh" else ", ".join(named)

    def country(self, code: str) -> str:
        """A country by its name; a code that is none is shown as it is."""
        name: str = Locale.parse(_LOCALE[self.language]).territories.get(code.upper(), code)
        return name

    def day(self, at: datetime, zone: ZoneInfo) -> str:
        """A day, for the axis of a chart."""
        local = at.astimezone(zone)
        text: str = format_datetime(
            local, _DAY[self.language], tzinfo=local.tzinfo, locale=_LOCALE[self.language]
        )
        return text


def anchor(message_id: str) -> str:
    """An HTML id for a message."""
    return "m-" + re.sub(r"[^A-Za-z0-9_-]", "-", message_id)


def next_time(clock: str, zone: ZoneInfo, now: datetime) -> datetime:
    """The next moment at which the local clock says ``clock`` ("HH:MM"), in UTC."""
    hour, minute = (int(part) for part in clock.split(":"))
    local = now.astimezone(zone)
    at = local.replace(hour=hour, minute=minute, second=0, microsecond=0)
    if at <= local:
        at += timedelta(days=1)  # wall-clock arithmetic: the same local time tomorrow
    return at.astimezone(UTC)
