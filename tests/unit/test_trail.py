"""The trail's own beats: linked as it grows, verified at start, and a break calls the operator."""

from __future__ import annotations

from house import HouseUnderTest
from sqlalchemy import text

from bot.work.trail import BROKEN, SUBJECT, VERIFIED, link, verify


def last(house: HouseUnderTest) -> str:
    with house.house.store.reading() as rows:
        event = rows.watch.last(SUBJECT, VERIFIED, BROKEN)
    return event.type if event else ""


async def test_a_conversation_leaves_a_whole_trail(house: HouseUnderTest) -> None:
    await house.say("I can't breathe")
    assert link(house.services) > 0
    found = verify(house.services, "here")
    assert found is not None and found.broken is None
    assert last(house) == VERIFIED
    assert not [e for e in house.escalations() if e.reason == "audit_broken"]


async def test_a_second_process_that_starts_at_once_does_not_verify_again(
    house: HouseUnderTest,
) -> None:
    assert verify(house.services, "one") is not None
    assert verify(house.services, "two") is None


async def test_a_changed_event_calls_the_operator_once(house: HouseUnderTest) -> None:
    await house.say("I can't breathe")
    link(house.services)
    with house.house.store.engine.connect() as connection, connection.begin():
        connection.execute(text("DROP TRIGGER audit_event_no_update"))
        connection.execute(text("UPDATE audit_event SET actor = 'nobody' WHERE seq = 2"))
    for _ in range(2):
        house.clock.advance(hours=24)
        found = verify(house.services, "here")
        assert found is not None and found.broken is not None
        assert (found.broken.what, found.broken.event) == ("event changed", 2)
    [matter] = [e for e in house.escalations() if e.reason == "audit_broken"]
    assert (matter.tier, matter.patient_id) == ("P1", None)
    assert last(house) == BROKEN
