"""What a clinician has set for one patient: it decides, it is signed, and it is shown."""

from __future__ import annotations

import pytest
from house import HouseUnderTest

from bot.domain.care_team import Role
from bot.domain.message import PatientId
from bot.escalations.clinical import BadEntry, NotAllowed, end_entry, set_entry

ALICE = PatientId("alice")


@pytest.fixture
def chief(house: HouseUnderTest) -> HouseUnderTest:
    house.nurse("dora", role=Role.SUPERVISOR)
    return house


def put(house: HouseUnderTest, kind: str, name: str, value: float | None = None) -> str:
    return set_entry(house.services, ALICE, "dora", kind, name, value).id


def found(house: HouseUnderTest) -> list[tuple[str, str]]:
    return [(e.tier, e.reason) for e in house.escalations()]


async def test_oxygen_of_90_is_an_emergency_for_most_and_usual_for_her(
    chief: HouseUnderTest,
) -> None:
    chief.patient("grace")
    put(chief, "limit", "oxygen_low", 88)
    await chief.say("my oxygen is 90%", "grace")
    assert found(chief) == [("P0", "low_spo2")]
    await chief.say("my oxygen is 90%", "alice")
    assert len(found(chief)) == 1


async def test_below_her_own_limit_is_an_emergency_with_her_limit_in_the_evidence(
    chief: HouseUnderTest,
) -> None:
    put(chief, "limit", "oxygen_low", 88)
    heard = await chief.say("my oxygen is 86%")
    assert "below the limit your care team set for you" in heard
    assert "999" in heard
    [matter] = chief.escalations()
    assert (matter.tier, matter.reason) == ("P0", "oxygen_below_personal")
    assert matter.evidence["limits"] == [
        {"kind": "oxygen_low", "value": 88.0, "signed_by": "dora", "signed_on": "2026-01-05"}
    ]


async def test_breathless_words_count_whatever_the_limit(chief: HouseUnderTest) -> None:
    put(chief, "limit", "oxygen_low", 88)
    await chief.say("oxygen 91% and I can't breathe")
    assert [tier for tier, _ in found(chief)] == ["P0"]


@pytest.mark.parametrize(
    ("limit", "reading", "tier"),
    [(37.5, "temperature 37.6", "P0"), (38.0, "temperature 37.6", None)],
)
async def test_fever_during_chemotherapy_begins_where_her_centre_says(
    chief: HouseUnderTest, limit: float, reading: str, tier: str | None
) -> None:
    put(chief, "medicine", "capecitabine")
    put(chief, "limit", "fever_from", limit)
    await chief.say(reading)
    assert [t for t, _ in found(chief)] == ([tier] if tier else [])


async def test_weight_over_the_dry_weight_is_seen_with_one_reading(chief: HouseUnderTest) -> None:
    put(chief, "limit", "dry_weight", 70)
    await chief.say("weight 71.8 kg")
    assert found(chief) == []
    await chief.say("weight 72.4 kg")
    assert found(chief) == [("P1", "heart_failure_weight")]


async def test_a_rise_of_weight_is_seen_over_two_messages(chief: HouseUnderTest) -> None:
    put(chief, "condition", "heart failure")
    await chief.say("weight 70 kg")
    chief.clock.advance(days=2)
    await chief.say("weight 72.5 kg")
    assert found(chief) == [("P1", "heart_failure_weight")]


async def test_a_medicine_of_the_record_makes_a_bump_on_the_head_an_emergency(
    chief: HouseUnderTest,
) -> None:
    await chief.say("I bumped my head on the cupboard", "charlie")
    before = found(chief)
    put(chief, "medicine", "apixaban")
    await chief.say("I bumped my head on the cupboard", "alice")
    assert ("P0", "head_injury") in found(chief) or ("P0", "anticoagulant_bleed") in found(chief)
    assert all(tier != "P0" for tier, _ in before)


