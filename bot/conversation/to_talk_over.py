"""Once a day: what each record gives to talk over, kept as rows for a nurse to decide."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.conversation.about_me import on_record
from bot.conversation.known import facts_of
from bot.domain.errors import KeyMissing
from bot.domain.message import PatientId
from bot.domain.patient import Patient, PatientStatus, Purpose
from bot.domain.suggestion import KeptSuggestion, Suggestion, SuggestionState
from bot.ports import Reading, Services, UnitOfWork
from bot.post import short_id
from bot.suggestions import Line, Record, suggest

_LEASE = timedelta(hours=12)  #: several processes look once a day
_READINGS = 2_000  #: the newest of all kinds
_WRITTEN_BY = ("nurse", "import")
_LIVING = (PatientStatus.ACTIVE, PatientStatus.PAUSED)
_log = logging.getLogger(__name__)


async def look_through(services: Services, holder: str) -> int | None:
    """Look at every record; how many suggestions are new. None: somebody else does it today.

    One short transaction a patient, so that nobody waits. Those who are silent, or have not
    agreed that nurses read along, are left out.
    """
    whom = await asyncio.to_thread(_whom, services, holder)
    if whom is None:
        return None
    new = 0
    for patient_id in whom:
        try:
            new += await asyncio.to_thread(look_at, services, patient_id)
        except KeyMissing:
            _log.warning("the key of patient %s is missing; nothing is suggested", patient_id)
    if new:
        services.bells.ring("console")
    return new


def look_at(services: Services, patient_id: PatientId) -> int:
    """Keep what this record gives now, and end what it gives no more; how many are new."""
    now = services.clock()
    with services.store.reading() as rows:
        patient = rows.patients.get(patient_id)
        if patient is None or not _looked_at(patient):
            return 0
        found = suggest(_record(rows, patient, now), now)
        kept = rows.suggestions.of(patient_id)
    if not found and all(one.state is not SuggestionState.OPEN for one in kept):
        return 0  # most patients on most days: nothing is written
    with services.store.unit_of_work() as work:
        return _keep(work, patient_id, found, now)


def _keep(
    work: UnitOfWork, patient_id: PatientId, found: Sequence[Suggestion], now: datetime
) -> int:
    kept = work.suggestions.of(patient_id)
    wanted = {one.about for one in found}
    for old in kept:
        if old.state is SuggestionState.OPEN and old.suggestion.about not in wanted:
            work.suggestions.change(old, replace(old, state=SuggestionState.OVER, decided_at=now))
    new = []
    for one in found:
        earlier = [old for old in kept if old.suggestion.about == one.about]
        if any(_stands(old, now) for old in earlier):
            continue
        new.append(
            KeptSuggestion(
                id=short_id(patient_id, *one.about, len(earlier)),
                patient_id=patient_id,
                suggestion=one,
                made_at=now,
            )
        )
    return work.suggestions.add(new)


def _stands(old: KeptSuggestion, now: datetime) -> bool:
    """It waits for a nurse, or a nurse has decided not long ago."""
    return old.state is SuggestionState.OPEN or (old.until is not None and old.until > now)


def _whom(services: Services, holder: str) -> list[PatientId] | None:
    with services.store.unit_of_work() as work:
        if not work.leases.take("suggestions", holder, services.clock(), _LEASE):
            return None
        return [one.id for one in work.patients.all() if _looked_at(one)]


def _looked_at(patient: Patient) -> bool:
    return patient.status in _LIVING and Purpose.NURSES in patient.consents


def _record(rows: Reading, patient: Patient, now: datetime) -> Record:
    entries, facts = rows.clinical.of(patient.id), rows.facts.of(patient.id)
    conditions, medicines, _ = on_record(entries, facts, patient.language)
    return Record(
        language=patient.language,
        country=patient.home_country or patient.country,
        sex=patient.sex,
        age=patient.age(now),
        pregnant=bool(facts_of(patient, now, entries).pregnant),
        conditions=conditions,
        medicines=medicines,
        observations=tuple(rows.record.observations(patient.id, limit=_READINGS)),
        notes=tuple(
            Line(words=fact.text, at=fact.valid_from or fact.recorded_at)
            for fact in facts
            if fact.said_by in _WRITTEN_BY
        ),
    )
