"""Quiet hours in the patient's own words: set at once, read back, shown when asked."""

from __future__ import annotations

import re
from dataclasses import replace

from bot.domain.message import TYPED
from bot.domain.outbox import Draft
from bot.domain.turn import Turn
from bot.ports import Services
from bot.when import understand
from prompts import say

_NAMED = re.compile(r"\bquiet hours?\b|\bdo[- ]not[- ]disturb\b|免打扰|安静时[间段]", re.I)
_ASKED = re.compile(
    r"\b(?:do not|don'?t|never|no longer)\b.{0,8}\b(?:disturb|message|text|write to|wake|bother|"
    r"contact|ping) me\b.{0,4}\b(?:between|after|before|from|at night|during the night)\b"
    r"|\bno (?:messages|texts)\b.{0,4}\b(?:between|after|before|from|at night)\b"
    r"|(?:不要|别|不用|请勿).{0,4}(?:打扰|吵我|吵醒我|发消息|发信息|给我发|找我|联系我)",
    re.IGNORECASE,
)
_OFF = re.compile(
    r"\b(?:no|without|turn off|switch off|cancel|remove|end)\b.{0,8}"
    r"\b(?:quiet hours?|do not disturb)"
    r"|(?:取消|关掉|关闭|不要|去掉).{0,4}(?:免打扰|安静时[间段])",
    re.IGNORECASE,
)
_BEFORE = re.compile(r"\bbefore\b|以?前(?!.*后)")
#: "Every night from ten": a clock time of any day, and no rule.
_ANY_DAY = re.compile(r"\b(?:every|each) (?:day|night|evening)\b|每天|每晚|每日|第二天|次日", re.I)


def wish(turn: Turn, services: Services) -> Turn:
    """ "Don't message me between 10pm and 8am", 晚上十点到早上八点不要打扰我."""
    text = turn.text.replace("’", "'")
    named = _NAMED.search(text)
    if turn.incoming.kind not in TYPED or not (named or _ASKED.search(text)):
        return turn
    if _OFF.search(text):
        return _set(turn, turn.patient.quiet_from, turn.patient.quiet_from)
    hours = _hours(turn, text)
    if hours:
        return _set(turn, *hours)
    night = re.search(r"\bnight\b|夜", text, re.I)
    return _told(turn, "quiet_now") if named or night else turn


def _hours(turn: Turn, text: str) -> tuple[str, str] | None:
    """(from, until) as "HH:MM"; where only one was said the other stays."""
    found = understand(
        _ANY_DAY.sub(" ", text), language=turn.language, now=turn.now, zone=turn.patient.zone
    )
    if any(when.problem for when in found):
        return None
    for when in found:
        if when.kind == "range" and when.start and when.end and "-" not in when.start:
            return when.start[:5], when.end[:5]
    clocks = [when.value[:5] for when in found if when.kind == "time" and when.value]
    if len(clocks) == 1:
        ends = _BEFORE.search(text)
        quiet = turn.patient
        return (quiet.quiet_from, clocks[0]) if ends else (clocks[0], quiet.quiet_until)
    return (clocks[0], clocks[1]) if len(clocks) > 1 else None


def _set(turn: Turn, begins: str, ends: str) -> Turn:
    patient = replace(turn.patient, quiet_from=begins, quiet_until=ends)
    return _told(replace(turn, patient=patient), "quiet_set")


def _told(turn: Turn, words: str) -> Turn:
    patient = turn.patient
    text = say(
        f"pause.{words}",
        turn.language,
        begins=patient.quiet_from,
        ends=patient.quiet_until,
        off=patient.quiet_from == patient.quiet_until,
    )
    return turn.say(Draft(text=text, approved=True))
