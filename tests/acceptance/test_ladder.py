"""An alert cannot die: who is called when, what the patient is asked, and who may end it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from house import HouseUnderTest
from sqlalchemy import text

import safety.ladder
from bot.domain.call import CallState
from bot.domain.care_team import CareGroup, Role
from bot.domain.escalation import AuditEvent, Escalation, EscalationState
from bot.domain.message import PatientId
from bot.erasing import erase
from bot.escalations.accept import accept, complete, contact
from bot.escalations.after_emergency import ask_calls
from bot.escalations.begin import begin
from bot.escalations.climb import climb
from safety import Tier

PAIN = "I have crushing pain in my chest and I'm sweating"
LIFE = "I want to kill myself tonight, I have the pills here"


def only(house: HouseUnderTest) -> Escalation:
    [found] = house.escalations()
    assert isinstance(found, Escalation)
    return found


def trail(house: HouseUnderTest, kind: str) -> list[AuditEvent]:
    with house.house.store.reading() as rows:
        return [event for event in rows.audit.of(only(house).id, 500) if event.type == kind]


def paged_roles(house: HouseUnderTest) -> list[Any]:
    return [event.detail["role"] for event in trail(house, "escalation.paged")]


def member(house: HouseUnderTest, who: str, **changes: Any) -> None:
    with house.house.store.unit_of_work() as work:
        known = work.care_team.get(who)
        assert known is not None
        work.care_team.save(replace(known, **changes))


async def pass_time(house: HouseUnderTest, *, calls: bool = True, **delta: float) -> str:
    """Let time pass, and look once as the beats do; what Alice was told meanwhile."""
    before = len(house.phone.sent)
    house.clock.advance(**delta)
    climb(house.services)
    if calls:
        ask_calls(house.services)
    climb(house.services)
    await house.settle()
    return "\n".join(house.told("alice", before))


@pytest.fixture
def new_ladders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Somebody edits ladders.toml: an emergency now waits an hour between its rungs."""
    text = Path(safety.ladder._FILE).read_text("utf-8")
    edited = tmp_path / "ladders.toml"
    edited.write_text(re.sub(r"minutes = 2,", "minutes = 60,", text), "utf-8")
    monkeypatch.setattr(safety.ladder, "_FILE", edited)
    safety.ladder._load.cache_clear()
    yield
    safety.ladder._load.cache_clear()


async def test_an_emergency_climbs_to_everybody_and_then_calls_the_supervisor_for_ever(
    house: HouseUnderTest,
) -> None:
    house.nurse("dora", on_shift=False)
    house.nurse("sam", role=Role.SUPERVISOR, on_shift=False)
    await house.say(PAIN)
    assert house.told("nurse-bob")
    assert house.told("nurse-dora") == house.told("nurse-sam") == []
    await pass_time(house, minutes=2, calls=False)
    assert len(house.told("nurse-dora")) == 1
    assert house.told("nurse-sam") == []
    await pass_time(house, minutes=2, calls=False)
    assert len(house.told("nurse-sam")) == 1
    for _ in range(40):
        await pass_time(house, minutes=3, calls=False)
    assert paged_roles(house) == ["on_shift", "team", "everyone"] + ["supervisor"] * 40
    assert len(house.told("nurse-sam")) == 41
    assert only(house).next_step_at is not None


async def test_an_edit_of_the_ladders_never_changes_a_running_alert(
    house: HouseUnderTest, new_ladders: None
) -> None:
    safety.ladder._load.cache_clear()
    await house.say(PAIN)  # begins with the new ladder …
    kept = only(house).ladder
    safety.ladder._load.cache_clear()
    waits = safety.read_ladder(kept).rung(1).wait.total_seconds()
    assert waits == 3600
    await pass_time(house, minutes=10, calls=False)
    assert paged_roles(house) == ["on_shift"]


async def test_a_running_alert_keeps_its_chain_its_version_and_who_was_on_shift(
    house: HouseUnderTest, request: pytest.FixtureRequest
) -> None:
    house.nurse("dora", on_shift=False)
    await house.say(PAIN)
    begun = only(house)
    assert begun.ladder["on_shift"] == ["bob"]
    assert str(begun.ladder["version"]).startswith("ladders-")
    assert begun.rule_version
    request.getfixturevalue("new_ladders")
    assert safety.ladder_for("P0").version != begun.ladder["version"]
    member(house, "bob", on_shift=False)  # the shift changes while it runs
    await pass_time(house, minutes=2, calls=False)
    assert paged_roles(house) == ["on_shift", "team"]
    assert len(house.told("nurse-bob")) == 2
    assert only(house).ladder == begun.ladder


