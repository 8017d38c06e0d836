"""Dialogues a nurse can read: what a patient writes, and what the house must and must not do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from house import HouseUnderTest

from bot.checkins.ask import ask
from bot.checkins.miss import miss
from bot.checkins.pauses import end_pauses
from bot.checkins.plan import plan
from bot.escalations.climb import climb

_FOLDER = Path(__file__).parents[1] / "dialogues"
_CASES = [
    (path.stem, case)
    for path in sorted(_FOLDER.glob("*.yaml"))
    for case in yaml.safe_load(path.read_text("utf-8"))
]


@pytest.mark.parametrize(
    "case", [pytest.param(case, id=f"{name}: {case['title']}") for name, case in _CASES]
)
async def test_dialogue(house: HouseUnderTest, case: dict[str, Any]) -> None:
    who = "patient"
    house.patient(who, **{"name": "", **case.get("patient", {})})
    for step in case["turns"]:
        answer = await _act(house, who, step)
        for words in _list(step, "hears"):
            assert words in answer, f"{step}: {words!r} is missing in {answer!r}"
        for words in _list(step, "never hears"):
            assert words not in answer, f"{step}: {words!r} was said in {answer!r}"
        if step.get("silence"):
            assert answer == "", f"{step}: the bot said {answer!r}"
    found = [e for e in house.escalations() if e.patient_id == who]
    if "escalations" in case:
        wanted = sorted((e["tier"], e["reason"]) for e in case["escalations"])
        assert sorted((e.tier, e.reason) for e in found) == wanted
    told = "\n".join(house.told("nurse-bob"))
    for words in _list(case, "nurse sees"):
        assert words in told
    for words in _list(case, "nurse never sees"):
        assert words not in told
    if "record" in case:
        with house.house.store.reading() as rows:
            kept = [f"{o.code} {o.shown}" for o in reversed(rows.record.observations(who))]
        assert kept == case["record"]
    assert house.told("charlie") == []


async def _act(house: HouseUnderTest, who: str, step: dict[str, Any]) -> str:
    if "writes" in step:
        return await house.say(str(step["writes"]), who)
    if "taps" in step:
        return await house.tap(step["taps"], who)
    if "command" in step:
        name, _, argument = step["command"].partition(" ")
        return await house.say(argument, who, kind="command", data=name)
    if "sends" in step:
        attachment = {"reference": "file-1", "media_type": "image/jpeg"}
        house.phone.files["file-1"] = b"picture"
        return await house.say(
            step.get("caption", ""), who, kind=step["sends"], attachment=attachment
        )
    if "nurse taps" in step:
        return await house.tap(step["nurse taps"], "nurse-bob")
    before = len(house.phone.sent)
    house.clock.advance(**step["after"])
    for beat in (plan, end_pauses, ask, miss, climb):
        beat(house.services)
    await house.settle()
    return "\n".join(house.told(who, before))


def _list(step: dict[str, Any], key: str) -> list[str]:
    value = step.get(key, [])
    return [str(one) for one in value] if isinstance(value, list) else [str(value)]
