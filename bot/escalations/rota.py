"""Set who is on shift when; the trail says who changed it."""

from __future__ import annotations

import secrets
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.domain.care_team import CareTeamMember
from bot.domain.escalation import AuditEvent
from bot.domain.rota import Shift, clock_in, days_in, zone_in
from bot.escalations.accept import NotFound
from bot.ports import Services, UnitOfWork

_FIELDS = ("nurse", "days", "from", "until", "zone")


def add_shift(
    services: Services, member_id: str, days: str, begins: str, ends: str, zone: str, actor: str
) -> Shift:
    """One more weekly shift. ValueError names the words that cannot be; NotFound: no such nurse."""
    shift = Shift(
        id=secrets.token_hex(6),
        member_id=member_id,
        weekdays=days_in(days),
        begins=clock_in(begins),
        ends=clock_in(ends),
        timezone=zone_in(zone),
    )
    with services.store.unit_of_work() as work:
        member = work.care_team.get(member_id)
        if member is None or not member.active:
            raise NotFound
        work.care_team.add_shift(shift)
        _note(work, "rota.added", shift, actor, services.clock())
    services.bells.ring("console")
    return shift


def remove_shift(services: Services, shift_id: str, actor: str) -> bool:
    """Take one shift out; False: there is none with this id."""
    with services.store.unit_of_work() as work:
        found = next((s for s in work.care_team.shifts() if s.id == shift_id), None)
        if found is None:
            return False
        work.care_team.remove_shift(shift_id)
        _note(work, "rota.removed", found, actor, services.clock())
    services.bells.ring("console")
    return True


def switch(services: Services, member_id: str, on: bool, actor: str) -> None:
    """Off: not called as on shift, whatever the rota says. On: the rota counts again."""
    with services.store.unit_of_work() as work:
        member = work.care_team.get(member_id)
        if member is None or not member.active:
            raise NotFound
        work.care_team.save(replace(member, on_shift=on))
        kind = "rota.switched_on" if on else "rota.switched_off"
        work.audit.add(AuditEvent(at=services.clock(), actor=actor, type=kind, subject=member_id))
    services.bells.ring("console")


def load(services: Services, text: str, actor: str) -> list[Shift]:
    """A whole rota from a TOML file, in place of the one there was; all of it or nothing.

    ValueError names the shift, the field and the words that cannot be.
    """
    with services.store.unit_of_work() as work:
        members = {member.username: member for member in work.care_team.all() if member.active}
        shifts = read(text, members)
        for old in work.care_team.shifts():
            work.care_team.remove_shift(old.id)
        for shift in shifts:
            work.care_team.add_shift(shift)
            _note(work, "rota.loaded", shift, actor, services.clock())
    services.bells.ring("console")
    return shifts


def read(text: str, members: Mapping[str, CareTeamMember]) -> list[Shift]:
    """The shifts of a TOML file: ``[[shift]]`` with nurse, days, from, until, zone."""
    data = tomllib.loads(text)
    rows = data.get("shift", [])
    if set(data) - {"shift"} or not isinstance(rows, list):
        raise ValueError(
            f"{min(set(data) - {'shift'}, default='shift')}: a rota has [[shift]] only"
        )
    return [_read_one(row, f"shift {number}", members) for number, row in enumerate(rows, 1)]


def _read_one(row: Mapping[str, Any], where: str, members: Mapping[str, CareTeamMember]) -> Shift:
    if unknown := sorted(set(row) - set(_FIELDS)):
        raise ValueError(f"{where}: {unknown[0]} is no field of a shift")
    if missing := [field for field in _FIELDS if not isinstance(row.get(field), str)]:
        raise ValueError(f"{where}: {missing[0]} is missing")
    member = members.get(row["nurse"])
    if member is None:
        raise ValueError(f"{where}: nurse: there is no {row['nurse']}")
    made: dict[str, Any] = {}
    readers = {"days": days_in, "from": clock_in, "until": clock_in, "zone": zone_in}
    for field, reader in readers.items():
        try:
            made[field] = reader(row[field])
        except ValueError as error:
            raise ValueError(f"{where}: {field}: {error}") from None
    return Shift(
        id=secrets.token_hex(6),
        member_id=member.id,
        weekdays=made["days"],
        begins=made["from"],
        ends=made["until"],
        timezone=made["zone"],
    )


def _note(work: UnitOfWork, kind: str, shift: Shift, actor: str, now: datetime) -> None:
    work.audit.add(
        AuditEvent(
            at=now,
            actor=actor,
            type=kind,
            subject=shift.member_id,
            detail={"shift": shift.brief()},
        )
    )
