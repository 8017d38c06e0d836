"""The bot begins to speak only when it is welcome, and never twice the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from house import HouseUnderTest

from bot.checkins.ask import ask
from bot.checkins.away import still_here
from bot.checkins.miss import miss
from bot.checkins.plan import plan
from bot.domain.outbox import Draft, MessageClass
from bot.domain.patient import Patient
from bot.domain.quiet import allowed_from
from bot.post import Posted, to_patient

NIGHT = datetime(2026, 1, 5, 23, 0, tzinfo=UTC)  # 23:00 in London


def begin(
    house: HouseUnderTest, patient: Patient, text: str, message_class: MessageClass, key: str = ""
) -> Posted:
    with house.house.store.unit_of_work() as work:
        return to_patient(
            work,
            patient,
            Draft(text=text, approved=True),
            key=key or text,
            message_class=message_class,
            now=house.clock(),
        )


def alice(house: HouseUnderTest) -> Patient:
    with house.house.store.reading() as rows:
        found = rows.patients.get("alice")
    assert found is not None
    return found


async def test_ordinary_words_wait_for_the_morning_and_clinical_ones_do_not(house):
    house.clock.now = NIGHT
    begin(house, alice(house), "A tip for your sleep.", MessageClass.EDUCATION)
    begin(house, alice(house), "Your measurement is due.", MessageClass.CLINICAL)
    await house.settle()
    assert house.told("alice") == ["Your measurement is due."]
    house.clock.now = datetime(2026, 1, 6, 7, 31, tzinfo=UTC)
    await house.settle()
    assert house.told("alice")[-1] == "A tip for your sleep."


async def test_an_hour_the_patient_chose_is_not_quiet(house):
    await house.say("check in at 22:30")
    house.clock.now = datetime(2026, 1, 5, 22, 30, tzinfo=UTC)
    for beat in (plan, ask):
        beat(house.services)
    await house.settle()
    assert "How are you feeling" in house.told("alice")[-1]


@pytest.mark.parametrize(
    ("zone", "now", "expected"),
    [
        ("Europe/London", "2026-01-05T12:00", None),
        ("Europe/London", "2026-01-05T21:30", "2026-01-06T07:30"),
        ("Europe/London", "2026-01-06T03:00", "2026-01-06T07:30"),
        ("Asia/Shanghai", "2026-01-05T14:00", "2026-01-05T23:30"),
    ],
)
async def test_quiet_hours_are_the_patients_own(house, zone, now, expected):
    at = datetime.fromisoformat(now).replace(tzinfo=UTC)
    wanted = at if expected is None else datetime.fromisoformat(expected).replace(tzinfo=UTC)
    assert allowed_from(replace(alice(house), timezone=zone), at) == wanted


async def test_the_same_ordinary_words_are_not_said_twice_within_the_hour(house):
    assert begin(house, alice(house), "Walk a little.", MessageClass.EDUCATION, "a").message
    assert not begin(house, alice(house), "Walk a little.", MessageClass.EDUCATION, "b").message
    house.clock.advance(hours=2)
    assert begin(house, alice(house), "Walk a little.", MessageClass.EDUCATION, "c").message


async def test_a_broken_loop_reaches_a_patient_a_few_times_and_never_two_thousand(house):
    for number in range(2016):
        begin(house, alice(house), f"Tip {number}", MessageClass.EDUCATION)
    await house.settle()
    assert len(house.told("alice")) == 6


async def test_a_question_that_outlived_an_outage_is_not_asked_the_next_day(house):
    await house.say("check in at 10:00")
    plan(house.services)
    house.clock.advance(hours=9)  # the house was away from 09:00 to 18:00
    ask(house.services)
    await house.settle()
    assert len(house.told("alice")) == 1
    house.clock.now = datetime(2026, 1, 6, 10, 0, tzinfo=UTC)
    ask(house.services)
    await house.settle()
    assert "How are you feeling" in house.told("alice")[-1]


async def test_the_reminder_of_an_evening_question_waits_for_the_morning(house):
    await house.say("check in at 20:00")
    house.clock.now = datetime(2026, 1, 5, 20, 0, tzinfo=UTC)
    ask(house.services)
    house.clock.advance(hours=3)
    miss(house.services)
    await house.settle()
    assert "not heard from you" not in "".join(house.told("alice"))
    house.clock.now = NIGHT + timedelta(hours=9)
    await house.settle()
    assert "not heard from you" in house.told("alice")[-1]


async def test_after_a_day_away_patients_are_told_once_what_may_be_lost(house):
    still_here(house.services)
    house.clock.advance(hours=23)
    assert still_here(house.services) == 0
    house.clock.advance(hours=25)
    assert still_here(house.services) == 2
    assert still_here(house.services) == 0
    await house.settle()
    assert "out of order from 6 Jan 2026" in house.told("alice")[-1]


async def test_a_stopped_patient_is_not_told_even_that(house):
    await house.say("stop")
    still_here(house.services)
    house.clock.advance(hours=25)
    assert still_here(house.services) == 1
