"""Where in the world somebody is: a city, a country or a time zone as people name it."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

from bot.domain import places

_FILE = Path(__file__).with_name("cities.toml")


@dataclass(frozen=True, kw_only=True)
class Place:
    """Somewhere with one clock."""

    zone: str  #: IANA name
    country: str  #: ISO 3166-1 alpha-2
    city: str = ""  #: as it was named; empty: a country or a zone was


def place_named(text: str) -> Place | None:
    """ "Tokyo", "东京", "Japan", "Asia/Tokyo"; None for what nobody knows or has several clocks."""
    wanted = text.strip().strip(".。!！,，").removesuffix("市").casefold()
    if not wanted:
        return None
    if found := _cities().get(wanted):
        return Place(zone=found[0], country=found[1], city=text.strip())
    country = _country(wanted)
    if country and len(places.clocks(country)) == 1:
        return Place(zone=places.clocks(country)[0], country=country)
    return _zone_named(text.strip())


def several_clocks(text: str) -> str | None:
    """The country named, when it has more than one clock: the city has to be asked."""
    country = _country(text.strip().casefold())
    return country if country and len(places.clocks(country)) > 1 else None


def same_clock(one: str, other: str) -> bool:
    """Two zones whose clocks say the same all year."""
    return one == other or places.year_of(ZoneInfo(one)) == places.year_of(ZoneInfo(other))


def _country(text: str) -> str | None:
    """A country by its name; of two letters only where everybody reads them so."""
    short = len(text) <= 2 and text.isascii() and text not in ("uk", "us")
    return None if short else places.country_named(text.removeprefix("the "))


def _zone_named(text: str) -> Place | None:
    known = {zone.casefold(): zone for zone in available_timezones() if "/" in zone}
    zone = known.get(text.replace(" ", "_").casefold())
    if zone is None:
        return None
    country = next((code for code, z in _all_zones() if z == zone), "")
    return Place(zone=zone, country=country)


@cache
def _cities() -> dict[str, tuple[str, str]]:
    """Lower-case name → (zone, country)."""
    countries = {zone: code for code, zone in reversed(_all_zones())}
    found: dict[str, tuple[str, str]] = {}
    for zone, code in countries.items():
        for language in ("en", "zh"):
            found.setdefault(places.zone_label(zone, language).casefold(), (zone, code))
    for zone, names in tomllib.loads(_FILE.read_text("utf-8")).items():
        if isinstance(names, list):
            found.update(dict.fromkeys(names, (zone, countries[zone])))
    return found


@cache
def _all_zones() -> tuple[tuple[str, str], ...]:
    return tuple((code, zone) for code in places.countries() for zone in places.zones(code))
