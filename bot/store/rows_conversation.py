"""Rows of messages and of the files that came with them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    Connection,
    Integer,
    Row,
    bindparam,
    func,
    literal_column,
    or_,
    select,
    update,
)

from bot.domain.message import SAID, Attachment, Direction, Kind, Message, PatientId
from bot.store import tables as t
from bot.store.crypto import KeyVault
from bot.store.sealing import insert_many, insert_new, open_json, seal_json
from bot.store.straight import Straight

_LATEST = Straight(
    select(t.message)
    .where(t.message.c.patient_id == bindparam("patient"))
    .order_by(t.message.c.seq.desc())
    .limit(bindparam("most", type_=Integer))
)
_THIS = t.message.alias("this")
_SAID_BEFORE = Straight(
    select(t.message)
    .where(
        t.message.c.patient_id == bindparam("patient"),
        t.message.c.author == bindparam("author"),
        t.message.c.direction == Direction.INBOUND.value,
        or_(*(t.message.c.kind == kind.value for kind in SAID)),  # quicker than an expanding IN
        t.message.c.seq
        < func.coalesce(
            select(_THIS.c.seq).where(_THIS.c.id == bindparam("this")).scalar_subquery(),
            literal_column(str(2**62)),  # not kept yet: everything is before it
        ),
    )
    .order_by(t.message.c.seq.desc())
    .limit(bindparam("most", type_=Integer))
)


class ConversationRows:
    """See ``bot.ports.messages.Conversation``."""

    def __init__(self, connection: Connection, vault: KeyVault) -> None:
        self._db, self._vault = connection, vault

    def add(self, *messages: Message) -> None:
        rows = [
            {
                "id": message.id,
                "patient_id": message.patient_id,
                "direction": message.direction.value,
                "author": message.author,
                "kind": message.kind.value,
                "sealed": self._vault.seal(message.patient_id, message.text),
                "at": message.at,
            }
            for message in messages
        ]
        insert_many(self._db, t.message, rows)

    def latest(self, patient_id: PatientId, limit: int) -> list[Message]:
        rows = _LATEST.all(self._db, {"patient": patient_id, "most": limit})
        return [self._message(row) for row in reversed(rows)]

    def said_before(
        self, message_id: str, patient_id: PatientId, author: str, limit: int
    ) -> list[Message]:
        given = {"this": message_id, "patient": patient_id, "author": author, "most": limit}
        rows = _SAID_BEFORE.all(self._db, given)
        return [self._message(row) for row in reversed(rows)]

    def get(self, message_id: str) -> Message | None:
        row = self._db.execute(select(t.message).where(t.message.c.id == message_id)).first()
        return self._message(row) if row else None

    def attach(self, message: Message, attachment: Attachment, *, channel: str, bot: str) -> None:
        private = {"reference": attachment.reference, "name": attachment.name}
        row = {
            "message_id": message.id,
            "patient_id": message.patient_id,
            "channel": channel,
            "bot": bot,
            "media_type": attachment.media_type[:80],
            "sealed": seal_json(self._vault, message.patient_id, private),
            "state": "new",
        }
        insert_new(self._db, t.attachment, [row])

    def unfetched(self, limit: int) -> list[tuple[str, str, str, Attachment]]:
        rows = self._db.execute(
            select(t.attachment).where(t.attachment.c.state == "new").limit(limit)
        )
        return [(r.message_id, r.channel, r.bot, self._attachment(r)) for r in rows]

    def keep_file(self, message_id: str, content: bytes | None) -> None:
        c = t.attachment.c
        owner = self._db.scalar(select(c.patient_id).where(c.message_id == message_id))
        if owner is None:
            return  # erased in the meantime
        values: dict[str, Any] = {"state": "lost"}
        if content is not None:
            values = {"state": "kept", "content": self._vault.seal_bytes(owner, content)}
        self._db.execute(update(t.attachment).where(c.message_id == message_id).values(values))

    def file(self, message_id: str) -> tuple[Attachment, bytes | None] | None:
        row = self._db.execute(
            select(t.attachment).where(t.attachment.c.message_id == message_id)
        ).first()
        if row is None:
            return None
        content = self._vault.open_bytes(row.patient_id, row.content) if row.content else None
        return self._attachment(row), content

    def _attachment(self, row: Row[Any]) -> Attachment:
        private = open_json(self._vault, row.patient_id, row.sealed)
        return Attachment(
            reference=private["reference"], media_type=row.media_type, name=private["name"]
        )

    def _message(self, row: Row[Any]) -> Message:
        return Message(
            id=row.id,
            patient_id=PatientId(row.patient_id),
            direction=Direction(row.direction),
            author=row.author,
            text=self._vault.open(row.patient_id, row.sealed) if row.sealed else "",
            at=row.at,
            kind=Kind(row.kind),
        )
