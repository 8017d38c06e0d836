"""Every country that keeps a clock can be chosen in both languages, and every clock in it."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from bot.domain import places

COUNTRIES = sorted(places._zones())


def test_there_are_all_the_countries() -> None:
    assert len(COUNTRIES) > 240
    assert {"CN", "HK", "MO", "TW", "GB", "US", "SG", "IE", "XK"} - set(COUNTRIES) <= {"XK"}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_country_is_found_by_its_name_and_by_its_code(language: str) -> None:
    for code in COUNTRIES:
        name = places.country_name(code, language)
        assert name != code
        assert places.country_named(name) == code
        assert places.country_named(f" {name.upper()}. ") == code
        assert places.country_named(code.lower()) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [("UK", "GB"), ("England", "GB"), ("USA", "US"), ("America", "US"), ("中国大陆", "CN"),
     ("香港", "HK"), ("台湾", "TW"), ("澳门", "MO"), ("韩国", "KR"), ("Ireland", "IE"),
     ("爱尔兰", "IE")],
)  # fmt: skip
def test_what_people_call_a_country(text: str, code: str) -> None:
    assert places.country_named(text) == code


@pytest.mark.parametrize("text", ["", " ", "Atlantis", "zz", "好", "🙂", "123"])
def test_what_is_no_country_is_none(text: str) -> None:
    assert places.country_named(text) is None


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_clock_of_every_country_has_a_label_that_finds_it(language: str) -> None:
    for code in COUNTRIES:
        for zone in places.clocks(code):
            assert ZoneInfo(zone)
            label = places.zone_label(zone, language)
            assert label
            found = places.zone_of_city(label, code)
            assert found is not None, (code, label)
            assert len(f"n:city:{zone}".encode()) <= 64


def test_the_clocks_of_a_large_country_are_few_and_known_by_their_cities() -> None:
    assert [places.zone_label(z, "en") for z in places.clocks("US")][:2] == ["New York", "Chicago"]
    assert {"Los Angeles", "Honolulu"} <= {places.zone_label(z, "en") for z in places.clocks("US")}
    assert "Australia/Sydney" in places.clocks("AU")
    assert places.clocks("CN") == ("Asia/Shanghai",)
    assert places.clocks("DE") == ("Europe/Berlin",)


@pytest.mark.parametrize(
    ("city", "country", "zone"),
    [("Boston", "US", "America/New_York"), ("旧金山", "US", "America/Los_Angeles"),
     ("悉尼", "AU", "Australia/Sydney"), ("anywhere", "GB", "Europe/London"),
     ("上海市", "CN", "Asia/Shanghai")],
)  # fmt: skip
def test_a_city_gives_its_zone(city: str, country: str, zone: str) -> None:
    assert places.zone_of_city(city, country) == zone


def test_a_city_nobody_knows_is_none() -> None:
    assert places.zone_of_city("Springfield", "US") is None
