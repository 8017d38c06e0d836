"""The circuit breaker: a hanging model costs a few turns, not all of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.errors import ModelError
from bot.llm.breaker import Breaker, WithBreaker

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


class Clock:
    """A clock that stands still until it is told."""

    now = NOON

    def __call__(self) -> datetime:
        return self.now


class Model:
    """A model that works or does not."""

    name = "scripted"

    def __init__(self) -> None:
        self.asked = 0
        self.fault: ModelError | None = ModelError("no reply in time")

    async def reply(self, system: str, user: str) -> str:
        self.asked += 1
        if self.fault is not None:
            raise self.fault
        return "Drink some water."


async def turns(model: WithBreaker, count: int) -> int:
    """How many of ``count`` turns ended without a draft."""
    failed = 0
    for _ in range(count):
        try:
            await model.reply("", "")
        except ModelError:
            failed += 1
    return failed


@pytest.fixture
def house() -> tuple[Model, Clock, WithBreaker]:
    model, clock = Model(), Clock()
    return model, clock, WithBreaker(model, Breaker(), clock)


async def test_three_failures_in_a_row_open_it_and_nobody_waits_any_more(house):
    model, _, guarded = house
    assert await turns(guarded, 10) == 10
    assert model.asked == 3


async def test_a_success_between_failures_keeps_it_closed(house):
    model, _, guarded = house
    for _ in range(4):
        model.fault = ModelError()
        await turns(guarded, 2)
        model.fault = None
        await turns(guarded, 1)
    assert model.asked == 12


async def test_it_tries_one_call_after_thirty_seconds_and_not_one_sooner(house):
    model, clock, guarded = house
    await turns(guarded, 3)
    clock.now = NOON + 29 * SECOND
    await turns(guarded, 5)
    assert model.asked == 3
    clock.now = NOON + 30 * SECOND
    await turns(guarded, 5)
    assert model.asked == 4


async def test_a_trial_that_works_closes_it(house):
    model, clock, guarded = house
    await turns(guarded, 3)
    clock.now = NOON + 31 * SECOND
    model.fault = None
    assert await turns(guarded, 5) == 0
    assert model.asked == 8


async def test_a_trial_that_fails_waits_another_thirty_seconds(house):
    model, clock, guarded = house
    await turns(guarded, 3)
    clock.now = NOON + 30 * SECOND
    await turns(guarded, 1)
    clock.now = NOON + 59 * SECOND
    await turns(guarded, 3)
    assert model.asked == 4
    clock.now = NOON + 60 * SECOND
    await turns(guarded, 1)
    assert model.asked == 5


async def test_a_trial_nobody_hears_of_again_does_not_shut_the_way_for_ever():
    breaker = Breaker()
    for _ in range(3):
        breaker.failed(NOON)
    assert breaker.lets_through(NOON + 30 * SECOND)
    assert not breaker.lets_through(NOON + 31 * SECOND)
    assert breaker.lets_through(NOON + 60 * SECOND)


async def test_a_question_nobody_could_answer_is_not_held_against_the_model(house):
    model, _, guarded = house
    model.fault = ModelError("the question is too long", permanent=True)
    await turns(guarded, 5)
    assert model.asked == 5
