"""A person takes the matter: accept, contact made, completed; hold the chat and hand it back."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.domain.care_team import CareTeamMember
from bot.domain.errors import AnkangError
from bot.domain.escalation import CLIMBING, AuditEvent, Escalation, EscalationState
from bot.domain.message import CARER
from bot.domain.outbox import Draft, MessageClass
from bot.escalations import cases
from bot.escalations.chain import ladder_of
from bot.escalations.page import readable, refresh_cards
from bot.ports import Services, UnitOfWork
from bot.post import to_patient
from prompts import say

NAME = 40  #: letters of a name on a card


class NotFound(AnkangError):
    """There is no such escalation, patient or member."""

    permanent = True


def accept(services: Services, escalation_id: str, member_id: str) -> Escalation:
    """A member takes the matter; the ladder stops until the acceptance runs out."""
    now = services.clock()
    with services.store.unit_of_work() as work:
        was, member = _both(work, escalation_id, member_id)
        new = accept_in(work, was, member, services, now)
    services.bells.ring("console")
    return new


def accept_in(
    work: UnitOfWork, was: Escalation, member: CareTeamMember, services: Services, now: datetime
) -> Escalation:
    """Accept in the caller's transaction; a second tap returns the matter as it stands."""
    if was.state not in CLIMBING:
        return was
    lasting = ladder_of(was).acceptance
    new = replace(
        was,
        state=EscalationState.ACCEPTED,
        accepted_by=member.name[:NAME],
        accepted_at=now,
        next_step_at=now + lasting if lasting else None,
    )
    if not work.escalations.change(was, new):
        return work.escalations.get(was.id) or was
    _audit(work, new, "escalation.accepted", member, now)
    refresh_cards(work, new, services, now)
    if was.tier in ("P0", "P1"):
        theirs = was.evidence.get("author") == CARER  # the patient wrote nothing
        _tell(work, new, f"care.nurse_is_looking{'_carer' if theirs else ''}", member, now)
    return new


def contact(services: Services, escalation_id: str, member_id: str, note: str) -> Escalation:
    """A person reached the patient; an acceptance no longer runs out."""
    now = services.clock()
    with services.store.unit_of_work() as work:
        was, member = _both(work, escalation_id, member_id)
        new = contact_in(work, was, member, note, services, now)
    services.bells.ring("console")
    return new


def contact_in(
    work: UnitOfWork,
    was: Escalation,
    member: CareTeamMember,
    note: str,
    services: Services,
    now: datetime,
) -> Escalation:
    """Record the contact in the caller's transaction."""
    if was.state in (EscalationState.CONTACT_MADE, EscalationState.COMPLETED):
        return was
    new = replace(
        was,
        state=EscalationState.CONTACT_MADE,
        accepted_by=was.accepted_by or member.name[:NAME],
        accepted_at=was.accepted_at or now,
        contact_at=now,
        next_step_at=None,
        evidence=_with_note(was, member, note, now),
    )
    if not work.escalations.change(was, new):
        return work.escalations.get(was.id) or was
    _audit(work, new, "escalation.contact_made", member, now)
    refresh_cards(work, new, services, now)
    return new


def complete(
    services: Services, escalation_id: str, member_id: str, outcome: str, note: str = ""
) -> Escalation:
    """Close the matter with an outcome; a two-person matter needs a second, other person."""
    now = services.clock()
    with services.store.unit_of_work() as work:
        was, member = _both(work, escalation_id, member_id)
        new = complete_in(work, was, member, outcome, note, services, now)
    services.bells.ring("console")
    return new


def complete_in(
    work: UnitOfWork,
    was: Escalation,
    member: CareTeamMember,
    outcome: str,
    note: str,
    services: Services,
    now: datetime,
) -> Escalation:
    """Close in the caller's transaction; the first of two people leaves it open."""
    if was.state is EscalationState.COMPLETED:
        return was
    evidence = _with_note(was, member, note, now)
    if was.two_person and was.completed_by in ("", member.id):
        new = replace(was, completed_by=member.id, outcome=outcome, evidence=evidence)
        kind = "escalation.first_close"
    else:
        new = replace(
            was,
            state=EscalationState.COMPLETED,
            completed_by=f"{was.completed_by}+{member.id}" if was.completed_by else member.id,
            completed_at=now,
            outcome=outcome,
            next_step_at=None,
            evidence=evidence,
        )
        kind = "escalation.completed"
    if not work.escalations.change(was, new):
        return work.escalations.get(was.id) or was
    _audit(work, new, kind, member, now, {"outcome": outcome})
    if new.state is EscalationState.COMPLETED:
        cases.keep(work, new, services, now)
    refresh_cards(work, new, services, now)
    return new


def _both(
    work: UnitOfWork, escalation_id: str, member_id: str
) -> tuple[Escalation, CareTeamMember]:
    escalation, member = work.escalations.get(escalation_id), work.care_team.get(member_id)
    if escalation is None or member is None:
        raise NotFound
    return escalation, member


def _with_note(
    was: Escalation, member: CareTeamMember, note: str, now: datetime
) -> dict[str, object]:
    if not note.strip():
        return was.evidence
    notes = list(was.evidence.get("notes", []))  # type: ignore[call-overload]
    notes.append({"by": member.name, "at": now.isoformat(), "text": note.strip()})
    return {**was.evidence, "notes": notes}


def _tell(
    work: UnitOfWork,
    escalation: Escalation,
    words: str,
    member: CareTeamMember,
    now: datetime,
) -> None:
    _, patient = readable(work, escalation)
    if patient is None:
        return
    to_patient(
        work,
        patient,
        Draft(text=say(words, patient.language, who=member.name), approved=True),
        key=f"{escalation.id}/{words}/{now.timestamp():.0f}",
        message_class=MessageClass.EMERGENCY,
        now=now,
        nurse_status_true=True,
    )


def _audit(
    work: UnitOfWork,
    escalation: Escalation,
    kind: str,
    member: CareTeamMember,
    now: datetime,
    detail: dict[str, Any] | None = None,
) -> None:
    work.audit.add(
        AuditEvent(
            at=now,
            actor=member.id,
            type=kind,
            subject=escalation.id,
            patient_id=escalation.patient_id,
            detail=detail or {},
        )
    )
