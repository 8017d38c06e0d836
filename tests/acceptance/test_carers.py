"""Carers: linked by a code, told only what the patient agreed to, heard for the patient's sake."""

from __future__ import annotations

import random

import pytest
from carers import carer_of, known, linked
from house import HouseUnderTest

from bot.domain.carer import Carer, Scope
from bot.domain.message import PatientId
from bot.domain.observation import Observation
from bot.erasing import erase
from bot.export import bundle, page
from bot.fhir import problems
from bot.inviting import invite
from memory import Fact

ALICE = PatientId("alice")


def audited(house: HouseUnderTest, carer: Carer) -> list[str]:
    with house.house.store.reading() as rows:
        return [event.type for event in rows.audit.of(carer.id)]


async def test_a_link_alone_tells_the_carer_nothing(house: HouseUnderTest) -> None:
    await known(house)
    told = await linked(house)
    assert "Until they agree, I tell you nothing" in told
    assert "Alice" not in told
    assert "Carol has opened a link" in house.told("alice")[-1]
    said = await house.say("what do you know about her?", "carol")
    assert "not agreed" in said
    for secret in ("metformin", "penicillin", "132", "Alice"):
        assert secret not in said
    assert audited(house, carer_of(house)) == ["carer.linked", "carer.refused"]


async def test_only_the_groups_agreed_to_are_told(house: HouseUnderTest) -> None:
    await known(house)
    await linked(house)
    shown = await house.tap("Share readings")
    assert "readings, such as blood pressure: yes" in shown
    assert "medicines, allergies, illnesses and appointments: no" in shown
    assert "decided what I may tell you" in house.told("carol")[-1]
    said = await house.say("what do you know about her?", "carol")
    assert "132/84" in said
    assert "Not shared with you: medicines" in said
    assert "metformin" not in said and "penicillin" not in said
    assert "not agreed" in await house.say("which medicines is she on?", "carol")
    await house.tap("Share medicines")
    both = await house.say("what do you know about her?", "carol")
    assert "metformin" in both and "penicillin" in both and "132/84" in both


@pytest.mark.parametrize(
    "words",
    [
        "stop sharing with Carol",
        "don't tell my daughter anything any more",
        "I don't want her to see my readings",
    ],
)
async def test_sharing_ends_at_once_by_words(house: HouseUnderTest, words: str) -> None:
    await known(house)
    await linked(house)
    await house.tap("Share readings")
    await house.say(words)
    said = await house.say("what is her blood pressure?", "carol")
    assert "132" not in said
    assert carer_of(house).scopes == frozenset()


async def test_sharing_ends_at_once_by_a_button_and_the_carer_can_be_removed(
    house: HouseUnderTest,
) -> None:
    await known(house)
    await linked(house)
    await house.tap("Share readings")
    await house.tap("Stop sharing readings")
    assert "132" not in await house.say("what is her blood pressure?", "carol")
    carer = carer_of(house)
    await house.say("my carers")
    assert "no longer your carer" in await house.tap("Remove as carer")
    assert "no longer linked" in house.told("carol")[-1]
    said = await house.say("what do you know about her?", "carol")
    assert "invitation" in said or "link" in said  # a stranger again
    assert audited(house, carer)[-1] == "carer.ended"
    assert "gone" in (await house.tap("Share readings")) or "not linked" in house.told("alice")[-1]


async def test_in_chinese(house: HouseUnderTest) -> None:
    house.patient("lan", language="zh", country="CN", timezone="Asia/Shanghai")
    await house.say("我对青霉素过敏", "lan")
    await house.say("血压132/84", "lan")
    await linked(house, "hua", "lan")
    assert "还没有同意" in await house.say("你知道她什么？", "hua")
    await house.tap("可以看测量结果", "lan")
    said = await house.say("你知道她什么？", "hua")
    assert "132/84" in said and "青霉素" not in said
    await house.say("不要再告诉我女儿了", "lan")
    assert "132" not in await house.say("她血压多少", "hua")


async def test_a_carers_words_are_screened_for_the_patient(house: HouseUnderTest) -> None:
    """Before any consent, too: it tells the carer nothing about her."""
    with house.house.store.unit_of_work() as work:
        work.facts.add(
            [
                Fact(
                    id="f1", patient_id=ALICE, kind="MedicationStatement", text="Takes warfarin",
                    values={"name": "warfarin"}, said_by="import", recorded_at=house.clock(),
                )
            ]
        )  # fmt: skip
    await linked(house)
    said = await house.say("she bumped her head on a cupboard", "carol")
    assert "999" in said
    assert "warfarin" not in said
    [matter] = [e for e in house.escalations() if e.tier == "P0"]
    assert (matter.patient_id, matter.reason) == ("alice", "anticoagulant_bleed")
    assert "999" not in "".join(house.told("alice"))
    assert "999" in await house.say("she has crushing chest pain and is sweating", "carol")