async def test_pregnancy_of_the_record_ends_with_its_date(chief: HouseUnderTest) -> None:
    put(chief, "pregnant", "2026-03-01")
    await chief.say("bp 162/100")
    assert found(chief) == [("P0", "pre_eclampsia")]
    chief.clock.advance(days=200)
    await chief.say("bp 162/100")
    assert [reason for _, reason in found(chief)].count("pre_eclampsia") == 1


async def test_a_nurse_may_add_a_condition_and_not_a_limit(chief: HouseUnderTest) -> None:
    set_entry(chief.services, ALICE, "bob", "condition", "COPD")
    with pytest.raises(NotAllowed):
        set_entry(chief.services, ALICE, "bob", "limit", "oxygen_low", 88)


@pytest.mark.parametrize(
    ("kind", "name", "value"),
    [
        ("limit", "oxygen_low", 60.0),
        ("limit", "oxygen_low", None),
        ("limit", "oxygen_low", float("nan")),
        ("limit", "courage", 1.0),
        ("pregnant", "in spring", None),
        ("condition", "", None),
        ("mood", "fine", None),
    ],
)
async def test_what_makes_no_sense_is_refused(
    chief: HouseUnderTest, kind: str, name: str, value: float | None
) -> None:
    with pytest.raises(BadEntry):
        set_entry(chief.services, ALICE, "dora", kind, name, value)


async def test_a_limit_that_was_ended_or_replaced_no_longer_counts(chief: HouseUnderTest) -> None:
    put(chief, "limit", "oxygen_low", 84)
    newer = put(chief, "limit", "oxygen_low", 88)
    with chief.house.store.reading() as rows:
        assert [e.value for e in rows.clinical.of(ALICE)] == [88.0]
    end_entry(chief.services, ALICE, "dora", newer)
    await chief.say("my oxygen is 90%")
    assert found(chief) == [("P0", "low_spo2")]
    with chief.house.store.reading() as rows:
        kept = rows.clinical.of(ALICE, ended=True)
        assert [(e.value, e.set_by, e.ended_by) for e in kept] == [
            (84.0, "dora", "dora"), (88.0, "dora", "dora")
        ]  # fmt: skip
        assert [e.type for e in rows.audit.of(ALICE) if e.type.startswith("record.")] == [
            "record.set", "record.ended", "record.set", "record.ended"
        ]  # fmt: skip


async def test_every_verdict_leaves_its_grounds_and_the_words_that_were_shown(
    chief: HouseUnderTest,
) -> None:
    put(chief, "limit", "oxygen_low", 88)
    heard = await chief.say("my oxygen is 86%")
    with chief.house.store.reading() as rows:
        [message] = [m for m in rows.conversation.latest(ALICE, 10) if m.text == "my oxygen is 86%"]
        judged, shown = rows.audit.of(message.id)
        grounds = rows.audit.evidence(f"{message.id}/screen")
        words = rows.audit.evidence(f"{message.id}/shown")
    assert (judged.type, judged.detail["tier"], shown.type) == (
        "screen.judged", "P0", "screen.shown"
    )  # fmt: skip
    assert judged.detail.keys() == {"tier", "asked", "rules", "evidence", "digest"}
    assert grounds is not None and words is not None
    assert grounds["findings"][0]["cues"] == ["personal_limit", "oxygen_low"]
    assert grounds["facts"]["limits"][0]["signed_by"] == "dora"
    assert grounds["readings"][0]["value"] == 86
    assert words["words"][0] in heard


async def test_a_routine_message_is_judged_in_the_trail_too(house: HouseUnderTest) -> None:
    await house.say("thank you, see you on Monday")
    with house.house.store.reading() as rows:
        [message] = [m for m in rows.conversation.latest(ALICE, 10) if "Monday" in m.text]
        [event] = rows.audit.of(message.id)
    assert (event.type, event.detail["tier"], event.detail["asked"]) == (
        "screen.judged", "P3", False
    )  # fmt: skip
