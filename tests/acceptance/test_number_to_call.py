"""Words that send a patient to the emergency number name it, where their country is on record."""

from __future__ import annotations

from typing import Any

import pytest
from house import HouseUnderTest

from bot.checkins.away import still_here
from bot.console_actions import console_actions
from bot.inviting import enrol

#: language, country on record → the words of the number, and words that must not be said
NUMBERS = {
    "en": {"GB": ("call 999", "emergency number"), "": ("call your local emergency number", "999")},
    "zh": {"CN": ("120", "急救电话"), "": ("当地的急救电话", "120")},
}
CASES = [(language, country) for language, of in NUMBERS.items() for country in of]
WRITES = {
    "to the nurse": ("ask the nurse about my appointment", "请问护士我几时去"),
    "stop": ("stop", "停止"),
    "help": ("help", "帮助"),
    "a dose": ("can I stop taking metformin?", "二甲双胍能停吗"),
    "how many tablets": ("can I take two metformin?", "二甲双胍能吃两片吗"),
    "a child's dose": ("how much ibuprofen can I give my 3 year old?", "三岁孩子能吃多少布洛芬"),
    "a diagnosis": ("do I have diabetes?", "我是不是得了糖尿病"),
    "how long to live": ("how long have I got to live?", "我还能活多久"),
    "a relative writes": ("I am his daughter", "我是他女儿"),
    "no answer known": ("how does the moon make the tides?", "月亮怎么会引起潮水？"),
    "ring somebody": ("can you call me an ambulance", "帮我叫救护车"),
    "a clash": (
        "I am allergic to penicillin and I take amoxicillin",
        "我对青霉素过敏，在吃阿莫西林",
    ),
}


def lives(house: HouseUnderTest, language: str, country: str, **more: Any) -> tuple[str, str]:
    """A patient of this language and country; the words to be said and those that must not be."""
    zone = {"CN": "Asia/Shanghai"}.get(country, "Europe/London")
    house.patient("mo", language=language, country=country, timezone=zone, name="", **more)
    return NUMBERS[language][country]


@pytest.mark.parametrize(("language", "country"), CASES)
@pytest.mark.parametrize("about", WRITES)
async def test_an_answer_in_fixed_words(
    house: HouseUnderTest, about: str, language: str, country: str
) -> None:
    named, never = lives(house, language, country)
    heard = await house.say(WRITES[about][language == "zh"], "mo")
    assert named in heard and never not in heard


@pytest.mark.parametrize(("language", "country"), CASES)
async def test_a_voice_message(house: HouseUnderTest, language: str, country: str) -> None:
    named, never = lives(house, language, country)
    heard = await house.say("", "mo", kind="voice")
    assert named in heard and never not in heard


@pytest.mark.parametrize(("language", "country"), CASES)
async def test_not_found_in_pregnancy(house: HouseUnderTest, language: str, country: str) -> None:
    named, never = lives(house, language, country)
    await house.say({"en": "I am 20 weeks pregnant", "zh": "我怀孕二十周了"}[language], "mo")
    asked = {"en": "can I have a hot bath?", "zh": "能泡温泉吗"}[language]
    heard = await house.say(asked, "mo")
    assert {"en": "find nothing on this in pregnancy", "zh": "资料里没找到"}[language] in heard
    assert named.removeprefix("call ") in heard and never not in heard


@pytest.mark.parametrize("doubt", ["chest", "life"])
@pytest.mark.parametrize(("language", "country"), CASES)
async def test_a_danger_that_is_not_there_now(
    house: HouseUnderTest, language: str, country: str, doubt: str
) -> None:
    named, never = lives(house, language, country)
    said = {
        ("chest", "en"): "I had chest pain last week, it went away",
        ("chest", "zh"): "上周胸口痛过一次，后来好了",
        ("life", "en"): "years ago I wanted to kill myself",
        ("life", "zh"): "好几年前我想过自杀",
    }
    await house.say(said[doubt, language], "mo")
    heard = await house.tap({"en": "Not now", "zh": "现在没有"}[language], "mo")
    assert named in heard and never not in heard


@pytest.mark.parametrize(("language", "country"), CASES)
async def test_a_pressure_too_high_for_an_estimate(
    house: HouseUnderTest, language: str, country: str
) -> None:
    named, never = lives(house, language, country)
    heard = await house.say(
        {"en": "what is my risk of a stroke?", "zh": "我会中风吗"}[language], "mo"
    )
    no, stops = {"en": ("no", "stopping here"), "zh": ("没有", "先停在这里")}[language]
    for _ in range(8):
        pressed = {"en": "upper", "zh": "高压"}[language] in heard
        heard = await house.say("192" if pressed else no, "mo")
        if stops in heard:
            break
    assert stops in heard and named in heard and never not in heard


@pytest.mark.parametrize(("language", "country"), CASES)
async def test_an_old_question_after_an_emergency(
    house: HouseUnderTest, language: str, country: str
) -> None:
    named, never = lives(house, language, country)
    heard = await house.say("", "mo", kind="tap", data="h:gone:yes")
    assert named in heard and never not in heard


@pytest.mark.parametrize(("language", "country"), CASES)
async def test_after_a_death_and_after_an_outage(
    house: HouseUnderTest, language: str, country: str
) -> None:
    named, never = lives(house, language, country)
    still_here(house.services)
    house.clock.advance(days=2)
    still_here(house.services)
    await house.settle()
    assert named in house.told("mo")[-1] and never not in house.told("mo")[-1]
    console_actions(house.house).mark_deceased("mo", "bob")  # type: ignore[arg-type]
    heard = await house.say({"en": "hello", "zh": "你好"}[language], "mo")
    assert named in heard and never not in heard


@pytest.mark.parametrize(
    ("text", "words"),
    [("倒时差的时候什么情况要急救", "请马上打当地急救电话。"), ("低血糖怎么办", "急救电话120")],
)
async def test_an_article_on_journeys_does_not_name_the_number_of_home(
    house: HouseUnderTest, text: str, words: str
) -> None:
    lives(house, "zh", "CN")
    assert words in await house.say(text, "mo")


@pytest.mark.parametrize(
    ("language", "yes", "words", "before", "after"),
    [
        ("en", "Yes", ("Ireland", "Mo", "7 March 1950", "Female"),
         "call your local emergency number yourself", "In an emergency call 112 first."),
        ("zh", "可以", ("中国", "上海", "梅", "1950年3月7日", "女"),
         "拨打当地的急救电话，不要等我", "遇到急病，请先拨打120。"),
    ],
)  # fmt: skip
async def test_enrolment_names_it_once_the_country_is_told(
    house: HouseUnderTest, language: str, yes: str, words: tuple[str, ...], before: str, after: str
) -> None:
    code = enrol(house.house, language, "", "bob").rpartition("=")[2]
    await house.say(code, "mo", kind="command", data="start")
    assert before in await house.tap({"en": "English", "zh": "中文"}[language], "mo")
    for _ in range(4):
        heard = await house.tap(yes, "mo")
    for said in words:
        heard = await house.say(said, "mo")
    assert after in heard
