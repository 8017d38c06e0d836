"""The emergency number of where a patient is: the one place that looks it up."""

from __future__ import annotations

import safety
from bot.domain.patient import Patient
from prompts import say


def known_number(country: str, city: str = "") -> str:
    """The number for an ambulance there, or "": none is guessed."""
    return safety.contacts(country, city).ambulance


def number_to_call(patient: Patient) -> str:
    """The number to call where the patient is, or words for it where it is not known."""
    known = known_number(patient.country, patient.city)
    return known or say("answer.number_unknown", patient.language)
