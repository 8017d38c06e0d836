"""What the record says about the writer, in the words of the safety room."""

from __future__ import annotations

from datetime import datetime
from typing import cast

from bot.domain.patient import Patient
from safety import PatientFacts, Sex


def facts_of(patient: Patient, now: datetime) -> PatientFacts:
    """Facts for the screen; unknown stays unknown."""
    age = patient.age(now)
    return PatientFacts(
        language="zh" if patient.language == "zh" else "en",
        country=patient.country,
        city=patient.city,
        age_years=None if age is None else float(age),
        sex=cast(Sex, patient.sex),
    )


def looks_chinese(text: str) -> bool:
    """At least one Han character: enough to answer a stranger in Chinese."""
    return any("\u4e00" <= character <= "\u9fff" for character in text)
