"""Keep a record from another system in one transaction; keeping it again changes nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from bot.domain.dates import day_in_words
from bot.domain.escalation import AuditEvent
from bot.domain.message import PatientId
from bot.domain.observation import Observation, ObservationStatus
from bot.domain.patient import Patient, PatientStatus
from bot.domain.places import zones
from bot.intake.model import OVER, Intake, Person, Refused, Said, Value
from bot.ports import UnitOfWork
from memory import Fact
from prompts import say


@dataclass(frozen=True, kw_only=True)
class Kept:
    """What became rows; ``linked``: the patient has a chat already and needs no invitation."""

    patient_id: PatientId
    new_patient: bool
    statements: int
    superseded: int
    observations: int
    withdrawn: int
    linked: bool


def keep(work: UnitOfWork, intake: Intake, *, language: str, now: datetime) -> Kept:
    """Write it; ``language`` counts where the record names none. Raises Refused."""

    def mark(text: str) -> str:  # keyed, so that a hospital's number cannot be guessed from it
        return work.outbox.mark(None, text)

    patient_id = PatientId(mark(f"patient/{intake.person.known_as}"))
    status = work.patients.status(patient_id)
    if status is PatientStatus.ERASED:
        raise Refused(
            ["Patient: was erased here; an import must not undo that. Enrol them anew by hand"]
        )
    patient = _patient(work, patient_id, intake.person, language, now)
    statements, superseded = _remember(work, patient, intake.said, mark, now)
    observations, withdrawn = _observe(work, patient_id, intake.values, mark)
    kept = Kept(
        patient_id=patient_id,
        new_patient=status is None,
        statements=statements,
        superseded=superseded,
        observations=observations,
        withdrawn=withdrawn,
        linked=bool(work.patients.contacts(patient_id)),
    )
    detail: dict[str, object] = {
        name: value for name, value in asdict(kept).items() if name != "patient_id"
    }
    work.audit.add(
        AuditEvent(
            at=now, actor="operator", type="patient.imported", subject=patient_id,
            patient_id=patient_id, detail=detail,
        )
    )  # fmt: skip
    return kept


def _patient(
    work: UnitOfWork, patient_id: PatientId, person: Person, language: str, now: datetime
) -> Patient:
    known = work.patients.get(patient_id)
    if known is not None:  # what the patient chose here (language, place) stays
        changed = replace(
            known,
            name=person.name or known.name,
            sex=person.sex or known.sex,
            birth_date=person.birth_date or known.birth_date,
        )
        if changed != known:
            work.patients.save(changed)
        return changed
    places = zones(person.country) if person.country else ()
    patient = Patient(
        id=patient_id,
        status=PatientStatus.ENROLLED,
        language=person.language or language,
        country=person.country,
        timezone=places[0] if len(places) == 1 else "UTC",  # enrolment asks
        sex=person.sex,
        name=person.name,
        city=person.city,
        birth_date=person.birth_date,
        created_at=now,
    )
    work.patients.add(patient)
    return patient


def _remember(
    work: UnitOfWork,
    patient: Patient,
    said: tuple[Said, ...],
    mark: Callable[[str], str],
    now: datetime,
) -> tuple[int, int]:
    """New statements, and how many earlier ones they replace."""
    held = [f for f in work.facts.of(patient.id, everything=True) if f.said_by == "import"]
    ids = {fact.id for fact in held}
    fresh: list[Fact] = []
    replaced: list[Fact] = []
    for one in said:
        source = mark(f"{patient.id}/{one.resource}")
        fact = _fact(one, patient, source, mark, now)
        if fact.id not in ids:
            fresh.append(fact)
            replaced += [
                replace(
                    old,
                    status="superseded",
                    valid_until=old.valid_until or now,
                    replaced_by=fact.id,
                )
                for old in held
                if old.source == source and not old.replaced_by
            ]
    work.facts.change(replaced)
    return work.facts.add(fresh), len(replaced)


def _fact(
    one: Said, patient: Patient, source: str, mark: Callable[[str], str], now: datetime
) -> Fact:
    text = _in_words(one, patient)
    over = one.words in OVER
    return Fact(
        id=f"{patient.id}/import/{mark(f'{source}/{text}')}",
        patient_id=patient.id,
        kind=one.kind,
        text=text,
        values=one.parts,
        said_by="import",
        source=source,
        language=patient.language,
        recorded_at=now,
        valid_from=one.at,
        valid_until=now if over else None,
        status="superseded" if over else "current",
        verification="unconfirmed" if one.words.endswith("_doubtful") else "certain",
    )


def _in_words(one: Said, patient: Patient) -> str:
    values = dict(one.values)
    if one.words == "appointment" and not values["what"]:
        values["what"] = say("intake.visit", patient.language)
    if one.at is not None:
        values["day"] = day_in_words(one.at, patient.zone, patient.language)
        if one.words == "appointment":
            zone = " UTC" if patient.timezone == "UTC" else ""  # not known yet: say whose clock
            values["time"] = f"{one.at.astimezone(patient.zone):%H:%M}{zone}"
    return say(f"intake.{one.words}", patient.language, **values)


def _observe(
    work: UnitOfWork, patient_id: PatientId, values: tuple[Value, ...], mark: Callable[[str], str]
) -> tuple[int, int]:
    """New values, and how many earlier ones of the same resource they replace."""
    held = work.record.observations(patient_id, limit=1_000_000)
    ids = {o.id for o in held}
    fresh, replaced = [], []
    for one in values:
        source = mark(f"{patient_id}/{one.resource}")
        content = json.dumps([one.code, one.value, one.diastolic, one.unit, one.at.isoformat()])
        observation = Observation(
            id=f"{patient_id}/import/{mark(f'{source}/{content}')}",
            patient_id=patient_id,
            code=one.code,
            value=one.value,
            diastolic=one.diastolic,
            unit=one.unit,
            given=one.given,
            status=ObservationStatus.FINAL,
            source=source,
            at=one.at,
        )
        if observation.id not in ids:
            fresh.append(observation)
            replaced += [o.id for o in held if o.source == source]
    for observation_id in replaced:
        work.record.withdraw(patient_id, observation_id)
    work.record.observe(fresh)
    return len(fresh), len(replaced)
