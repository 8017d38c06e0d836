"""A question lies ready before its moment and is nobody's business until then (docs/adr/0040)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.checkins.ask import READY, ask
from bot.checkins.plan import plan
from bot.domain.outbox import OutboxState

TEN = datetime(2026, 1, 5, 10, 0, tzinfo=UTC)  # ten o'clock in London


async def lies_ready(house, words: str) -> int:
    """Set up by ``words``, and just before ten; how many messages the patient has by then."""
    await house.say(words)
    if "remind" in words:
        await house.tap("Yes")
    house.clock.now = TEN - READY + timedelta(seconds=1)
    plan(house.services)
    assert ask(house.services) == 1
    return len(house.phone.sent)


async def test_it_is_ready_before_its_moment_and_leaves_at_it(house):
    before = await lies_ready(house, "check in at 10:00")
    await house.settle()
    assert house.told("alice", before) == []
    house.clock.now = TEN
    assert ask(house.services) == 0
    await house.settle()
    [said] = house.told("alice", before)
    assert "How are you feeling" in said


async def test_what_is_said_before_its_moment_answers_something_else(house):
    before = await lies_ready(house, "check in at 10:00")
    await house.say("good")
    assert "Glad" not in "".join(house.told("alice", before))
    house.clock.now = TEN
    await house.settle()
    assert "How are you feeling" in house.told("alice")[-1]
    await house.say("good")
    with house.house.store.reading() as rows:
        assert rows.checkins.open_for("alice") == []


async def test_a_reading_in_the_last_moment_spares_the_question(house):
    before = await lies_ready(house, "remind me to measure my blood pressure every day at 10am")
    await house.say("blood pressure 128/78")
    house.clock.now = TEN
    await house.settle()
    assert not any("You asked me" in words for words in house.told("alice", before))
    with house.house.store.reading() as rows:
        assert rows.outbox.counts().get(OutboxState.CLEARED.value) == 1


async def test_stop_in_the_last_moment_silences_it(house):
    before = await lies_ready(house, "check in at 10:00")
    await house.say("STOP")
    house.clock.now = TEN + timedelta(minutes=1)
    await house.settle()
    assert not any("How are you feeling" in words for words in house.told("alice", before))


async def test_one_that_comes_late_is_asked_at_once(house):
    await house.say("check in at 10:00")
    house.clock.now = TEN + timedelta(seconds=40)
    plan(house.services)
    assert ask(house.services) == 1
    await house.settle()
    assert "How are you feeling" in house.told("alice")[-1]
