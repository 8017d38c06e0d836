"""A nurse decides on a suggestion: said to the patient in approved words, or left for a while."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.escalation import AuditEvent
from bot.domain.message import PatientId
from bot.domain.outbox import Draft, MessageClass
from bot.domain.patient import Patient, PatientStatus
from bot.domain.suggestion import KeptSuggestion, SuggestionState, message_of
from bot.escalations.accept import NotFound
from bot.ports import Services, UnitOfWork
from bot.post import review, to_patient
from bot.suggestions import Rule, rules
from knowledge.graph import graph
from prompts import say


def approve(services: Services, patient_id: PatientId, suggestion_id: str, member_id: str) -> str:
    """Say it to the patient once, by the post's rules; "": it is on its way.

    "suggestion_gone": it was decided already, or the rule is no more. "suggestion_not_sent": the
    patient may not be written to now (STOP, a pause, no consent, no chat), and it stays open.
    Raises NotFound.
    """
    now = services.clock()
    with services.store.unit_of_work() as work:
        patient, kept, rule = _open(work, patient_id, suggestion_id, member_id)
        if kept is None or rule is None:
            return "suggestion_gone"
        draft = words(kept, rule, patient)
        posted = None
        if not review(draft, patient):
            posted = to_patient(
                work,
                patient,
                draft,
                key=message_of(kept.id),
                message_class=MessageClass.EDUCATION,
                now=now,
            )
        if posted is None or posted.message is None:
            work.audit.add(_event("suggestion.not_sent", kept, member_id, now))
            return "suggestion_not_sent"
        _decide(work, kept, rule, SuggestionState.APPROVED, member_id, now)
    services.bells.ring("console")
    return ""


def dismiss(services: Services, patient_id: PatientId, suggestion_id: str, member_id: str) -> str:
    """Hear no more of it for the rule's while; "" or "suggestion_gone". Raises NotFound."""
    now = services.clock()
    with services.store.unit_of_work() as work:
        _, kept, rule = _open(work, patient_id, suggestion_id, member_id)
        if kept is None:
            return "suggestion_gone"
        _decide(work, kept, rule, SuggestionState.DISMISSED, member_id, now)
    services.bells.ring("console")
    return ""


def words(kept: KeptSuggestion, rule: Rule, patient: Patient) -> Draft:
    """What the patient reads: what to talk over, no finding, no number, no change of a medicine."""
    known, language, it = graph(), patient.language, kept.suggestion
    text = say(
        f"suggestions.{rule.words}",
        language,
        what=rule.title["zh" if language == "zh" else "en"],
        medicine=known.concept(it.subject).name(language) if it.subject in known else "",
        tests=[known.concept(one).name(language) for one in it.tests if one in known],
    )
    return Draft(text=text, approved=True)


def _open(
    work: UnitOfWork, patient_id: PatientId, suggestion_id: str, member_id: str
) -> tuple[Patient, KeptSuggestion | None, Rule | None]:
    """This patient's open suggestion and its rule, as far as there are any."""
    patient = work.patients.get(patient_id)
    if patient is None or patient.status is PatientStatus.ERASED:
        raise NotFound
    if work.care_team.get(member_id) is None:
        raise NotFound
    for kept in work.suggestions.of(patient_id):
        if kept.id == suggestion_id and kept.state is SuggestionState.OPEN:
            return patient, kept, rules().get(kept.suggestion.rule)
    return patient, None, None


def _decide(
    work: UnitOfWork,
    kept: KeptSuggestion,
    rule: Rule | None,
    state: SuggestionState,
    member_id: str,
    now: datetime,
) -> None:
    new = replace(
        kept,
        state=state,
        decided_by=member_id,
        decided_at=now,
        until=now + timedelta(days=rule.again) if rule else None,
    )
    if work.suggestions.change(kept, new):
        work.audit.add(_event(f"suggestion.{state.value}", kept, member_id, now))


def _event(kind: str, kept: KeptSuggestion, member_id: str, now: datetime) -> AuditEvent:
    return AuditEvent(
        at=now,
        actor=member_id,
        type=kind,
        subject=kept.patient_id,
        patient_id=kept.patient_id,
        detail={"suggestion": kept.id},
    )
