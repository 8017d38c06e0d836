"""Write the coming occurrences of every schedule as rows; doing it twice changes nothing."""

from __future__ import annotations

from bot.occurrences import occurrences
from bot.ports import Services


def plan(services: Services) -> int:
    """Materialise the next 48 hours for everybody; returns how many rows are new."""
    now = services.clock()
    new = 0
    with services.store.unit_of_work() as work:
        for schedule in work.checkins.schedules():
            patient = work.patients.get(schedule.patient_id)
            if patient is not None and patient.may_be_written_to:
                new += work.checkins.materialise(occurrences(schedule, patient, now))
    return new
