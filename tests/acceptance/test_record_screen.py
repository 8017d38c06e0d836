"""Dangerous together: what was said, imported or noted counts in the screen like a line set."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from house import HouseUnderTest

from bot.conversation.nurse_facts import note_fact
from bot.domain.message import PatientId
from bot.intake import keep, read
from bot.inviting import invite
from safety import PatientFacts, read_vitals, screen

WHO = {"reference": "Patient/p1"}
ALICE = PatientId("alice")


def imported(house: HouseUnderTest, **resource: Any) -> None:
    """The record of a patient from elsewhere, who then opens the chat as "ann"."""
    bundle = {
        "resourceType": "Bundle", "type": "collection",
        "entry": [
            {"resource": {
                "resourceType": "Patient", "id": "p1", "gender": "female",
                "identifier": [{"system": "urn:hospital", "value": "1"}],
                "name": [{"family": "Smith"}], "birthDate": "1980-04-12",
                "address": [{"country": "GB"}]}},
            {"resource": {"subject": WHO, "status": "active", **resource}},
        ],
    }  # fmt: skip
    if resource["resourceType"] == "Condition":
        del bundle["entry"][1]["resource"]["status"]  # type: ignore[index]
    now = house.clock()
    with house.house.store.unit_of_work() as work:
        kept = keep(work, read(json.dumps(bundle).encode(), now=now), language="en", now=now)
    code = invite(house.house, "patient", kept.patient_id).rpartition("=")[2]
    house.arrives("ann", text=code, kind="command", data="start")


def medicine(name: str) -> dict[str, Any]:
    return {
        "resourceType": "MedicationStatement",
        "id": "m",
        "medicationCodeableConcept": {"text": name},
    }


def raised(house: HouseUnderTest) -> list[tuple[str, str]]:
    return [(e.tier, e.reason) for e in house.escalations()]


async def test_imported_warfarin_makes_a_bump_on_the_head_an_emergency(
    house: HouseUnderTest,
) -> None:
    imported(house, **medicine("Warfarin sodium 3 mg tablets"))
    await house.settle()
    assert "999" in await house.say("I bumped my head on a cupboard", "ann")
    assert ("P0", "anticoagulant_bleed") in raised(house)


async def test_another_imported_medicine_does_not(house: HouseUnderTest) -> None:
    imported(house, **medicine("Vitamin D 800 units"))
    await house.settle()
    await house.say("I bumped my head on a cupboard", "ann")
    assert ("P0", "anticoagulant_bleed") not in raised(house)


async def test_an_imported_pregnancy_makes_a_headache_with_swelling_an_emergency(
    house: HouseUnderTest,
) -> None:
    imported(
        house, resourceType="Condition", id="c", code={"text": "Pregnancy"},
        onsetDateTime=(house.clock() - timedelta(weeks=20)).date().isoformat(),
    )  # fmt: skip
    await house.settle()
    await house.say("I have a bad headache and my face is swollen", "ann")
    assert any("preg" in reason or "eclampsia" in reason for _, reason in raised(house)), raised(
        house
    )


@pytest.mark.parametrize(
    ("language", "told", "bump"),
    [
        ("en", "I take warfarin 3 mg every evening", "I bumped my head on a cupboard"),
        ("zh", "我每天吃华法林", "我刚才头撞到柜子了"),
    ],
)
async def test_what_the_patient_told_counts_until_it_is_taken_back(
    house: HouseUnderTest, language: str, told: str, bump: str
) -> None:
    house.patient("dora", language=language)
    await house.say(told, "dora")
    await house.say(bump, "dora")
    assert ("P0", "anticoagulant_bleed") in raised(house)


async def test_what_is_over_counts_no_more(house: HouseUnderTest) -> None:
    await house.say("I take warfarin 3 mg every evening")
    await house.say("I no longer take warfarin")
    await house.say("I bumped my head on a cupboard")
    assert ("P0", "anticoagulant_bleed") not in raised(house)


async def test_what_a_nurse_noted_counts(house: HouseUnderTest) -> None:
    note_fact(house.services, ALICE, "MedicationStatement", "apixaban 5 mg", "bob")
    await house.say("I bumped my head on a cupboard")
    assert ("P0", "anticoagulant_bleed") in raised(house)


def test_what_was_only_told_never_makes_a_reading_harmless() -> None:
    """Low oxygen is usual in COPD, but only where the care team has set it so."""
    readings = read_vitals("spo2 90", language="en")
    told = PatientFacts(told=frozenset({"copd"}))
    line = PatientFacts(conditions=frozenset({"copd"}))
    assert screen("today:", patient=told, readings=readings).tier == 0
    assert screen("today:", patient=line, readings=readings).tier != 0
