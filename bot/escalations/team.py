"""Who is on the care team: somebody comes, changes, or leaves and may do nothing more."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.domain.care_team import CareTeamMember, Role
from bot.domain.escalation import AuditEvent
from bot.domain.message import PatientId
from bot.escalations.hold import release
from bot.ports import Services, UnitOfWork


def change(
    services: Services, username: str, changes: Mapping[str, Any], actor: str
) -> CareTeamMember:
    """Set these fields of the member with this username; a new one where there is none.

    A new password, a new role and leaving end the member's sessions. Who leaves (``active`` False)
    also loses their chat and their shifts, and the conversations they held go back to the bot.
    """
    with services.store.unit_of_work() as work:
        known = work.care_team.by_username(username)
        base = known or CareTeamMember(
            id=secrets.token_hex(8), name=username, role=Role.NURSE, username=username
        )
        member = replace(base, **changes)
        if not member.active:
            member = replace(member, telegram_id="")
        (work.care_team.save if known else work.care_team.add)(member)
        changed = sorted(name for name in vars(member) if vars(member)[name] != vars(base)[name])
        if {"active", "password_hash", "role"} & set(changed):
            work.care_team.close_sessions(member.id)
        if not member.telegram_id:
            work.outbox.recall(member.id)
        held = [] if member.active else _clear(work, member)
        work.audit.add(
            AuditEvent(
                at=services.clock(),
                actor=actor,
                type="member.changed" if known else "member.added",
                subject=member.id,
                detail={"changed": changed},
            )
        )
    for patient_id in held:
        release(services, patient_id, actor)
    services.bells.ring("console")
    return member


def _clear(work: UnitOfWork, member: CareTeamMember) -> list[PatientId]:
    """Take the member off the rota; whose conversations they hold."""
    for shift in work.care_team.shifts():
        if shift.member_id == member.id:
            work.care_team.remove_shift(shift.id)
    return work.patients.held_by(member.id)
