"""The months of long histories in short: by rule, or drafted by a model and checked."""

from __future__ import annotations

import asyncio
import logging
import re
from dataclasses import replace
from datetime import timedelta

from bot.domain.errors import KeyMissing, ModelError
from bot.domain.message import PatientId
from bot.domain.outbox import Draft
from bot.domain.patient import Patient, Purpose
from bot.ports import Services
from bot.post import review
from memory import Memory, Summary
from memory.summary import Sentence, by_period, cited, extract
from prompts import render

_LEAST = 30  #: turns in all before a history counts as long
_LATELY = timedelta(days=2)
_AT_ONCE = 5
_SHOWN = 120  #: messages of a month that a model is shown
_QUOTED = 200  #: characters of a message quoted in place of a sentence
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_log = logging.getLogger(__name__)


async def summarise(services: Services) -> int:
    """Make the summaries that are behind; returns how many. A patient without a key is left out."""
    behind = await asyncio.to_thread(_behind, services)
    for patient_id, period in behind:
        try:
            patient, turns = await asyncio.to_thread(_turns, services, patient_id, period)
        except KeyMissing:
            _log.warning("the key of patient %s is missing; no summary", patient_id)
            continue
        if patient is None or not turns:
            continue
        summary = extract(turns, now=services.clock())
        if services.chat_model is not None and Purpose.LANGUAGE_MODEL in patient.consents:
            summary = await _drafted(services, patient, turns, summary)
        await asyncio.to_thread(_keep, services, summary)
    return len(behind)


def _behind(services: Services) -> list[tuple[PatientId, str]]:
    with services.store.reading() as rows:
        return rows.summaries.behind(services.clock() - _LATELY, _LEAST, _AT_ONCE)


def _turns(
    services: Services, patient_id: PatientId, period: str
) -> tuple[Patient | None, list[Memory]]:
    with services.store.reading() as rows:
        patient = rows.patients.get(patient_id)
        return patient, by_period(rows.record.memories(patient_id)).get(period, [])


def _keep(services: Services, summary: Summary) -> None:
    """Not what was forgotten while the summary was being made."""
    with services.store.unit_of_work() as work:
        patient_id = PatientId(summary.patient_id)
        there = {m.source for m in work.record.memories(patient_id)}
        kept = tuple(s for s in summary.sentences if there.issuperset(s.sources))
        work.summaries.put(replace(summary, sentences=kept))


async def _drafted(
    services: Services, patient: Patient, turns: list[Memory], extractive: Summary
) -> Summary:
    """The model's sentences, each with its sources, reviewed; else the extractive summary.

    A sentence that may not be said as it is gives way to the patient's own words.
    """
    shown = turns[-_SHOWN:]
    system = render("summary", language="Chinese" if patient.language == "zh" else "English")
    said = "\n".join(
        f"[{n}] {turn.recorded_at:%Y-%m-%d}: {turn.text[:300]}" for n, turn in enumerate(shown, 1)
    )
    model = services.chat_model
    if model is None:
        return extractive
    try:
        answer = await model.draft(system, said, names=(patient.name,) if patient.name else ())
    except ModelError:
        return extractive
    drafted = cited(answer, shown)
    sentences = tuple(
        one if _allowed(one, shown, patient) else _verbatim(one, shown) for one in drafted
    )
    if not set(sentences) & set(drafted):
        return extractive
    return replace(extractive, method=model.name, sentences=sentences)


def _verbatim(one: Sentence, turns: list[Memory]) -> Sentence:
    turn = next(turn for turn in turns if turn.source in one.sources)
    return Sentence(
        text=turn.text[:_QUOTED],
        sources=(turn.source,),
        day=turn.recorded_at.date().isoformat(),
    )


def _allowed(one: Sentence, turns: list[Memory], patient: Patient) -> bool:
    """No number that its sources lack, and nothing that must not be said."""
    words = " ".join(turn.text for turn in turns if turn.source in one.sources)
    numbers = tuple(float(n) for n in _NUMBER.findall(words))
    return not review(Draft(text=one.text, numbers=numbers), patient)
