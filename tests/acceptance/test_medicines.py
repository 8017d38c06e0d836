"""Medicines held against each other and against the record; answers that fit the person."""

from __future__ import annotations

from datetime import date

import pytest
from house import HouseUnderTest

from bot.domain.message import PatientId
from bot.escalations.clinical import set_entry

CASES = [
    ("en", ("can I take ibuprofen with my warfarin?",), "bleeding"),
    ("en", ("I take simvastatin 20 mg at night", "can I take clarithromycin?"), "muscle"),
    ("en", ("is it ok to take viagra while I use a nitrate spray?",), "blood pressure"),
    ("zh", ("布洛芬和华法林能一起吃吗",), "出血"),
    ("zh", ("我每天晚上吃辛伐他汀20毫克", "能吃克拉霉素吗"), "肌肉"),
]


@pytest.mark.parametrize(("language", "said", "heard"), CASES)
async def test_medicines_that_clash_are_named_and_reach_a_nurse(
    house: HouseUnderTest, language: str, said: tuple[str, ...], heard: str
) -> None:
    house.patient("noor", language=language)
    for words in said:
        answer = await house.say(words, "noor")
    assert heard in answer
    assert ("nurses' list" if language == "en" else "护士的待办清单") in answer
    assert ("P2", "medicine_clash") in [(e.tier, e.reason) for e in house.escalations()]


@pytest.mark.parametrize(
    ("language", "text", "heard"),
    [
        ("en", "can I take co-codamol with paracetamol?", "daily limit"),
        ("en", "can I take Panadol and Tylenol?", "same medicine"),
        ("en", "can I take Nurofen Plus and ibuprofen?", "bleeding"),
        ("zh", "散利痛和对乙酰氨基酚能一起吃吗", "对乙酰氨基酚"),
        ("zh", "泰诺林和必理通能一起吃吗", "同一种药"),
    ],
)
async def test_one_medicine_under_two_names_reaches_a_nurse(
    house: HouseUnderTest, language: str, text: str, heard: str
) -> None:
    house.patient("noor", language=language)
    assert heard in await house.say(text, "noor")
    assert ("P2", "medicine_clash") in [(e.tier, e.reason) for e in house.escalations()]


@pytest.mark.parametrize(
    ("language", "first", "then"),
    [
        ("en", "I take warfarin 3 mg every evening", "I also take ibuprofen now"),
        ("zh", "我每天晚上吃华法林3毫克", "我现在还在吃布洛芬"),
    ],
)
async def test_a_medicine_told_later_is_held_against_the_earlier_one(
    house: HouseUnderTest, language: str, first: str, then: str
) -> None:
    house.patient("noor", language=language)
    assert "warfarin" in (await house.say(first, "noor")).lower() or language == "zh"
    assert house.escalations() == []
    await house.say(then, "noor")
    assert ("P2", "medicine_clash") in [(e.tier, e.reason) for e in house.escalations()]


@pytest.mark.parametrize(
    ("language", "text", "never"),
    [
        ("en", "is it safe to take paracetamol with amlodipine?", ("is safe", "it's safe", "fine")),
        ("zh", "对乙酰氨基酚和氨氯地平能一起吃吗", ("没事", "可以一起吃。", "安全")),
    ],
)
async def test_nothing_found_is_never_called_safe(
    house: HouseUnderTest, language: str, text: str, never: tuple[str, ...]
) -> None:
    house.patient("noor", language=language)
    answer = await house.say(text, "noor")
    assert ("does not mean" if language == "en" else "不等于") in answer
    assert not any(words in answer for words in never)
    assert house.escalations() == []


async def test_a_name_that_is_not_sure_is_asked_about_first(house: HouseUnderTest) -> None:
    answer = await house.say("can I drink wine with metphormin?")
    assert "Do you mean metformin?" in answer
    assert "alcohol" not in answer
    assert "Alcohol and metformin" in await house.tap("Yes, metformin")
    await house.say("can I drink wine with metphormin?")
    assert "name as it stands on the box" in await house.tap("No, something else")


async def test_somebody_elses_medicines_are_not_held_against_mine(house: HouseUnderTest) -> None:
    house.patient("noor")
    await house.say("I take warfarin 3 mg every evening", "noor")
    assert "warfarin" not in await house.say("can I take ibuprofen with my tablets?", "alice")


