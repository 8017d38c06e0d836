"""What a backup must not undo: limits set since win over its permissions, never the reverse.

Whoever has withdrawn, died, ended a sharing or left since the backup must not come back as if
nothing had happened. A permission given since is not put back: it can be asked for again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from bot.domain.care_team import Role
from bot.domain.escalation import AuditEvent
from bot.domain.message import PatientId
from bot.domain.patient import Consent, PatientStatus, Pause
from bot.escalations import cases, farewell, team
from bot.ports import Services
from bot.store import limits
from bot.store.limits import Limits, Shared, Standing
from bot.store.unit_of_work import SqlUnitOfWork

_BEGUN = (PatientStatus.ACTIVE, PatientStatus.PAUSED)
_RANK = (Role.NURSE.value, Role.SUPERVISOR.value, Role.ADMIN.value)
_FROM_THE_NEWER = ("password_hash", "telegram_id")  #: the old ones may be in other hands by now


@dataclass(frozen=True, kw_only=True)
class CarriedOver:
    """What was taken from the newer database, and what a person must look at; ids only."""

    newer: bool = False  #: there was one
    done: dict[str, list[str]] = field(default_factory=dict)
    check: dict[str, list[str]] = field(default_factory=dict)
    backed_up: datetime | None = None  #: the newest that the backup knows of


def carry_over(
    work: SqlUnitOfWork, old: Limits, held: Limits, members: list[str], now: datetime
) -> CarriedOver:
    """Set the limits of the newer database again, in the caller's transaction."""
    if not newer(old, held):
        older = {"older": [f"{held.newest:%Y-%m-%d %H:%M} UTC"]} if held.newest else {}
        return CarriedOver(backed_up=old.newest, check=older | _unread(held))
    notes: defaultdict[PatientId, list[str]] = defaultdict(list)
    done: defaultdict[str, list[str]] = defaultdict(list)

    def note(kind: str, patient_id: PatientId, what: str = "") -> None:
        done[kind].append(f"{patient_id}: {what}" if what else str(patient_id))
        notes[patient_id].append(f"{kind} {what}".strip())

    for one in _withdrawn(old, held):
        work.patients.consent([one])
        cases.withdrawn(work, [one], now)
        note("withdrew", one.patient_id, one.purpose.value)
    for patient_id, standing in _standing(old, held, now):
        _stand(work, patient_id, old.standing[patient_id], standing, now)
        note(standing.status.value, patient_id)
    for carer_id, shared in _shared(old, held):
        limits.share(work.connection, carer_id, shared)
        note("carers", shared.patient_id, carer_id)
    for schedule_id, patient_id in _ended(old, held):
        limits.end_schedule(work.connection, schedule_id)
        work.checkins.cancel_due(patient_id, schedule_id)
        note("schedules", patient_id, schedule_id)
    if members:
        done["members"] = members
    for patient_id, carried in notes.items():
        work.audit.add(_event("restore.carried_over", patient_id, now, {"limits": carried}))
    return CarriedOver(newer=True, done=dict(done), check=_check(old, held), backed_up=old.newest)


def newer(old: Limits, held: Limits) -> bool:
    """The replaced database knows at least what the backup knows; an older one limits nothing."""
    if not (held.standing or held.members or held.answers):
        return False
    return not (held.newest and old.newest and held.newest < old.newest)


def limit_members(services: Services, old: Limits, held: Limits) -> list[str]:
    """Whoever left the team since is out again, and a new password or chat stays; usernames."""
    if not newer(old, held):
        return []
    with services.store.reading() as rows:
        members = rows.care_team.all()
    changed = []
    for member in members:
        now = held.members.get(member.username)
        if now is None:
            continue
        changes: dict[str, Any] = {
            name: now[name] for name in _FROM_THE_NEWER if now[name] != getattr(member, name)
        }
        if _RANK.index(now["role"]) < _RANK.index(member.role.value):
            changes["role"] = Role(now["role"])
        if member.active and not now["active"]:
            changes["active"] = False
        if changes:
            team.change(services, member.username, changes, "operator")
            changed.append(f"{member.username}: {', '.join(sorted(changes))}")
    return changed


def _withdrawn(old: Limits, held: Limits) -> Iterator[Consent]:
    for key, said in held.answers.items():
        before = old.answers.get(key)
        if before and before.granted and not said.granted and said.at >= before.at:
            yield said