async def test_with_nobody_on_shift_the_patient_is_told_and_the_supervisor_is_paged_at_once(
    house: HouseUnderTest,
) -> None:
    member(house, "bob", on_shift=False)
    house.nurse("sam", role=Role.SUPERVISOR, on_shift=False)
    told = await house.say(PAIN)
    assert "999" in told
    assert "No nurse is online now. I am calling the supervisor." in told
    assert len(house.told("nurse-sam")) == 1
    assert paged_roles(house) == ["supervisor"]


@pytest.mark.parametrize(("here", "role"), [(True, Role.NURSE), (False, Role.SUPERVISOR)])
async def test_nobody_is_said_to_be_called_whom_no_page_can_reach(
    house: HouseUnderTest, here: bool, role: Role
) -> None:
    member(house, "bob", on_shift=here, role=role, telegram_id="")
    told = await house.say(PAIN)
    assert "999" in told and "cannot page anybody" in told
    asked = await pass_time(house, minutes=4)
    assert "Have you been able to call" in asked and "cannot page anybody" in asked
    for hope in ("trying to reach", "calling the supervisor", "screens"):
        assert hope not in told + asked
    with house.house.store.unit_of_work() as work:
        work.care_team.add_group(CareGroup(channel="telegram", bot="42", address="ward"))
    assert "cannot page anybody" not in await pass_time(house, minutes=7)  # the ward has the card


async def test_with_nobody_at_all_on_shift_and_no_supervisor_everybody_is_paged(
    house: HouseUnderTest,
) -> None:
    member(house, "bob", on_shift=False)
    house.patient("mei", language="zh", country="CN", timezone="Asia/Shanghai", name="")
    told = await house.say("我胸口像压了块石头，还出冷汗", "mei")
    assert "120" in told
    assert "现在没有护士在线" in told
    assert len(house.told("nurse-bob")) == 1
    assert paged_roles(house) == ["everyone"]


async def test_an_acceptance_without_contact_runs_out_after_ten_minutes(
    house: HouseUnderTest,
) -> None:
    await house.say(PAIN)
    await house.tap("Accept", "nurse-bob")
    assert only(house).state is EscalationState.ACCEPTED
    await pass_time(house, minutes=9, calls=False)
    assert only(house).state is EscalationState.ACCEPTED
    await pass_time(house, minutes=1, calls=False)
    assert only(house).state is not EscalationState.ACCEPTED
    assert len(trail(house, "escalation.acceptance_expired")) == 1
    assert len(house.told("nurse-bob")) > 2


async def test_an_acceptance_with_recorded_contact_holds(house: HouseUnderTest) -> None:
    await house.say(PAIN)
    await house.tap("Accept", "nurse-bob")
    await house.tap("I have reached the patient", "nurse-bob")
    await pass_time(house, hours=5)
    assert only(house).state is EscalationState.CONTACT_MADE


async def test_two_people_close_self_harm_and_one_person_twice_is_one(
    house: HouseUnderTest,
) -> None:
    house.nurse("dora")
    await house.say(LIFE)
    found = only(house).id
    complete(house.services, found, "bob", "reached_well")
    complete(house.services, found, "bob", "reached_well")
    assert only(house).state is not EscalationState.COMPLETED
    await pass_time(house, minutes=2, calls=False)
    assert "team" in paged_roles(house)  # one person's word stops nothing
    complete(house.services, found, "dora", "reached_well")
    assert only(house).state is EscalationState.COMPLETED
    assert only(house).completed_by == "bob+dora"


async def test_a_same_day_alert_climbs_at_fifteen_thirty_and_sixty_minutes(
    house: HouseUnderTest,
) -> None:
    await house.say("bp 186/110")
    for minutes in (0, 15, 15, 30, 60):
        await pass_time(house, minutes=minutes, calls=False)
    assert paged_roles(house) == ["on_shift", "team", "supervisor", "supervisor", "supervisor"]


async def test_an_alert_within_a_day_waits_on_the_list_for_four_hours(
    house: HouseUnderTest,
) -> None:
    with house.house.store.unit_of_work() as work:
        work.care_team.add_group(CareGroup(channel="telegram", bot="42", address="-100"))
        begin(
            work, patient_id=PatientId("alice"), reason="asked_for_nurse", tier=Tier.P2,
            source="m", evidence={}, now=house.clock(),
        )  # fmt: skip
    await pass_time(house, hours=3, minutes=59)
    assert house.told("-100") == []
    await pass_time(house, minutes=1)
    assert len(house.told("-100")) == 1
    assert house.told("nurse-bob") == []


