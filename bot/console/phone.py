"""What the demo patient's phone shows: the conversation's rows, with buttons and pictures."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.console.desk import Bubble
from bot.domain.message import Button, Direction, Message
from bot.domain.outbox import OutboxState
from bot.domain.patient import PatientStatus
from bot.ports import Reading

ADDRESS = "demo"
_SHOWN = 60
_SLACK = timedelta(seconds=2)  #: a row may carry the time of the door or of the turn
#: What a phone has received, or may have.
_ARRIVED = (None, OutboxState.SENT, OutboxState.UNKNOWN)


@dataclass(frozen=True, kw_only=True)
class Posted:
    """Words that went through the door and may not have been read yet."""

    key: str
    text: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Item:
    """One bubble."""

    key: str
    mine: bool  #: the patient wrote it
    nurse: bool
    text: str
    at: datetime
    receipt: str = ""
    picture: bool = False
    buttons: tuple[tuple[Button, ...], ...] = ()

    @property
    def version(self) -> str:
        """Changes with what the bubble shows."""
        return hashlib.sha256(f"{self.text}{self.picture}".encode()).hexdigest()[:12]


@dataclass(frozen=True, kw_only=True)
class Screen:
    """The whole phone."""

    items: tuple[Item, ...]
    language: str

    @property
    def asking(self) -> Item | None:
        """The bot's newest message, while it has buttons: only those still count."""
        newest = next((item for item in reversed(self.items) if not item.mine), None)
        return newest if newest and newest.buttons else None

    @property
    def version(self) -> str:
        """Changes with what is shown."""
        said = "|".join(f"{i.key}{i.text}{i.buttons}{i.picture}" for i in self.items)
        return hashlib.sha256(f"{self.language}{said}".encode()).hexdigest()[:16]


def read(
    rows: Reading, bubbles: Sequence[Bubble], posted: Sequence[Posted], fallback: str
) -> Screen:
    """The rows say what was said; the bubbles add buttons, pictures and edits.

    A bubble or posted words without a row (somebody not enrolled, or not read yet) are shown as
    well. After a restart only rows are left, which loses buttons and pictures but no kept word.
    """
    contact = rows.patients.contact_at("web", "demo", ADDRESS)
    patient = rows.patients.get(contact.patient_id) if contact else None
    messages: list[Message] = []
    arrived: dict[str, OutboxState | None] = {}
    language = fallback
    if patient is not None and patient.status is not PatientStatus.ERASED:
        language = patient.language
        latest = rows.conversation.latest(patient.id, _SHOWN)
        messages = [one for one in latest if not one.with_carer]  # another phone
        states = rows.outbox.states(patient.id, 2 * _SHOWN)
        arrived = {m.id: states[m.id][0] if m.id in states else None for m in messages}
    left, unread = list(bubbles), list(posted)
    items = []
    for message in reversed(messages):  # newest first: the same words twice meet the right bubble
        mine = message.direction is Direction.INBOUND
        if not mine and arrived[message.id] not in _ARRIVED:
            continue
        if mine:
            _settle(unread, message)
        bubble = None if mine else _take(left, message.text)
        items.append(
            Item(
                key=message.id,
                mine=mine,
                nurse=not mine and message.author != "bot",
                text=bubble.text if bubble else message.text,
                at=message.at,
                receipt=bubble.receipt if bubble else "",
                picture=bool(bubble and bubble.has_picture),
                buttons=bubble.buttons if bubble else (),
            )
        )
    items.reverse()
    oldest = items[0].at if items else None
    items += [
        Item(
            key=bubble.receipt,
            mine=False,
            nurse=False,
            text=bubble.text,
            at=bubble.at,
            receipt=bubble.receipt,
            picture=bubble.has_picture,
            buttons=bubble.buttons,
        )
        for bubble in left
        if oldest is None or bubble.at >= oldest or len(items) < _SHOWN
    ]
    items += [Item(key=p.key, mine=True, nurse=False, text=p.text, at=p.at) for p in unread]
    # Stable: rows of one moment stay in the order in which they were said.
    return Screen(items=tuple(sorted(items, key=lambda i: i.at)), language=language)


def _take(bubbles: list[Bubble], text: str) -> Bubble | None:
    for place in range(len(bubbles) - 1, -1, -1):
        if bubbles[place].first_text == text:
            return bubbles.pop(place)
    return None


def _settle(unread: list[Posted], message: Message) -> None:
    for place in range(len(unread) - 1, -1, -1):
        if unread[place].text == message.text and message.at >= unread[place].at - _SLACK:
            del unread[place]
            return
