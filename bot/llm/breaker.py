"""A circuit breaker: a language model that keeps failing is left alone for a while."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.domain.errors import ModelError
from bot.ports.world import ChatModel, Clock


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
    """A ChatModel that is not asked while its breaker is open."""

    def __init__(self, model: ChatModel, breaker: Breaker, clock: Clock) -> None:
        self.name = model.name
        self._model = model
        self._breaker = breaker
        self._clock = clock

    async def reply(self, system: str, user: str) -> str:
        """One draft, or a ModelError at once while the model is resting."""
        if not self._breaker.lets_through(self._clock()):
            raise ModelError("the language model is resting after failures in a row")
        try:
            answer = await self._model.reply(system, user)
        except ModelError as error:
            # A question nobody could have answered says nothing about the model.
            if not error.permanent:
                self._breaker.failed(self._clock())
            raise
        self._breaker.succeeded()
        return answer
