"""What a nurse does about a patient's facts: right, wrong, forgotten, or noted anew; audited."""

from __future__ import annotations

import secrets
from dataclasses import replace

from bot.domain.escalation import AuditEvent
from bot.domain.message import PatientId
from bot.ports import Services, UnitOfWork
from memory import Fact
from memory.fact import KINDS, about_field
from memory.statement import in_words

_LONGEST = 200  #: characters of what a nurse notes


def change_fact(
    services: Services, patient_id: PatientId, fact_id: str, act: str, member_id: str
) -> None:
    """``act``: "right", "wrong" or "forget". An unknown fact or act changes nothing."""
    with services.store.reading() as rows:
        known = {f.id: f for f in rows.facts.of(patient_id, everything=True)}
        fact = known.get(fact_id)
        memories = rows.record.memories(patient_id) if act == "forget" else []
    if fact is None or act not in ("right", "wrong", "forget"):
        return
    ids = [m.id for m in memories if fact.source and m.source == fact.source]
    with services.store.unit_of_work() as work:
        if act == "forget":
            work.facts.change([replace(fact, status="forgotten")])
            work.record.forget(patient_id, ids)
            work.summaries.forget(patient_id, [fact.source])
        elif act == "wrong":
            work.facts.change([replace(fact, status="entered-in-error")])
        else:
            work.facts.change(_settled(fact, known, services))
        _audit(work, services, f"fact.{act}", fact.id, patient_id, member_id)
    if ids:  # after the rows: whoever is indexing them at this moment finds them gone
        services.memories.forget(patient_id, ids)
    services.bells.ring("console")


def note_fact(
    services: Services, patient_id: PatientId, kind: str, words: str, member_id: str
) -> None:
    """Keep what a nurse writes as the care team's own statement. Raises ValueError for a kind
    that is not known or no words."""
    words = " ".join(words.split())[:_LONGEST]
    if kind not in KINDS or not words:
        raise ValueError("a note needs a kind and words")
    now = services.clock()
    with services.store.unit_of_work() as work:
        patient = work.patients.get(patient_id)
        if patient is None:
            return
        fact = Fact(
            id=f"nurse/{secrets.token_hex(12)}",
            patient_id=patient_id,
            kind=kind,
            text=in_words(kind, words, patient.language),
            values={about_field(kind): words},
            said_by="nurse",
            author=member_id,
            language=patient.language,
            recorded_at=now,
        )
        work.facts.add([fact])
        _audit(work, services, "fact.noted", fact.id, patient_id, member_id)
    services.bells.ring("console")


def _settled(fact: Fact, known: dict[str, Fact], services: Services) -> list[Fact]:
    """Found right: it holds, and what it contradicted ends now."""
    right = replace(fact, status="current", verification="certain", disputes="", valid_until=None)
    old = known.get(fact.disputes)
    if old is None or old.status != "current":
        return [right]
    now = services.clock()
    return [right, replace(old, status="superseded", valid_until=now, replaced_by=fact.id)]


def _audit(
    work: UnitOfWork,
    services: Services,
    kind: str,
    subject: str,
    patient_id: PatientId,
    member_id: str,
) -> None:
    work.audit.add(
        AuditEvent(
            at=services.clock(), actor=member_id, type=kind, subject=subject, patient_id=patient_id
        )
    )
