"""Rows of nurses, groups, topics, sessions and leases."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, or_, select, update

from bot.domain.care_team import CareGroup, CareTeamMember, Role
from bot.domain.message import PatientId
from bot.domain.rota import Shift
from bot.store import tables as t
from bot.store.sealing import insert_new, put

_GROUPS = select(t.care_group)


class CareTeamRows:
    """See ``bot.ports.people.CareTeam``."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def add(self, member: CareTeamMember) -> None:
        self._db.execute(t.care_team_member.insert().values(_values(member)))

    def save(self, member: CareTeamMember) -> None:
        self._db.execute(
            update(t.care_team_member)
            .where(t.care_team_member.c.id == member.id)
            .values(_values(member))
        )

    def get(self, member_id: str) -> CareTeamMember | None:
        return self._one(t.care_team_member.c.id == member_id)

    def by_username(self, username: str) -> CareTeamMember | None:
        return self._one(t.care_team_member.c.username == username)

    def by_telegram(self, telegram_id: str) -> CareTeamMember | None:
        return self._one(t.care_team_member.c.telegram_id == telegram_id) if telegram_id else None

    def all(self) -> list[CareTeamMember]:
        return self._members(select(t.care_team_member).order_by(t.care_team_member.c.name))

    def shifts(self) -> list[Shift]:
        c = t.shift.c
        rows = self._db.execute(select(t.shift).order_by(c.member_id, c.weekdays, c.begins))
        return [
            Shift(**{**row._mapping, "weekdays": tuple(int(day) for day in row.weekdays)})
            for row in rows
        ]

    def add_shift(self, shift: Shift) -> None:
        days = "".join(str(day) for day in shift.weekdays)
        self._db.execute(t.shift.insert().values(asdict(shift) | {"weekdays": days}))

    def remove_shift(self, shift_id: str) -> None:
        self._db.execute(delete(t.shift).where(t.shift.c.id == shift_id))

    def add_group(self, group: CareGroup) -> None:
        put(self._db, t.care_group, asdict(group))

    def groups(self) -> list[CareGroup]:
        return [CareGroup(**row._mapping) for row in self._db.execute(_GROUPS)]

    def move_group(self, channel: str, bot: str, old: str, new: str) -> None:
        c = t.care_group.c
        there = select(c.address).where(c.channel == channel, c.bot == bot, c.address == new)
        if self._db.scalar(there):  # linked again under its new address
            self._db.execute(
                delete(t.care_group).where(c.channel == channel, c.bot == bot, c.address == old)
            )
        self._db.execute(
            update(t.care_group)
            .where(c.channel == channel, c.bot == bot, c.address == old)
            .values(address=new)
        )
        self._db.execute(
            delete(t.topic).where(t.topic.c.channel == channel, t.topic.c.address == old)
        )

    def topic(self, channel: str, address: str, patient_id: PatientId) -> str | None:
        return self._db.scalar(
            select(t.topic.c.thread).where(*_topic(channel, address, patient_id))
        )

    def set_topic(
        self, channel: str, address: str, patient_id: PatientId, thread: str | None
    ) -> None:
        if thread is None:
            self._db.execute(delete(t.topic).where(*_topic(channel, address, patient_id)))
            return
        put(
            self._db,
            t.topic,
            {"channel": channel, "address": address, "patient_id": patient_id, "thread": thread},
        )

    def open_session(self, token: str, member_id: str, csrf: str, expires_at: datetime) -> None:
        self._db.execute(
            t.session.insert().values(
                token_hash=_hash(token), member_id=member_id, csrf=csrf, expires_at=expires_at
            )
        )

    def session(self, token: str, now: datetime) -> tuple[CareTeamMember, str] | None:
        row = self._db.execute(
            select(t.session).where(
                t.session.c.token_hash == _hash(token), t.session.c.expires_at > now
            )
        ).first()
        member = self.get(row.member_id) if row else None
        return (member, row.csrf) if row and member and member.active else None

    def close_session(self, token: str) -> None:
        self._db.execute(delete(t.session).where(t.session.c.token_hash == _hash(token)))

    def close_sessions(self, member_id: str = "") -> None:
        mine = [t.session.c.member_id == member_id] if member_id else []
        self._db.execute(delete(t.session).where(*mine))

    def _one(self, condition: Any) -> CareTeamMember | None:
        found = self._members(select(t.care_team_member).where(condition))
        return found[0] if found else None

    def _members(self, query: Select[Any]) -> list[CareTeamMember]:
        return [_member(row) for row in self._db.execute(query)]


class LeaseRows:
    """See ``bot.ports.keeping.Leases``."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def take(self, name: str, holder: str, now: datetime, lasting: timedelta) -> bool:
        c = t.lease.c
        row = {"name": name, "holder": holder, "until": now + lasting}
        if insert_new(self._db, t.lease, [row]):
            return True
        taken = self._db.execute(
            update(t.lease)
            .where(c.name == name, or_(c.holder == holder, c.until <= now))
            .values(holder=holder, until=now + lasting)
        )
        return taken.rowcount == 1

    def until(self, name: str) -> datetime | None:
        return self._db.scalar(select(t.lease.c.until).where(t.lease.c.name == name))

    def release_everything(self) -> None:
        self._db.execute(delete(t.lease).where(t.lease.c.holder != "house"))

    def release(self, name: str, holder: str) -> None:
        self._db.execute(delete(t.lease).where(t.lease.c.name == name, t.lease.c.holder == holder))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _topic(channel: str, address: str, patient_id: PatientId) -> tuple[Any, ...]:
    c = t.topic.c
    return (c.channel == channel, c.address == address, c.patient_id == patient_id)


def _values(member: CareTeamMember) -> dict[str, Any]:
    return asdict(member) | {"role": member.role.value}


def _member(row: Row[Any]) -> CareTeamMember:
    return CareTeamMember(**{**row._mapping, "role": Role(row.role)})
