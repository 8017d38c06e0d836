"""Patients whose finished matters became cases, on any store."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from bot.domain.care_team import CareTeamMember, Role
from bot.domain.clinical import ClinicalEntry, EntryKind
from bot.domain.escalation import Escalation
from bot.domain.message import PatientId
from bot.domain.patient import CONSENT_VERSION, Consent, Patient, PatientStatus, Purpose
from bot.escalations import accept

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
CODED = {"complaints": ["dizziness"], "symptoms": ["dizziness"], "red": [], "level": "days",
         "child": False}  # fmt: skip


def nurse(services: Any, member: str = "m-nurse") -> str:
    with services.store.unit_of_work() as work:
        if work.care_team.get(member) is None:
            work.care_team.add(
                CareTeamMember(id=member, name="Bob Lin", role=Role.NURSE, username=member)
            )
    return member


def patient(
    services: Any,
    who: str,
    *,
    agrees: bool = True,
    conditions: tuple[str, ...] = (),
    medicines: tuple[str, ...] = (),
    **changes: Any,
) -> PatientId:
    values: dict[str, Any] = {
        "id": PatientId(who), "status": PatientStatus.ACTIVE, "sex": "female", "name": who.title(),
        "birth_date": date(1955, 3, 2), "created_at": NOW, **changes,
    }  # fmt: skip
    with services.store.unit_of_work() as work:
        work.patients.add(Patient(**values))
        work.patients.consent(
            Consent(patient_id=PatientId(who), purpose=one, granted=agrees, version=CONSENT_VERSION,
                    at=NOW)
            for one in (Purpose.NURSES, Purpose.SIMILAR_CASES)
        )  # fmt: skip
        for kind, names in ((EntryKind.CONDITION, conditions), (EntryKind.MEDICINE, medicines)):
            for at, name in enumerate(names):
                work.clinical.add(
                    ClinicalEntry(
                        id=f"{who}-{kind.value}-{at}", patient_id=PatientId(who), kind=kind,
                        name=name, set_by="m-nurse", set_at=NOW,
                    )
                )  # fmt: skip
    return PatientId(who)


def matter(services: Any, who: str, number: int = 1, **changes: Any) -> str:
    """An open matter of an interview about dizziness."""
    values: dict[str, Any] = {
        "id": f"matter-{who}-{number}", "patient_id": PatientId(who), "tier": "P2",
        "reason": "interview", "next_step_at": None, "created_at": NOW - timedelta(hours=3),
        "evidence": {"words": f"I am {who} and I feel dizzy", "coded": CODED}, **changes,
    }  # fmt: skip
    with services.store.unit_of_work() as work:
        work.escalations.add(Escalation(**values))
    return str(values["id"])


def finished(services: Any, who: str, number: int = 1, **changes: Any) -> str:
    """The same, completed by the nurse."""
    matter_id = matter(services, who, number, **changes)
    accept.complete(services, matter_id, nurse(services), "reached_advised", "")
    return matter_id
