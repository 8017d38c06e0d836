"""The week in one message: what was taken, what was measured, as text and as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot import charts
from bot.domain.checkin import CheckIn
from bot.domain.observation import Observation
from bot.domain.outbox import Draft
from bot.domain.patient import Patient
from bot.ports import Reading
from prompts import say

WEEK = timedelta(days=7)
_SHOWN = ("blood_pressure", "glucose", "weight", "spo2", "temperature", "heart_rate", "peak_flow")


def summary(rows: Reading, patient: Patient, now: datetime) -> Draft:
    """What the last seven days held, in the patient's language; every number is the record's."""
    since = now - WEEK
    asked = [c for c in rows.checkins.between(patient.id, since, now) if c.asks]
    observations = [o for o in rows.record.observations(patient.id, limit=400) if o.at >= since]
    lines = [*_adherence(asked, patient.language), *_readings(observations, patient.language)]
    words = "checkin.week" if lines else "checkin.week_empty"
    text = say(words, patient.language, name=patient.name, lines=lines)
    return Draft(text=text, picture=_picture(observations, patient), approved=True)


def _adherence(checkins: Sequence[CheckIn], language: str) -> list[str]:
    medicines = [c for c in checkins if c.kind == "medicine"]
    daily = [c for c in checkins if c.kind == "wellness"]
    lines = []
    if medicines:
        taken = sum(c.answer == "taken" for c in medicines)
        lines.append(say("checkin.week_medicine", language, taken=taken, asked=len(medicines)))
    if daily:
        answered = sum(bool(c.answer) for c in daily)
        lines.append(say("checkin.week_wellness", language, answered=answered, asked=len(daily)))
    return lines


def _readings(observations: Sequence[Observation], language: str) -> list[str]:
    lines = []
    for code in _SHOWN:
        series = [o for o in observations if o.code == code]  # newest first
        if series:
            lines.append(
                say(
                    "checkin.week_reading",
                    language,
                    what=say(f"record.{code}", language),
                    count=len(series),
                    last=series[0].shown,
                    lowest=min(series, key=lambda o: o.value).shown,
                    highest=max(series, key=lambda o: o.value).shown,
                )
            )
    return lines


def _picture(observations: Sequence[Observation], patient: Patient) -> bytes | None:
    """The series with the most values; none where a line would be a dot."""
    series = max(
        ([o for o in reversed(observations) if o.code == code] for code in _SHOWN), key=len
    )
    if len(series) < 3:
        return None
    points = [(o.at.astimezone(patient.zone), o.value, o.diastolic) for o in series]
    return charts.trend(points, unit=series[0].unit)
