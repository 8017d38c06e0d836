"""What must not be missed and must not be said."""

from safety.emergency import COUNTRIES, EmergencyContacts, contacts
from safety.first_words import clarifying_question, first_message
from safety.ladder import Rung, acceptance_expires, rung
from safety.screen import screen
from safety.verdict import Finding, Language, PatientFacts, Sex, Source, Tier, Verdict

__all__ = [
    "COUNTRIES",
    "EmergencyContacts",
    "Finding",
    "Language",
    "PatientFacts",
    "Rung",
    "Sex",
    "Source",
    "Tier",
    "Verdict",
    "acceptance_expires",
    "clarifying_question",
    "contacts",
    "first_message",
    "rung",
    "screen",
]

from safety.readings import Reading, read_vitals

__all__ += ["Reading", "read_vitals"]
