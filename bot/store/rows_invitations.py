"""Rows of one-time codes, of which only hashes are kept."""

from __future__ import annotations

import hashlib
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, select, update

from bot.store import tables as t


class InvitationRows:
    """See ``bot.ports.people.Invitations``."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def add(self, code: str, *, purpose: str, subject: str, expires_at: datetime) -> None:
        self._db.execute(
            t.invitation.insert().values(
                code_hash=_hash(code), purpose=purpose, subject=subject, expires_at=expires_at
            )
        )

    def withdraw(self) -> None:
        self._db.execute(delete(t.invitation))

    def find(self, code: str, now: datetime) -> tuple[str, str] | None:
        found = self._db.execute(
            select(t.invitation.c.purpose, t.invitation.c.subject).where(*_open(code, now))
        ).first()
        return (found.purpose, found.subject) if found else None

    def redeem(self, code: str, now: datetime) -> tuple[str, str] | None:
        used = self._db.execute(
            update(t.invitation)
            .where(*_open(code, now))
            .values(used_at=now)
            .returning(t.invitation.c.purpose, t.invitation.c.subject)
        ).first()
        return (used.purpose, used.subject) if used else None


def _open(code: str, now: datetime) -> tuple[ColumnElement[bool], ...]:
    c = t.invitation.c
    return (c.code_hash == _hash(code), c.used_at.is_(None), c.expires_at > now)


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
