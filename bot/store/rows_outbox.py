"""Rows of the outbox: a promise to send, kept once for each reason."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    bindparam,
    func,
    literal_column,
    or_,
    select,
    update,
)

from bot.domain.message import PatientId
from bot.domain.outbox import MessageClass, OutboxState, Parcel, Said
from bot.store import tables as t
from bot.store.among import among
from bot.store.crypto import KeyVault
from bot.store.parcels import COLUMNS, mark_of, parcel_of, row_of
from bot.store.sealing import insert_many, insert_new
from bot.store.straight import Straight
from bot.store.tables.columns import Moment

WAITING = (OutboxState.NEW.value, OutboxState.HELD.value)
#: Not said yet, or only just being said.
UNSAID = (*WAITING, OutboxState.SENDING.value)


class OutboxRows:
    """See ``bot.ports.messages.Outbox``."""

    def __init__(self, connection: Connection, vault: KeyVault) -> None:
        self._db, self._vault = connection, vault
        self.wakes: set[str] = set()

    def add(self, parcel: Parcel) -> bool:
        self.wakes.add(_bell(parcel))
        return insert_new(self._db, t.outbox, [row_of(self._vault, parcel)]) == 1

    def add_all(self, parcels: Sequence[Parcel]) -> None:
        self.wakes.update(map(_bell, parcels))
        insert_many(self._db, t.outbox, [row_of(self._vault, parcel) for parcel in parcels])

    def mark(self, patient_id: PatientId | None, text: str) -> str:
        return mark_of(self._vault, patient_id, text)

    def said_since(
        self, patient_ids: Collection[PatientId], since: datetime
    ) -> dict[PatientId, list[Said]]:
        c = t.outbox.c
        found: defaultdict[PatientId, list[Said]] = defaultdict(list)
        rows = self._db.execute(
            select(c.patient_id, c.mark, c.created_at, c["class"], c.escalation_id).where(
                among(self._db, c.patient_id, patient_ids),
                c.created_at >= since,
                c.state != OutboxState.DENIED.value,
            )
        )
        for owner, mark, at, its_class, page in rows.all():
            ordinary = its_class >= int(MessageClass.CHECK_IN) and not page
            found[PatientId(owner)].append(Said(mark=mark, at=at, ordinary=ordinary))
        return found

    def due(self, now: datetime, *, channel: str, bot: str) -> bool:
        given = {"now": now, "at_channel": channel, "of_bot": bot}
        return bool(_DUE.all(self._db, given))

    def next(self, now: datetime, until: datetime, *, channel: str, bot: str) -> datetime | None:
        given = {"now": now, "until": until, "at_channel": channel, "of_bot": bot}
        [row] = _NEXT.all(self._db, given)
        at: datetime | None = row.at
        return at

    def claim(
        self, now: datetime, lease: timedelta, limit: int, *, channel: str, bot: str
    ) -> list[Parcel]:
        given = {
            "now": now, "at_channel": channel, "of_bot": bot, "most": limit, "until": now + lease,
        }  # fmt: skip
        rows = _claim(self._db.dialect.name == "postgresql").all(self._db, given)
        ordered = sorted(rows, key=lambda row: (row.urgency, row.id))
        return [parcel_of(self._vault, row) for row in ordered]

    def start(self, parcel_id: int, until: datetime) -> bool:
        given = {"row": parcel_id, "state": OutboxState.SENDING.value, "lease_until": until}
        return _START.change(self._db, given) == 1

    def interrupted(self, now: datetime) -> list[Parcel]:
        c = t.outbox.c
        rows = self._db.execute(
            select(*COLUMNS)
            .where(c.state == OutboxState.SENDING.value, c.lease_until <= now)
            # Its sender may live after all and be writing down what the wire said.
            .with_for_update(skip_locked=True)
        )
        return [parcel_of(self._vault, row) for row in rows.all()]

    def release_all(self) -> None:
        self._db.execute(
            update(t.outbox)
            .where(t.outbox.c.lease_until.is_not(None))
            .values(lease_until=datetime(2000, 1, 1, tzinfo=UTC))
        )

    def finish(
        self,
        parcel_id: int,
        state: OutboxState,
        now: datetime,
        *,
        external_id: str = "",
        reason: str = "",
    ) -> None:
        _FINISH.change(
            self._db,
            {
                "row": parcel_id,
                "state": state.value,
                "settled_at": now,
                "external_id": external_id,
                "reason": reason[:200],
                "sealed": None,  # the words live on as a Message
                "picture": None,
                "lease_until": None,
            },
        )

    def later(
        self, parcel_id: int, at: datetime, *, drop_thread: bool = False, tried: bool = True
    ) -> None:
        values: dict[str, Any] = {
            "state": OutboxState.NEW.value,
            "not_before": at,
            "lease_until": None,
            "attempts": t.outbox.c.attempts + int(tried),
        }
        if drop_thread:
            values["thread"] = None
        c = t.outbox.c
        # A row that was given up as unknown meanwhile (the clock jumped while its sender lived) has
        # no words any more: it stays what it is.
        open_ = c.state.in_(UNSAID)
        self._db.execute(update(t.outbox).where(c.id == parcel_id, open_).values(values))

    def readdress(self, channel: str, bot: str, old: str, new: str) -> None:
        c = t.outbox.c
        self._db.execute(
            update(t.outbox)
            .where(c.channel == channel, c.bot == bot, c.address == old, c.state.in_(WAITING))
            .values(address=new)
        )

    def external_id(self, key: str) -> str:
        return self._db.scalar(select(t.outbox.c.external_id).where(t.outbox.c.key == key)) or ""

    def newest_card(self, escalation_id: str, address: str) -> str:
        c = t.outbox.c
        sent = (
            select(c.key)
            .where(
                c.escalation_id == escalation_id,
                c.address == address,
                c.edit_of == "",
                c.external_id != "",
            )
            .order_by(c.id.desc())
            .limit(1)
        )
        return self._db.scalar(sent) or ""

    def newest_page(self, escalation_id: str, *, channel: str, bot: str, address: str) -> str:
        c = t.outbox.c
        found = (
            select(c.key)
            .where(
                c.escalation_id == escalation_id,
                c.escalation_id != literal_column("''"),  # the partial index holds only pages
                c.channel == channel,
                c.bot == bot,
                c.address == address,
                c.edit_of == "",
                c.external_id != "",
            )
            .order_by(c.id.desc())
            .limit(1)
        )
        return self._db.scalar(found) or ""

    def stop(self, patient_id: PatientId) -> int:
        c = t.outbox.c
        return self._silence(patient_id, c.state.in_(WAITING), c["class"] > int(MessageClass.REPLY))

    def silence(self, patient_id: PatientId) -> int:
        return self._silence(patient_id, t.outbox.c.state.in_(UNSAID))

    def denied(self, parcel_id: int) -> bool:
        state = self._db.scalar(select(t.outbox.c.state).where(t.outbox.c.id == parcel_id))
        return state == OutboxState.DENIED.value

    def recall(self, member_id: str) -> int:
        c = t.outbox.c
        mine = c.key.contains(f"/page/{member_id}/", autoescape=True)
        return self._deny(c.state.in_(WAITING), mine)

    def clear(self, keys: Collection[str]) -> int:
        c = t.outbox.c
        cleared = self._db.execute(
            update(t.outbox)
            .where(among(self._db, c.key, keys), c.state.in_(WAITING))
            .values(
                state=OutboxState.CLEARED.value, sealed=None, picture=None, reason="purpose met"
            )
        )
        return cleared.rowcount

    def _silence(self, patient_id: PatientId, *which: ColumnElement[bool]) -> int:
        c = t.outbox.c  # the care team's pages about this person go on
        return self._deny(c.patient_id == patient_id, c.escalation_id == "", *which)

    def _deny(self, *which: ColumnElement[bool]) -> int:
        denied = self._db.execute(
            update(t.outbox)
            .where(*which)
            .values(state=OutboxState.DENIED.value, sealed=None, picture=None, reason="stopped")
        )
        return denied.rowcount

    def doubt(self, now: datetime) -> int:
        c = t.outbox.c
        doubted = self._db.execute(
            update(t.outbox)
            .where(
                c.state.in_(WAITING),
                c["class"] > int(MessageClass.EMERGENCY),
                c.escalation_id == "",
            )
            .values(
                state=OutboxState.UNKNOWN.value, sealed=None, picture=None, settled_at=now,
                reason="restored from a backup",
            )
        )  # fmt: skip
        return doubted.rowcount

    def states(self, patient_id: PatientId, limit: int) -> dict[str, tuple[OutboxState, str]]:
        c = t.outbox.c
        rows = self._db.execute(
            select(c.message_id, c.state, c.reason)
            .where(c.patient_id == patient_id, c.message_id != "")
            .order_by(c.id.desc())
            .limit(limit)
        )
        # Oldest first into the dict, so that the newest parcel of a message has the last word.
        return {
            row.message_id: (OutboxState(row.state), row.reason) for row in reversed(rows.all())
        }

    def held_until(self, patient_id: PatientId) -> dict[str, datetime]:
        c = t.outbox.c
        rows = self._db.execute(
            select(c.message_id, c.not_before).where(
                c.patient_id == patient_id, c.state == OutboxState.HELD.value, c.message_id != ""
            )
        )
        return {row.message_id: row.not_before for row in rows}

    def counts(self) -> dict[str, int]:
        rows = self._db.execute(select(t.outbox.c.state, func.count()).group_by(t.outbox.c.state))
        return {state: count for state, count in rows.all()}  # noqa: C416 - a result has keys()

    def pending(self, channel: str, bot: str, address: str) -> int:
        c = t.outbox.c
        return (
            self._db.scalar(
                select(func.count()).where(
                    c.channel == channel,
                    c.bot == bot,
                    c.address == address,
                    c.state.in_(UNSAID),
                )
            )
            or 0
        )


def _bell(parcel: Parcel) -> str:
    """An emergency, and what a matter has to say, is looked for at once on every channel."""
    urgent = parcel.message_class is MessageClass.EMERGENCY or parcel.escalation_id
    return "outbox" if urgent else f"outbox/{parcel.channel}"


# Statements are built once: building one costs several times what SQLite needs to run it.
_CHANGE = update(t.outbox).where(t.outbox.c.id == bindparam("row"))
_WAITS = t.outbox.c.state.in_([literal_column(f"'{state}'") for state in WAITING])  # our words
_START = Straight(_CHANGE.where(_WAITS))
_FINISH = Straight(_CHANGE)
_OURS = (
    t.outbox.c.channel == bindparam("at_channel"),
    t.outbox.c.bot == bindparam("of_bot"),
    _WAITS,
)
_FREE = select(t.outbox.c.id).where(
    *_OURS,
    t.outbox.c.not_before <= bindparam("now", type_=Moment),
    or_(
        t.outbox.c.lease_until.is_(None),
        t.outbox.c.lease_until <= bindparam("now", type_=Moment),
    ),
)
_DUE = Straight(_FREE.limit(1))
_NEXT = Straight(
    select(func.min(t.outbox.c.not_before).label("at")).where(
        *_OURS,
        t.outbox.c.not_before > bindparam("now", type_=Moment),
        t.outbox.c.not_before <= bindparam("until", type_=Moment),
    )
)


@cache
def _claim(skips: bool) -> Straight:
    c = t.outbox.c
    chosen = _FREE.order_by(c["class"], c.id).limit(bindparam("most", type_=Integer))
    if skips:
        chosen = chosen.with_for_update(skip_locked=True)
    return Straight(
        update(t.outbox)
        .where(c.id.in_(chosen.scalar_subquery()))
        .values(lease_until=bindparam("until", type_=Moment))
        .returning(*COLUMNS)
    )