async def test_ordinary_words_go_to_the_nurses_and_never_become_the_patients(
    house: HouseUnderTest,
) -> None:
    await linked(house)
    assert "nurses to read" in await house.say("I take aspirin and she ate well today", "carol")
    assert "nurses’ list" in await house.say("nurse", "carol")
    assert "asked_for_nurse" in [e.reason for e in house.escalations()]
    with house.house.store.reading() as rows:
        assert rows.facts.of(ALICE) == []
        assert rows.record.memories(ALICE) == []
        authors = [m.author for m in rows.conversation.latest(ALICE, 10)]
    assert "carer" in authors


async def test_a_carer_leaves_and_a_link_works_once(house: HouseUnderTest) -> None:
    code = invite(house.house, "carer", "alice").rpartition("=")[2]
    await house.say(code, "carol", kind="command", data="start")
    said = await house.say(code, "mallory", kind="command", data="start")
    assert "Until they agree" not in said
    assert "no longer linked" in await house.say("", "carol", kind="command", data="stop")
    with house.house.store.reading() as rows:
        assert rows.carers.of(ALICE) == []
        assert len(rows.carers.of(ALICE, ended=True)) == 1


async def test_what_a_carer_heard_stands_under_who_looked(house: HouseUnderTest) -> None:
    await known(house)
    await linked(house)
    await house.tap("Share readings")
    await house.say("what is her blood pressure?", "carol")
    assert "Carol" in await house.say("who looked at my record?")
    with house.house.store.reading() as rows:
        html = page(rows, ALICE, clinic="Test clinic", now=house.clock())
        whole = bundle(rows, ALICE)
    seen = html.split("Who looked at your record")[1]
    assert "Carol" in seen and "was told what you had agreed to" in seen
    events = [one["resource"] for one in whole["entry"]]
    agents = [e["agent"] for e in events if e["resourceType"] == "AuditEvent"]
    assert "Carol" in str(agents)


async def test_the_export_names_the_carer_and_keeps_their_words_apart(
    house: HouseUnderTest,
) -> None:
    await linked(house)
    await house.tap("Share readings")
    await house.say("she ate well today", "carol")
    with house.house.store.reading() as rows:
        whole = bundle(rows, ALICE)
    resources = [entry["resource"] for entry in whole["entry"]]
    [person] = [one for one in resources if one["resourceType"] == "RelatedPerson"]
    assert person["relationship"] == [{"text": "carer, may hear: readings"}]
    assert person["name"] == [{"text": "Carol"}]
    assert problems(person, "RelatedPerson") == []
    [said] = [
        one for one in resources
        if one.get("payload") == [{"contentString": "she ate well today"}]
    ]  # fmt: skip
    assert said["sender"] == {"display": "carer"}


async def test_an_erased_patients_carers_are_gone(house: HouseUnderTest) -> None:
    await linked(house)
    receipt = erase(house.services, house.house.tombstones, ALICE)
    assert receipt.removed["carer"] == 1
    said = await house.say("what do you know about her?", "carol")
    assert "not agreed" not in said  # a stranger


async def test_no_carer_ever_hears_of_another_patient(house: HouseUnderTest) -> None:
    """Forty patients whose ids are easily mistaken, two carers each, every mix of scopes."""
    drawn = random.Random(7)
    now = house.clock()
    people = [f"{stem}{n}" for n in range(20) for stem in ("p", "P")]
    agreed: dict[str, tuple[str, frozenset[Scope]]] = {}
    for who in people:
        house.patient(who)
        with house.house.store.unit_of_work() as work:
            work.facts.add(
                [
                    Fact(
                        id=f"{who}/f", patient_id=who, kind="AllergyIntolerance",
                        text=f"Allergic to canary-{who}-x", values={}, recorded_at=now,
                    )
                ]
            )  # fmt: skip
            value = 100.0 + people.index(who)
            work.record.observe(
                [
                    Observation(
                        id=f"{who}/o", patient_id=PatientId(who), code="weight", value=value,
                        unit="kg", said="", source="", at=now,
                    )
                ]
            )  # fmt: skip
            for n in range(2):
                scopes = frozenset(s for s in Scope if drawn.random() < 0.5)
                chat = f"{who}-carer-{n}"
                agreed[chat] = (who, scopes)
                work.carers.add(
                    Carer(
                        id=chat, patient_id=PatientId(who), channel="telegram", bot="42",
                        address=chat, scopes=scopes, added_at=now,
                    )
                )  # fmt: skip
    chats = list(agreed)
    drawn.shuffle(chats)
    asked = ("what do you know about {}?", "which allergies does {} have?", "{}'s weight readings?")
    for chat in chats:
        who, scopes = agreed[chat]
        other = drawn.choice(people)
        for words in asked:
            house.arrives(chat, text=words.format(other))
        before = len(house.phone.sent)
        await house.settle()
        said = "\n".join(house.told(chat, before))
        for one in people:
            secret = f"canary-{one}-x" in said
            weight = f"{100 + people.index(one)} kg" in said
            assert secret == (one == who and Scope.RECORD in scopes), (chat, one, said)
            assert weight == (one == who and Scope.READINGS in scopes), (chat, one, said)
