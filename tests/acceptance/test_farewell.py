"""A patient has died: nothing goes out any more, and whoever writes gets kind words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from house import HouseUnderTest

from bot.checkins.ask import ask
from bot.checkins.miss import miss
from bot.checkins.plan import plan
from bot.console_actions import console_actions
from bot.domain.errors import OutcomeUnknown, RateLimited
from bot.domain.escalation import AuditEvent
from bot.domain.outbox import Draft, MessageClass
from bot.domain.patient import PatientStatus
from bot.escalations.after_emergency import ask_calls
from bot.inviting import enrol
from bot.post import to_patient
from bot.work import settle
from prompts import say

CAST = {"en": {"name": "Alice"}, "zh": {"name": "梅", "language": "zh", "country": "CN"}}


def mark(house: HouseUnderTest, who: str = "alice") -> None:
    console_actions(house.house).mark_deceased(who, "bob")  # type: ignore[arg-type]


def unmark(house: HouseUnderTest, who: str = "alice") -> None:
    console_actions(house.house).unmark_deceased(who, "bob")  # type: ignore[arg-type]


def status_of(house: HouseUnderTest, who: str = "alice") -> PatientStatus:
    with house.house.store.reading() as rows:
        return rows.patients.get(who).status  # type: ignore[arg-type, union-attr]


async def test_what_was_due_and_what_waited_is_never_sent(house):
    await house.say("check in at 10:00")
    house.clock.now = datetime(2026, 1, 5, 23, 0, tzinfo=UTC)
    with house.house.store.unit_of_work() as work:
        patient = work.patients.get("alice")
        tip = Draft(text="A tip for your sleep.", approved=True)
        to_patient(
            work, patient, tip, key="tip", message_class=MessageClass.EDUCATION, now=house.clock()
        )
    before = len(house.phone.sent)
    mark(house)
    for _ in range(48):
        house.clock.advance(hours=1)
        for beat in (plan, ask, miss):
            beat(house.services)
        await house.settle()
    assert house.told("alice", before) == []
    assert house.escalations() == []


async def test_nobody_asks_a_family_whether_they_were_able_to_call(house):
    await house.say("I have crushing chest pain and cannot breathe")
    before = len(house.phone.sent)
    mark(house)
    house.clock.advance(minutes=4)
    ask_calls(house.services)
    await house.settle()
    assert house.told("alice", before) == []


@pytest.mark.parametrize(
    ("language", "words", "kind"),
    [("en", "This is her daughter.", "sorry for your loss"), ("zh", "我是她女儿。", "请您节哀")],
)
async def test_the_family_gets_kind_words_and_a_person_is_told(house, language, words, kind):
    house.patient("mother", **CAST[language])
    mark(house, "mother")
    assert kind in await house.say(words, "mother")
    assert kind in await house.say("", "mother", kind="command", data="start")
    assert {e.reason for e in house.escalations()} == {"wrote_after_death"}
    with house.house.store.reading() as rows:
        assert rows.record.memories("mother") == []


async def test_an_emergency_of_whoever_writes_is_still_an_emergency(house):
    mark(house)
    answer = await house.say("I want to kill myself tonight")
    assert "999" in answer or "116 123" in answer
    assert "P0" in {e.tier for e in house.escalations()}


async def test_a_mistake_is_undone_and_the_next_question_comes(house):
    await house.say("check in at 10:00")
    mark(house)
    unmark(house)
    plan(house.services)
    house.clock.now = datetime(2026, 1, 5, 10, 0, tzinfo=UTC)
    ask(house.services)
    await house.settle()
    assert "How are you feeling" in house.told("alice")[-1]


async def test_a_patient_who_had_said_stop_stays_stopped_after_a_mistake(house):
    await house.say("stop")
    mark(house)
    unmark(house)
    assert status_of(house) is PatientStatus.STOPPED


@pytest.mark.parametrize(
    "update",
    [{"text": "please stop"}, {"kind": "command", "data": "stop"}, {"kind": "blocked"}],
    ids=["words", "command", "blocked"],
)
async def test_stop_counts_while_a_patient_is_marked_by_mistake(house, update):
    await house.say("check in at 10:00")
    mark(house)
    await house.say(**{"text": "", **update})
    unmark(house)
    assert status_of(house) is PatientStatus.STOPPED
    before = len(house.phone.sent)
    house.clock.now = datetime(2026, 1, 6, 10, 0, tzinfo=UTC)
    for beat in (plan, ask):
        beat(house.services)
    await house.settle()
    assert house.told("alice", before) == []
    assert "Welcome back" in await house.say("", kind="command", data="start")
    house.clock.now = datetime(2026, 1, 7, 10, 0, tzinfo=UTC)
    ask(house.services)
    await house.settle()
    assert "How are you feeling" in house.told("alice")[-1]


async def test_stop_counts_while_a_person_writes_with_whoever_is_there(house):
    mark(house)
    console_actions(house.house).hold("alice", "bob")
    assert await house.say("stop") == ""
    unmark(house)
    assert status_of(house) is PatientStatus.STOPPED


async def test_an_earlier_stop_that_was_taken_back_does_not_count(house):
    await house.say("stop")
    await house.say("", kind="command", data="start")
    mark(house)
    unmark(house)
    assert status_of(house) is PatientStatus.ACTIVE


async def test_who_never_agreed_is_not_let_in_by_a_mistake_and_a_stop(house):
    code = enrol(house.house, "en", "", "bob").rpartition("=")[2]
    await house.say(code, "dora", kind="command", data="start")
    with house.house.store.reading() as rows:
        dora = rows.patients.contact_at("telegram", "42", "dora").patient_id
    mark(house, dora)
    await house.say("stop", "dora")
    unmark(house, dora)
    assert status_of(house, dora) is PatientStatus.ENROLLED
    assert "132/84" not in await house.say("132/84", "dora")


async def test_a_patient_known_for_years_stands_where_they_stood_last(house):
    await house.say("stop")
    mark(house)
    unmark(house)
    await house.say("", kind="command", data="start")
    seen = AuditEvent(at=house.clock(), actor="bob", type="viewed.record", subject="alice")
    with house.house.store.unit_of_work() as work:
        work.audit.add(*[seen] * 1000)
    mark(house)
    unmark(house)
    assert status_of(house) is PatientStatus.ACTIVE


async def test_the_family_reads_nothing_of_what_the_care_team_does(house):
    await house.say("I have crushing chest pain and cannot breathe")
    [matter] = house.escalations()
    before = len(house.phone.sent)
    mark(house)
    actions = console_actions(house.house)
    actions.accept(matter.id, "bob")
    actions.hold("alice", "bob")
    actions.release("alice", "bob")
    await house.settle()
    assert house.told("alice", before) == []


async def test_a_nurse_can_write_to_the_family_and_nothing_is_said_around_it(house):
    mark(house)
    before = len(house.phone.sent)
    actions = console_actions(house.house)
    assert actions.reply("alice", "bob", "We are all very sorry.", "1") == ()
    actions.release("alice", "bob")
    await house.settle()
    [said] = house.told("alice", before)
    assert "We are all very sorry." in said


@pytest.mark.parametrize("button", ["yes", "not_yet"])
async def test_whoever_taps_an_old_button_is_answered(house, button):
    await house.say("I have crushing chest pain and cannot breathe")
    house.clock.advance(minutes=4)
    ask_calls(house.services)
    await house.settle()
    mark(house)
    label = say(f"watch.call_button_{button}", "en")
    assert await house.tap(label) != ""


@pytest.mark.parametrize(
    "error", [RateLimited(timedelta(seconds=5), whole_bot=False), OutcomeUnknown()], ids=repr
)
async def test_what_was_on_the_wire_at_that_moment_is_not_said_again(house, error):
    await house.say("I have crushing chest pain and cannot breathe")
    [matter] = house.escalations()
    console_actions(house.house).accept(matter.id, "bob")
    lease = timedelta(seconds=30)
    with house.house.store.unit_of_work() as work:
        taken = work.outbox.claim(house.clock(), lease, 50, channel="telegram", bot="42")
    [parcel] = [one for one in taken if one.address == "alice"]
    assert settle.before(parcel, house.services, lease) is not None
    house.clock.advance(seconds=1)
    mark(house)
    settle.failed(parcel, error, house.services)
    before = len(house.phone.sent)
    house.clock.advance(minutes=1)
    await house.settle()
    assert house.told("alice", before) == []


async def test_an_emergency_of_whoever_writes_is_said_again_when_nobody_knows_if_it_arrived(house):
    mark(house)
    house.phone.fails = [OutcomeUnknown(), OutcomeUnknown()]  # the nurse's page is the other
    assert "sending this again" in await house.say("I want to kill myself tonight")