async def test_the_patient_is_asked_at_three_and_ten_minutes_and_silence_raises_the_step(
    house: HouseUnderTest,
) -> None:
    await house.say(PAIN)
    await pass_time(house, minutes=2, seconds=59)
    assert [q.state for q in questions(house)] == [CallState.DUE, CallState.DUE]
    told = await pass_time(house, seconds=1)
    assert "Have you been able to call 999" in told
    steps = only(house).step
    await pass_time(house, minutes=2)  # silent for two minutes; one rung was due by itself
    assert only(house).step == steps + 2
    assert only(house).evidence["calls"][0]["answer"] == "silent"  # type: ignore[index]
    assert "THE PATIENT DOES NOT ANSWER" in house.told("nurse-bob")[-1]
    told = await pass_time(house, minutes=5)
    assert "Have you been able to call 999" in told


async def test_not_yet_raises_the_step_at_once_and_is_shown(house: HouseUnderTest) -> None:
    await house.say(PAIN)
    await house.tap("Accept", "nurse-bob")
    house.nurse("dora", on_shift=False)
    await pass_time(house, minutes=3)
    before = only(house)
    told = await house.tap("Not yet")
    assert "Please call 999 now" in told
    assert "Bob from the care team is looking at this" in told
    after = only(house)
    assert after.state is EscalationState.ACCEPTED  # Bob keeps the matter …
    assert after.next_step_at == before.next_step_at
    assert after.step == before.step + 1
    assert "NOT ABLE TO CALL YET" in house.told("nurse-dora")[-1]  # … and the next one hears of it
    await house.tap("Not yet")
    assert only(house).step == after.step  # the same words again call nobody twice


async def test_i_do_not_need_it_never_closes_an_emergency(house: HouseUnderTest) -> None:
    await house.say(PAIN)
    await pass_time(house, minutes=3)
    step = only(house).step
    told = await house.tap("I don't need it")
    assert "will still look at this" in told
    assert only(house).state in (EscalationState.REQUESTED, EscalationState.DELIVERED)
    await pass_time(house, minutes=2)
    assert only(house).step == step + 1
    assert "do not need help" in house.told("nurse-bob")[-1]


async def test_help_on_its_way_is_recorded_and_asked_about_once_more(
    house: HouseUnderTest,
) -> None:
    await house.say(PAIN)
    await pass_time(house, minutes=3)
    told = await house.tap("Yes, help is coming")
    assert "999 again" in told
    [noted] = only(house).evidence["calls"]  # type: ignore[misc]
    assert noted["answer"] == "yes"
    assert noted["minute"] == "3"
    told = await pass_time(house, minutes=7)
    assert "You told me that help is coming" in told


async def test_the_questions_stop_when_a_person_recorded_contact(house: HouseUnderTest) -> None:
    await house.say(PAIN)
    contact(house.services, only(house).id, "bob", "spoke to her")
    assert await pass_time(house, minutes=3) == ""
    assert await pass_time(house, minutes=8) == ""
    assert {q.state for q in questions(house)} == {CallState.CANCELLED}


async def test_the_question_is_asked_in_chinese_with_the_number_of_the_place(
    house: HouseUnderTest,
) -> None:
    house.patient("mei", language="zh", country="CN", timezone="Asia/Shanghai", name="")
    await house.say("我胸口像压了块石头，还出冷汗", "mei")
    await pass_time(house, minutes=3)
    assert "您打通120了吗" in house.told("mei")[-1]
    told = await house.tap("还没有", "mei")
    assert "请现在就打120" in told
    assert house.told("alice") == []


async def test_nobody_can_answer_for_another_patient(house: HouseUnderTest) -> None:
    await house.say(PAIN)
    await pass_time(house, minutes=3)
    [question, _] = questions(house)
    house.arrives(
        "charlie", kind="tap", data=f"h:{question.id}:yes", sender="charlie", message_id="1"
    )
    await house.settle()
    assert "calls" not in only(house).evidence
    assert house.told("charlie") == [
        "Thank you. This question is closed. If you need help now, call 999."
    ]


async def test_two_emergencies_of_one_person_are_asked_about_once(house: HouseUnderTest) -> None:
    await house.say(PAIN)
    house.clock.advance(seconds=20)
    await house.say("my husband's face is drooping on one side and his speech is slurred")
    told = await pass_time(house, minutes=3)
    assert told.count("Have you been able to call") == 1


def questions(house: HouseUnderTest) -> list[Any]:
    with house.house.store.reading() as rows:
        return rows.calls.of(only(house).id)


def erased(house: HouseUnderTest, who: str) -> None:
    erase(house.services, house.house.tombstones, PatientId(who))


async def test_a_matter_of_an_erased_patient_is_closed_and_says_why(house: HouseUnderTest) -> None:
    await house.say(PAIN)
    erased(house, "alice")
    matter = only(house)
    assert (matter.state, matter.outcome) == (EscalationState.COMPLETED, "erased")
    assert matter.next_step_at is None
    assert trail(house, "escalation.completed")[0].detail == {"outcome": "erased"}
    told = await house.tap("Accept", "nurse-bob")
    assert told == "Closed."
    await pass_time(house, minutes=30)
    assert paged_roles(house) == ["on_shift"]


