"""The demo patient and the demo nurse: made once, on loopback only."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

from bot.domain.care_team import CareTeamMember, Role
from bot.domain.checkin import Schedule
from bot.domain.message import PatientId
from bot.domain.observation import Observation
from bot.domain.outbox import Draft, MessageClass
from bot.domain.patient import (
    CONSENT_VERSION,
    Consent,
    Contact,
    Patient,
    PatientStatus,
    Purpose,
)
from bot.occurrences import set_now
from bot.ports import Services, UnitOfWork
from bot.post import to_patient
from bot.whom_to_call import number_to_call
from prompts import say

PATIENT = PatientId("demo")
NURSES = (("nurse", "Bob Taylor"), ("nurse2", "Li Min"))
_EARLIER = ((6, 128, 82), (5, 134, 85), (4, 131, 84), (3, 138, 88), (2, 133, 84), (1, 129, 81))


def prepare(
    services: Services, folder: Path, hash_password: Callable[[str], str], language: str = "en"
) -> str:
    """Make the demo people unless they are there; returns the nurses' password.

    ``language`` is the new patient's: "en" or "zh".
    """
    password = _password(folder)
    now = services.clock()
    with services.store.unit_of_work() as work:
        if not work.care_team.all():
            for number, (username, name) in enumerate(NURSES):
                work.care_team.add(
                    CareTeamMember(
                        id=f"demo-{username}",
                        name=name,
                        role=Role.SUPERVISOR if number else Role.NURSE,
                        username=username,
                        password_hash=hash_password(password),
                    )
                )
        if work.patients.get(PATIENT) is None:
            _add_patient(work, services, now, language)
    return password


def _add_patient(work: UnitOfWork, services: Services, now: datetime, language: str) -> None:
    patient = Patient(
        id=PATIENT,
        status=PatientStatus.ACTIVE,
        language=language,
        country="GB",
        timezone="Europe/London",
        sex="female",
        name="Alice",
        birth_date=date(1961, 4, 12),
        demo=True,
        created_at=now,
    )
    work.patients.add(patient)
    work.patients.consent(
        Consent(patient_id=PATIENT, purpose=purpose, granted=True, version=CONSENT_VERSION, at=now)
        for purpose in Purpose
    )
    work.patients.add_contact(
        Contact(channel="web", bot="demo", address="demo", patient_id=PATIENT)
    )
    patient = work.patients.get(PATIENT) or patient
    work.record.observe(
        Observation(
            id=f"demo/{days}",
            patient_id=PATIENT,
            code="blood_pressure",
            value=float(systolic),
            diastolic=float(diastolic),
            unit="mmHg",
            said=f"{systolic}/{diastolic}",
            source="demo",
            at=now - timedelta(days=days),
        )
        for days, systolic, diastolic in _EARLIER
    )
    schedule = Schedule(
        id=f"wellness/{PATIENT}",
        patient_id=PATIENT,
        kind="wellness",
        time=services.clinic.checkin_time,
    )
    set_now(work, schedule, patient, now)
    clinic, number = services.clinic.name, number_to_call(patient)
    to_patient(
        work,
        patient,
        Draft(text=say("commands.help", language, clinic=clinic, number=number), approved=True),
        key="demo/welcome",
        message_class=MessageClass.REPLY,
        now=now,
    )


def _password(folder: Path) -> str:
    """Kept in the data folder, so that a second start can say it again."""
    path = folder / "demo-password"
    if path.exists():
        return path.read_text("ascii").strip()
    password = secrets.token_urlsafe(9)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(password)
    return password
