"""The coming occurrences of a schedule, each local slot once, as rows to be."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.domain.checkin import AHEAD, CheckIn, Schedule
from bot.domain.patient import Patient
from bot.post import short_id
from bot.when.rule import Rule

#: A slot younger than this is still asked after an outage; an older one is left out.
LATE = timedelta(hours=2)


def rule_of(schedule: Schedule, around: datetime | None = None) -> Rule:
    """The schedule's rule; a plain daily time is the simplest one, begun just before ``around``."""
    if schedule.rule is not None:
        return Rule.from_dict(schedule.rule)
    begun = (around - timedelta(days=3)).date().isoformat() if around else None
    return Rule(frequency="daily", times=(schedule.time,), start=begun)


def occurrences(
    schedule: Schedule, patient: Patient, now: datetime, since: datetime | None = None
) -> Iterator[CheckIn]:
    """Every slot from ``since``, or from a little before ``now``, to 48 hours after it."""
    zone = ZoneInfo(schedule.home_zone) if schedule.home_zone else patient.zone
    rule = rule_of(schedule, now)
    for due in rule.instants(zone, since or now - LATE, now + AHEAD):
        # Elapsed time names its slots in UTC: a local hour that comes twice would hide one.
        fixed = rule.clock == "fixed_interval"
        slot = (
            due.strftime("%Y-%m-%dT%H:%MZ") if fixed else f"{due.astimezone(zone):%Y-%m-%dT%H:%M}"
        )
        yield CheckIn(
            id=short_id("checkin", schedule.id, slot),
            schedule_id=schedule.id,
            patient_id=patient.id,
            kind=schedule.kind,
            slot=slot,
            due_at=due,
        )
