"""The answer to "how are you", and the time at which it is asked."""

from __future__ import annotations

import re
from dataclasses import replace

from bot.domain.dates import clock_time_in
from bot.domain.checkin import Schedule
from bot.domain.message import Kind
from bot.domain.observation import Observation
from bot.domain.outbox import Draft
from bot.domain.turn import Concern, Turn
from bot.ports import Services
from bot.post import short_id
from prompts import say

_ABOUT_TIME = re.compile(
    r"\bcheck[- ]?in\b|\bask (?:me )?how i am\b|\bask me (?:every ?day|daily|each day)\b"
    r"|问候我|每天.{0,8}(?:问我|问候)|签到|(?:问候|问我).{0,4}时间",
    re.IGNORECASE,
)
_FEELING = {
    "good": ("good", "fine", "well", "great", "very well", "i am fine", "i'm fine", "i am well",
             "i'm well", "better", "不错", "挺好", "很好", "好", "还不错", "我很好", "都好", "好多了"),
    "same": ("same", "as usual", "ok", "okay", "so so", "so-so", "not bad", "the same",
             "还行", "一般", "老样子", "跟平时一样", "差不多", "还可以", "马马虎虎"),
    "worse": ("worse", "bad", "not good", "not well", "poorly", "terrible", "awful",
              "不好", "不太好", "不舒服", "难受", "不如平时", "很差", "差"),
}  # fmt: skip
_SCORE = {"good": 1.0, "same": 2.0, "worse": 3.0}


def set_time(turn: Turn, services: Services) -> Turn:
    """ "Check in at 8:30", "每天早上八点问候我": the daily time changes and is read back."""
    if not _ABOUT_TIME.search(turn.text):
        return turn
    wanted = clock_time_in(turn.text)
    if wanted is None:
        if turn.schedules:
            words = say("checkin.time_now", turn.language, time=turn.schedules[0].time)
        else:
            words = say("checkin.time_unclear", turn.language)
        return turn.say(Draft(text=words, approved=True))
    schedule = Schedule(
        id=f"wellness/{turn.patient_id}",
        patient_id=turn.patient_id,
        kind="wellness",
        time=wanted,
    )
    words = say("checkin.time_set", turn.language, time=wanted)
    return turn.say(Draft(text=words, approved=True), schedule=schedule)


def answer(turn: Turn, services: Services) -> Turn:
    """A tap on, or the words for, how today is; worse reaches the nurses' list."""
    if turn.incoming.kind is Kind.TAP:
        if not turn.incoming.data.startswith("c:"):
            return turn
        feeling = turn.incoming.data.rpartition(":")[2]
        slot = turn.incoming.data.split(":")[1]
        current = turn.open_checkin
        if current is None or current.slot.replace("-", "").replace(":", "") != slot:
            return turn.say(Draft(text=say("checkin.already", turn.language), approved=True))
    else:
        plain = turn.text.strip().strip(".!。！,， ").casefold()
        feeling = next((name for name, words in _FEELING.items() if plain in words), "")
        if turn.open_checkin is None and feeling != "worse":
            return turn
    if feeling not in _SCORE:
        return turn
    observation = Observation(
        id=short_id("feeling", turn.message.id),
        patient_id=turn.patient_id,
        code="feeling",
        value=_SCORE[feeling],
        unit="",
        said=say(f"checkin.button_{feeling}", turn.language),
        source=turn.message.id,
        at=turn.message.at,
    )
    told = replace(turn, answers=turn.open_checkin, observed=(observation,))
    if feeling == "worse":
        told = replace(told, concerns=(Concern(reason="feels_worse", tier="P2"),))
    return told.say(Draft(text=say(f"checkin.noted_{feeling}", turn.language), approved=True))
