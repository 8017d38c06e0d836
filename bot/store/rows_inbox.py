"""Rows of the inbox: kept first, read later, one at a time for each patient."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    Connection,
    Integer,
    Select,
    bindparam,
    exists,
    func,
    literal_column,
    or_,
    select,
    text,
    update,
)

from bot.domain.errors import KeyMissing
from bot.domain.message import PatientId, Update
from bot.ports import Waiting
from bot.store import tables as t
from bot.store.crypto import KeyVault
from bot.store.sealing import insert_new
from bot.store.straight import Straight
from bot.store.tables.columns import Moment

_READING = 7_204_552  # any number, the same in every process: PostgreSQL's advisory lock
_BODY_LIMIT = 4_000_000  # characters; a longer body is cut when kept: no message is that long


class InboxRows:
    """See ``bot.ports.messages.Inbox``."""

    def __init__(self, connection: Connection, vault: KeyVault) -> None:
        self._db, self._vault = connection, vault
        # Several workers on PostgreSQL step over each other's rows instead of waiting.
        self._skips = connection.dialect.name == "postgresql"

    def keep(self, updates: Sequence[Update]) -> int:
        return insert_new(
            self._db,
            t.inbox,
            [
                {
                    "channel": u.channel,
                    "bot": u.bot,
                    "external_id": u.external_id,
                    "order_key": f"{u.channel}:{u.bot}:{u.order_key or u.external_id}",
                    "sealed": self._vault.seal("", u.body[:_BODY_LIMIT]),
                    "state": "new",
                    "received_at": u.received_at,
                }
                for u in updates
            ],
        )

    def claim_new(self, now: datetime, lease: timedelta, limit: int) -> list[Waiting]:
        if self._skips:
            # One claim at a time: two workers that each took half a chat would mix its order.
            self._db.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _READING})
        return self._claim(_claim_new(self._skips), now, lease, limit)

    def screened(self, row_id: int, patient_id: PatientId | None, order_key: str) -> None:
        self._change(
            row_id, state="waiting", patient_id=patient_id, order_key=order_key, lease_until=None,
            attempts=0,
        )  # fmt: skip

    def claim_turns(self, now: datetime, lease: timedelta, limit: int) -> list[Waiting]:
        return self._claim(_claim_turns(self._skips), now, lease, limit)

    def done(self, row_id: int) -> None:
        self._change(row_id, state="done", sealed=None, lease_until=None)

    def retry(self, row_id: int, at: datetime) -> None:
        self._change(row_id, lease_until=at)

    def set_aside(self, row_id: int, reason: str) -> None:
        self._change(row_id, state="aside", lease_until=None, reason=reason[:200])

    def release_all(self) -> None:
        self._db.execute(
            update(t.inbox).where(t.inbox.c.lease_until.is_not(None)).values(lease_until=None)
        )

    def counts(self) -> dict[str, int]:
        rows = self._db.execute(select(t.inbox.c.state, func.count()).group_by(t.inbox.c.state))
        return {state: count for state, count in rows.all()}  # noqa: C416 - a result has keys()

    def state(self, channel: str, bot: str, external_id: str) -> str:
        c = t.inbox.c
        found = select(c.state).where(
            c.channel == channel, c.bot == bot, c.external_id == external_id
        )
        return self._db.scalar(found) or ""

    def _claim(self, claim: Straight, now: datetime, lease: timedelta, limit: int) -> list[Waiting]:
        given = {"now": now, "until": now + lease, "most": limit}
        rows = claim.all(self._db, given)
        return [self._waiting(row) for row in sorted(rows, key=lambda row: row.id)]

    def _change(self, row_id: int, **values: Any) -> None:
        _CHANGE.change(self._db, values | {"row": row_id})

    def _waiting(self, row: Any) -> Waiting:
        try:
            body = self._vault.open("", row.sealed) if row.sealed else ""
        except KeyMissing:
            body = ""  # read as unreadable, and so set aside, instead of stopping everybody
        return Waiting(
            id=row.id,
            patient_id=PatientId(row.patient_id) if row.patient_id else None,
            attempts=row.attempts,
            update=Update(
                channel=row.channel,
                bot=row.bot,
                external_id=row.external_id,
                body=body,
                received_at=row.received_at,
                order_key=row.order_key,
            ),
        )


# Statements are built once: building one costs several times what SQLite needs to run it.
_CHANGE = Straight(update(t.inbox).where(t.inbox.c.id == bindparam("row")))
_FREE = or_(
    t.inbox.c.lease_until.is_(None), t.inbox.c.lease_until <= bindparam("now", type_=Moment)
)


@cache
def _claim_new(skips: bool) -> Straight:
    c, before = t.inbox.c, t.inbox.alias("before")
    others = exists().where(  # somebody is reading an earlier update of this chat
        before.c.order_key == c.order_key,
        before.c.state == "new",
        before.c.lease_until > bindparam("now", type_=Moment),
        before.c.id < c.id,
    )
    return _claim(select(c.id).where(c.state == "new", _FREE, ~others), skips)


@cache
def _claim_turns(skips: bool) -> Straight:
    c, before = t.inbox.c, t.inbox.alias("before")
    earlier = exists().where(
        before.c.order_key == c.order_key,
        before.c.state.in_([literal_column("'new'"), literal_column("'waiting'")]),
        before.c.id < c.id,
    )
    return _claim(select(c.id).where(c.state == "waiting", _FREE, ~earlier), skips)


def _claim(free: Select[tuple[int]], skips: bool) -> Straight:
    c = t.inbox.c
    chosen = free.order_by(c.id).limit(bindparam("most", type_=Integer))
    if skips:
        chosen = chosen.with_for_update(skip_locked=True)
    return Straight(
        update(t.inbox)
        .where(c.id.in_(chosen.scalar_subquery()))
        .values(lease_until=bindparam("until", type_=Moment), attempts=c.attempts + 1)
        .returning(t.inbox)
    )
