"""From the record to the nurse to the patient: what there is to talk over."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from house import HouseUnderTest

from bot.conversation.to_talk_over import look_through
from bot.domain.message import PatientId
from bot.domain.outbox import OutboxState
from bot.domain.patient import PatientStatus
from bot.domain.suggestion import KeptSuggestion
from bot.escalations import clinical, suggestions


def waiting(house: HouseUnderTest, who: str) -> list[KeptSuggestion]:
    with house.house.store.reading() as rows:
        return rows.suggestions.of(PatientId(who))


def states(house: HouseUnderTest, who: str) -> list[OutboxState]:
    with house.house.store.reading() as rows:
        return [state for state, _ in rows.outbox.states(PatientId(who), 10).values()]


async def test_every_record_is_looked_through_once_a_day_and_nothing_is_said(
    house: HouseUnderTest,
) -> None:
    house.patient("stopped", status=PatientStatus.STOPPED)
    new = await look_through(house.services, "one")
    assert new and waiting(house, "alice") and waiting(house, "charlie")
    assert waiting(house, "stopped") == [] and states(house, "alice") == []
    assert await look_through(house.services, "another") is None
    house.clock.advance(hours=24)
    assert await look_through(house.services, "another") == 0


@pytest.mark.parametrize(
    ("language", "heard"), [("en", "Your care team would like to talk"), ("zh", "护理团队想和您谈")]
)
async def test_what_a_nurse_approved_is_said_in_the_patients_language(
    house: HouseUnderTest, language: str, heard: str
) -> None:
    house.patient("lan", language=language)
    clinical.set_entry(
        house.services,
        PatientId("lan"),
        "bob",
        "medicine",
        "华法林" if language == "zh" else "warfarin",
    )
    await look_through(house.services, "one")
    for one in waiting(house, "lan"):
        assert suggestions.approve(house.services, PatientId("lan"), one.id, "bob") == ""
    with house.house.store.reading() as rows:
        said = [message.text for message in rows.conversation.latest(PatientId("lan"), 20)]
    assert said and all(heard in words for words in said)
    assert any("INR" in words or "国际标准化比值" in words for words in said)


async def test_an_approved_one_waits_for_the_end_of_quiet_hours(house: HouseUnderTest) -> None:
    house.clock.now = datetime(2026, 1, 5, 23, tzinfo=UTC)
    await look_through(house.services, "one")
    assert suggestions.approve(
        house.services, PatientId("alice"), waiting(house, "alice")[0].id, "bob"
    ) == ""  # fmt: skip
    assert states(house, "alice") == [OutboxState.HELD]