async def test_an_answer_holds_what_the_record_asks_for(house: HouseUnderTest) -> None:
    plain = await house.say("what foods raise potassium?")
    assert "For you:" not in plain
    house.patient("noor")
    await house.say("I have chronic kidney disease", "noor")
    told = await house.say("what foods raise potassium?", "noor")
    assert "For you:" in told
    assert "kidneys" in told.partition("For you:")[2]


@pytest.mark.parametrize(
    ("language", "text", "heard"),
    [
        ("en", "can I have a glass of wine?", "alcohol"),
        ("en", "is it ok to eat blue cheese?", "cheese"),
        ("en", "what can I take for a cold?", "pregnan"),
        ("en", "can I take antacids for indigestion?", "pregnan"),
        ("zh", "可以喝一点红酒吗", "不喝酒"),
        ("zh", "感冒了能吃什么药", "孕"),
        ("en", "can I jog?", "If your pregnancy goes well"),
        ("en", "can I work at night?", "your midwife or doctor can write that down"),
        ("en", "can I have an x-ray?", "Tell the staff before any X-ray"),
        ("en", "can I fly?", "Airlines have rules late in pregnancy"),
        ("en", "can I sleep on my back?", "find nothing on this in pregnancy"),
        ("en", "can I have a hot bath?", "find nothing on this in pregnancy"),
        ("zh", "我能慢跑吗", "怀孕顺利的话"),
        ("zh", "可以上夜班吗", "怀孕满七个月"),
        ("zh", "能拍X光吗", "怀孕或可能怀孕"),
        ("zh", "能抽烟吗", "怀着孩子"),
        ("zh", "能泡温泉吗", "资料里没找到"),
    ],
)
async def test_what_a_pregnant_woman_asks_is_answered_for_a_pregnant_woman(
    house: HouseUnderTest, language: str, text: str, heard: str
) -> None:
    house.patient("noor", language=language, birth_date=date(1995, 4, 1))
    set_entry(house.services, PatientId("noor"), "bob", "pregnant", "2026-06-01")
    assert heard in await house.say(text, "noor")


@pytest.mark.parametrize(
    ("text", "never"),
    [
        ("can my husband take ibuprofen?", "pregnan"),
        ("how do I measure my blood pressure?", "pregnan"),
        ("can I ask you something?", "[1]"),
    ],
)
async def test_what_is_not_of_her_body_is_answered_as_for_anybody(
    house: HouseUnderTest, text: str, never: str
) -> None:
    house.patient("noor", birth_date=date(1995, 4, 1))
    set_entry(house.services, PatientId("noor"), "bob", "pregnant", "2026-06-01")
    assert never not in await house.say(text, "noor")


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "how much ibuprofen can I give my 3 year old?"),
        ("en", "how much calpol for a 2 year old?"),
        ("zh", "三岁孩子能吃几片布洛芬"),
    ],
)
async def test_how_much_for_a_child_is_never_told_and_reaches_a_nurse(
    house: HouseUnderTest, language: str, text: str
) -> None:
    house.patient("mo", language=language)
    heard = await house.say(text, "mo")
    assert ("age, weight" if language == "en" else "年龄、体重") in heard
    assert "[1]" not in heard
    assert [(one.reason, one.tier) for one in house.escalations()] == [("dose_question", "P2")]


@pytest.mark.parametrize(
    ("language", "record", "told", "heard"),
    [
        ("en", "simvastatin", "I take clarithromycin every day now",
         ("Clarithromycin and simvastatin", "should not be taken together", "pharmacist", "BNF")),
        ("zh", "辛伐他汀", "牙医给我开了克拉霉素", ("不应一起用", "药师", "BNF")),
    ],
)  # fmt: skip
async def test_a_new_medicine_that_clashes_is_told_with_how_serious_it_is_and_its_source(
    house: HouseUnderTest, language: str, record: str, told: str, heard: tuple[str, ...]
) -> None:
    house.patient("mo", language=language)
    set_entry(house.services, PatientId("mo"), "bob", "medicine", record)
    answer = await house.say(told, "mo")
    assert all(words in answer for words in heard), answer
    assert [one.reason for one in house.escalations()] == ["medicine_clash"]
