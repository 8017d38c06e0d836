"""Local slots and the one moment each of them stands for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.domain.checkin import CheckIn, Schedule
from bot.domain.patient import Patient

AHEAD = timedelta(hours=48)
#: A slot younger than this is still asked after an outage; an older one is left out.
LATE = timedelta(hours=2)


def occurrences(schedule: Schedule, patient: Patient, now: datetime) -> Iterator[CheckIn]:
    """Every slot from a little before ``now`` to 48 hours after it, in the patient's clock."""
    day = (now - LATE).astimezone(patient.zone).date() - timedelta(days=1)
    for _ in range(5):
        due = moment(day, schedule.time, patient.zone)
        if now - LATE < due <= now + AHEAD:
            slot = f"{day.isoformat()}T{schedule.time}"
            yield CheckIn(
                id=f"{schedule.id}/{slot}",
                schedule_id=schedule.id,
                patient_id=patient.id,
                slot=slot,
                due_at=due,
            )
        day += timedelta(days=1)


def moment(day: date, clock_time: str, zone: ZoneInfo) -> datetime:
    """When ``clock_time`` ("HH:MM") of ``day`` happens in ``zone``, in UTC, exactly once.

    A time that happens twice in autumn means its first pass; a time that spring skips means the
    first minute after the gap.
    """
    wanted = datetime.combine(day, time.fromisoformat(clock_time))
    moment = wanted.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == wanted:
        return moment
    # In a gap ``moment`` lies as far behind the jump as ``wanted`` lies inside it: walk back.
    low, high = moment - timedelta(hours=26), moment
    before = low.astimezone(zone).utcoffset()
    while high - low > timedelta(minutes=1):
        middle = low + (high - low) / 2
        if middle.astimezone(zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    return _to_minute(high)


def _to_minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)