async def test_a_matter_whose_key_is_gone_can_be_taken_and_closed(house: HouseUnderTest) -> None:
    await house.say(PAIN)
    with house.house.store.unit_of_work() as work:  # the rows alone, the matter still open
        work.patients.erase(PatientId("alice"), house.clock())
    matter = only(house)
    accept(house.services, matter.id, "bob")
    contact(house.services, matter.id, "bob", "nobody there")
    complete(house.services, matter.id, "bob", "not_reached")
    assert only(house).state is EscalationState.COMPLETED


def sixty_old_matters(house: HouseUnderTest) -> None:
    """More than are taken at once, far enough apart not to become one."""
    with house.house.store.unit_of_work() as work:
        for number in range(60):
            begin(
                work, patient_id=PatientId("alice"), reason="chest_pain_acs", tier=Tier.P0,
                source=f"old/{number}", evidence={},
                now=house.clock() - timedelta(minutes=11 * (60 - number)),
            )  # fmt: skip


async def test_many_matters_that_cannot_climb_hold_no_emergency_back(
    house: HouseUnderTest, caplog: pytest.LogCaptureFixture
) -> None:
    sixty_old_matters(house)
    with house.house.store.unit_of_work() as work:
        work.patients.erase(PatientId("alice"), house.clock())
    house.nurse("dora", on_shift=False)
    house.clock.advance(minutes=1)
    await house.say(PAIN, "charlie")
    await pass_time(house, minutes=2, calls=False)
    assert len(house.told("nurse-dora")) == 1
    assert "Traceback" not in caplog.text


def lose_key(house: HouseUnderTest, who: str) -> None:
    """The row of the key is gone, and nobody has erased the patient."""
    with house.house.store.unit_of_work() as work:
        work.connection.execute(text("DELETE FROM patient_key WHERE patient_id = :w"), {"w": who})
    house.services.vault.drop(who)


@pytest.mark.parametrize("saved_since", [False, True])
async def test_a_matter_whose_key_was_lost_still_pages_until_a_person_accepts(
    house: HouseUnderTest, saved_since: bool
) -> None:
    house.nurse("dora", on_shift=False)
    with house.house.store.unit_of_work() as work:
        work.care_team.add_group(CareGroup(channel="telegram", bot="42", address="-100"))
    with house.house.store.unit_of_work() as work:
        begin(
            work, patient_id=PatientId("alice"), reason="chest_pain_acs", tier=Tier.P0,
            source="m1", evidence={"words": "crushing pain"}, now=house.clock(),
        )  # fmt: skip
    lose_key(house, "alice")
    if saved_since:  # her name can no longer be sealed, and was left out
        with house.house.store.unit_of_work() as work:
            work.connection.execute(text("UPDATE patient SET sealed = NULL WHERE id = 'alice'"))
    await pass_time(house, calls=False)
    await pass_time(house, minutes=2, calls=False)
    for told in (house.told("nurse-bob"), house.told("nurse-dora"), house.told("-100")):
        assert told and "heart attack" in told[0] and only(house).id in told[0]
        assert "crushing" not in told[0] and "A." not in told[0]
    assert trail(house, "escalation.paged")[0].detail["pages"]
    await house.tap("Accept", "nurse-dora")
    assert only(house).state is EscalationState.ACCEPTED
    complete(house.services, only(house).id, "dora", "not_reached")
    assert only(house).state is EscalationState.COMPLETED


async def test_a_question_that_cannot_be_asked_for_want_of_a_key_is_silence(
    house: HouseUnderTest, caplog: pytest.LogCaptureFixture
) -> None:
    await house.say(PAIN)
    lose_key(house, "alice")
    await pass_time(house, minutes=3)
    assert questions(house)[1].state is CallState.SILENT
    assert trail(house, "escalation.paged")[-1].detail["why"] == "silent"
    assert "cannot be asked" not in caplog.text


async def test_many_questions_that_cannot_be_asked_take_no_other_s_place(
    house: HouseUnderTest, caplog: pytest.LogCaptureFixture
) -> None:
    sixty_old_matters(house)
    with house.house.store.unit_of_work() as work:
        work.connection.execute(  # whatever the reason: these rows cannot be written
            text(
                "CREATE TRIGGER stuck BEFORE UPDATE ON call_question "
                "WHEN OLD.patient_id = 'alice' BEGIN SELECT RAISE(ABORT, 'stuck'); END"
            )
        )
    house.clock.advance(minutes=1)
    await house.say(PAIN, "charlie")
    await pass_time(house, minutes=3)
    assert any("Have you been able to call" in said for said in house.told("charlie"))
    assert "Traceback" not in caplog.text
