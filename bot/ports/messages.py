"""Messages on their way in, as they were said, and on their way out."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bot.domain.message import Attachment, Message, PatientId, Update
from bot.domain.outbox import OutboxState, Parcel, Said


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """A kept update on its way to an answer."""

    id: int
    update: Update
    patient_id: PatientId | None
    attempts: int


class Inbox(Protocol):
    """Room 1: what arrived, before anybody read it."""

    def keep(self, updates: Sequence[Update]) -> int:
        """Insert what is new by (channel, bot, external id); returns how many were."""

    def claim_new(self, now: datetime, lease: timedelta, limit: int) -> list[Waiting]:
        """Unread updates in order of arrival, leased to the caller."""

    def screened(self, row_id: int, patient_id: PatientId | None, order_key: str) -> None: ...
    def claim_turns(self, now: datetime, lease: timedelta, limit: int) -> list[Waiting]:
        """Screened updates, at most one of each order key, the oldest first."""

    def done(self, row_id: int) -> None:
        """Finish it and drop its sealed body: the words live on as a Message."""

    def retry(self, row_id: int, at: datetime) -> None: ...
    def set_aside(self, row_id: int, reason: str) -> None:
        """Keep it, visibly, out of everybody's way."""

    def release_all(self) -> None:
        """End every lease: for the only process of an embedded house, at its start."""

    def counts(self) -> dict[str, int]: ...
    def state(self, channel: str, bot: str, external_id: str) -> str:
        """ "new", "waiting", "done", "aside", or "" for an update nobody has brought."""


class Conversation(Protocol):
    """What was said."""

    def add(self, *messages: Message) -> None: ...
    def latest(self, patient_id: PatientId, limit: int) -> list[Message]:
        """The newest messages, oldest of them first."""

    def said_before(
        self, message_id: str, patient_id: PatientId, author: str, limit: int
    ) -> list[Message]:
        """The newest words of this author before this message, kept or not yet, oldest first."""

    def get(self, message_id: str) -> Message | None: ...
    def attach(
        self, message: Message, attachment: Attachment, *, channel: str, bot: str
    ) -> None: ...
    def unfetched(self, limit: int) -> list[tuple[str, str, str, Attachment]]:
        """(message id, channel, bot, attachment) of files still lying at a channel."""

    def keep_file(self, message_id: str, content: bytes | None) -> None:
        """Encrypt and keep the file; None: it could not be had."""

    def file(self, message_id: str) -> tuple[Attachment, bytes | None] | None: ...


class Outbox(Protocol):
    """Words on their way out."""

    def add(self, parcel: Parcel) -> bool:
        """False when one with this key is kept already."""

    def add_all(self, parcels: Sequence[Parcel]) -> None:
        """Keep those whose key is not kept already."""

    def mark(self, patient_id: PatientId | None, text: str) -> str:
        """The same for the same words to the same person; says nothing about them."""

    def said_since(
        self, patient_ids: Collection[PatientId], since: datetime
    ) -> Mapping[PatientId, list[Said]]:
        """What the house has put in the post for these people since then; denied ones left out."""

    def due(self, now: datetime, *, channel: str, bot: str) -> bool:
        """Is there anything to claim? Asked often, so that an idle house writes nothing."""

    def next(self, now: datetime, until: datetime, *, channel: str, bot: str) -> datetime | None:
        """The moment in between at which the first of those that wait for theirs may go."""

    def claim(
        self, now: datetime, lease: timedelta, limit: int, *, channel: str, bot: str
    ) -> list[Parcel]:
        """What may go now, the most urgent class first, then the oldest; leased, not started."""

    def start(self, parcel_id: int, until: datetime) -> bool:
        """The next act is the wire: if we die before ``finish``, its outcome is unknown.

        False: it is no longer to be sent, for the patient has said STOP.
        """

    def interrupted(self, now: datetime) -> list[Parcel]:
        """Started by a process that died before it could say how it went."""

    def release_all(self) -> None:
        """End every lease: for the only process of an embedded house, at its start."""

    def finish(
        self,
        parcel_id: int,
        state: OutboxState,
        now: datetime,
        *,
        external_id: str = "",
        reason: str = "",
    ) -> None: ...
    def later(
        self, parcel_id: int, at: datetime, *, drop_thread: bool = False, tried: bool = True
    ) -> None:
        """Try it again from ``at``, unless it has been settled meanwhile.

        ``tried``: it counts as a try; waiting one's turn does not.
        """

    def readdress(self, channel: str, bot: str, old: str, new: str) -> None: ...
    def external_id(self, key: str) -> str: ...
    def newest_page(self, escalation_id: str, *, channel: str, bot: str, address: str) -> str:
        """The key of the last page about this matter that arrived at this address, or ""."""

    def newest_card(self, escalation_id: str, address: str) -> str:
        """The key of the newest page about this matter that stands in this chat, or ""."""

    def stop(self, patient_id: PatientId) -> int:
        """Deny every unsent message the bot would send of its own accord."""

    def clear(self, keys: Collection[str]) -> int:
        """Their purpose is met: what of these still waits is not sent."""

    def silence(self, patient_id: PatientId) -> int:
        """Deny every unsent message to this patient, whatever it is; on the wire: a next try."""

    def denied(self, parcel_id: int) -> bool: ...

    def recall(self, member_id: str) -> int:
        """Deny every unsent card to this member's own chat."""

    def doubt(self, now: datetime) -> int:
        """After a restore: what waits may have been sent since. Emergencies and pages stay."""

    def states(self, patient_id: PatientId, limit: int) -> dict[str, tuple[OutboxState, str]]:
        """Message id → (state, reason) of the newest parcels of a patient."""

    def held_until(self, patient_id: PatientId) -> dict[str, datetime]:
        """Message id → when it goes, of what quiet hours hold."""

    def counts(self) -> dict[str, int]: ...
    def pending(self, channel: str, bot: str, address: str) -> int:
        """How many messages to this address are not settled yet."""
