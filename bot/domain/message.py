"""What comes in and what goes out. FHIR: Communication."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime
from typing import NewType

PatientId = NewType("PatientId", str)


class Direction(enum.Enum):
    """Who speaks to whom."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"


class Kind(enum.Enum):
    """What an update turned out to be once it was read."""

    TEXT = "text"
    EDITED = "edited"  #: the person changed an earlier text
    TAP = "tap"  #: a button was pressed; ``data`` holds what it says
    COMMAND = "command"  #: ``data`` holds the command without "/", ``text`` its argument
    PHOTO = "photo"
    VOICE = "voice"
    FILE = "file"
    BLOCKED = "blocked"  #: the person stopped the bot
    UNBLOCKED = "unblocked"
    GROUP_MOVED = "group_moved"  #: ``data`` holds the new address
    UNKNOWN = "unknown"  #: stickers, locations and whatever comes next year


TYPED = (Kind.TEXT, Kind.EDITED)
SAID = (*TYPED, Kind.VOICE)  #: words of one's own without a picture or a file


@dataclass(frozen=True, kw_only=True)
class Update:
    """One raw event at a door, as it is kept before anybody reads it."""

    channel: str  #: "telegram", "web", "terminal", "rasa"
    bot: str  #: which bot of that channel, for several at one door
    external_id: str  #: unique with channel and bot: a redelivered update is the same row
    body: str  #: the raw text, JSON where the channel speaks it
    order_key: str = ""  #: whose updates keep their order among themselves: the sender's chat
    received_at: datetime


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """A file a person sent, still lying at the channel."""

    reference: str  #: what the channel needs to fetch it
    media_type: str  #: for example "image/jpeg"
    size: int | None = None  #: bytes, where the channel says so
    name: str = ""


@dataclass(frozen=True, kw_only=True)
class Incoming:
    """An update that has been read: who, where, what."""

    kind: Kind
    channel: str
    bot: str
    external_id: str
    address: str  #: the chat to answer to
    sender: str  #: the person's own id at the channel
    sender_name: str = ""
    private: bool = True  #: False in a group
    thread: str | None = None  #: forum topic
    text: str = ""
    data: str = ""
    language_hint: str = ""  #: what the person's app says, for example "zh-hans"
    message_id: str = ""  #: the channel's id of the message written, tapped on or edited
    tap_id: str = ""  #: to answer the tap with
    attachment: Attachment | None = None
    sent_at: datetime


@dataclass(frozen=True, kw_only=True)
class Button:
    """One choice under a message. ``data`` is at most 64 bytes and holds no personal word."""

    label: str
    data: str = ""
    url: str = ""


@dataclass(frozen=True, kw_only=True)
class Outgoing:
    """What a channel is asked to put on the wire."""

    address: str
    text: str
    buttons: tuple[tuple[Button, ...], ...] = ()  #: rows of buttons
    picture: bytes | None = None  #: PNG; ``text`` becomes its caption
    edit: str | None = None  #: change this message instead of sending a new one
    thread: str | None = None
    silent: bool = False
    protect: bool = False  #: the person cannot forward it


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """The channel accepted a message. It is no proof that anybody read it."""

    message_id: str


CARER, TO_CARER = "carer", "bot_to_carer"


@dataclass(frozen=True, kw_only=True)
class Message:
    """One thing said, kept under the patient's key."""

    id: str
    patient_id: PatientId
    direction: Direction
    author: str  #: "patient", "bot", CARER, TO_CARER, or a care team member's id
    text: str
    at: datetime
    kind: Kind = Kind.TEXT

    @property
    def with_carer(self) -> bool:
        """It passed between a carer's chat and the bot: not said by the patient, nor to them."""
        return self.author in (CARER, TO_CARER)


def reply_id(message_id: str, number: int = 0) -> str:
    """The id of the ``number``-th of the bot's messages that answer this one."""
    return f"{message_id}/reply/{number}"
