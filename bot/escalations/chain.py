"""The chain of one escalation, kept with it from the start: who is called, when, and by what."""

from __future__ import annotations

from datetime import datetime

import safety
from bot.domain import canary
from bot.domain.care_team import CareTeamMember, Role
from bot.domain.escalation import Escalation
from bot.domain.rota import on_duty
from bot.ports import UnitOfWork
from safety import Ladder

_LEADS = (Role.SUPERVISOR, Role.ADMIN)


def snapshot(work: UnitOfWork, name: str, now: datetime) -> dict[str, object]:
    """The ladder as the file has it now, and who is on shift; later edits change neither."""
    on_shift = [member.id for member in people(work, now) if member.on_shift]
    return {**safety.ladder_for(name).plain(), "on_shift": on_shift}


def ladder_of(escalation: Escalation) -> Ladder:
    """The ladder this escalation began with."""
    if not escalation.ladder:  # kept by a version of the house that took no snapshots
        return safety.ladder_for(escalation.tier)
    return safety.read_ladder(escalation.ladder)


def people(work: UnitOfWork, now: datetime) -> list[CareTeamMember]:
    """Everybody who can be called, on shift or not by the rota at this moment.

    The canary's test account is nobody, and so is who has left.
    """
    team = [m for m in work.care_team.all() if m.active and m.id != canary.MEMBER]
    return on_duty(team, work.care_team.shifts(), now)


def called(
    work: UnitOfWork, escalation: Escalation, role: str, now: datetime
) -> tuple[str, list[CareTeamMember]]:
    """(the role that is really called, its members) for a rung that names ``role``.

    Who was on shift when it began stays called beside who is on shift now. A role that nobody has
    never means silence: with no nurse on shift the supervisor is called, at once, and without a
    supervisor everyone is.
    """
    everybody = people(work, now)
    rota = escalation.ladder.get("on_shift")
    began = set(rota) if isinstance(rota, list) else set()
    on_shift = [m for m in everybody if m.on_shift or m.id in began]
    leads = [m for m in everybody if m.role in _LEADS]
    groups: dict[str, list[CareTeamMember]] = {
        "on_shift": on_shift,
        "team": [m for m in everybody if m.role is Role.NURSE or m in on_shift],
        "supervisor": [m for m in everybody if m in leads or m in on_shift],
        "everyone": everybody,
        "operator": [m for m in everybody if m.role is Role.ADMIN],
    }
    for candidate in (role, "supervisor"):
        if groups.get(candidate):
            return candidate, groups[candidate]
    return "everyone", everybody
