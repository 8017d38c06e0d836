"""What an outage left: one message for what is still useful."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from bot.checkins.words import clock_of, label
from bot.domain.checkin import CheckIn, Schedule, kinds
from bot.domain.message import Button
from bot.domain.outbox import Draft
from bot.domain.patient import Patient
from bot.post import short_id
from prompts import say

#: Later than this a question has waited for the house, not for its turn.
LATE = timedelta(minutes=10)
MERGED = "m"  #: ends the data of a button that stands with others in one message


def merge(
    items: Sequence[tuple[CheckIn, Schedule]], patient: Patient, *, alike: bool = False
) -> Draft:
    """Several questions of one patient as one message, each with its own buttons, numbered.

    ``alike``: they are on time, and their words are the same.
    """
    language = patient.language
    lines, rows = [], []
    for number, (checkin, schedule) in enumerate(items, 1):
        time = clock_of(checkin, patient)
        lines.append(say(f"checkin.merged_{checkin.kind}", language, what=schedule.what, time=time))
        buttons = tuple(
            Button(
                label=f"{number}. {label(answer, language)}",
                data=f"c:{checkin.id}:{answer}:{MERGED}",
            )
            for answer in kinds()[checkin.kind].answers
        )
        rows += [buttons] if buttons else []
    if alike:
        dose = items[0][0].kind == "medicine"
        text = say("checkin.alike", language, lines=lines, dose=dose)
    else:
        text = say("checkin.merged", language, name=patient.name, lines=lines)
    return Draft(text=text, buttons=tuple(rows), approved=True)


def merged_key(checkins: Sequence[CheckIn]) -> str:
    """The outbox key of the one message: the same questions are never put into two."""
    return short_id("merged", *(one.ask_key for one in checkins))
