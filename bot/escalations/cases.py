"""A finished matter becomes a case in codes, where its patient agreed; a nurse sees those alike."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import safety
from bot.domain import canary
from bot.domain.case import OUTCOMES, Case, Similar
from bot.domain.clinical import ClinicalEntry, EntryKind
from bot.domain.errors import KeyMissing
from bot.domain.escalation import AuditEvent, Escalation
from bot.domain.message import PatientId
from bot.domain.patient import Consent, Patient, Purpose
from bot.escalations.alike import find, rules
from bot.ports import Services, UnitOfWork
from knowledge.graph import graph
from knowledge.graph_model import MEDICINAL
from prompts import UnknownWords, say

_INTERVIEW = "interview"  #: the reason of a matter that an interview opened
_LEVELS = ("today", "days", "care")
_TIERS = ("P0", "P1", "P2", "P3")


def keep(work: UnitOfWork, matter: Escalation, services: Services, now: datetime) -> None:
    """Keep a completed matter as a case, in the caller's transaction, if it may be one."""
    if not services.clinic.similar_cases or matter.patient_id is None:
        return
    try:
        patient = work.patients.get(matter.patient_id)
    except KeyMissing:  # whoever's key is lost can have no case; the matter ends all the same
        return
    if patient is None or Purpose.SIMILAR_CASES not in patient.consents:
        return
    case = coded(matter, patient, work.clinical.of(patient.id), now)
    if case is not None and work.cases.keep(patient.id, matter.id, case):
        work.audit.add(_event("case.kept", "bot", matter.id, patient.id, now))


def similar(services: Services, matter_id: str, member_id: str) -> Similar | None:
    """Earlier cases like this matter; who looked is noted before. None: off, or no such matter.

    The patient's own cases are neither shown nor counted.
    """
    if not services.clinic.similar_cases:
        return None
    now = services.clock()
    with services.store.reading() as rows:
        matter = rows.escalations.get(matter_id)
        owner = matter.patient_id if matter else None
        patient = rows.patients.get(owner) if owner else None
        if matter is None or patient is None:
            return None
        case = coded(matter, patient, rows.clinical.of(patient.id), now)
        kept = rows.cases.of_others(patient.id)
    hits = find(case, kept) if case else ()
    shown = sum(one.count for one in hits)
    seen = _event("viewed.similar_cases", member_id, matter_id, patient.id, now, shown=shown)
    with services.store.unit_of_work() as work:
        work.audit.add(seen)
    return Similar(now=case, kept=len(kept), hits=hits)


def withdrawn(work: UnitOfWork, consents: Sequence[Consent], now: datetime) -> None:
    """Delete the cases of whoever has just said no, in the caller's transaction."""
    for one in consents:
        if one.purpose is Purpose.SIMILAR_CASES and not one.granted:
            gone = work.cases.forget(one.patient_id)
            if gone:
                owner = one.patient_id
                work.audit.add(_event("cases.deleted", "patient", owner, owner, now, cases=gone))


def coded(
    matter: Escalation, patient: Patient, known: Iterable[ClinicalEntry], now: datetime
) -> Case | None:
    """The matter in codes; None where it must not or cannot be a case.

    Nothing passes that is not in a list of ours: complaints and outcomes of the catalogue, red
    flags, ids of the graph. Matters of self-harm and violence, of a child or of somebody else,
    of the demo patient and the canary, and of people without a birth date are no cases.
    """
    age = patient.age(matter.created_at)
    if age is None or patient.demo or patient.id == canary.PATIENT:
        return None
    flags = _flags(matter)
    if matter.private_topic or matter.two_person or any(map(safety.closed_by_people, flags)):
        return None
    given = matter.evidence.get("coded")
    said = given if isinstance(given, dict) else {}
    about = _about(matter, said)
    if not about or said.get("child") or _somebody_else(matter):
        return None
    conditions, medicines = _in_the_graph(known)
    done = matter.completed_at
    lasted = (done - matter.created_at) / timedelta(hours=1) if done else None
    return Case(
        about=about,
        age_band=rules().band(age),
        sex=patient.sex if patient.sex in ("female", "male") else "",
        red=flags,
        conditions=conditions,
        medicines=medicines,
        level=_listed(said.get("level"), _LEVELS),
        tier=_listed(matter.tier, _TIERS),
        outcome=_listed(matter.outcome, OUTCOMES) if done else "",
        took="" if lasted is None else rules().took(lasted),
        month=f"{done.astimezone(patient.zone):%Y-%m}" if done else "",
    )


def _about(matter: Escalation, said: dict[str, object]) -> str:
    if matter.reason != _INTERVIEW:
        return matter.reason if _is_flag(matter.reason) else ""
    complaints = said.get("complaints")
    first = str(complaints[0]) if isinstance(complaints, list) and complaints else ""
    try:
        return first if first and say(f"interview.name_{first}", "en") else ""
    except UnknownWords:
        return ""


def _flags(matter: Escalation) -> tuple[str, ...]:
    """The red flags of the matter that are flags of ours, each once, by name."""
    findings = matter.evidence.get("findings")
    said = matter.evidence.get("coded")
    named = {matter.reason}
    if isinstance(findings, list):
        named |= {str(one.get("flag", "")) for one in findings if isinstance(one, dict)}
    if isinstance(said, dict):
        named |= {str(one) for one in said.get("red", ())}
    return tuple(sorted(filter(_is_flag, named)))


def _is_flag(name: str) -> bool:
    return bool(name) and safety.flag_name(name, "en") != name


def _somebody_else(matter: Escalation) -> bool:
    findings = matter.evidence.get("findings")
    return isinstance(findings, list) and any(
        "third_person" in (one.get("cues") or ()) for one in findings if isinstance(one, dict)
    )


def _in_the_graph(known: Iterable[ClinicalEntry]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Conditions and classes of medicines that the graph surely knows; a medicine by its class."""
    conditions: set[str] = set()
    classes: set[str] = set()
    for entry in known:
        if entry.kind is EntryKind.CONDITION:
            conditions.update(_sure(entry.name, ("condition",)))
        elif entry.kind is EntryKind.MEDICINE:
            for id_ in _sure(entry.name, MEDICINAL):
                one = graph().concept(id_)
                above = one.parents if one.kind == "medicine" else (id_,)
                classes.update(up for up in above if graph().concept(up).kind == "medicine_class")
    return tuple(sorted(conditions)), tuple(sorted(classes))


def _sure(name: str, kinds: tuple[str, ...]) -> list[str]:
    return [one.id for one in graph().resolve(name, "en", kinds)[:1] if one.sure]


def _listed(value: object, allowed: Sequence[str]) -> str:
    return value if isinstance(value, str) and value in allowed else ""


def _event(
    kind: str, actor: str, subject: str, patient_id: PatientId, now: datetime, **detail: object
) -> AuditEvent:
    return AuditEvent(
        at=now, actor=actor, type=kind, subject=subject, patient_id=patient_id, detail=detail
    )
