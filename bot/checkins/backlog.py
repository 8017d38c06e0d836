"""What an outage left: one message for what is still useful, and the nurse for what is not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.checkins.words import clock_of, label
from bot.domain.checkin import CheckIn, Schedule, kinds
from bot.domain.message import Button
from bot.domain.outbox import Draft, MessageClass
from bot.domain.patient import Patient
from bot.escalations.begin import begin
from bot.plans.wanted import miss_tier
from bot.ports import UnitOfWork
from bot.post import short_id
from prompts import say
from safety import Tier

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


def tell_nurse(
    work: UnitOfWork, dropped: Sequence[tuple[CheckIn, Schedule]], now: datetime
) -> None:
    """One matter a patient: what should have been asked about medicine or measurements, and was
    not, because the house was away."""
    by_patient: dict[str, list[tuple[CheckIn, Schedule]]] = {}
    for checkin, schedule in dropped:
        if kinds()[checkin.kind].message_class is MessageClass.CLINICAL:
            by_patient.setdefault(checkin.patient_id, []).append((checkin, schedule))
    for items in by_patient.values():
        first = items[0][0]
        begin(
            work,
            patient_id=first.patient_id,
            reason="not_asked",
            tier=Tier[min(miss_tier(schedule) for _, schedule in items)],
            source=first.id,
            evidence={
                "what": [schedule.what for _, schedule in items],
                "slots": [checkin.slot for checkin, _ in items],
            },
            now=now,
        )
