"""Questionnaires as a patient and a nurse see them over weeks."""

from __future__ import annotations

from datetime import date

from house import HouseUnderTest

from bot.checkins.ask import ask
from bot.checkins.miss import miss
from bot.checkins.plan import plan
from bot.domain.checkin import CheckInState
from bot.plans import plans, schedules


def beat(house: HouseUnderTest) -> None:
    for one in (plan, ask, miss):
        one(house.services)


async def asked_by_plan(house: HouseUnderTest) -> None:
    with house.house.store.unit_of_work() as work:
        for schedule in schedules(plans()["depression_follow_up"], "alice", "en", date(2026, 1, 5)):  # type: ignore[arg-type]
            work.checkins.set_schedule(schedule)
    beat(house)
    house.clock.advance(hours=2)
    beat(house)
    await house.post()


async def test_a_plan_asks_and_a_tap_begins_the_right_questionnaire(house):
    await asked_by_plan(house)
    assert any("nine short questions" in words for words in house.told("alice"))
    assert "Question 1 of 9" in await house.tap("Begin")
    for _ in range(9):
        said = await house.tap("Not at all")
    assert "PHQ-9: 0 out of 27" in said
    with house.house.store.reading() as rows:
        assert not [c for c in rows.checkins.open_for("alice") if c.kind == "questionnaire"]
        [kept] = rows.record.observations("alice", "phq9")
    assert kept.value == 0 and kept.said.startswith("item1 0, item2 0")


async def test_what_is_begun_and_not_finished_stays_asked_for(house):
    await asked_by_plan(house)
    await house.say("start questions")
    await house.tap("Several days")
    await house.tap("Not now")
    with house.house.store.reading() as rows:
        [waiting] = [c for c in rows.checkins.open_for("alice") if c.kind == "questionnaire"]
    assert waiting.state is CheckInState.ASKED
    assert "Question 2 of 9" in await house.say("go on")
    for _ in range(8):
        await house.tap("Not at all")
    with house.house.store.reading() as rows:
        assert not [c for c in rows.checkins.open_for("alice") if c.kind == "questionnaire"]


async def test_a_high_score_reaches_the_nurse_with_the_score(house):
    await house.say("GAD-7")
    for _ in range(7):
        await house.tap("Nearly every day")
    [matter] = house.escalations()
    assert (matter.reason, matter.tier) == ("questionnaire_score", "P1")
    assert matter.evidence["score"] == "GAD-7 21/21"


async def test_the_nurse_sees_which_answer_opened_the_self_harm_path(house):
    await house.say("PHQ-9")
    for _ in range(8):
        await house.tap("Not at all")
    await house.tap("More than half the days")
    [matter] = house.escalations()
    assert matter.tier == "P0" and matter.private_topic and matter.two_person
    assert "More than half the days" in matter.evidence["words"]
    assert matter.evidence["findings"][0]["cues"] == ["phq9_item9"]


async def test_an_old_half_begun_questionnaire_begins_anew(house):
    await house.say("PHQ-9")
    await house.tap("Several days")
    await house.tap("Not now")
    house.clock.advance(days=3)
    assert "Question 1 of 9" in await house.say("go on")


async def test_a_tap_on_an_earlier_question_changes_nothing(house):
    await house.say("GAD-2")
    first = next(o for o in house.phone.sent if o.buttons)
    await house.tap("Nearly every day")
    before = len(house.phone.sent)
    data = first.buttons[0][0].data
    house.arrives("alice", kind="tap", data=data, sender="alice", message_id="1")
    await house.settle()
    assert house.told("alice", before) == []
    assert "3 out of 6" in await house.tap("Not at all")


async def test_charlie_sees_nothing_of_alices_answers(house):
    await house.say("PHQ-9")
    await house.tap("Several days")
    assert "Question 1 of 9" in await house.say("PHQ-9", "charlie")
    with house.house.store.reading() as rows:
        assert rows.patients.dialogue("charlie").topic["answers"] == {}
