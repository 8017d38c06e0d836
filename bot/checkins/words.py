"""What a check-in says; the words are in the catalogue, what it is about is said verbatim."""

from __future__ import annotations

from functools import cache

from bot.domain.checkin import CheckIn, Schedule, kinds
from bot.domain.message import Button
from bot.domain.outbox import Draft
from bot.domain.patient import Patient
from prompts import say


@cache
def label(answer: str, language: str) -> str:
    return say(f"checkin.button_{answer}", language)


def clock_of(checkin: CheckIn, patient: Patient) -> str:
    """When it is due on the clock beside the patient; its slot may go by the clock of home."""
    return f"{checkin.due_at.astimezone(patient.zone):%H:%M}"


def question(
    checkin: CheckIn,
    schedule: Schedule,
    patient: Patient,
    *,
    again: bool = False,
    rarer: bool = False,
) -> Draft:
    """The question with its answers as buttons. A dose is data: its words are never re-worded.

    ``rarer``: nobody has answered for a while, and it says so.
    """
    language = patient.language
    words = "nag" if again else "question"
    key = f"checkin.{words}" if checkin.kind == "wellness" else f"checkin.{checkin.kind}_{words}"
    rows = tuple(
        (Button(label=label(answer, language), data=f"c:{checkin.id}:{answer}"),)
        for answer in kinds()[checkin.kind].answers
    )
    time = clock_of(checkin, patient)
    text = say(key, language, name=patient.name, what=schedule.what, time=time)
    if rarer:
        text += "\n" + say("checkin.rarer", language)
    return Draft(text=text, buttons=rows, approved=True)
