"""A member sets or ends a line of the record that the screen reads: who may, and the trail."""

from __future__ import annotations

import math
import secrets
from datetime import date, datetime

import safety
from bot.domain.care_team import CareTeamMember, Role
from bot.domain.clinical import ClinicalEntry, EntryKind
from bot.domain.errors import AnkangError
from bot.domain.escalation import AuditEvent
from bot.domain.message import PatientId
from bot.escalations.accept import NotFound
from bot.ports import Services, UnitOfWork

_LONGEST = 120  #: characters of a condition or a medicine
#: Limits replace general bands: they are signed by whoever answers for the patients.
_SIGNS = (Role.SUPERVISOR,)


class NotAllowed(AnkangError):
    """Only a supervisor of the care team may set or end a limit."""

    permanent = True


class BadEntry(AnkangError):
    """This cannot be kept in the record."""

    permanent = True


def set_entry(
    services: Services,
    patient_id: PatientId,
    member_id: str,
    kind: str,
    name: str,
    value: float | None = None,
) -> ClinicalEntry:
    """Keep one line; a new limit of the same kind ends the older one.

    Raises NotFound, NotAllowed, or BadEntry with one sentence.
    """
    now = services.clock()
    with services.store.unit_of_work() as work:
        member = _who(work, patient_id, member_id)
        entry = _entry(patient_id, member, kind, name, value, now)
        if entry.kind is not EntryKind.CONDITION and entry.kind is not EntryKind.MEDICINE:
            for older in work.clinical.of(patient_id):
                same = entry.kind is not EntryKind.LIMIT or older.name == entry.name
                if older.kind is entry.kind and same:
                    _end(work, older, member, now)
        work.clinical.add(entry)
        _note(work, entry, member, "record.set", now)
    return entry


def end_entry(services: Services, patient_id: PatientId, member_id: str, entry_id: str) -> None:
    """End one line; it stays readable with who ended it. Raises NotFound or NotAllowed."""
    now = services.clock()
    with services.store.unit_of_work() as work:
        member = _who(work, patient_id, member_id)
        entry = next((e for e in work.clinical.of(patient_id) if e.id == entry_id), None)
        if entry is None:
            raise NotFound
        if entry.kind is EntryKind.LIMIT and member.role not in _SIGNS:
            raise NotAllowed
        _end(work, entry, member, now)


def _who(work: UnitOfWork, patient_id: PatientId, member_id: str) -> CareTeamMember:
    member = work.care_team.get(member_id)
    if member is None or work.patients.get(patient_id) is None:
        raise NotFound
    return member


def _entry(
    patient_id: PatientId,
    member: CareTeamMember,
    kind: str,
    name: str,
    value: float | None,
    now: datetime,
) -> ClinicalEntry:
    name = " ".join(name.split())
    try:
        known = EntryKind(kind)
        if known is EntryKind.LIMIT:
            if member.role not in _SIGNS:
                raise NotAllowed
            limit = safety.limit_kinds().get(name)
            if limit is None:
                raise BadEntry(f"there is no limit {name}: {', '.join(safety.limit_kinds())}")
            if value is None or not math.isfinite(value):
                raise BadEntry(f"{name} needs a number in {limit.unit}")
            limit.check(value)
        elif known in (EntryKind.PREGNANT, EntryKind.BIRTH):
            date.fromisoformat(name)
        elif not name or len(name) > _LONGEST:
            raise BadEntry(f"a name of 1 to {_LONGEST} characters is needed")
    except ValueError as error:
        raise BadEntry(str(error)) from error
    return ClinicalEntry(
        id=secrets.token_hex(8),
        patient_id=patient_id,
        kind=known,
        name=name,
        value=value if known is EntryKind.LIMIT else None,
        set_by=member.id,
        set_at=now,
    )


def _end(work: UnitOfWork, entry: ClinicalEntry, member: CareTeamMember, now: datetime) -> None:
    if work.clinical.end(entry.patient_id, entry.id, member.id, now):
        _note(work, entry, member, "record.ended", now)


def _note(
    work: UnitOfWork, entry: ClinicalEntry, member: CareTeamMember, kind: str, now: datetime
) -> None:
    """The trail says who and when; what was set is sealed beside it."""
    evidence_id = f"{entry.id}/{kind.rpartition('.')[2]}"
    said = {"kind": entry.kind.value, "name": entry.name, "value": entry.value}
    work.audit.add(
        AuditEvent(
            at=now,
            actor=member.id,
            type=kind,
            subject=entry.patient_id,
            patient_id=entry.patient_id,
            detail=work.audit.seal(entry.patient_id, evidence_id, now, said),
        )
    )
