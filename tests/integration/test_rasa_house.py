"""A Rasa assistant speaks with the whole house through its own door."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from house import HouseUnderTest

from bot import inviting
from bot.domain import canary
from bot.domain.care_team import CareTeamMember, Role
from bot.domain.message import PatientId
from bot.domain.patient import Contact
from bot.process import Process
from bot.rasa_house import RasaHouse


@pytest.fixture
async def rasa(house: HouseUnderTest) -> AsyncIterator[RasaHouse]:
    with house.house.store.unit_of_work() as work:
        for sender, who in (("sender-1", "alice"), ("sender-3", "charlie")):
            work.patients.add_contact(
                Contact(channel="rasa", bot="rasa", address=sender, patient_id=PatientId(who))
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
    assert "nurses' list" in words and "call 999" in words
    assert {e.reason for e in house.escalations()} == {"asked_for_nurse"}


async def test_a_stranger_is_refused_until_the_code_is_redeemed(rasa, house):
    [refused] = await rasa.turn("sender-2", "hello", "m1")
    assert "personal link" in refused.text
    house.house = house.house.__class__(**{**house.house.__dict__, "telegram": None})
    code = inviting.enrol(house.house, "en", "", "bob")
    [welcome] = await rasa.turn("sender-2", f"/start {code}", "m2")
    assert "Which language" in welcome.text


@pytest.mark.parametrize("message_id", ["17", "long" * 20])
async def test_the_same_message_id_of_another_sender_is_another_message(rasa, house, message_id):
    [alice] = await rasa.turn("sender-1", "132/84", message_id)
    [charlie] = await rasa.turn("sender-3", "crushing chest pain", message_id)
    assert "132/84" in alice.text
    assert "132/84" not in charlie.text and "999" in charlie.text
    [escalation] = house.escalations()
    assert (escalation.tier, escalation.patient_id) == ("P0", "charlie")


async def test_long_message_ids_that_begin_alike_are_two_messages(rasa, house):
    await rasa.turn("sender-1", "132/84", "conversation-" * 6 + "1")
    [reply] = await rasa.turn("sender-1", "I can't breathe", "conversation-" * 6 + "2")
    assert "999" in reply.text


async def test_other_words_under_a_used_message_id_are_heard(rasa, house):
    """An assistant that counts from 1 again after a restart."""
    await rasa.turn("sender-1", "132/84", "1")
    [reply] = await rasa.turn("sender-1", "I can't breathe", "1")
    assert "999" in reply.text
    step = await rasa.risk_answer("sender-3", {}, "I can't breathe", "1")
    assert step.urgent


async def test_two_people_who_want_a_nurse_with_one_message_id_are_both_listed(rasa, house):
    await rasa.escalate("sender-1", "please, a human", "1")
    await rasa.escalate("sender-3", "please, a human", "1")
    asked = [e.patient_id for e in house.escalations() if e.reason == "asked_for_nurse"]
    assert sorted(set(asked)) == ["alice", "charlie"]


@pytest.mark.parametrize("step", ["accept", "contact", "complete"])
@pytest.mark.parametrize("sender", ["nurse-bob", canary.DESK, "sender-3"])
async def test_nobody_acts_on_an_alert_through_rasa(rasa, house, sender, step):
    house.nurse("canary", telegram_id=canary.DESK, role=Role.NURSE)
    await rasa.turn("sender-1", "crushing chest pain", "m1")
    [before] = house.escalations()
    [refused] = await rasa.tap(sender, f"e:{before.id}:{step}", "m2")
    assert "not on this care team" in refused.text
    [after] = house.escalations()
    assert not after.accepted_by and after.completed_at is None and after.contact_at is None


async def test_a_nurses_link_redeemed_through_rasa_links_nobody(rasa, house):
    code = inviting.invite(house.house, "member", "bob")
    [reply] = await rasa.turn("sender-2", f"/start {code}", "m1")
    assert "used already" in reply.text
    with house.house.store.reading() as rows:
        member = rows.care_team.get("bob")
        assert rows.audit.of("bob") == []  # and the link stays good at the team's door
    assert isinstance(member, CareTeamMember) and member.telegram_id == "nurse-bob"
