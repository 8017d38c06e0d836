"""After an emergency: ask whether help was called, until a person has reached the patient."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.call import ANSWERS, CallQuestion, CallState
from bot.domain.escalation import CLIMBING, AuditEvent, Escalation, EscalationState
from bot.domain.message import Button, Incoming, Kind
from bot.domain.outbox import Draft, MessageClass
from bot.domain.patient import Contact, Patient, PatientStatus
from bot.escalations.chain import ladder_of
from bot.escalations.climb import hasten
from bot.escalations.one_by_one import one_by_one
from bot.escalations.page import readable, refresh_cards
from bot.escalations.status import nurse_status
from bot.ports import Services, UnitOfWork
from bot.post import Posted, short_id, to_patient
from bot.whom_to_call import number_to_call
from prompts import say

UNREACHED = CLIMBING | {EscalationState.ACCEPTED}
#: Two emergencies of one person are asked about once.
_TOGETHER = timedelta(minutes=2)


def ask_calls(services: Services) -> int:
    """Ask what is due and take silence for an answer; returns how many questions moved."""
    now = services.clock()
    return one_by_one(
        services,
        lambda rows, most: rows.calls.due(now, most),
        lambda work, question: _move(work, question, services, now),
        "question %s cannot be asked: %s",
    )


def is_call_tap(incoming: Incoming) -> bool:
    """A button under "Have you been able to call?"."""
    return incoming.kind is Kind.TAP and incoming.data.startswith("h:")


def answer_call(
    work: UnitOfWork, patient: Patient, contact: Contact, incoming: Incoming,
    services: Services, now: datetime,
) -> None:  # fmt: skip
    """Record what the patient tapped; "not yet" raises the step at once, and nothing closes it."""
    question_id, _, answer = incoming.data.removeprefix("h:").rpartition(":")
    question = work.calls.get(question_id)
    key = short_id("call", incoming.channel, incoming.bot, incoming.external_id)
    if question is None or question.patient_id != patient.id or answer not in ANSWERS:
        gone = say("watch.call_gone", patient.language, number=number_to_call(patient))
        _say(work, patient, gone, key, now, (), contact)
        return
    escalation = work.escalations.get(question.escalation_id)
    if escalation is not None and escalation.state in UNREACHED and question.answer != answer:
        noted = _answered(work, escalation, question, answer, now)
        if noted is not None:
            _act_on(work, noted, answer, services, now)
    fresh = work.escalations.get(question.escalation_id)
    words = _words(work, f"call_{answer}", patient, fresh, services, now)
    _say(work, patient, words, key, now, (), contact)


def answered_in_words(
    work: UnitOfWork,
    patient: Patient,
    escalation: Escalation,
    answer: str,
    message_id: str,
    services: Services,
    now: datetime,
) -> None:
    """The same as a tap, where the patient wrote it; what is said to them is on its way."""
    question = _next(work, escalation)
    noted = _answered(work, escalation, question, answer, now) if question else None
    escalation = _act_on(work, noted or escalation, answer, services, now)
    words = _words(work, f"call_{answer}", patient, escalation, services, now)
    _say(work, patient, words, f"{message_id}/call", now)


def ask_now(
    work: UnitOfWork,
    patient: Patient,
    escalation: Escalation,
    message_id: str,
    services: Services,
    now: datetime,
) -> bool:
    """The question, before a message is answered; False once they said that help is coming."""
    if any(q.answer in ("yes", "no_need") for q in work.calls.of(escalation.id)):
        return False
    question = _next(work, escalation)
    words = _words(work, "call_question", patient, escalation, services, now)
    buttons = _buttons(patient, question) if question else ()
    _say(work, patient, words, f"{message_id}/call", now, buttons)
    return True


def _answered(
    work: UnitOfWork, escalation: Escalation, question: CallQuestion, answer: str, now: datetime
) -> Escalation | None:
    """The escalation with the patient's answer noted; None where another came first."""
    answered = replace(
        question, state=CallState.ANSWERED, answer=answer, answered_at=now, next_at=None
    )
    if not work.calls.change(question, answered):
        return None
    return _note(work, escalation, question, answer, "patient", now)


def _act_on(
    work: UnitOfWork, escalation: Escalation, answer: str, services: Services, now: datetime
) -> Escalation:
    """ "Not yet" raises the step; the cards show it. Gives the escalation as it is then."""
    if answer == "not_yet":
        hasten(work, escalation, services, now, answer)
    escalation = work.escalations.get(escalation.id) or escalation
    refresh_cards(work, escalation, services, now)
    return escalation


def _words(
    work: UnitOfWork,
    name: str,
    patient: Patient,
    escalation: Escalation | None,
    services: Services,
    now: datetime,
) -> str:
    """A message of ``watch`` with the number to call and the true state of the pages."""
    number, status = number_to_call(patient), _status(work, patient, escalation, services, now)
    return say(f"watch.{name}", patient.language, number=number, status=status)


