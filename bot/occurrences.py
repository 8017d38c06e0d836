"""The coming occurrences of a schedule, each local slot once, as rows to be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.domain.checkin import AHEAD, CheckIn, Schedule
from bot.domain.patient import Patient
from bot.ports import UnitOfWork
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


def set_now(work: UnitOfWork, schedule: Schedule, patient: Patient, now: datetime) -> None:
    """Keep a schedule that somebody set or moved; a slot that has just passed comes tomorrow.

    Where it only goes by another clock, what is due already and was not asked stays.
    """
    was = work.checkins.schedule(schedule.id)
    moved = was is None or not was.active or not _same(was, schedule)
    work.checkins.set_schedule(replace(schedule, changed_at=now) if moved else schedule)
    if moved or not schedule.active:
        work.checkins.cancel_due(patient.id, schedule.id)
    if schedule.active:
        plan_now(work, [schedule], patient, now)


def _same(was: Schedule, new: Schedule) -> bool:
    """Even gaps instead of clock times are a traveller's choice of a clock, and no new times;
    a plan's words change with its patient's language."""
    if was.what != new.what and not new.plan:
        return False
    same = (was.time, was.rule) == (new.time, new.rule)
    return same or rule_of(was).clock != rule_of(new).clock


def plan_now(
    work: UnitOfWork, schedules: Sequence[Schedule], patient: Patient, now: datetime
) -> None:
    """Their coming rows in the caller's transaction: no outage comes between them and their rows.

    What is due already and was not asked stays.
    """
    ids = [schedule.id for schedule in schedules]
    work.checkins.forget_coming(ids, now)
    for schedule in schedules:
        work.checkins.materialise(
            one for one in occurrences(schedule, patient, now) if one.due_at > now
        )
    work.checkins.planned(ids, now + AHEAD)
