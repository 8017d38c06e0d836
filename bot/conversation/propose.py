"""Ask the language model, off the reply path, what a message states; keep what it can quote."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from bot.domain.errors import ModelError
from bot.domain.message import PatientId
from bot.domain.patient import Patient, Purpose
from bot.ports import Services
from memory import Memory
from memory.fact import KINDS
from memory.propose import proposals
from prompts import render

_LATELY = timedelta(days=1)  #: older messages are not read any more
_AT_ONCE = 4


async def propose(services: Services) -> int:
    """Read the newest messages nobody has read so; returns how many.

    Without a model, or without the patient's consent to one, no word is sent. A message that
    began an urgent or a private matter is not sent either. When the model fails, the message
    waits for next time.
    """
    if services.chat_model is None:
        return 0
    read = 0
    for memory in await asyncio.to_thread(_unread, services):
        patient = await asyncio.to_thread(_may_be_read, services, memory)
        answer = ""
        if patient is not None:
            names = (patient.name,) if patient.name else ()
            system = render("extract", kinds=sorted(KINDS))
            try:
                answer = await services.chat_model.draft(system, memory.text, names=names)
            except ModelError as error:
                if not error.permanent:
                    return read
        await asyncio.to_thread(_keep, services, memory, answer)
        read += 1
    return read


def _unread(services: Services) -> list[Memory]:
    now = services.clock()
    with services.store.unit_of_work() as work:
        memories, keyless = work.facts.unread(now - _LATELY, _AT_ONCE)
        if keyless:  # they would come back for ever, and hold up everybody
            work.facts.read(keyless, now)
    return memories


def _may_be_read(services: Services, memory: Memory) -> Patient | None:
    patient_id = PatientId(memory.patient_id)
    with services.store.reading() as rows:
        patient = rows.patients.get(patient_id)
        matters = rows.escalations.of_patient(patient_id)
    if patient is None or Purpose.LANGUAGE_MODEL not in patient.consents:
        return None
    flagged = any(
        matter.evidence.get("message") == memory.source
        and (matter.tier in ("P0", "P1") or matter.private_topic)
        for matter in matters
    )
    return None if flagged else patient


def _keep(services: Services, memory: Memory, answer: str) -> None:
    with services.store.unit_of_work() as work:
        patient_id = PatientId(memory.patient_id)
        if any(m.id == memory.id for m in work.record.memories(patient_id)):  # not forgotten since
            known = work.facts.of(patient_id, everything=True)
            work.facts.add(proposals(answer, memory, known))
        work.facts.read([memory.id], services.clock())