def _next(work: UnitOfWork, escalation: Escalation) -> CallQuestion | None:
    """The question that waits for an answer, or the first that is still to be asked."""
    asked = work.calls.of(escalation.id)
    order = (CallState.ASKED, CallState.DUE, CallState.SILENT)
    return next((q for state in order for q in asked if q.state is state), None)


def _buttons(patient: Patient, question: CallQuestion) -> tuple[tuple[Button, ...], ...]:
    return tuple(
        (
            Button(
                label=say(f"watch.call_button_{answer}", patient.language),
                data=f"h:{question.id}:{answer}",
            ),
        )
        for answer in ANSWERS
    )


def _move(work: UnitOfWork, question: CallQuestion, services: Services, now: datetime) -> bool:
    escalation = work.escalations.get(question.escalation_id)
    status = work.patients.status(question.patient_id)
    stopped = replace(question, state=CallState.CANCELLED, next_at=None)
    if (
        escalation is None
        or escalation.state not in UNREACHED
        or status in (None, PatientStatus.ERASED, PatientStatus.DECEASED)
    ):
        return work.calls.change(question, stopped)
    _, patient = readable(work, escalation)
    if question.state is CallState.ASKED or patient is None:  # without a key nobody can be asked
        return _silent(work, escalation, question, services, now)
    if work.patients.dialogue(patient.id).held_by or work.calls.asked_since(
        patient.id, now - _TOGETHER
    ):
        return work.calls.change(question, stopped)  # a person writes with them, or it was asked
    return _ask(work, escalation, question, patient, services, now)


def _ask(
    work: UnitOfWork,
    escalation: Escalation,
    question: CallQuestion,
    patient: Patient,
    services: Services,
    now: datetime,
) -> bool:
    waits = now + ladder_of(escalation).answer
    asked = replace(question, state=CallState.ASKED, asked_at=now, next_at=waits)
    if not work.calls.change(question, asked):
        return False
    said_yes = any(earlier.answer == "yes" for earlier in work.calls.of(escalation.id))
    name = "call_question_again" if said_yes else "call_question"
    words = _words(work, name, patient, escalation, services, now)
    posted = _say(work, patient, words, question.id, now, _buttons(patient, question))
    _audit(work, escalation, "escalation.call_asked", "bot", now, {"question": question.id})
    if posted.message is None:  # there is no chat to ask in: that is silence, and known at once
        return _silent(work, escalation, asked, services, now)
    return True


def _silent(
    work: UnitOfWork,
    escalation: Escalation,
    question: CallQuestion,
    services: Services,
    now: datetime,
) -> bool:
    """No answer: the step is raised at once."""
    silent = replace(question, state=CallState.SILENT, next_at=None)
    if not work.calls.change(question, silent):
        return False
    escalation = _note(work, escalation, question, "silent", "bot", now)
    hasten(work, escalation, services, now, "silent")
    refresh_cards(work, work.escalations.get(escalation.id) or escalation, services, now)
    return True


def _note(
    work: UnitOfWork,
    was: Escalation,
    question: CallQuestion,
    answer: str,
    actor: str,
    now: datetime,
) -> Escalation:
    """Put the answer with the evidence, where the nurse reads it."""
    known = was.evidence.get("calls")
    calls = [*known] if isinstance(known, list) else []
    minutes = question.id.rpartition("/")[2]
    calls.append({"answer": answer, "minute": minutes, "at": now.isoformat()})
    new = replace(was, evidence={**was.evidence, "calls": calls})
    kind = "escalation.call_silent" if answer == "silent" else "escalation.call_answered"
    _audit(work, was, kind, actor, now, {"question": question.id, "answer": answer})
    return new if work.escalations.change(was, new) else was


def _status(
    work: UnitOfWork,
    patient: Patient,
    escalation: Escalation | None,
    services: Services,
    now: datetime,
) -> str:
    phone, pager = services.clinic.team_phone, "pager" in services.channels
    return nurse_status(
        work, patient.language, now=now, phone=phone, escalation=escalation, pager=pager
    )


def _say(
    work: UnitOfWork,
    patient: Patient,
    text: str,
    key: str,
    now: datetime,
    buttons: tuple[tuple[Button, ...], ...] = (),
    contact: Contact | None = None,
) -> Posted:
    return to_patient(
        work,
        patient,
        Draft(text=text, approved=True, buttons=buttons),
        key=key,
        message_class=MessageClass.EMERGENCY,
        now=now,
        contact=contact,
        nurse_status_true=True,
    )


def _audit(
    work: UnitOfWork,
    escalation: Escalation,
    kind: str,
    actor: str,
    now: datetime,
    detail: dict[str, object],
) -> None:
    work.audit.add(
        AuditEvent(
            at=now,
            actor=actor,
            type=kind,
            subject=escalation.id,
            patient_id=escalation.patient_id,
            detail=detail,
        )
    )
