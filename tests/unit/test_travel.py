"""Places as people name them, and sentences that say where somebody is."""

from __future__ import annotations

import pytest

from bot.conversation.travel_words import named, only_a_place
from bot.domain.travel import place_named, same_clock, several_clocks


@pytest.mark.parametrize(
    ("text", "zone", "country"),
    [
        ("Tokyo", "Asia/Tokyo", "JP"),
        ("东京", "Asia/Tokyo", "JP"),
        ("Japan", "Asia/Tokyo", "JP"),
        ("日本", "Asia/Tokyo", "JP"),
        ("上海市", "Asia/Shanghai", "CN"),
        ("杭州", "Asia/Shanghai", "CN"),
        ("New York", "America/New_York", "US"),
        ("Manchester", "Europe/London", "GB"),
        ("europe/paris", "Europe/Paris", "FR"),
    ],
)
def test_a_place_has_one_clock_and_one_country(text, zone, country):
    found = place_named(text)
    assert found is not None
    assert (found.zone, found.country) == (zone, country)


@pytest.mark.parametrize("text", ["pain", "bed", "it", "hospital", "医院", "家", "Mars", "", "UTC"])
def test_what_is_no_place_is_none(text):
    assert place_named(text) is None


@pytest.mark.parametrize(
    ("text", "country"), [("the US", "US"), ("美国", "US"), ("Australia", "AU")]
)
def test_a_country_of_several_clocks_needs_a_city(text, country):
    assert place_named(text) is None
    assert several_clocks(text) == country


def test_two_zones_may_keep_one_clock():
    assert same_clock("Europe/London", "Europe/Lisbon")
    assert not same_clock("Europe/London", "Europe/Paris")


@pytest.mark.parametrize(
    ("text", "how", "place"),
    [
        ("I'm in Tokyo now", "there", "Tokyo"),
        ("We have arrived in New York!", "there", "New York"),
        ("I am currently staying in Paris for two weeks", "there", "Paris"),
        ("I'm flying to Rome tomorrow", "going", "Rome"),
        ("we've moved to Toronto", "moved", "Toronto"),
        ("my time zone is Europe/Paris", "there", "Europe/Paris"),
        ("I'm back home", "home", ""),
        ("我到东京了", "there", "东京"),
        ("我现在人在纽约", "there", "纽约"),
        ("下周要去巴黎旅游", "going", "巴黎"),
        ("我们搬到多伦多了", "moved", "多伦多"),
        ("我的时区是东京时间", "there", "东京"),
        ("我回国了", "home", ""),
    ],
)
def test_where_somebody_is_or_goes(text, how, place):
    found = named(text)
    assert found is not None
    assert (found.how, found.place) == (how, place)


@pytest.mark.parametrize("text", ["Is it hot in Tokyo?", "what time is it in Paris?", "你在上海吗"])
def test_a_question_says_nothing_about_where_somebody_is(text):
    assert named(text) is None


def test_only_a_place_is_a_few_words_and_a_known_one():
    assert only_a_place("I am in Tokyo now")
    assert only_a_place("我到东京了")
    assert not only_a_place("I am in pain now")
    assert not only_a_place("I am in Tokyo and my chest feels as if somebody sits on it")
