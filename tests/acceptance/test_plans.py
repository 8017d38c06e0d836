"""Care plans and the weekly summary, as a patient and a nurse see them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from house import HouseUnderTest
from typer.testing import CliRunner

import bot.plans
from bot.__main__ import app
from bot.checkins.ask import ask
from bot.checkins.miss import miss
from bot.checkins.plan import plan
from bot.conversation.enrol import weekly_summary
from bot.domain.observation import Observation
from bot.domain.patient import PatientStatus
from bot.plans import plans, schedules


def start(house: HouseUnderTest, name: str, language: str = "en") -> None:
    with house.house.store.unit_of_work() as work:
        for schedule in schedules(plans()[name], "alice", language, date(2026, 1, 5)):  # type: ignore[arg-type]
            work.checkins.set_schedule(schedule)


def beat(house: HouseUnderTest) -> None:
    plan(house.services)
    ask(house.services)


async def test_a_hypertension_plan_asks_twice_a_day_for_a_week_and_then_weekly(house):
    start(house, "hypertension")
    asked = []
    for _ in range(24 * 16):
        house.clock.advance(hours=1)
        before = len(house.phone.sent)
        beat(house)
        await house.post()
        asked += [house.clock() for words in house.told("alice", before) if "measure" in words]
    evenings = [at for at in asked if at.hour == 20]
    assert len(evenings) == 7
    assert [at.date() for at in asked if at > datetime(2026, 1, 12, tzinfo=UTC)] == [
        date(2026, 1, 12),
        date(2026, 1, 19),
    ]


async def test_a_reading_beyond_the_plans_limit_reaches_the_nurse(house):
    start(house, "after_discharge")
    await house.say("temp 37.4")
    assert house.escalations() == []
    await house.say("temp 38.3")
    [escalation] = house.escalations()
    assert (escalation.reason, escalation.tier) == ("plan_limit", "P1")
    assert "38.3" in escalation.evidence["reading"]


async def test_a_plan_started_twice_asks_once(house):
    start(house, "heart_failure")
    start(house, "heart_failure")
    house.clock.now = datetime(2026, 1, 6, 7, 30, tzinfo=UTC)
    beat(house)
    await house.settle()
    assert len([words for words in house.told("alice") if "weight" in words]) == 1


async def test_how_soon_a_missed_question_is_seen_is_what_the_plan_says(house):
    start(house, "heart_failure")
    house.clock.now = datetime(2026, 1, 6, 7, 30, tzinfo=UTC)
    beat(house)
    await house.settle()
    house.clock.advance(hours=4, minutes=1)
    miss(house.services)
    [escalation] = house.escalations()
    assert (escalation.reason, escalation.tier) == ("measurement_missed", "P2")
    assert "weight" in escalation.evidence["what"]


async def test_a_missed_measurement_of_the_patients_own_waits_longer_for_a_nurse(house):
    await house.say("remind me to measure my weight every day at 10:00")
    await house.tap("Yes")
    house.clock.advance(hours=1)
    beat(house)
    await house.settle()
    house.clock.advance(hours=5)
    miss(house.services)
    assert [e.tier for e in house.escalations()] == ["P3"]


@pytest.mark.parametrize("name", sorted(plans()))
def test_every_plan_speaks_both_languages_and_says_that_nobody_has_reviewed_it(name):
    found = plans()[name]
    assert "draft" in found.evidence
    for language in ("en", "zh"):
        for schedule in schedules(found, "alice", language, date(2026, 1, 5)):  # type: ignore[arg-type]
            assert schedule.what


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ('kindd = "measurement"', "kindd is no field"),
        ('kind = "measurment"', "kind must be one of"),
        ('kind = "measurement"\nmissed = "P9"', "missed must be one of P1"),
        ('kind = "appointment"\nmissed = "P2"', "waits for no answer"),
        ('kind = "measurement"\nrule = { frequency = "sometimes" }', "frequency"),
    ],
)
def test_a_plan_with_a_wrong_field_names_the_field(tmp_path: Path, line: str, complaint: str):
    good = (Path(bot.plans.__file__).parent / "heart_failure.toml").read_text("utf-8")
    head, _, _ = good.partition("[[item]]")
    broken = tmp_path / "broken.toml"
    broken.write_text(
        head + "[[item]]\n" + line + '\nwhat = { en = "a", zh = "b" }\nuntil_day = 3\n', "utf-8"
    )
    with pytest.raises(ValueError, match=complaint) as error:
        bot.plans._read(broken)
    assert "broken.toml" in str(error.value)


@pytest.mark.parametrize(
    ("was", "now", "complaint"),
    [
        ('code = "heart_rate"', 'code = "hart_rate"', "threshold 1: code 'hart_rate' is no"),
        ("at_least = 111", 'at_least = "111"', "threshold 1: at_least must be a number"),
        ("at_least = 111", "", "threshold 1: one of at_least"),
        ("[[threshold]]", "[threshold]", "threshold must be written as"),
        ("until_day = 89", "until_day = true", "item 1: from_day and until_day"),
        ('rule = { frequency = "daily", times = ["07:30"] }', "rule = 7", "item 1: rule is"),
        ('times = ["07:30"]', 'times = ["25:00"]', "item 1: rule: times"),
        ("[[item]]", "[[items]]", "items is no field of a plan"),
    ],
)
def test_a_value_that_cannot_be_is_named_when_the_house_starts_and_not_when_it_is_needed(
    tmp_path: Path, was: str, now: str, complaint: str
):
    good = (Path(bot.plans.__file__).parent / "heart_failure.toml").read_text("utf-8")
    assert was in good
    broken = tmp_path / "broken.toml"
    broken.write_text(good.replace(was, now), "utf-8")
    with pytest.raises(ValueError, match=complaint):
        bot.plans._read(broken)


async def asked_at(house: HouseUnderTest, at: datetime) -> list[str]:
    house.clock.now = at
    before = len(house.phone.sent)
    beat(house)
    await house.settle()
    return house.told("alice", before)


async def test_a_plans_own_question_is_asked_beside_the_daily_one_in_its_own_words(house):
    await house.say("check in at 9:00")
    start(house, "after_discharge")
    start(house, "copd_asthma")
    await asked_at(house, datetime(2026, 1, 6, 8, 0, tzinfo=UTC))
    said = await asked_at(house, datetime(2026, 1, 6, 9, 0, tzinfo=UTC))
    assert sum("How are you feeling today?" in words for words in said) == 1
    assert sum("Please tell me how your breathing is today." in words for words in said) == 1
    await asked_at(house, datetime(2026, 1, 6, 9, 5, tzinfo=UTC))
    [home] = await asked_at(house, datetime(2026, 1, 6, 10, 0, tzinfo=UTC))
    assert "Please tell me how you are at home." in home


async def test_a_plan_speaks_the_language_of_its_patient_also_when_that_changes(house):
    start(house, "heart_failure")
    await house.say("zh", kind="command", data="language")
    [asked] = await asked_at(house, datetime(2026, 1, 6, 7, 30, tzinfo=UTC))
    assert "体重。起床小便后、早饭前称" in asked and "your weight" not in asked


async def test_the_week_comes_on_sunday_evening_with_what_was_taken_and_measured(house):
    with house.house.store.unit_of_work() as work:
        patient = work.patients.get("alice")
        work.checkins.set_schedule(weekly_summary(patient, house.clock()))
        work.record.observe(
            Observation(
                id=f"o{n}",
                patient_id=patient.id,
                code="blood_pressure",
                value=130.0 + n,
                diastolic=80.0,
                unit="mmHg",
                at=house.clock() + timedelta(days=n),
            )
            for n in range(4)
        )
    house.clock.now = datetime(2026, 1, 11, 17, 0, tzinfo=UTC)
    beat(house)
    await house.settle()
    week = house.phone.sent[-1]
    assert "here is your week" in week.text
    assert "4 readings, the last 133/80 mmHg, lowest 130/80 mmHg, highest 133/80 mmHg" in week.text
    assert week.picture is not None and week.picture.startswith(b"\x89PNG")


async def a_week(house: HouseUnderTest, *values: tuple[int, int], language: str = "en") -> str:
    """The summary after these pressures, one a day, and as many a week before that, all 150/95."""
    if language == "zh":
        with house.house.store.unit_of_work() as work:
            work.patients.save(replace(work.patients.get("alice"), language="zh"))
    with house.house.store.unit_of_work() as work:
        patient = work.patients.get("alice")
        work.checkins.set_schedule(weekly_summary(patient, house.clock()))
        earlier = [(150, 95)] * len(values)
        work.record.observe(
            Observation(
                id=f"w{n}", patient_id=patient.id, code="blood_pressure", value=float(high),
                diastolic=float(low), unit="mmHg",
                at=house.clock() + timedelta(days=n - len(values) - 2 * (n < len(values))),
            )
            for n, (high, low) in enumerate([*earlier, *values])
        )  # fmt: skip
    house.clock.now = datetime(2026, 1, 11, 17, 0, tzinfo=UTC)
    beat(house)
    await house.settle()
    return next(t for t in reversed(house.told("alice")) if "week" in t or "一周" in t)


async def test_the_week_is_set_against_the_plans_target_and_the_week_before(house):
    start(house, "hypertension")
    house.clock.now = datetime(2026, 1, 6, 9, 0, tzinfo=UTC)
    week = await a_week(house, (132, 82), (134, 84), (136, 80), (130, 86))
    assert "below 135/85 mmHg): 2 of 4 within it" in week
    assert "On average 133/83 mmHg; the week before 150/95 mmHg." in week
    assert "care team knows" in week


async def test_without_a_plan_no_target_is_invented(house):
    house.clock.now = datetime(2026, 1, 6, 9, 0, tzinfo=UTC)
    week = await a_week(house, (132, 82), (134, 84), (136, 80), (130, 86))
    assert "target" not in week and "On average 133/83" in week


async def test_一周汇总对照计划的目标(house):
    start(house, "hypertension", "zh")
    house.clock.now = datetime(2026, 1, 6, 9, 0, tzinfo=UTC)
    week = await a_week(house, (132, 82), (134, 84), (136, 80), language="zh")
    assert "低于 135/85 mmHg）：3 次里有 2 次达到" in week
    assert "前一周平均 150/95 mmHg" in week


async def test_the_medicines_of_the_week_are_drawn_though_nothing_was_measured(house):
    await house.say("remind me to take metformin 500 mg every day at 10:00")
    await house.tap("Yes")
    for _ in range(3):
        house.clock.advance(days=1, hours=1)
        beat(house)
        await house.settle()
        await house.tap("Taken")
        house.clock.advance(hours=-1)
    with house.house.store.unit_of_work() as work:
        work.checkins.set_schedule(weekly_summary(work.patients.get("alice"), house.clock()))
    house.clock.now = datetime(2026, 1, 11, 17, 0, tzinfo=UTC)
    beat(house)
    await house.settle()
    week = house.phone.sent[-1]
    assert "you confirmed 3 of" in week.text
    assert week.picture is not None and week.picture.startswith(b"\x89PNG")


def test_a_plan_is_started_moved_and_ended_from_the_command_line(house, monkeypatch):
    monkeypatch.setattr("bot.commands.plan.open_house", lambda: house.house)
    run = CliRunner()

    def do(*words: str) -> tuple[int, str]:
        done = run.invoke(app, ["plan", *words])
        return done.exit_code, " ".join(done.output.split())

    def running() -> list[str]:
        with house.house.store.reading() as rows:
            return [one.plan for one in rows.checkins.schedules("alice")]

    code, said = do("start", "alice", "hypertension")
    assert code == 0 and "every day at 08:00 and 20:00, until 11 Jan 2026" in said
    assert "draft, needs clinical sign-off" in said
    code, said = do("start", "alice", "hypertension", "--on", "2026-02-01")
    assert code == 0 and "until 7 Feb 2026" in said
    assert running() == ["hypertension", "hypertension"]
    for wrong in ("soon", "2016-01-05", "2036-01-05"):
        code, said = do("start", "alice", "heart_failure", "--on", wrong)
        assert (code, wrong in said) == (2, True)
    code, said = do("start", "alice", "hypertention")
    assert code == 2 and "no plan hypertention" in said and "pregnancy_blood_pressure" in said
    assert do("start", "eve", "hypertension") == (1, "There is no patient eve.")
    assert set(running()) == {"hypertension"}
    assert do("stop", "alice", "hypertension")[0] == 0
    assert running() == []
    assert do("stop", "alice", "hypertension")[0] == 1
    with house.house.store.unit_of_work() as work:
        work.patients.save(replace(work.patients.get("alice"), status=PatientStatus.DECEASED))
    code, said = do("start", "alice", "hypertension")
    assert code == 1 and "deceased" in said
    assert running() == []
