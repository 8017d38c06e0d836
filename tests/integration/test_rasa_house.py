"""A Rasa assistant speaks with the whole house through its own door."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from house import HouseUnderTest

from bot import inviting
from bot.domain.message import PatientId
from bot.domain.patient import Contact
from bot.process import Process
from bot.rasa_house import RasaHouse


@pytest.fixture
async def rasa(house: HouseUnderTest) -> AsyncIterator[RasaHouse]:
    with house.house.store.unit_of_work() as work:
        work.patients.add_contact(
            Contact(channel="rasa", bot="rasa", address="sender-1", patient_id=PatientId("alice"))
        )
    process = Process(house.house, frozenset({"work"}), speaks=frozenset({"rasa"}))
    running = asyncio.create_task(process.run())
    phone = house.services.channels["rasa"]
    yield RasaHouse(house.house, phone)
    process.stop.set()
    await running


async def test_a_turn_is_answered_and_a_repeated_call_says_the_same_without_a_second_row(
    rasa, house
):
    first = await rasa.turn("sender-1", "132/84", "m1")
    again = await rasa.turn("sender-1", "132/84", "m1")
    assert "132/84 mmHg" in first[0].text
    assert [reply.text for reply in again] == [reply.text for reply in first]
    with house.house.store.reading() as rows:
        assert len(rows.record.observations(PatientId("alice"))) == 1


async def test_an_emergency_through_rasa_reaches_the_ladder(rasa, house):
    [reply] = await rasa.turn("sender-1", "I have crushing pain in my chest", "m1")
    assert "999" in reply.text
    [escalation] = house.escalations()
    assert escalation.tier == "P0"


async def test_the_risk_questions_are_asked_one_by_one_and_can_be_left(rasa):
    step = await rasa.risk_begin("sender-1", "how is my heart doing", "m1")
    assert not step.finished
    assert "?" in step.replies[-1].text
    left = await rasa.risk_answer("sender-1", step.form, "cancel", "m2")
    assert left.finished


async def test_an_emergency_in_the_middle_of_the_form_is_urgent(rasa):
    step = await rasa.risk_begin("sender-1", "what is my risk of a stroke?", "m1")
    after = await rasa.risk_answer("sender-1", step.form, "I can't breathe", "m2")
    assert after.urgent
    assert "999" in after.replies[0].text


async def test_the_assistant_can_ask_for_a_person(rasa, house):
    words = await rasa.escalate("sender-1", "please, a human", "m1")
    assert "nurses' list" in words
    assert {e.reason for e in house.escalations()} == {"asked_for_nurse"}


async def test_a_stranger_is_refused_until_the_code_is_redeemed(rasa, house):
    [refused] = await rasa.turn("sender-2", "hello", "m1")
    assert "personal link" in refused.text
    house.house = house.house.__class__(**{**house.house.__dict__, "telegram": None})
    code = inviting.enrol(house.house, "en", "", "bob")
    [welcome] = await rasa.turn("sender-2", f"/start {code}", "m2")
    assert "Which language" in welcome.text
