"""What the classifier thinks of one message, as plain numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

Floats = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True, kw_only=True)
class Heard:
    """Calibrated probabilities of one message; ``flag`` is the likeliest red flag and how likely.

    ``urgent``: P0, ``soon``: P0 or P1. ``start`` and ``end`` are the piece of the original text
    that was worst.
    """

    urgent: float
    soon: float
    flag: str
    flag_share: float
    start: int = 0
    end: int = 0
    version: str = ""


class Hearing(Protocol):
    """Whatever can listen to messages; safe to use from several threads."""

    @property
    def version(self) -> str:
        """Of the weights."""
        ...

    def hear(self, texts: Sequence[str]) -> list[Heard]:
        """One for each text, in whichever language it is written."""
        ...
