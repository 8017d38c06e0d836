"""When a person is wanted, and when a person is already here."""

from __future__ import annotations

import re
from dataclasses import replace

from bot.domain.outbox import Draft
from bot.domain.patient import Patient
from bot.domain.turn import Concern, Turn
from bot.ports import Services
from bot.whom_to_call import number_to_call
from prompts import say

_ASKED = re.compile(
    r"\b(?:ask|tell|call|get|talk to|speak (?:to|with)|contact|need|want|see)\b[^.?!]{0,24}"
    r"\b(?:nurse|doctor|human|person|somebody|someone)\b"
    r"|\bnurse\b[^.?!]{0,20}\bcall me\b"
    r"|(?:请|叫|让|找|问|联系|转|告诉|想跟|想和|要跟|要和)[^。？！]{0,6}(?:护士|医生|大夫|人工|真人)",
    re.IGNORECASE,
)


def asked_for(turn: Turn, services: Services) -> Turn:
    """The patient asks for a person: the question goes on the nurses' list, and it is said so."""
    if not _ASKED.search(turn.text):
        return turn
    concern = Concern(reason="asked_for_nurse", tier="P2")
    words = passed_on(turn.patient, services)
    return turn.say(Draft(text=words, approved=True), concerns=(concern,))


def passed_on(patient: Patient, services: Services) -> str:
    """That it is on the nurses' list, and whom to call if it cannot wait."""
    phone, number = services.clinic.team_phone, number_to_call(patient)
    return say("nurse.passed_on", patient.language, phone=phone, number=number)


def held(turn: Turn, services: Services) -> Turn:
    """A person is writing with the patient: the bot keeps the words and says nothing."""
    return replace(turn, handled=True) if turn.dialogue.held_by else turn
