"""Parcels as the rows of the outbox hold them: sealed on the way in, opened on the way out."""

from __future__ import annotations

import json
from operator import attrgetter
from typing import Any

from bot.domain.carer import Scope
from bot.domain.errors import KeyMissing
from bot.domain.message import Button, PatientId
from bot.domain.outbox import MessageClass, OutboxState, Parcel
from bot.store import tables as t
from bot.store.crypto import KeyVault

_encode = json.JSONEncoder(ensure_ascii=False).encode
_PLAIN = (
    "key", "channel", "bot", "address", "thread", "patient_id", "edit_of", "message_id",
    "escalation_id", "silent", "not_before", "useless_after",
)  # fmt: skip
_plain = attrgetter(*_PLAIN)
#: All of the outbox; "class" by a name that Python can say.
COLUMNS = tuple(c.label("urgency") if c.key == "class" else c for c in t.outbox.c)


def row_of(vault: KeyVault, parcel: Parcel) -> dict[str, Any]:
    """What the outbox keeps of a new parcel, its words and its picture sealed."""
    buttons = [[[b.label, b.data, b.url] for b in row] for row in parcel.buttons]
    words = {"text": parcel.text, "buttons": buttons}
    if parcel.carer_id:
        words |= {"carer": parcel.carer_id, "scopes": sorted(one.value for one in parcel.scopes)}
    owner = parcel.patient_id or ""
    return dict(zip(_PLAIN, _plain(parcel), strict=True)) | {
        "class": int(parcel.message_class),
        "sealed": vault.seal(owner, _encode(words)),
        "picture": vault.seal_bytes(owner, parcel.picture) if parcel.picture else None,
        "mark": parcel.mark or mark_of(vault, parcel.patient_id, parcel.text),
        "state": parcel.state.value,
        "created_at": parcel.created_at or parcel.not_before,
    }


def mark_of(vault: KeyVault, patient_id: PatientId | None, text: str) -> str:
    """The same for the same words to the same person; says nothing about them."""
    return vault.mark(f"{patient_id or ''}/{text}")


def parcel_of(vault: KeyVault, row: Any) -> Parcel:
    """The parcel a row of ``COLUMNS`` holds; without words where its patient's key is gone."""
    owner = row.patient_id or ""
    try:
        words = json.loads(vault.open(owner, row.sealed))
        picture = vault.open_bytes(owner, row.picture) if row.picture else None
    except KeyMissing:
        words, picture = {"text": "", "buttons": []}, None  # the sender drops an empty text
    return Parcel(
        **{name: getattr(row, name) for name in _PLAIN if name != "patient_id"},
        patient_id=PatientId(row.patient_id) if row.patient_id else None,
        message_class=MessageClass(row.urgency),
        text=words["text"],
        buttons=tuple(
            tuple(Button(label=label, data=data, url=url) for label, data, url in line)
            for line in words["buttons"]
        ),
        picture=picture,
        carer_id=words.get("carer", ""),
        scopes=frozenset(Scope(one) for one in words.get("scopes", ())),
        state=OutboxState(row.state),
        attempts=row.attempts,
        id=row.id,
    )
