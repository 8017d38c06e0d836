"""Who may not be written to, told or let in any more: the limits as rows of any database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Connection, Row, create_engine, func, select, update
from sqlalchemy.exc import DBAPIError

from bot.domain.carer import Scope
from bot.domain.erasure import Tombstone
from bot.domain.message import PatientId
from bot.domain.patient import Consent, PatientStatus, Pause, Purpose
from bot.store import tables as t


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How a patient stands: written to, silent for a while, or not at all."""

    status: PatientStatus
    pause: Pause | None = None
    paused_until: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Shared:
    """What one carer may be told; ended: nothing any more."""

    patient_id: PatientId
    scopes: frozenset[Scope]
    ended_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What one database says about limits; what could not be read of it is empty, and named."""

    newest: datetime | None = None  #: of its trail
    standing: Mapping[PatientId, Standing] = field(default_factory=dict)  #: erased ones apart
    erased: tuple[Tombstone, ...] = ()
    answers: Mapping[tuple[PatientId, str], Consent] = field(default_factory=dict)  #: newest each
    carers: Mapping[str, Shared] = field(default_factory=dict)
    schedules: Mapping[str, tuple[PatientId, bool]] = field(default_factory=dict)  #: does it run?
    members: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  #: by username
    unread: tuple[str, ...] = ()  #: tables


def of_file(database: Path) -> Limits:
    """The limits in a SQLite file, as far as it can be read; an older version's too."""
    engine = create_engine(f"sqlite:///{database.resolve()}", hide_parameters=True)
    try:
        with engine.connect() as connection:
            return read(connection)
    except DBAPIError:
        return Limits(unread=(_FILE,))
    finally:
        engine.dispose()


def read(connection: Connection) -> Limits:
    """Every limit that these rows hold; no key is needed for that."""
    unread: list[str] = []

    def rows(table: str, *columns: Any) -> list[Row[Any]]:
        try:
            return list(connection.execute(select(*columns)).all())
        except DBAPIError:  # damaged, or from before this table was kept
            unread.append(table)
            return []

    newest = rows("audit_event", func.max(t.audit_event.c.at))
    people = rows("patient", *_some(t.patient, "id", "status", "pause", "paused_until"))
    answers = rows("consent", t.consent)
    return Limits(
        newest=newest[0][0] if newest else None,
        standing={
            PatientId(row.id): Standing(
                status=PatientStatus(row.status),
                pause=Pause(row.pause) if row.pause else None,
                paused_until=row.paused_until,
            )
            for row in people
            if row.status != PatientStatus.ERASED.value
        },
        erased=tuple(
            Tombstone(patient_id=PatientId(row.patient_id), at=row.at)
            for row in rows("erasure", *_some(t.erasure, "patient_id", "at"))
        ),
        answers={
            (PatientId(row.patient_id), row.purpose): _answer(row)
            for row in sorted(answers, key=lambda row: row.id)
            if row.purpose in _PURPOSES
        },
        carers={
            row.id: Shared(
                patient_id=PatientId(row.patient_id),
                scopes=frozenset(Scope(one) for one in row.scopes.split()),
                ended_at=row.ended_at,
            )
            for row in rows("carer", *_some(t.carer, "id", "patient_id", "scopes", "ended_at"))
        },
        schedules={
            row.id: (PatientId(row.patient_id), row.active)
            for row in rows("schedule", *_some(t.schedule, "id", "patient_id", "active"))
        },
        members={
            row.username: dict(row._mapping)
            for row in rows(
                "care_team_member",
                *_some(t.care_team_member, "username", "role", "password_hash", "telegram_id"),
                t.care_team_member.c.active,
            )
        },
        unread=tuple(unread) if people or answers else (_FILE,) * bool(unread),
    )


def stand(connection: Connection, patient_id: PatientId, standing: Standing) -> None:
    """Let a patient stand so, key or no key."""
    c = t.patient.c
    connection.execute(
        update(t.patient)
        .where(c.id == patient_id, c.status != PatientStatus.ERASED.value)
        .values(
            status=standing.status.value,
            pause=standing.pause.value if standing.pause else "",
            paused_until=standing.paused_until,
        )
    )


def share(connection: Connection, carer_id: str, shared: Shared) -> None:
    """Let a carer be told this and no more."""
    scopes = " ".join(sorted(scope.value for scope in shared.scopes))
    connection.execute(
        update(t.carer)
        .where(t.carer.c.id == carer_id)
        .values(scopes=scopes, ended_at=shared.ended_at)
    )


def end_schedule(connection: Connection, schedule_id: str) -> None:
    """Nothing is asked by it any more."""
    connection.execute(
        update(t.schedule).where(t.schedule.c.id == schedule_id).values(active=False)
    )


_FILE = "the file"
_PURPOSES = {purpose.value for purpose in Purpose}


def _some(table: Any, *names: str) -> list[Column[Any]]:
    return [table.c[name] for name in names]


def _answer(row: Row[Any]) -> Consent:
    return Consent(
        patient_id=PatientId(row.patient_id),
        purpose=Purpose(row.purpose),
        granted=row.granted,
        version=row.version,
        at=row.at,
    )
