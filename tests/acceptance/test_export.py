"""A patient's export: valid FHIR, complete, theirs alone, and a page they can read."""

from __future__ import annotations

import json
from typing import Any

import pytest
from house import HouseUnderTest

from bot.console_actions import viewed
from bot.domain.clinical import ClinicalEntry, EntryKind
from bot.domain.message import PatientId
from bot.export import bundle, page
from bot.fhir import problems

ALICE = PatientId("alice")


async def lived(house: HouseUnderTest, who: str = "alice", *, chinese: bool = False) -> None:
    """Some weeks of a patient's life with the bot."""
    said = (
        ["我的血压是131/84", "我对青霉素过敏", "我胸口压着疼，喘不上气", "<b>我的膝盖</b>疼"]
        if chinese
        else ["my blood pressure is 131/84", "I am allergic to penicillin",
              "I have crushing chest pain", "my <b>knee</b> hurts"]
    )  # fmt: skip
    for text in said:
        await house.say(text, who)
        house.clock.advance(hours=30)
    with house.house.store.unit_of_work() as work:
        for number, (kind, name, value) in enumerate(
            [(EntryKind.CONDITION, "heart failure", None), (EntryKind.MEDICINE, "metformin", None),
             (EntryKind.LIMIT, "weight_gain_3_days", 2.0), (EntryKind.PREGNANT, "2026-07-01", None)]
        ):  # fmt: skip
            work.clinical.add(
                ClinicalEntry(
                    id=f"{who}/{number}", patient_id=PatientId(who), kind=kind, name=name,
                    value=value, set_by="bob", set_at=house.clock(),
                )
            )  # fmt: skip


def exported(house: HouseUnderTest, who: PatientId = ALICE) -> dict[str, Any]:
    with house.house.store.reading() as rows:
        return bundle(rows, who)


def shown(house: HouseUnderTest, who: PatientId = ALICE) -> str:
    with house.house.store.reading() as rows:
        return page(rows, who, clinic="Test clinic", now=house.clock())


async def test_every_resource_is_valid_and_the_whole_is_a_valid_bundle(
    house: HouseUnderTest,
) -> None:
    await lived(house)
    house.phone.files["ref"] = b"a photo"
    house.arrives(
        "alice", kind="photo", text="my leg",
        attachment={"reference": "ref", "media_type": "image/jpeg", "name": ""},
    )  # fmt: skip
    await house.settle()
    with house.house.store.unit_of_work() as work:
        [(message_id, *_)] = work.conversation.unfetched(5)
        work.conversation.keep_file(message_id, b"a photo")
    made = exported(house)
    assert problems(made, "Bundle") == []
    kinds = {one["resource"]["resourceType"] for one in made["entry"]}
    assert kinds >= {
        "Patient", "Consent", "Condition", "MedicationStatement", "Goal", "Observation", "Basic",
        "Communication", "Media", "Task",
    }  # fmt: skip
    for number, one in enumerate(made["entry"]):
        assert problems(one["resource"], f"entry[{number}]") == []
    urls = [one["fullUrl"] for one in made["entry"]]
    assert len(set(urls)) == len(urls)
    subjects = {
        one["resource"][field]["reference"]
        for one in made["entry"]
        for field in ("subject", "for", "patient")
        if field in one["resource"]
    }
    assert subjects == {urls[0]}  # everything is about the one patient in it


async def test_a_blood_pressure_carries_its_codes(house: HouseUnderTest) -> None:
    await lived(house)
    [pressure] = [
        one["resource"] for one in exported(house)["entry"]
        if one["resource"]["resourceType"] == "Observation" and "component" in one["resource"]
    ]  # fmt: skip
    assert pressure["code"]["coding"][0]["code"] == "85354-9"
    assert [c["valueQuantity"]["value"] for c in pressure["component"]] == [131, 84]
    assert pressure["component"][0]["code"]["coding"][0]["code"] == "8480-6"


@pytest.mark.parametrize("chinese", [False, True])
async def test_the_page_speaks_the_patients_language_and_escapes_their_words(
    house: HouseUnderTest, chinese: bool
) -> None:
    if chinese:
        house.patient("mei", language="zh", name="梅", timezone="Asia/Shanghai", country="CN")
    who = PatientId("mei" if chinese else "alice")
    await lived(house, who, chinese=chinese)
    html = shown(house, who)
    assert ('lang="zh-Hans"' in html) == chinese
    assert "131/84 mmHg" in html
    assert "<b>" not in html and "&lt;b&gt;" in html
    for word in ("您的读数", "聊天记录", "疾病: heart failure") if chinese else (
        "Your readings", "What was said", "Condition: heart failure"
    ):  # fmt: skip
        assert word in html
    assert "http" not in html.replace("http-equiv", "")  # nothing comes from elsewhere


async def test_nobody_elses_words_are_in_it(house: HouseUnderTest) -> None:
    await lived(house)
    await house.say("my secret is buzzardine", "charlie")
    assert "buzzardine" not in json.dumps(exported(house)) + shown(house)
    assert "buzzardine" in json.dumps(exported(house, PatientId("charlie")))


def test_a_patient_of_whom_nothing_is_kept_has_a_page_all_the_same(house: HouseUnderTest) -> None:
    house.clock.advance(days=1)
    assert shown(house).count("Nothing is kept here.") >= 5
    assert problems(exported(house), "Bundle") == []


_LOOKS: dict[str, tuple[str, str, str, list[str]]] = {
    "en": (
        "who looked at my record?", "4 times", "Who looked at your record",
        ["opened a file you sent<", "opened a matter about you",
         "opened a file you sent although you had not agreed that nurses may read"],
    ),
    "zh": (
        "谁看过我的资料？", "4 次", "谁看过您的病历",
        ["打开过您发来的文件<", "打开过与您有关的事项",
         "在您没有同意护士查看的情况下打开过您发来的文件"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("language", sorted(_LOOKS))
async def test_the_page_tells_every_look_that_the_chat_tells(
    house: HouseUnderTest, language: str
) -> None:
    who = house.patient("wang", language=language).id
    house.nurse("eve")
    for what, subject in (
        ("patient", who), ("patient_live", who), ("file", "some-message"),
        ("escalation", "some-matter"), ("file_without_consent", "another-message"),
    ):  # fmt: skip
        viewed(house.services, what, subject, "bob", who)
    viewed(house.services, "patients", "patients", "eve", None)
    viewed(house.services, "file", "charlies-message", "eve", PatientId("charlie"))
    asked, often, heading, said = _LOOKS[language]
    assert often in await house.say(asked, who)
    seen = shown(house, who).split(heading)[1]
    assert seen.count("Bob") == 4 and "Eve" not in seen
    for words in said:
        assert words in seen
    kinds = [one["resource"]["type"]["display"] for one in exported(house, who)["entry"]
             if one["resource"]["resourceType"] == "AuditEvent"]  # fmt: skip
    assert sorted(k for k in kinds if k.startswith("viewed.")) == [
        "viewed.escalation", "viewed.file", "viewed.file_without_consent", "viewed.patient",
    ]  # fmt: skip


def test_nobody_is_a_key_error(house: HouseUnderTest) -> None:
    with pytest.raises(KeyError):
        exported(house, PatientId("nobody"))
