"""A circuit breaker: a language model that keeps failing is left alone for a while."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from bot.domain.errors import ModelError
from bot.ports.lead import Agent, Led, Tool
from bot.ports.world import ChatModel, Clock

T = TypeVar("T")


class Breaker:
    """Closed, it lets everybody through; open, nobody; half-open, one at a time to try.

    Opens after ``failures`` in a row; after ``pause`` one call may try, and its outcome decides.
    Time is passed in.
    """

    def __init__(self, *, failures: int = 3, pause: timedelta = timedelta(seconds=30)) -> None:
        self._limit = failures
        self._pause = pause
        self._failed = 0
        self._closed_until: datetime | None = None  # nobody passes before; None: closed circuit

    @property
    def state(self) -> str:
        """Either "closed", or "open" while calls are refused or tried one at a time."""
        return "closed" if self._closed_until is None else "open"

    def lets_through(self, now: datetime) -> bool:
        """Whether a call may be made now. A yes while open is the one trial of this pause."""
        if self._closed_until is None:
            return True
        if now < self._closed_until:
            return False
        # A trial that is never heard of again must not keep the way shut for ever.
        self._closed_until = now + self._pause
        return True

    def succeeded(self) -> None:
        """A call brought a reply: everybody may pass."""
        self._failed = 0
        self._closed_until = None

    def failed(self, now: datetime) -> None:
        """A call failed."""
        self._failed += 1
        if self._failed >= self._limit:
            self._closed_until = now + self._pause


class WithBreaker:
    """An Agent, and ChatModel, that is not asked while its breaker is open."""

    def __init__(self, model: ChatModel, breaker: Breaker, clock: Clock) -> None:
        self.name = model.name
        self._model = model
        self._breaker = breaker
        self._clock = clock

    async def reply(self, system: str, user: str) -> str:
        """One draft, or a ModelError at once while the model is resting."""
        return await self._guarded(partial(self._model.reply, system, user))

    async def work(self, system: str, user: str, given: str, tools: Sequence[Tool]) -> Led:
        """One draft after looking things up, or a ModelError at once while it is resting."""
        if not isinstance(self._model, Agent):
            raise ModelError("this language model uses no tools", permanent=True)
        return await self._guarded(partial(self._model.work, system, user, given, tools))

    async def _guarded(self, ask: Callable[[], Awaitable[T]]) -> T:
        if not self._breaker.lets_through(self._clock()):
            raise ModelError("the language model is resting after failures in a row", why="resting")
        try:
            answer = await ask()
        except ModelError as error:
            # A question nobody could have answered says nothing about the model.
            if not error.permanent:
                self._breaker.failed(self._clock())
            raise
        self._breaker.succeeded()
        return answer
