"""Questions whose words never went out: nobody kept silent, and a nurse hears of a dose."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.domain.checkin import CheckIn, CheckInState, Schedule, kinds
from bot.domain.escalation import AuditEvent
from bot.domain.message import PatientId
from bot.domain.outbox import MessageClass, Parcel
from bot.escalations.begin import begin
from bot.plans.wanted import miss_tier
from bot.ports import UnitOfWork
from safety import Tier

TOO_LATE = "too late"


def dropped(checkin: CheckIn, now: datetime, why: str) -> AuditEvent:
    """The note that a question was left out, and why."""
    return AuditEvent(
        at=now,
        actor="bot",
        type="checkin.dropped",
        subject=checkin.id,
        patient_id=PatientId(checkin.patient_id),
        detail={"why": why, "kind": checkin.kind},
    )


def tell_nurse(
    work: UnitOfWork, unasked: Sequence[tuple[CheckIn, Schedule]], now: datetime
) -> None:
    """One matter a patient: what should have been asked about medicine or measurements, and was
    not, because the house was away."""
    by_patient: dict[str, list[tuple[CheckIn, Schedule]]] = {}
    for checkin, schedule in unasked:
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


def drop_unsaid(
    work: UnitOfWork, parcel: Parcel, now: datetime, why: str
) -> list[tuple[CheckIn, Schedule]]:
    """Drop the check-ins that ``parcel`` would have asked, with a note for each.

    Returns them with their schedules: telling a nurse is the caller's. One that was answered
    meanwhile stays answered.
    """
    found = [
        one
        for number in _asked_by(parcel)
        if (one := work.checkins.get(number)) is not None
        and one.state in (CheckInState.ASKED, CheckInState.ANSWERED)
        and not one.answer
    ]
    if not found:
        return []
    work.checkins.cancel([one.id for one in found])
    work.audit.add(*(dropped(one, now, why) for one in found))
    schedules = work.checkins.some({one.schedule_id for one in found})
    return [(one, schedules[one.schedule_id]) for one in found if one.schedule_id in schedules]


def _asked_by(parcel: Parcel) -> list[str]:
    """The ids of the check-ins whose first words these are: from the key, and from the buttons
    where several stand in one message."""
    name, _, kind = parcel.key.partition("/")
    if kind.startswith("ask/"):
        return [name]
    if kind or parcel.edit_of:  # a second reminder, say: the question itself did go out
        return []
    of = [b.data.split(":") for row in parcel.buttons for b in row if b.data.startswith("c:")]
    return list(dict.fromkeys(parts[1] for parts in of))