def _standing(old: Limits, held: Limits, now: datetime) -> Iterator[tuple[PatientId, Standing]]:
    for patient_id, was in old.standing.items():
        since = held.standing.get(patient_id)
        limited = _limited(was, since, now) if since else was
        if limited != was:
            yield patient_id, limited


def _limited(was: Standing, since: Standing, now: datetime) -> Standing:
    """The stricter of both; what the backup says stands where the newer one allows more."""
    if since.status is PatientStatus.DECEASED is not was.status:
        return since
    if since.status in (PatientStatus.STOPPED, PatientStatus.ENROLLED):
        return since if was.status in _BEGUN else was
    if since.status is PatientStatus.PAUSED and was.status in _BEGUN:
        return _quieter(was, since, now)
    return was


def _quieter(was: Standing, since: Standing, now: datetime) -> Standing:
    if since.paused_until is not None and since.paused_until <= now:
        return was  # over by now
    if was.status is PatientStatus.ACTIVE:
        return since
    both = (was.paused_until, since.paused_until)
    until = None if None in both else max(one for one in both if one)
    everything = Pause.ALL in (was.pause, since.pause)
    return replace(since, pause=Pause.ALL if everything else Pause.ORDINARY, paused_until=until)


def _stand(
    work: SqlUnitOfWork, patient_id: PatientId, was: Standing, standing: Standing, now: datetime
) -> None:
    limits.stand(work.connection, patient_id, standing)
    if standing.status is PatientStatus.DECEASED:
        detail = farewell.silence(work, patient_id) | {"was": was.status.value}
        work.audit.add(_event(farewell.MARKED, patient_id, now, detail))
    elif standing.status is PatientStatus.STOPPED:
        work.audit.add(_event(farewell.STOPPED, patient_id, now, {}))
    if standing.status is not PatientStatus.PAUSED:
        work.outbox.stop(patient_id)
        work.checkins.cancel_due(patient_id)


def _shared(old: Limits, held: Limits) -> Iterator[tuple[str, Shared]]:
    for carer_id, was in old.carers.items():
        since = held.carers.get(carer_id)
        if since is None or was.ended_at is not None:
            continue
        limited = replace(since, scopes=was.scopes & since.scopes)
        if limited != was:
            yield carer_id, limited


def _ended(old: Limits, held: Limits) -> Iterator[tuple[str, PatientId]]:
    for schedule_id, (patient_id, active) in old.schedules.items():
        _, goes_on = held.schedules.get(schedule_id, (patient_id, True))
        if active and not goes_on:
            yield schedule_id, patient_id


def _check(old: Limits, held: Limits) -> dict[str, list[str]]:
    """What was allowed or begun since: not put back, for a person to decide."""
    found: dict[str, list[str]] = _unread(held)
    for (patient_id, purpose), said in held.answers.items():
        before = old.answers.get((patient_id, purpose))
        if patient_id in old.standing and said.granted and not (before and before.granted):
            found.setdefault("agreed", []).append(f"{patient_id}: {purpose}")
    for patient_id, now in held.standing.items():
        was = old.standing.get(patient_id)
        if was is None:
            found.setdefault("enrolled", []).append(patient_id)
        elif was.status is PatientStatus.DECEASED is not now.status:
            found.setdefault("not_deceased", []).append(patient_id)
        elif was.status not in _BEGUN and now.status in _BEGUN:
            found.setdefault("begun", []).append(patient_id)
    for username, member in held.members.items():
        left = username in old.members and not old.members[username]["active"]
        if username not in old.members or (member["active"] and left):
            found.setdefault("joined", []).append(username)
    new = {one for one, (_, active) in held.schedules.items() if active} - set(old.schedules)
    owners = {held.schedules[one][0] for one in new} & set(old.standing)
    if owners:
        found["schedules"] = sorted(owners)
    return found


def _unread(held: Limits) -> dict[str, list[str]]:
    return {"unread": list(held.unread)} if held.unread else {}


def _event(
    kind: str, patient_id: PatientId, now: datetime, detail: dict[str, object]
) -> AuditEvent:
    return AuditEvent(
        at=now, actor="operator", type=kind, subject=patient_id, patient_id=patient_id,
        detail=detail,
    )  # fmt: skip
