"""Room 6: a draft from the language model, and approved words when there is none or it fails."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace

from bot.conversation import lead
from bot.conversation.notes import Notes, names, notes, readings, said
from bot.conversation.open_forms import reminder
from bot.domain.errors import ModelError
from bot.domain.outbox import Draft
from bot.domain.patient import Purpose
from bot.domain.turn import Concern, Turn
from bot.ports import Services
from bot.whom_to_call import number_to_call
from prompts import render, say

_LANGUAGE_NAMES = {"en": "English", "zh": "Simplified Chinese (简体中文)"}
_QUESTION = re.compile(
    r"[?？]|^\W*(?:what|how|why|when|where|which|who|can|could|should|may|is|are|do|does|did|will)\b"
    r"|吗|呢|什么|怎么|怎样|多少|多久|几|哪|谁|为何|为什么|如何|还是|能不能|可不可以|可以不|是不是|有没有"
    r"|要不要|会不会|该不该|需不需要|好不好|行不行",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


def without_model(turn: Turn, services: Services) -> Turn:
    """Approved words where there is no model to ask, or no consent; else the turn as it is."""
    if services.chat_model is None or Purpose.LANGUAGE_MODEL not in turn.patient.consents:
        return _without_model(turn)
    return turn


async def compose(turn: Turn, services: Services) -> Turn:
    """A turn that no other room answered always gets an answer here, never silence.

    One that the library answered may be worded better; if not, the library's words stay.
    """
    if lead.may_draft(turn, services):
        draft, turn = await lead.draft(turn, services)
        if turn.handled:
            return replace(turn, drafts=(draft, *turn.drafts[1:])) if draft else turn
        return _with_reminder(turn, draft) if draft else _without_model(turn)
    model = services.chat_model
    if model is None or Purpose.LANGUAGE_MODEL not in turn.patient.consents:
        return _without_model(turn)
    known = await asyncio.to_thread(notes, turn, services)
    system = render(
        "answer",
        language_name=_LANGUAGE_NAMES[turn.language],
        facts=known.facts,
        memories=known.memories,
        months=known.months,
        readings=readings(turn),
        today=turn.now.astimezone(turn.patient.zone).strftime("%Y-%m-%d"),
        clinic=services.clinic.name,
    )
    try:
        text = await model.draft(system, said(turn, known), names=names(turn))
    except ModelError:
        return _without_model(turn)
    return _with_reminder(turn, Draft(text=text, numbers=_numbers(turn, known)))


def _without_model(turn: Turn) -> Turn:
    """Honest words: what was heard is kept, what can be asked here, and the way to a person."""
    if turn.alarm == "asked":  # help is what counts now, and the nurse has the words
        return replace(turn, handled=True)
    words = say("answer.cannot", turn.language)
    if _QUESTION.search(turn.text):
        concern = Concern(reason="asked_for_nurse", tier="P3")
        number = number_to_call(turn.patient)
        words = say("answer.question_passed_on", turn.language, number=number)
        return _with_reminder(turn, Draft(text=words, approved=True), concern)
    return _with_reminder(turn, Draft(text=words, approved=True))


def _with_reminder(turn: Turn, draft: Draft, *concerns: Concern) -> Turn:
    again = reminder(turn)
    drafts = (draft, again) if again else (draft,)
    return turn.say(*drafts, concerns=(*turn.concerns, *concerns))


def _numbers(turn: Turn, known: Notes) -> tuple[float, ...]:
    """Every number the draft may hold: from the record, the memories and the patient's words."""
    texts = [turn.text, *known.texts, *readings(turn)]
    return tuple({float(n) for text in texts for n in _NUMBER.findall(text)})
