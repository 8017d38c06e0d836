"""The words of the memory room: one memory, one recalled memory, and what the room is handed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

Kind = Literal["turn", "fact", "summary"]
SaidBy = Literal["patient", "bot", "nurse", "carer", "device", "import", "inferred"]
Status = Literal["current", "superseded", "forgotten"]
Vectors = NDArray[np.float32]


class WrongPatient(RuntimeError):
    """A stored row belongs to another patient than the one asked for; nothing is returned."""


class IndexFailed(RuntimeError):
    """The index cannot be read or written; the memories themselves lie elsewhere."""


@dataclass(frozen=True, kw_only=True)
class Memory:
    """One thing remembered about one patient.

    `speaker` is the name of who spoke, where one is known ("" otherwise); a question that names
    them looks among their words first. `position` orders a patient's memories (neighbouring turns
    differ by one); `source` is the id of the message it came from; `recorded_at` is aware UTC.
    `notes` is kept beside it for whoever wrote it, and never read here.
    Raises ValueError when the patient, the id or the zone is missing, since such a row could never
    be found or forgotten safely.
    """

    id: str
    patient_id: str
    text: str
    kind: Kind = "turn"
    said_by: SaidBy = "patient"
    speaker: str = ""
    source: str = ""
    recorded_at: datetime
    language: str = ""
    position: int = 0
    status: Status = "current"
    notes: str = ""

    def __post_init__(self) -> None:
        if not self.id or not self.patient_id:
            raise ValueError("a memory needs an id and a patient_id")
        if self.recorded_at.tzinfo is None:
            raise ValueError(f"memory {self.id}: recorded_at has no time zone")

    @property
    def spoken(self) -> str:
        """The words as the encoder reads them: with the speaker's name before them, if known."""
        return f"{self.speaker}: {self.text}" if self.speaker else self.text


@dataclass(frozen=True, kw_only=True)
class Recalled:
    """A memory with its rank: `score` (higher is better, no unit) and its parts in `why`.

    A score compares memories of one question and says nothing about whether any of them answers
    it: for that, `shares_words` (a word of the question, or one that means the same, is in it) and
    `likeness`, the cosine of their vectors (0 in a language that the encoder cannot read).
    """

    memory: Memory
    score: float
    why: Mapping[str, float]
    shares_words: bool = False
    likeness: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Compared:
    """An index laid beside the rows it was made from.

    `missing`: patients of whom it holds fewer memories than there are rows; `surplus`: more;
    `strangers`: how many patients it held who have no rows at all (they were removed);
    `renewed`: it could not be read and was begun anew, empty.
    """

    missing: tuple[str, ...] = ()
    surplus: tuple[str, ...] = ()
    strangers: int = 0
    renewed: bool = False


class Cipher(Protocol):
    """Seals a patient's words under that patient's key."""

    def seal(self, patient_id: str, text: str) -> str:
        """Return `text` sealed; two calls may differ."""
        ...

    def open(self, patient_id: str, sealed: str) -> str:
        """Return the text; raise when `sealed` was not sealed for this patient."""
        ...


class Encoder(Protocol):
    """Turns texts into vectors whose dot product is their likeness."""

    @property
    def name(self) -> str:
        """Model and version; vectors of different names are never compared."""
        ...

    @property
    def dimensions(self) -> int:
        """Length of a vector."""
        ...

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return float32 (len(texts), dimensions), each row of length one."""
        ...
