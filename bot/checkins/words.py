"""What a check-in says; the words are in the catalogue, the choices are buttons."""

from __future__ import annotations

from bot.domain.checkin import CheckIn
from bot.domain.message import Button
from bot.domain.outbox import Draft
from bot.domain.patient import Patient
from prompts import say

ANSWERS = ("good", "same", "worse")


def question(checkin: CheckIn, patient: Patient, *, again: bool = False) -> Draft:
    """The question of the day with its three answers as buttons."""
    language = patient.language
    tag = checkin.slot.replace("-", "").replace(":", "")
    row = tuple(
        Button(label=say(f"checkin.button_{answer}", language), data=f"c:{tag}:{answer}")
        for answer in ANSWERS
    )
    words = "checkin.nag" if again else "checkin.question"
    return Draft(
        text=say(words, language, name=patient.name),
        buttons=tuple((button,) for button in row),
        approved=True,
    )
