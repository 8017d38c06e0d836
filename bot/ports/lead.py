"""What an answer on a lead needs: a model that may look things up, and a check of what it wrote."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from knowledge.model import Language
from knowledge.support import Cited, Judged


@dataclass(frozen=True, kw_only=True)
class Tool:
    """One thing a model may look up: about one patient, by closure, and never to change anything.

    ``use`` takes the one argument and gives back a text, which is data. It blocks.
    """

    name: str
    about: str
    argument: str
    use: Callable[[str], str]


@dataclass(frozen=True, kw_only=True)
class Led:
    """What a model wrote in the end, and what it cost."""

    text: str
    tokens: int  #: as the server counted them; 0: it did not say
    rounds: int
    used: tuple[str, ...] = ()  #: names of the tools, in order


@runtime_checkable
class Agent(Protocol):
    """A ChatModel that may use tools, within rounds, tokens and time."""

    name: str

    async def work(self, system: str, user: str, given: str, tools: Sequence[Tool]) -> Led:
        """One draft; ``given`` was looked up already. Raises ModelError."""


class Leading(Protocol):
    """An Agent whose words leave the machine without identifiers."""

    name: str

    async def lead(
        self, system: str, user: str, given: str, tools: Sequence[Tool], *, names: Sequence[str]
    ) -> Led:
        """One draft; ``names`` are taken out of everything and put back. Raises ModelError."""


class Supporting(Protocol):
    """See ``knowledge.support.Support``."""

    @property
    def name(self) -> str:
        """What checks."""
        ...

    def judge(self, draft: str, lines: Sequence[Cited], language: Language) -> list[Judged]:
        """Every sentence, with its verdict. Blocks."""
        ...
