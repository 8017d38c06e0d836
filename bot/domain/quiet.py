"""Quiet hours in the patient's own clock: when the bot may begin to speak."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from bot.domain.patient import Patient
from bot.domain.slots import moment


def allowed_from(patient: Patient, now: datetime) -> datetime:
    """``now`` outside quiet hours; else the moment they end."""
    if patient.quiet_from == patient.quiet_until:
        return now
    local = now.astimezone(patient.zone)
    begins, ends = time.fromisoformat(patient.quiet_from), time.fromisoformat(patient.quiet_until)
    clock = local.time()
    overnight = begins > ends
    quiet = clock >= begins or clock < ends if overnight else begins <= clock < ends
    if not quiet:
        return now
    day = local.date()
    if overnight and clock >= begins:
        day += timedelta(days=1)
    return moment(day, patient.quiet_until, patient.zone)
