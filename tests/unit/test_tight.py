"""What plainly lies long ago, in a story or in a lesson raises nothing; anything of now does."""

import pytest

import safety
from safety.verdict import Tier

SETTLED = [
    "I had a heart attack in 2011, two stents",
    "my grandad collapsed in the war",
    "The character stops breathing at the end of season two",
    "the documentary showed a man choking on a sweet",
    "How do hospitals treat carbon monoxide poisoning",
    "我2011年得过心梗，放了两个支架，一直挺好",
    "小时候被蛇咬过",
    "第二季结尾主角没呼吸了",
    "看了篇讲败血症的文章，长见识了",
]
NOT_SETTLED = [
    "The same crushing chest pain as in 2011",
    "I had a heart attack in 2011 and now my chest is crushing again",
    "I had a clot in 2009, my calf is swollen and I can't breathe",
    "in the film he collapses. My dad has just collapsed",
    "watching the film about whales my husband stopped breathing",
    "跟2011年心梗那次一样，胸口压得慌",
    "2011年得过心梗，今天胸口又压得慌",
    "看电影的时候我爸突然没呼吸了",
]


@pytest.mark.parametrize("text", SETTLED)
def test_long_ago_a_story_or_a_lesson_raises_nothing(text: str) -> None:
    assert safety.screen(text).tier is not Tier.P0


@pytest.mark.parametrize("text", NOT_SETTLED)
def test_anything_of_now_beside_it_raises(text: str) -> None:
    assert safety.screen(text).tier is Tier.P0


@pytest.mark.parametrize(
    "text",
    ["in the film she takes an overdose", "I took an overdose in 1994", "电影里女主割腕自杀"],
)
def test_self_harm_in_a_story_or_long_ago_still_reaches_people(text: str) -> None:
    verdict = safety.screen(text)
    assert verdict.tier is Tier.P0
    assert verdict.findings[0].people_only


@pytest.mark.parametrize(
    "text",
    ["SpO2 98 HR 74", "sats 97 and pulse 70", "血氧97，心率64", "please correct my initials"],
)
def test_a_healthy_reading_beside_a_pulse_is_no_emergency(text: str) -> None:
    assert safety.screen(text, readings=safety.read_vitals(text)).findings == ()


@pytest.mark.parametrize(
    "text", ["SpO2 84 HR 120", "sats were 97 now down to 84", "血氧84，心率120"]
)
def test_a_low_oxygen_beside_a_pulse_is_one(text: str) -> None:
    assert safety.screen(text, readings=safety.read_vitals(text)).tier is Tier.P0
