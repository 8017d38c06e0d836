"""The answer to "how are you", and the time at which it is asked."""

from __future__ import annotations

import re
from dataclasses import replace

from bot.conversation import questionnaire_turn
from bot.conversation.stop_turn import unheard
from bot.domain.checkin import LATER, CheckIn, CheckInState, Schedule, kinds
from bot.domain.dates import clock_time_in
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
             "i'm well", "better", "不错", "挺好", "很好", "好", "还不错", "我很好", "都好",
             "好多了"),
    "same": ("same", "as usual", "ok", "okay", "so so", "so-so", "not bad", "the same",
             "还行", "一般", "老样子", "跟平时一样", "差不多", "还可以", "马马虎虎"),
    "worse": ("worse", "bad", "not good", "not well", "poorly", "terrible", "awful",
              "不好", "不太好", "不舒服", "难受", "不如平时", "很差", "差"),
}  # fmt: skip
_DONE = {
    "taken": ("taken", "took it", "i took it", "done", "吃了", "已吃", "吃过了", "服了", "打了"),
    "done": ("done", "i did it", "做了", "好了", "完成了"),
    "later": ("later", "not yet", "in a while", "等会儿", "等一下", "晚点", "待会儿", "一会儿"),
    "skipped": ("skipped", "skip", "not today", "没吃", "跳过", "今天不了", "不吃了"),
}
_SCORE = {"good": 1.0, "same": 2.0, "worse": 3.0}


def set_time(turn: Turn, services: Services) -> Turn:
    """ "Check in at 8:30", "每天早上八点问候我": the daily time changes and is read back."""
    if not _ABOUT_TIME.search(turn.text):
        return turn
    wanted = clock_time_in(turn.text)
    daily = next((s for s in turn.schedules if s.kind == "wellness"), None)
    if wanted is None:
        words = "checkin.time_now" if daily else "checkin.time_unclear"
        time = daily.time if daily else ""
        return turn.say(Draft(text=say(words, turn.language, time=time), approved=True))
    if why := unheard(turn.patient):
        return turn.say(Draft(text=say(why, turn.language), approved=True))
    schedule = Schedule(
        id=f"wellness/{turn.patient_id}",
        patient_id=turn.patient_id,
        kind="wellness",
        time=wanted,
    )
    words = say("checkin.time_set", turn.language, time=wanted)
    return turn.say(Draft(text=words, approved=True), scheduled=(schedule,))


def answer(turn: Turn, services: Services) -> Turn:
    """A tap on an answer, or the words for how today is."""
    if turn.incoming.kind is Kind.TAP:
        return _tapped(turn) if turn.incoming.data.startswith("c:") else turn
    plain = turn.text.strip().strip(".!。！,， ").casefold()
    if took := _answer_in_words(turn, plain):
        return took
    feeling = next((name for name, words in _FEELING.items() if plain in words), "")
    current = turn.open_of("wellness")
    if not feeling or (current is None and feeling != "worse"):
        return turn
    return _felt(turn, current, feeling)


def _tapped(turn: Turn) -> Turn:
    _, checkin_id, chosen = (*turn.incoming.data.split(":"), "", "")[:3]
    current = next((c for c in turn.open_checkins if c.id == checkin_id), None)
    if current is None or chosen not in kinds()[current.kind].answers:
        return turn.say(Draft(text=say("checkin.already", turn.language), approved=True))
    if current.kind == "wellness":
        return _felt(turn, current, chosen)
    if chosen == "start":
        return questionnaire_turn.begin_for(turn, current)
    return _done(turn, current, chosen)


def _answer_in_words(turn: Turn, plain: str) -> Turn | None:
    """ "Taken", "吃了": the newest open question that can be answered so."""
    chosen = next((name for name, words in _DONE.items() if plain in words), "")
    for checkin in turn.open_checkins:
        if checkin.kind != "wellness" and chosen in kinds()[checkin.kind].answers:
            return _done(turn, checkin, chosen)
    return None


def _done(turn: Turn, checkin: CheckIn, chosen: str) -> Turn:
    """Keep the answer, and change the question to what is stored; "later" asks again."""
    schedule = next((s for s in turn.schedules if s.id == checkin.schedule_id), None)
    what = schedule.what if schedule else ""
    clock = turn.now.astimezone(turn.patient.zone).strftime("%H:%M")
    if chosen == "later":
        again = turn.now + LATER
        due = replace(checkin, state=CheckInState.DUE, due_at=again, nagged_at=None)
        clock = again.astimezone(turn.patient.zone).strftime("%H:%M")
        change = (checkin, due)
    else:
        change = turn.answered(checkin, chosen)
    words = say(f"checkin.stored_{chosen}", turn.language, what=what, time=clock)
    told = replace(turn, answers=(change,))
    if not turn.incoming.data.endswith(":m"):  # else other questions stand in the same message
        told = replace(told, edits=((checkin.ask_key, words),))
    if turn.incoming.kind is Kind.TAP and not turn.incoming.data.endswith(":m"):
        return replace(told, handled=True)  # the edited message says it
    return told.say(Draft(text=words, approved=True))


def _felt(turn: Turn, current: CheckIn | None, feeling: str) -> Turn:
    """How today is becomes an Observation; worse reaches the nurses' list."""
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
    answers = (turn.answered(current, feeling),) if current else ()
    told = replace(turn, answers=answers, observed=(observation,))
    if feeling == "worse":
        told = replace(told, concerns=(Concern(reason="feels_worse", tier="P2"),))
    return told.say(Draft(text=say(f"checkin.noted_{feeling}", turn.language), approved=True))
