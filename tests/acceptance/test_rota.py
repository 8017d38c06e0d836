"""Who is called follows the rota at the moment of the call, and what patients hear is true."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from house import HouseUnderTest, make
from typer.testing import CliRunner

from bot.__main__ import app
from bot.domain.care_team import Role
from bot.escalations.climb import climb
from bot.escalations.rota import add_shift, load, remove_shift, switch

EMERGENCY = {
    "en": "I have crushing chest pain and cannot breathe",
    "zh": "我胸口压榨一样疼，喘不上气",
}


def shift(house: HouseUnderTest, who: str, days: str, begins: str, ends: str) -> str:
    return add_shift(house.services, who, days, begins, ends, "Europe/London", "sam").id


async def test_the_nurse_of_the_hour_is_called_and_not_the_one_who_sleeps(house):
    house.nurse("dora")
    shift(house, "bob", "mon-fri", "08:00", "16:00")
    shift(house, "dora", "daily", "16:00", "08:00")
    await house.say(EMERGENCY["en"])
    assert house.told("nurse-bob") and not house.told("nurse-dora")
    house.clock.now = datetime(2026, 1, 5, 20, 0, tzinfo=UTC)
    house.patient("eve")
    before = len(house.phone.sent)
    await house.say(EMERGENCY["en"], "eve")
    assert house.told("nurse-dora", before) and not house.told("nurse-bob", before)


async def test_the_chain_is_kept_and_a_nurse_who_comes_on_shift_is_called_too(house):
    house.nurse("dora")
    shift(house, "bob", "mon", "08:00", "09:01")
    shift(house, "dora", "mon", "09:01", "17:00")
    await house.say(EMERGENCY["en"])
    [matter] = house.escalations()
    assert matter.ladder["on_shift"] == ["bob"]
    house.clock.advance(minutes=2)
    climb(house.services)
    await house.settle()
    assert house.told("nurse-dora")
    assert house.escalations()[0].ladder["on_shift"] == ["bob"]


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "I am calling the supervisor"), ("zh", "我正在联系负责人")],
)
async def test_with_nobody_on_the_rota_the_patient_is_told_so_and_the_supervisor_is_called(
    settings, encoder, language, words
):
    from functools import partial

    from conftest import open_with
    from house import FakeClock

    settings.data.mkdir()
    known = settings.model_copy(update={"team_phone": "0113 496 0000"})
    house = make(known, FakeClock(), partial(open_with, encoder))
    house.patient("alice", language=language)
    house.nurse("bob")
    house.nurse("sam", role=Role.SUPERVISOR, on_shift=False)
    shift(house, "bob", "sat,sun", "08:00", "16:00")
    answer = await house.say(EMERGENCY[language])
    assert words in answer
    assert "0113 496 0000" in answer
    assert answer.index("999") < answer.index("0113 496 0000")
    assert house.told("nurse-sam")
    house.house.memories.close()
    house.house.store.engine.dispose()


async def test_switched_off_is_not_called_and_every_change_is_in_the_trail(house):
    number = shift(house, "bob", "daily", "00:00", "24:00")
    switch(house.services, "bob", False, "bob")
    house.nurse("sam", role=Role.SUPERVISOR)
    await house.say(EMERGENCY["en"])
    assert house.told("nurse-sam") and not house.told("nurse-bob")
    assert remove_shift(house.services, number, "sam")
    with house.house.store.reading() as rows:
        kinds = [event.type for event in rows.audit.of("bob")]
    assert kinds == ["rota.added", "rota.switched_off", "rota.removed"]


async def test_a_broken_file_leaves_the_rota_as_it_was(house):
    shift(house, "bob", "mon-fri", "08:00", "16:00")
    with pytest.raises(ValueError, match="shift 1: zone"):
        load(
            house.services,
            '[[shift]]\nnurse="bob"\ndays="sat"\nfrom="08:00"\nuntil="16:00"\nzone="Nowhere"\n',
            "sam",
        )
    with house.house.store.reading() as rows:
        assert [s.weekdays for s in rows.care_team.shifts()] == [(0, 1, 2, 3, 4)]


def test_the_rota_is_kept_from_the_command_line(tmp_path, monkeypatch):
    monkeypatch.setenv("ANKANG_DATA", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    run = CliRunner()

    def do(*words: str, typed: str = "") -> Any:
        return run.invoke(app, list(words), input=typed)

    assert do("nurse", "bob", typed="a quiet morning\n").exit_code == 0
    added = do("rota", "add", "bob", "mon-fri", "08:00-16:00", "--zone", "Europe/London")
    assert "mon,tue,wed,thu,fri 08:00-16:00 Europe/London" in added.output
    shown = do("rota", "show", "--zone", "Europe/London").output
    assert "Nobody on shift" in shown
    wrong = do("rota", "add", "bob", "mon-fri", "08:00-16:00", "--zone", "Europe/Lundon")
    assert wrong.exit_code == 2
    assert do("rota", "add", "eve", "daily", "08:00-16:00").exit_code == 1
    file = tmp_path / "rota.toml"
    file.write_text(
        '[[shift]]\nnurse="bob"\ndays="每天"\nfrom="00:00"\nuntil="24:00"\nzone="Asia/Shanghai"\n',
        "utf-8",
    )
    assert "1 shifts" in do("rota", "load", str(file)).output
    assert "Nobody on shift" not in do("rota", "show").output
