"""The week in one message: what was taken, what was measured against its target, and the trend."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from statistics import fmean

from bot import charts
from bot.domain.checkin import CheckIn
from bot.domain.observation import Observation
from bot.domain.outbox import Draft
from bot.domain.patient import Patient
from bot.plans import plans
from bot.plans.targets import Target
from bot.ports import Reading
from prompts import say

WEEK = timedelta(days=7)
_SHOWN = ("blood_pressure", "glucose", "weight", "spo2", "temperature", "heart_rate", "peak_flow")


def summary(rows: Reading, patient: Patient, now: datetime) -> Draft:
    """What the last seven days held, in the patient's language; every number is the record's."""
    since = now - WEEK
    asked = [c for c in rows.checkins.between(patient.id, since, now) if c.asks]
    every = [o for o in rows.record.observations(patient.id, limit=400) if o.at >= since - WEEK]
    observations = [o for o in every if o.at >= since]
    before = [o for o in every if o.at < since]
    targets = _targets(rows, patient)
    lines = [
        *_adherence(asked, patient.language),
        *_readings(observations, before, targets, patient.language),
    ]
    words = "checkin.week" if lines else "checkin.week_empty"
    text = say(words, patient.language, name=patient.name, lines=lines)
    picture = _picture(observations, asked, targets, patient)
    return Draft(text=text, picture=picture, approved=True)


def _targets(rows: Reading, patient: Patient) -> Mapping[str, Target]:
    """By measurement, of the plans that run for this patient; where two differ, none is shown."""
    names = dict.fromkeys(one.plan for one in rows.checkins.schedules(patient.id))
    found = [target for name in names if name in plans() for target in plans()[name].targets]
    several = Counter(target.code for target in dict.fromkeys(found))
    return {target.code: target for target in found if several[target.code] == 1}


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


def _readings(
    observations: Sequence[Observation],
    before: Sequence[Observation],
    targets: Mapping[str, Target],
    language: str,
) -> list[str]:
    lines = []
    for code in _SHOWN:
        series = [o for o in observations if o.code == code]  # newest first
        if not series:
            continue
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
        target = targets.get(code)
        if target is not None and all(o.unit == target.unit for o in series):
            lines.append(_against(series, target, language))
        earlier = [o for o in before if o.code == code and o.unit == series[0].unit]
        if len(series) > 1 and len(earlier) > 1:
            words = {"mean": _mean(series), "was": _mean(earlier), "unit": series[0].unit}
            lines.append(say("checkin.week_trend", language, **words))
    return lines


def _against(series: Sequence[Observation], target: Target, language: str) -> str:
    return say(
        "checkin.week_target",
        language,
        met=sum(target.met(o) for o in series),
        count=len(series),
        low="" if target.at_least is None else f"{target.at_least:g}",
        high=target.upper,
        unit=target.unit,
    )


def _mean(series: Sequence[Observation]) -> str:
    """As the record writes it: 132/84 in whole numbers, others with one decimal."""
    value, seconds = fmean(o.value for o in series), [o.diastolic for o in series]
    second = [one for one in seconds if one is not None]
    if second and len(second) == len(series):
        return f"{round(value)}/{round(fmean(second))}"
    return f"{round(value, 1):g}"


def _picture(
    observations: Sequence[Observation],
    asked: Sequence[CheckIn],
    targets: Mapping[str, Target],
    patient: Patient,
) -> bytes | None:
    """The series with the most values, from three on, over the medicines of each day."""
    series = max(
        ([o for o in reversed(observations) if o.code == code] for code in _SHOWN), key=len
    )
    if len(series) < 3:  # a line would be a dot
        series = []
    days = _days([c for c in asked if c.kind == "medicine"], patient)
    if not series and not days:
        return None
    points = [(o.at.astimezone(patient.zone), o.value, o.diastolic) for o in series]
    target = targets.get(series[0].code) if series else None
    fits = target is not None and target.unit == series[0].unit
    return charts.week(
        points,
        days,
        unit=series[0].unit if series else "",
        lines=target.lines if target is not None and fits else (),
    )


def _days(medicines: Sequence[CheckIn], patient: Patient) -> list[charts.Day]:
    """What was taken and asked for on every day of the week that had something."""
    local = [(c.due_at.astimezone(patient.zone).date(), c.answer == "taken") for c in medicines]
    found = sorted({day for day, _ in local})
    return [
        (day, sum(taken for on, taken in local if on == day), sum(on == day for on, _ in local))
        for day in found
    ]
