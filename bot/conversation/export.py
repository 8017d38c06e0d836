"""What the house holds about a patient, in words the patient can read."""

from __future__ import annotations

from datetime import datetime, time

from bot.conversation.readings import label
from bot.domain.dates import day_in_words
from bot.domain.outbox import Draft
from bot.domain.patient import Patient
from bot.domain.turn import Turn
from bot.ports import Services
from prompts import say

_SHOWN = 20


def own_data(turn: Turn, services: Services) -> tuple[Draft, ...]:
    """The patient's own data as text; the clinic's command line gives the whole as FHIR."""
    language, patient = turn.language, turn.patient
    with services.store.reading() as rows:
        facts = rows.facts.of(turn.patient_id)
        turns = rows.record.memories(turn.patient_id, kind="turn")
    zone = patient.zone
    readings = [
        f"{day_in_words(o.at, zone, language)} {o.at.astimezone(zone):%H:%M}  "
        f"{label(o.code, language)} {o.shown}"
        for o in turn.observations[:_SHOWN]
    ]
    text = say(
        "commands.export",
        language,
        name=patient.name or "–",
        born=_born(patient),
        zone=patient.timezone,
        consents=[
            say(f"commands.consent_{p.value}", language)
            for p in sorted(patient.consents, key=lambda purpose: purpose.value)
        ],
        readings=readings,
        facts=[fact.text for fact in facts[-_SHOWN:]],
        said=len(turns),
    )
    return (Draft(text=text, approved=True),)


def _born(patient: Patient) -> str:
    if patient.birth_date is None:
        return "–"
    noon = datetime.combine(patient.birth_date, time(12), tzinfo=patient.zone)
    return day_in_words(noon, patient.zone, patient.language)
