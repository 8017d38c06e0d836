"""What must not be missed and must not be said."""

from safety.classifier import Heard, Hearing
from safety.emergency import COUNTRIES, EmergencyContacts, contacts
from safety.first_words import clarifying_question, first_message, question_open_for
from safety.intercepts import Intercept, intercepts
from safety.ladder import HOUSE, Ladder, Rung, acceptance_expires, ladder_for, rung
from safety.ladder import read as read_ladder
from safety.limits import LimitKind, limit_kinds
from safety.measured import Measured, known_units, measured
from safety.metrics import EarlierReading, judge
from safety.readings import Reading, read_vitals
from safety.redact import Hidden, hide, restore
from safety.review import Reason, Review, ReviewContext, review
from safety.screen import listen, screen
from safety.self_harm_protocol import SelfHarm, self_harm
from safety.signatures import EVIDENCE, Signed, signatures
from safety.start import check, closed_by_people, flag_name, is_flag, stated, waits_for_safe_word
from safety.verdict import (
    Finding,
    Language,
    PatientFacts,
    PersonalLimit,
    Sex,
    Source,
    Tier,
    Verdict,
)

__all__ = [
    "COUNTRIES",
    "EVIDENCE",
    "HOUSE",
    "EarlierReading",
    "EmergencyContacts",
    "Finding",
    "Heard",
    "Hearing",
    "Hidden",
    "Intercept",
    "Ladder",
    "Language",
    "LimitKind",
    "Measured",
    "PatientFacts",
    "PersonalLimit",
    "Reading",
    "Reason",
    "Review",
    "ReviewContext",
    "Rung",
    "SelfHarm",
    "Sex",
    "Signed",
    "Source",
    "Tier",
    "Verdict",
    "acceptance_expires",
    "check",
    "clarifying_question",
    "closed_by_people",
    "contacts",
    "first_message",
    "flag_name",
    "hide",
    "intercepts",
    "is_flag",
    "judge",
    "known_units",
    "ladder_for",
    "limit_kinds",
    "listen",
    "measured",
    "question_open_for",
    "read_ladder",
    "read_vitals",
    "restore",
    "review",
    "rung",
    "screen",
    "self_harm",
    "signatures",
    "stated",
    "waits_for_safe_word",
]
