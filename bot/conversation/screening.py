"""Room 3's question: what do these words and readings mean, for this patient, now."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import safety
from bot.conversation import risk_form
from bot.conversation.known import earlier_of, facts_of
from bot.conversation.pieces import BEFORE, Whole, is_piece, whole_of, with_whole
from bot.domain.clinical import ClinicalEntry
from bot.domain.message import Incoming, Kind
from bot.domain.observation import Observation
from bot.domain.patient import Patient
from bot.ports import Reading as Rows
from memory import Fact
from safety import EarlierReading, PatientFacts, Reading, Verdict

WORDS = (Kind.TEXT, Kind.EDITED, Kind.PHOTO, Kind.VOICE, Kind.FILE)
_CARRIES = (*WORDS, Kind.COMMAND, Kind.UNKNOWN)  #: "/help I cannot breathe"
_EARLIER = 200  #: observations looked back at
_MOST_KEPT = 2_000  #: verdicts of the door that wait for their turn


@dataclass(frozen=True, kw_only=True)
class Screened:
    """A verdict with the grounds it rests on."""

    verdict: Verdict
    facts: PatientFacts
    readings: tuple[Reading, ...] = ()
    words: str = ""  #: what was judged, where it is more than the message: the pieces before, too


class _Door:
    """Verdicts of the door, for the turn that follows in the same process.

    Each stands beside a digest of what it rests on, never the words: where anything differs in the
    turn, or the turn is another process's, the turn screens again.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[str, tuple[int, Verdict]] = OrderedDict()

    def keep(self, message_id: str, grounds: int, verdict: Verdict) -> None:
        self._kept[message_id] = grounds, verdict
        if len(self._kept) > _MOST_KEPT:
            self._kept.popitem(last=False)

    def take(self, message_id: str, grounds: int) -> Verdict | None:
        kept, verdict = self._kept.pop(message_id, (None, None))
        return verdict if kept == grounds else None


_DOOR = _Door()


def screened(
    rows: Rows,
    incoming: Incoming,
    patient: Patient,
    message_id: str,
    now: datetime,
    *,
    author: str = "patient",
) -> Screened:
    """The verdict on one message, by itself and with the pieces right before it.

    Taps carry none of the patient's words; what stands behind a command does.
    """
    entries = rows.clinical.of(patient.id)
    if not _has_words(incoming):
        return Screened(verdict=Verdict(), facts=facts_of(patient, now, entries))
    facts = facts_of(patient, now, entries, rows.facts.of(patient.id))
    readings = _readings(incoming, patient)
    if readings and _answers_a_form(incoming.text, rows.patients.dialogue(patient.id).topic, now):
        readings = ()
    observations = rows.record.observations(patient.id, limit=_EARLIER) if readings else []
    earlier = earlier_of(observations, message_id, now)
    whole = _whole(rows, incoming, patient, message_id, author)
    seen = _judge(incoming, patient, facts, readings, earlier, whole)
    if author == "patient":
        _DOOR.keep(message_id, _grounds(incoming, facts, readings, earlier), seen.verdict)
    return seen


def screened_again(
    rows: Rows,
    incoming: Incoming,
    patient: Patient,
    message_id: str,
    now: datetime,
    entries: Sequence[ClinicalEntry],
    said: Sequence[Fact],
    observations: Sequence[Observation],
    topic: Mapping[str, Any],
) -> Verdict:
    """The same verdict in the turn, from rows that are there already."""
    if not _has_words(incoming):
        return Verdict()
    facts = facts_of(patient, now, entries, said)
    readings = _readings(incoming, patient)
    if readings and _answers_a_form(incoming.text, topic, now):
        readings = ()
    earlier = earlier_of(observations, message_id, now) if readings else ()
    verdict = _DOOR.take(message_id, _grounds(incoming, facts, readings, earlier))
    if verdict is not None:
        return verdict
    whole = _whole(rows, incoming, patient, message_id, "patient")
    return _judge(incoming, patient, facts, readings, earlier, whole).verdict


def _whole(rows: Rows, incoming: Incoming, patient: Patient, message_id: str, author: str) -> Whole:
    if not is_piece(incoming):
        return Whole()
    said = rows.conversation.said_before(message_id, patient.id, author, BEFORE)
    return whole_of(said, incoming)


def _grounds(
    incoming: Incoming,
    facts: PatientFacts,
    readings: tuple[Reading, ...],
    earlier: tuple[EarlierReading, ...],
) -> int:
    """A digest of what a verdict rests on, besides the pieces that came before."""
    return hash((incoming.text, facts, readings, earlier))


def _answers_a_form(text: str, topic: Mapping[str, Any], now: datetime) -> bool:
    """ "1.1 mmol/L" after "What was your HDL cholesterol?" is no blood sugar.

    What the open question asks for is judged as it is: a pressure stays a pressure.
    """
    concept = risk_form.answered(topic, text, now)
    return bool(concept) and concept not in _JUDGED


#: Readings that a risk form asks for and the screen knows by the same name.
_JUDGED = ("sbp", "weight")


def _has_words(incoming: Incoming) -> bool:
    return incoming.kind in _CARRIES and bool(incoming.text)


def _readings(incoming: Incoming, patient: Patient) -> tuple[Reading, ...]:
    return safety.read_vitals(incoming.text, language="zh" if patient.language == "zh" else "en")


def _judge(
    incoming: Incoming,
    patient: Patient,
    facts: PatientFacts,
    readings: tuple[Reading, ...],
    earlier: tuple[EarlierReading, ...],
    whole: Whole,
) -> Screened:
    verdict = safety.screen(incoming.text, patient=facts, readings=readings, earlier=earlier)
    if verdict.asked and risk_form.wanted(incoming.text, patient.language) is not None:
        verdict = _without_the_topic(verdict)
    with_pieces = with_whole(verdict, whole, facts)
    words = whole.text if with_pieces is not verdict else ""
    return Screened(verdict=with_pieces, facts=facts, readings=readings, words=words)


def _without_the_topic(verdict: Verdict) -> Verdict:
    """ "What is my risk of a heart attack?" names a disease and reports nothing: no question back.

    Only findings whose whole doubt is that they are a question go; any other cue stays asked.
    """
    kept = (f for f in verdict.findings if not (f.asked and set(f.cues) <= {"question"}))
    return replace(verdict, findings=tuple(kept))
