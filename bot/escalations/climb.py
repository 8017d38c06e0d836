"""Nobody accepted in time: tell the next people, and go on until a person does."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.domain.escalation import CLIMBING, AuditEvent, Escalation, EscalationState
from bot.escalations.chain import ladder_of
from bot.escalations.one_by_one import one_by_one
from bot.escalations.page import page, refresh_cards
from bot.ports import Services, UnitOfWork


def climb(services: Services) -> int:
    """Move every escalation whose time has come one rung up; returns how many moved."""
    now = services.clock()

    def move(work: UnitOfWork, found: Escalation) -> bool:
        # Read again: since the look above somebody may have accepted or noted something.
        fresh = work.escalations.get(found.id)
        if fresh is None or fresh.next_step_at is None or fresh.next_step_at > now:
            return False
        return climb_one(work, fresh, services, now)

    return one_by_one(
        services,
        lambda rows, most: rows.escalations.due(now, most),
        move,
        "escalation %s cannot climb: %s",
    )


def climb_one(work: UnitOfWork, was: Escalation, services: Services, now: datetime) -> bool:
    """One rung for one escalation in the caller's transaction; False if somebody was faster."""
    if was.state in (EscalationState.ACCEPTED, EscalationState.CONTACT_MADE):
        return _reopen(work, was, services, now)
    following = ladder_of(was).rung(was.step + 1)
    new = replace(was, step=was.step + 1, next_step_at=now + following.wait)
    return _call(work, was, new, services, now, {})


def hasten(work: UnitOfWork, was: Escalation, services: Services, now: datetime, why: str) -> bool:
    """The next rung at once, whatever time it has left: the patient has no help yet.

    Somebody who has accepted keeps the matter, and the next people hear of it as well.
    """
    new = replace(was, step=was.step + 1)
    if was.state in CLIMBING:
        new = replace(new, next_step_at=now + ladder_of(was).rung(was.step + 1).wait)
    elif was.state is not EscalationState.ACCEPTED:
        return False
    return _call(work, was, new, services, now, {"why": why})


def _call(
    work: UnitOfWork,
    was: Escalation,
    new: Escalation,
    services: Services,
    now: datetime,
    detail: dict[str, object],
) -> bool:
    """Page the rung on which ``was`` stands; False if somebody was faster."""
    if not work.escalations.change(was, new):
        return False
    paged = page(work, was, ladder_of(was).rung(was.step), services, now)
    work.audit.add(
        AuditEvent(
            at=now,
            actor="bot",
            type="escalation.paged",
            subject=was.id,
            patient_id=was.patient_id,
            detail={"step": was.step, "role": paged.role, "pages": paged.pages, **detail},
        )
    )
    return True


def _reopen(work: UnitOfWork, was: Escalation, services: Services, now: datetime) -> bool:
    """Accepted, but no contact was recorded in the time allowed: it climbs again."""
    if was.state is EscalationState.CONTACT_MADE:
        return work.escalations.change(was, replace(was, next_step_at=None))
    new = replace(
        was,
        state=EscalationState.REQUESTED,
        accepted_by="",
        accepted_at=None,
        next_step_at=now,
        step=was.step + 1,
    )
    if not work.escalations.change(was, new):
        return False
    work.audit.add(
        AuditEvent(
            at=now,
            actor="bot",
            type="escalation.acceptance_expired",
            subject=was.id,
            patient_id=was.patient_id,
            detail={"accepted_by": was.accepted_by},
        )
    )
    refresh_cards(work, new, services, now)
    return True
