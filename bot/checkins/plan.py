"""Write the coming occurrences of every schedule as rows; doing it twice changes nothing."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.domain.checkin import AHEAD, CheckIn
from bot.occurrences import LATE, occurrences
from bot.ports import Services, UnitOfWork

_BATCH = 250
#: So much of an outage longer than the rows is gone through slot by slot: asked, or told a nurse.
_GAP = timedelta(days=14)
#: Longer than from one beat to the next: what fell due before a new schedule was seen.
_UNSEEN = timedelta(minutes=10)


def plan(services: Services) -> int:
    """Keep a day or two of rows ahead of everybody; returns how many rows are new.

    Reads only the schedules whose rows run out, some at a time, so that nobody waits behind it.
    """
    new = 0
    while True:
        now = services.clock()
        with services.store.reading() as rows:  # an idle beat writes nothing
            if not rows.checkins.unplanned(now, 1):
                return new
        with services.store.unit_of_work() as work:
            taken, added = _some(work, now)
        new += added
        if taken < _BATCH:
            return new


def _some(work: UnitOfWork, now: datetime) -> tuple[int, int]:
    """(schedules taken, rows added)"""
    found = work.checkins.unplanned(now, _BATCH)
    patients = work.patients.some({schedule.patient_id for schedule, _ in found})
    work.checkins.forget_coming([one.id for one, until in found if until is None], now)
    coming: list[CheckIn] = []
    for schedule, until in found:
        patient = patients.get(schedule.patient_id)
        if patient is None:
            continue
        if until is None:
            since = max(schedule.changed_at or now - _UNSEEN, now - LATE)
        else:
            since = max(until, now - _GAP) if until <= now + AHEAD else now - LATE
        coming += occurrences(schedule, patient, now, since)
    work.checkins.planned([schedule.id for schedule, _ in found], now + AHEAD)
    return len(found), work.checkins.materialise(coming)
