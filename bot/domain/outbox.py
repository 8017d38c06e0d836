"""Words on their way out: a row before it is an act."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.carer import Scope
from bot.domain.message import Button, PatientId


class MessageClass(enum.IntEnum):
    """The class decides lane, quiet hours, resend and how long a message stays useful."""

    EMERGENCY = 0
    REPLY = 1  #: the answer to something a person just wrote
    CLINICAL = 2
    CHECK_IN = 3
    EDUCATION = 4
    ADMIN = 5


#: After this a message is dropped instead of sent late. None: it never grows stale.
USEFUL_FOR: dict[MessageClass, timedelta | None] = {
    MessageClass.EMERGENCY: None,
    MessageClass.REPLY: timedelta(hours=12),
    MessageClass.CLINICAL: timedelta(hours=2),
    MessageClass.CHECK_IN: timedelta(hours=6),
    MessageClass.EDUCATION: timedelta(hours=12),
    MessageClass.ADMIN: timedelta(hours=24),
}


class OutboxState(enum.Enum):
    """Where a row stands."""

    NEW = "new"
    HELD = "held"  #: quiet hours
    SENDING = "sending"
    SENT = "sent"
    UNKNOWN = "unknown"  #: no answer came; it may have arrived
    FAILED = "failed"
    EXPIRED = "expired"
    DENIED = "denied"  #: no consent, or stopped
    CLEARED = "cleared"  #: its purpose was met before it was sent
    ENOUGH = "enough"  #: never sent: so many ordinary ones had gone out that day


@dataclass(frozen=True, kw_only=True)
class Parcel:
    """One message to one address."""

    key: str  #: unique: the same reason never sends twice
    channel: str
    bot: str
    address: str
    thread: str | None = None
    patient_id: PatientId | None = None  #: under whose key the words lie
    message_class: MessageClass
    text: str
    buttons: tuple[tuple[Button, ...], ...] = ()
    picture: bytes | None = None
    mark: str = ""  #: of its words, where somebody has made it already
    edit_of: str = ""  #: the key of the parcel whose message is to be changed
    message_id: str = ""  #: the Message this delivers
    escalation_id: str = ""  #: the page this is
    carer_id: str = ""  #: it goes to this carer, not to the patient
    scopes: frozenset[Scope] = frozenset()  #: told only while the patient agrees to each
    silent: bool = False
    created_at: datetime | None = None  #: None: at ``not_before``
    not_before: datetime
    useless_after: datetime | None = None
    state: OutboxState = OutboxState.NEW
    attempts: int = 0
    id: int = 0


@dataclass(frozen=True, kw_only=True)
class Said:
    """What the guards against loops must know of an earlier parcel; never its words."""

    mark: str  #: the same for the same words to the same person
    at: datetime
    ordinary: bool  #: the bot's own accord, and nothing clinical


@dataclass(frozen=True, kw_only=True)
class Draft:
    """Text the patient has not seen."""

    text: str
    buttons: tuple[tuple[Button, ...], ...] = ()
    picture: bytes | None = None
    drafted: str = ""  #: the part of approved words that a model wrote, reviewed as a model's
    approved: bool = False  #: it came from the catalogue, not from a model or a person
    numbers: tuple[float, ...] = ()  #: numbers it may hold, from the record or an assessment
    bilingual: bool = False  #: the question which language to speak, asked in both
