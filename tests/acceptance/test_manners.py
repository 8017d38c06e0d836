"""The bot begins to speak only when it is welcome, and never twice the same."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from house import HouseUnderTest

from bot.checkins.ask import ask
from bot.checkins.away import still_here
from bot.checkins.miss import miss
from bot.checkins.plan import plan
from bot.domain.errors import Refused
from bot.domain.outbox import Draft, MessageClass
from bot.domain.patient import Patient
from bot.domain.quiet import allowed_from
from bot.post import Posted, to_patient
from prompts import say

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
    with house.house.store.reading() as rows:
        states = rows.outbox.states(alice(house).id, 100)
    assert Counter(state.value for state, _ in states.values()) == {"sent": 6, "enough": 6}


async def test_a_nurse_sees_which_ordinary_questions_were_one_too_many_that_day(house):
    for hour in range(10, 18):
        await house.say(f"remind me to drink water number {hour} every day at {hour}:00")
        await house.tap("Yes")
    for hour in range(10, 18):
        house.clock.now = house.clock.now.replace(hour=hour)
        for beat in (plan, ask):
            beat(house.services)
        await house.settle()
    asked = [words for words in house.told("alice") if words.startswith("You asked me")]
    assert len(asked) == 6
    with house.house.store.reading() as rows:
        kept = {message.id: message.text for message in rows.conversation.latest("alice", 50)}
        states = rows.outbox.states("alice", 50)
    back = [kept[name] for name, (state, _) in states.items() if state.value == "enough"]
    assert [words[-9:] for words in back] == ["number 16", "number 17"]
    assert "Kept back" in say("console.state_of_enough", "en")


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
    await house.settle()
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


async def each_day(house: HouseUnderTest, days: int, hour: int = 10) -> list[int]:
    """The days from today on which something came; nobody answers."""
    heard, first = [], house.clock()
    for day in range(days):
        house.clock.now = first.replace(hour=hour, minute=0) + timedelta(days=day)
        before = len(house.phone.sent)
        for beat in (plan, ask, miss):
            beat(house.services)
        await house.post()
        if house.told("alice", before):
            heard.append(day + 1)
    return heard


async def test_a_reminder_nobody_answers_comes_less_often_says_so_once_and_comes_back(house):
    await house.say("remind me to drink a glass of water every day at 10:00")
    await house.tap("Yes")
    assert await each_day(house, 24) == [1, 2, 3, 4, 6, 8, 10, 17, 24]
    said = [words for words in house.told("alice") if "I will ask less often" in words]
    assert len(said) == 1
    await house.tap("Done")
    house.clock.now += timedelta(days=1)
    assert await each_day(house, 3) == [1, 2, 3]


async def test_a_medicine_is_asked_every_day_however_silent_it_is(house):
    await house.say("remind me to take metformin 500 mg every day at 10:00")
    await house.tap("Yes")
    assert await each_day(house, 12) == list(range(1, 13))
    assert "less often" not in "".join(house.told("alice"))


async def outage(house: HouseUnderTest, minutes: int) -> list[str]:
    """Everything was planned, then the house is away for so long, then it is back."""
    for beat in (plan, ask):
        beat(house.services)
    await house.settle()
    before = len(house.phone.sent)
    house.clock.now += timedelta(minutes=minutes)
    for beat in (plan, ask):
        beat(house.services)
    await house.settle()
    return house.told("alice", before)


async def three_reminders(house: HouseUnderTest) -> None:
    for words in (
        "remind me to take metformin 500 mg every day at 9:30",
        "remind me to measure my blood pressure every day at 9:45",
        "remind me to drink a glass of water every day at 10:00",
    ):
        await house.say(words)
        await house.tap("Yes")


async def test_after_an_outage_what_is_still_useful_comes_as_one_message(house):
    await three_reminders(house)
    [one] = await outage(house, 75)
    for words in ("out of order", "1. 09:30, medicine: take metformin 500 mg", "2. 09:45", "3. "):
        assert words in one
    assert "✓ Taken" in await house.tap("1. Taken")
    assert "✓ Done" in await house.tap("3. Done")
    await house.say("132/84")
    house.clock.advance(hours=6)
    miss(house.services)
    assert house.escalations() == []


async def test_on_time_every_question_is_a_message_of_its_own(house):
    await three_reminders(house)
    assert len(await outage(house, 30)) == 1  # 09:30
    assert len(await outage(house, 15)) == 1
    assert len(await outage(house, 15)) == 1


async def test_after_a_long_outage_a_nurse_hears_of_the_clinical_ones_and_the_rest_is_noted(house):
    await three_reminders(house)
    assert await outage(house, 9 * 60) == []
    [matter] = house.escalations()
    assert (matter.reason, matter.patient_id) == ("not_asked", "alice")
    assert matter.evidence["what"] == ["take metformin 500 mg", "measure my blood pressure"]
    with house.house.store.reading() as rows:
        due = rows.checkins.between("alice", house.clock() - timedelta(hours=12), house.clock())
        notes = [e for c in due for e in rows.audit.of(c.id) if e.type == "checkin.dropped"]
    assert len(notes) == 3


async def in_the_post(house: HouseUnderTest, minutes: int) -> None:
    """The questions of 10:00 are put in the post, and the house is away before they go out."""
    await three_reminders(house)
    plan(house.services)
    house.clock.now = house.clock.now.replace(hour=10, minute=0)
    ask(house.services)
    house.clock.now += timedelta(minutes=minutes)
    miss(house.services)


async def test_what_was_still_in_the_post_is_asked_after_an_outage_and_no_silence_is_told(house):
    before = len(house.phone.sent)
    await in_the_post(house, 110)
    assert house.escalations() == []
    await house.post()
    assert "metformin 500 mg" in "".join(house.told("alice", before))
    house.clock.advance(hours=6)
    miss(house.services)
    assert {matter.reason for matter in house.escalations()} >= {"medicine_missed"}


async def test_what_grew_too_late_in_the_post_is_told_as_not_asked_and_never_as_silence(house):
    await in_the_post(house, 9 * 60)
    before = len(house.phone.sent)
    await house.post()
    miss(house.services)
    assert house.told("alice", before) == []
    house.clock.advance(hours=30)
    miss(house.services)
    [matter] = house.escalations()
    assert matter.reason == "not_asked"
    assert matter.evidence["what"] == ["take metformin 500 mg", "measure my blood pressure"]
    with house.house.store.reading() as rows:
        due = rows.checkins.between("alice", house.clock() - timedelta(days=2), house.clock())
        notes = [e for c in due for e in rows.audit.of(c.id) if e.type == "checkin.dropped"]
    assert [note.detail["why"] for note in notes] == ["too late"] * 3


async def test_several_questions_in_one_message_that_grew_too_late_are_each_dropped(house):
    await three_reminders(house)
    plan(house.services)
    house.clock.now = house.clock.now.replace(hour=10, minute=45)
    ask(house.services)  # the three of 9:30, 9:45 and 10:00 as one message
    house.clock.now += timedelta(hours=9)
    before = len(house.phone.sent)
    await house.post()
    house.clock.advance(hours=30)
    miss(house.services)
    assert house.told("alice", before) == []
    [matter] = house.escalations()
    assert matter.reason == "not_asked"
    assert matter.evidence["what"] == ["take metformin 500 mg", "measure my blood pressure"]


async def test_a_question_that_could_not_be_delivered_is_told_as_that_and_never_as_silence(house):
    await house.say("remind me to take metformin 500 mg every day at 9:30")
    await house.tap("Yes")
    plan(house.services)
    house.clock.now = house.clock.now.replace(hour=9, minute=30)
    ask(house.services)
    house.phone.fails = [Refused()]
    await house.post()
    house.clock.advance(hours=6)
    miss(house.services)
    assert [matter.reason for matter in house.escalations()] == ["delivery_failed"]


async def test_clinical_words_in_a_loop_are_said_once_in_their_window(house):
    text = "It is 10:00. Time for: metformin 500 mg"
    assert begin(house, alice(house), text, MessageClass.CLINICAL, "a").message
    assert not begin(house, alice(house), text, MessageClass.CLINICAL, "b").message
    house.clock.advance(minutes=30)
    assert begin(house, alice(house), text, MessageClass.CLINICAL, "c").message


async def ten_o_clock(house: HouseUnderTest, *, minute: int = 0) -> list[str]:
    """The beats at that time; what came."""
    house.clock.now = house.clock.now.replace(hour=10, minute=minute)
    before = len(house.phone.sent)
    for beat in (plan, ask, miss):
        beat(house.services)
    await house.post()
    return house.told("alice", before)


async def test_two_medicines_with_the_same_words_are_both_asked_about(house):
    for _ in range(2):
        await house.say("remind me to take one white tablet every day at 10:00")
        await house.tap("Yes")
    [one] = await ten_o_clock(house)
    assert "1. 10:00, medicine: take one white tablet\n2. 10:00, medicine" in one
    assert "only once" in one and "out of order" not in one
    assert "✓ Taken" in await house.tap("1. Taken")
    assert "✓ Taken" in await house.tap("2. Taken")
    house.clock.advance(hours=6)
    miss(house.services)
    assert house.escalations() == []


def now_due_at_ten(house):
    """Let the next one say "10:00" as well, whatever the clock says when it comes."""
    with house.house.store.unit_of_work() as work:
        ten, later = house.clock(), house.clock() + timedelta(minutes=30)
        due = next(
            one for one in work.checkins.between("alice", ten, later) if one.state.value == "due"
        )
        assert work.checkins.change(due, replace(due, due_at=ten.replace(minute=0)))


async def test_the_same_medicine_words_five_minutes_later_come_too_and_a_third_reaches_a_nurse(
    house,
):
    for at in ("10:00", "10:05", "10:08"):
        await house.say(f"remind me to take one white tablet every day at {at}")
        await house.tap("Yes")
    assert await ten_o_clock(house) == ["It is 10:00. Time for: take one white tablet"]
    now_due_at_ten(house)
    [second] = await ten_o_clock(house, minute=5)
    assert second.startswith("This is another reminder with the same words.")
    assert "take one white tablet" in second
    now_due_at_ten(house)
    assert await ten_o_clock(house, minute=8) == []
    [matter] = house.escalations()
    assert (matter.reason, matter.evidence["what"]) == ("not_asked", ["take one white tablet"])


async def test_a_reminder_that_is_moved_is_asked_every_time_again(house):
    await house.say("remind me to drink a glass of water every day at 10:00")
    await house.tap("Yes")
    await each_day(house, 10)
    await house.say("move the 10:00 reminder to 10:00 pm")
    await house.tap("Yes")
    house.clock.now = house.clock.now.replace(hour=21) + timedelta(days=1)
    assert await each_day(house, 3, hour=22) == [1, 2, 3]
    assert "less often" not in "".join(house.told("alice")[-3:])


async def test_an_outage_right_after_start_loses_no_question(house):
    await house.say("remind me to take metformin 500 mg every day at 10:00")
    await house.tap("Yes")
    await house.say("STOP")
    house.clock.advance(hours=24)
    house.clock.now = house.clock.now.replace(hour=9, minute=50)
    await house.say("", kind="command", data="start")
    assert await ten_o_clock(house, minute=35) == [  # away before a single beat
        "It is 10:00. Time for: take metformin 500 mg"
    ]


async def test_a_nurse_hears_of_every_dose_of_an_outage_longer_than_the_rows(house):
    await house.say("remind me to take metformin 500 mg every day at 10:00")
    await house.tap("Yes")
    await outage(house, 5 * 24 * 60)
    [matter] = house.escalations()
    assert matter.reason == "not_asked"
    assert [slot[8:] for slot in matter.evidence["slots"]] == [
        f"{d:02d}T10:00" for d in range(5, 10)
    ]


async def test_a_dose_that_fell_due_in_an_outage_survives_a_new_time_zone(house):
    await house.say("remind me to take metformin 500 mg every day at 10:00")
    await house.tap("Yes")
    house.clock.now = house.clock.now.replace(hour=10, minute=30)  # away from 09:50
    await house.say("I am in Paris now")
    await house.tap("Yes")
    for beat in (plan, ask):
        beat(house.services)
    await house.settle()
    assert any(
        "metformin 500 mg" in words and "11:00" in words for words in house.told("alice")[-2:]
    )


async def test_a_dose_that_fell_due_in_an_outage_survives_the_choice_of_another_clock(house):
    await house.say("remind me to take metformin 500 mg every day at 10:00 and 22:00")
    await house.tap("Yes")
    await house.say("I am in Tokyo now")
    await house.tap("Yes")
    house.clock.now = house.clock.now.replace(hour=10, minute=30)  # away from 09:50
    await house.tap("At even gaps")
    for beat in (plan, ask):
        beat(house.services)
    await house.settle()
    assert "take metformin 500 mg" in house.told("alice")[-1]
    assert "19:00" in house.told("alice")[-1]  # the clock beside the patient
