"""Who leaves the care team can do nothing more and is called no more; the others are."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from house import HouseUnderTest
from typer.testing import CliRunner

from bot.__main__ import app
from bot.console.sessions import hash_password
from bot.console_actions import console_actions
from bot.domain.care_team import Role
from bot.domain.errors import ChannelError
from bot.domain.message import PatientId
from bot.escalations.accept import NotFound
from bot.escalations.climb import climb
from bot.escalations.hold import hold
from bot.escalations.rota import add_shift, load
from bot.escalations.team import change
from bot.inviting import invite
from prompts import say

PAIN = "I have crushing chest pain and cannot breathe"
PASSWORD = "a quiet morning on the ward"
Do = Callable[..., Any]


def leaves(house: HouseUnderTest, who: str) -> None:
    change(house.services, who, {"active": False}, "operator")


async def rungs(house: HouseUnderTest, count: int = 4) -> None:
    for _ in range(count):
        house.clock.advance(minutes=3)
        climb(house.services)
        await house.settle()


async def test_who_has_left_is_called_on_no_rung_and_the_others_are(house: HouseUnderTest) -> None:
    house.nurse("dora")
    house.nurse("sam", role=Role.SUPERVISOR, on_shift=False)
    house.nurse("old", role=Role.SUPERVISOR, email="old@clinic.example")
    leaves(house, "old")
    leaves(house, "bob")
    await house.say(PAIN)
    await rungs(house)
    assert house.told("nurse-dora") and house.told("nurse-sam")
    assert house.told("nurse-bob") == house.told("nurse-old") == []


async def test_who_leaves_while_an_alert_runs_is_called_no_more(house: HouseUnderTest) -> None:
    house.nurse("dora")
    await house.say(PAIN)
    before = len(house.phone.sent)
    leaves(house, "bob")  # stands in the matter's own note of who was on shift
    await rungs(house)
    assert house.told("nurse-dora", before) and not house.told("nurse-bob", before)


async def test_with_nobody_left_the_patient_hears_what_an_empty_team_says(
    house: HouseUnderTest,
) -> None:
    house.nurse("sam", role=Role.SUPERVISOR)
    leaves(house, "bob")
    leaves(house, "sam")
    assert say("care.status_nobody", "en", phone="").strip() in await house.say(PAIN)
    [matter] = house.escalations()
    assert matter.next_step_at is not None


async def test_a_tap_on_an_old_card_does_nothing(house: HouseUnderTest) -> None:
    await house.say(PAIN)
    leaves(house, "bob")
    await house.tap("Accept", "nurse-bob")
    [matter] = house.escalations()
    assert matter.accepted_by == ""
    assert house.told("nurse-bob")[-1] == say("care.tap_stranger", "en")


async def test_a_card_that_still_waits_in_the_post_is_not_sent(house: HouseUnderTest) -> None:
    house.nurse("dora")
    house.arrives("alice", text=PAIN)
    house.phone.fails = [ChannelError("no way out", permanent=False) for _ in range(20)]
    await house.settle()
    leaves(house, "bob")
    house.phone.fails = []
    await rungs(house, 1)
    assert house.told("nurse-dora") and not house.told("nurse-bob")


async def test_an_old_link_links_nobody_who_has_left(house: HouseUnderTest) -> None:
    code = invite(house.house, "member", "bob").rpartition("=")[2]
    leaves(house, "bob")
    await house.say(code, "new-phone", kind="command", data="start")
    with house.house.store.reading() as rows:
        member = rows.care_team.get("bob")
    assert member and member.telegram_id == ""


async def test_who_has_left_stands_on_no_rota(house: HouseUnderTest) -> None:
    add_shift(house.services, "bob", "daily", "00:00", "24:00", "UTC", "sam")
    leaves(house, "bob")
    with house.house.store.reading() as rows:
        assert rows.care_team.shifts() == []
    with pytest.raises(NotFound):
        add_shift(house.services, "bob", "daily", "00:00", "24:00", "UTC", "sam")
    with pytest.raises(ValueError, match="there is no bob"):
        load(
            house.services,
            '[[shift]]\nnurse="bob"\ndays="sat"\nfrom="08:00"\nuntil="16:00"\nzone="UTC"\n',
            "sam",
        )


async def test_the_bot_is_back_in_a_chat_that_they_held(house: HouseUnderTest) -> None:
    hold(house.services, PatientId("alice"), "bob")
    await house.settle()
    leaves(house, "bob")
    await house.settle()
    assert house.told("alice")[-1] == say("care.bot_is_back", "en")


async def test_their_name_stays_where_they_wrote_and_looked(house: HouseUnderTest) -> None:
    hold(house.services, PatientId("alice"), "bob")
    leaves(house, "bob")
    with house.house.store.reading() as rows:
        assert "Bob" in {member.name for member in rows.care_team.all()}
        [left] = [event for event in rows.audit.of("bob") if event.type.startswith("member.")]
    assert (left.type, left.actor) == ("member.changed", "operator")


@pytest.mark.parametrize(
    "changes",
    [{"password_hash": hash_password("another morning")}, {"role": Role.SUPERVISOR},
     {"active": False}],
)  # fmt: skip
def test_a_new_password_a_new_role_and_leaving_end_ones_own_sessions_alone(
    house: HouseUnderTest, changes: dict[str, object]
) -> None:
    house.nurse("dora")
    until = house.clock() + timedelta(hours=12)
    with house.house.store.unit_of_work() as work:
        work.care_team.open_session("bobs", "bob", "c", until)
        work.care_team.open_session("doras", "dora", "c", until)
    change(house.services, "bob", changes, "operator")
    with house.house.store.reading() as rows:
        assert rows.care_team.session("bobs", house.clock()) is None
        assert rows.care_team.session("doras", house.clock()) is not None


def test_a_new_name_ends_no_session(house: HouseUnderTest) -> None:
    with house.house.store.unit_of_work() as work:
        work.care_team.open_session("bobs", "bob", "c", house.clock() + timedelta(hours=12))
    change(house.services, "bob", {"name": "Bob Taylor"}, "operator")
    with house.house.store.reading() as rows:
        assert rows.care_team.session("bobs", house.clock()) is not None


@pytest.fixture
def do(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Do:
    monkeypatch.setenv("ANKANG_DATA", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    run = CliRunner()
    return lambda *words, typed="": run.invoke(app, list(words), input=typed)


def test_the_command_line_disables_and_enables(do: Do) -> None:
    do("nurse", "bob", "--name", "Bob", typed=f"{PASSWORD}\n")
    gone = do("nurse", "bob", "--disable")
    assert gone.exit_code == 0 and "can no longer sign in" in gone.output
    assert "Bob" not in do("rota", "show").output
    assert do("enrol", "--nurse", "bob").exit_code == 1
    signed = do(
        "safety", "set", "nobody", "condition", "asthma", "--by", "bob", typed=f"{PASSWORD}\n"
    )
    assert "do not fit" in re.sub(r"\s+", " ", signed.output)
    assert "can sign in as bob" in do("nurse", "bob", "--enable", typed="\n").output
    assert "Bob" in do("rota", "show").output


def test_the_command_line_unlinks_and_knows_who_is_there(do: Do) -> None:
    do("nurse", "bob", "--name", "Bob", typed=f"{PASSWORD}\n")
    assert "no longer linked" in do("nurse", "bob", "--unlink").output
    for flag in ("--disable", "--unlink"):
        unknown = do("nurse", "eve", flag)
        assert unknown.exit_code == 1 and "There is no nurse eve" in unknown.output


async def test_unlinked_means_that_no_card_comes_and_no_tap_counts(house: HouseUnderTest) -> None:
    house.nurse("dora")
    await house.say(PAIN)
    before = len(house.phone.sent)
    change(house.services, "bob", {"telegram_id": ""}, "operator")
    await house.tap("Accept", "nurse-bob")
    await rungs(house, 1)
    [matter] = house.escalations()
    assert matter.accepted_by == ""
    assert house.told("nurse-bob", before) == [say("care.tap_stranger", "en")]


async def test_a_refused_reply_tells_the_patient_nothing_and_the_bot_goes_on(house):
    actions = console_actions(house.house)
    assert actions.reply("alice", "bob", "Just double your dose", "1") == ("dose_change",)
    await house.settle()
    assert house.told("alice") == []
    await house.say("good morning")
    assert len(house.told("alice")) == 1
    assert actions.reply("alice", "bob", "I will call you at 3 pm.", "2") == ()
    await house.settle()
    assert "I will call you at 3 pm." in house.told("alice")[-1]
