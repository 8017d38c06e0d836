"""Countries by their names in two languages, and the IANA time zone of a city."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from babel import Locale
from babel.core import get_global

_LANGUAGES = {"en": "en", "zh": "zh_Hans"}
_ALIASES = {
    "uk": "GB", "england": "GB", "scotland": "GB", "wales": "GB", "britain": "GB",
    "great britain": "GB", "usa": "US", "america": "US", "u.s.": "US", "u.s.a.": "US",
    "prc": "CN", "mainland china": "CN", "中国大陆": "CN", "大陆": "CN", "内地": "CN",
    "香港": "HK", "hong kong": "HK", "澳门": "MO", "macau": "MO", "台湾": "TW", "臺灣": "TW",
    "holland": "NL", "korea": "KR", "south korea": "KR", "韩国": "KR", "uae": "AE",
}  # fmt: skip


_YEAR = 2026  #: whose clocks tell zones apart


@cache
def _territories(language: str) -> dict[str, str]:
    names = Locale.parse(_LANGUAGES.get(language, "en")).territories
    return {code: name for code, name in names.items() if len(code) == 2 and code.isalpha()}


def country_name(code: str, language: str) -> str:
    """ "GB" → "United Kingdom" or "英国"; the code itself when nobody knows it."""
    return _territories(language).get(code, code)


def country_named(text: str) -> str | None:
    """The ISO 3166-1 code of a country named in either language, or written as its code."""
    wanted = text.strip().strip(".。").casefold()
    if not wanted:
        return None
    if wanted in _ALIASES:
        return _ALIASES[wanted]
    if len(wanted) == 2 and wanted.upper() in _zones():
        return wanted.upper()
    for language in _LANGUAGES:
        for code, name in _territories(language).items():
            if name.casefold() == wanted and code in _zones():
                return code
    return None


@cache
def _zones() -> dict[str, tuple[str, ...]]:
    """Country → zones, the most populous first where tzdata says so."""
    found: dict[str, list[str]] = {}
    table = files("tzdata").joinpath("zoneinfo", "zone.tab").read_text("utf-8")
    for line in table.splitlines():
        if line and not line.startswith("#"):
            code, _, zone, *_ = line.split("\t")
            found.setdefault(code, []).append(zone)
    found["CN"] = ["Asia/Shanghai"]  # one clock in daily life, Xinjiang's second one aside
    return {code: tuple(zones) for code, zones in found.items()}


def zones(country: str) -> tuple[str, ...]:
    """The time zones of a country; empty for an unknown one."""
    return _zones().get(country, ())


def clocks(country: str) -> tuple[str, ...]:
    """One zone for each clock that people of a country live by, large cities first."""
    found: dict[tuple[timedelta | None, ...], str] = {}
    for zone in sorted(zones(country), key=lambda zone: zone not in _LARGE_ZONES):
        found.setdefault(year_of(ZoneInfo(zone)), zone)
    return tuple(found.values())


def countries() -> tuple[str, ...]:
    """Every country that has a clock."""
    return tuple(_zones())


def year_of(zone: ZoneInfo) -> tuple[timedelta | None, ...]:
    """What tells two clocks apart: how far each month's is from UTC."""
    at = (datetime(_YEAR, month, 15, tzinfo=zone) for month in range(1, 13))
    return tuple(moment.utcoffset() for moment in at)


@cache
def _city(zone: str, language: str) -> str:
    known = Locale.parse(_LANGUAGES.get(language, "en")).time_zones
    # The words still go by the names that zones had before: Asia/Calcutta, Europe/Kiev.
    before = (old for old, new in get_global("zone_aliases").items() if new == zone)
    names: dict[str, str] = known.get(zone) or next((known[o] for o in before if o in known), {})
    return str(names.get("city") or zone.rsplit("/", 1)[-1].replace("_", " "))


def zone_label(zone: str, language: str) -> str:
    """The city a zone is named after, in ``language``."""
    return _city(zone, language)


def zone_of_city(text: str, country: str) -> str | None:
    """The zone named after this city; a country of one zone needs no city at all."""
    here = zones(country)
    if len(here) == 1:
        return here[0]
    wanted = text.strip().casefold().removesuffix("市")
    for zone in here:
        if wanted in {_city(zone, language).casefold() for language in _LANGUAGES}:
            return zone
    return _LARGE_CITIES.get((country, wanted))


#: Where several zones keep the same clock, the one people know.
_LARGE_ZONES = frozenset((
    "Australia/Sydney", "Australia/Adelaide", "America/Sao_Paulo", "America/Manaus",
    "America/Rio_Branco", "America/Toronto", "Europe/Moscow", "Asia/Yakutsk",
))  # fmt: skip

#: Cities people name that no zone is named after.
_LARGE_CITIES = {
    ("US", "washington"): "America/New_York", ("US", "boston"): "America/New_York",
    ("US", "miami"): "America/New_York", ("US", "atlanta"): "America/New_York",
    ("US", "philadelphia"): "America/New_York", ("US", "纽约市"): "America/New_York",
    ("US", "houston"): "America/Chicago", ("US", "dallas"): "America/Chicago",
    ("US", "austin"): "America/Chicago", ("US", "minneapolis"): "America/Chicago",
    ("US", "san francisco"): "America/Los_Angeles", ("US", "seattle"): "America/Los_Angeles",
    ("US", "san diego"): "America/Los_Angeles", ("US", "las vegas"): "America/Los_Angeles",
    ("US", "旧金山"): "America/Los_Angeles", ("US", "西雅图"): "America/Los_Angeles",
    ("US", "波士顿"): "America/New_York", ("US", "休斯敦"): "America/Chicago",
    ("CA", "montreal"): "America/Toronto", ("CA", "ottawa"): "America/Toronto",
    ("CA", "calgary"): "America/Edmonton", ("CA", "蒙特利尔"): "America/Toronto",
    ("AU", "canberra"): "Australia/Sydney", ("AU", "gold coast"): "Australia/Brisbane",
}  # fmt: skip
