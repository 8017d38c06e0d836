"""The world outside the database: clock, channels, models, keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, runtime_checkable

from bot.domain.message import Attachment, Incoming, Outgoing, Receipt, Update
from bot.ports.lead import Leading, Supporting
from bot.ports.store import Store
from knowledge.model import Answer, Article, Language
from memory import Compared, Memory, Recalled, Tagging
from safety import Hearing

Clock = Callable[[], datetime]


class Channel(Protocol):
    """One door to people. Errors are those of ``bot.domain.errors``, never a vendor's."""

    name: str
    bot: str

    async def send(self, outgoing: Outgoing) -> Receipt:
        """Put it on the wire once. Raises ChannelError."""

    async def fetch(self, attachment: Attachment) -> bytes:
        """The bytes of a file a person sent. Raises ChannelError."""

    def parse(self, update: Update) -> Incoming:
        """Read a kept update. Raises ValueError when it cannot be read at all."""


@runtime_checkable
class Forum(Protocol):
    """A channel whose groups may have topics."""

    async def create_topic(self, address: str, name: str) -> str:
        """A new topic in a group; returns its id. Raises ChannelError."""


class ChatModel(Protocol):
    """Writes drafts. It decides nothing."""

    name: str

    async def reply(self, system: str, user: str) -> str:
        """One draft, within the time allowed. Raises ModelError."""


class Drafter(Protocol):
    """A ChatModel whose words leave the machine without identifiers."""

    name: str

    async def draft(self, system: str, user: str, *, names: Sequence[str]) -> str:
        """One draft; ``names`` are taken out before and put back after. Raises ModelError."""


class Vault(Protocol):
    """Keys, one for each patient; "" is the house's own, for words nobody owns yet."""

    def seal(self, patient_id: str, text: str) -> str:
        """Encrypt under the patient's key. Raises KeyMissing."""

    def open(self, patient_id: str, sealed: str) -> str:
        """Decrypt. Raises KeyMissing when the key was destroyed or is another one."""


class RecallMemories(Protocol):
    """The memory room as the bot uses it: sync, slow, called from a thread."""

    def recall(
        self,
        patient_id: str,
        text: str,
        *,
        limit: int = 8,
        now: datetime | None = None,
        extra: Sequence[Memory] = (),
    ) -> list[Recalled]:
        """The memories of this one patient that fit the words best, best first."""

    def remember(self, memories: Sequence[Memory]) -> None:
        """Index memories; the same id twice is once."""

    def forget(self, patient_id: str, ids: Sequence[str]) -> None:
        """Remove these memories of this patient from the index."""

    def forget_patient(self, patient_id: str) -> int:
        """Remove everything of this patient from the index; returns how many."""

    @property
    def damaged(self) -> bool:
        """The index could not be read; ``compare`` begins it anew."""

    @property
    def encoder_name(self) -> str:
        """The model of the vectors, with its version."""

    def replace(self, patient_id: str, memories: Sequence[Memory]) -> None:
        """Throw away what the index holds of this patient, and index these instead."""

    def compare(self, expected: Mapping[str, int]) -> Compared:
        """Lay the index beside the rows: ``expected`` memories of each patient."""


class Bells(Protocol):
    """Wakes a loop sooner; a bell nobody hears costs only time."""

    def ring(self, *names: str) -> None:
        """Names are "inbox", "turns", "outbox", "memory" and "console".

        "outbox/telegram" is for that channel's sender alone, and no emergency: it may wait where
        nothing else may be said just now.
        """


@dataclass(frozen=True, kw_only=True)
class Clinic:
    """What patients are told about the place behind the bot."""

    name: str
    team_phone: str = ""
    console_url: str = ""
    checkin_time: str = "09:00"
    similar_cases: bool = False  #: finished matters of those who agree are kept as cases in codes


class Library(Protocol):
    """The articles of the knowledge room, searched."""

    @property
    def articles(self) -> Mapping[str, Article]:
        """By id; none while they are being read."""
        ...

    def search(self, message: str, language: Language) -> Answer:
        """What answers, best first, and whether it surely does. Never raises."""
        ...


@dataclass(frozen=True, kw_only=True)
class Services:
    """Everything a use case may touch, handed in, never imported."""

    store: Store
    clock: Clock
    bells: Bells
    vault: Vault
    clinic: Clinic
    memories: RecallMemories
    library: Library | None = None  #: what is known about medicine; None: nobody reads it
    hearing: Hearing | None = None  #: what listens behind the rules; None: rules only
    tagging: Tagging | None = None  #: what marks facts that no rule knows; None: rules only
    chat_model: Drafter | None = None
    lead: Leading | None = None  #: drafts answers whose every sentence is checked by ``support``
    support: Supporting | None = None
    notes_tokens: int = 1500  #: of what a language model is told about a patient
    channels: Mapping[str, Channel] = field(default_factory=dict)  #: by name
