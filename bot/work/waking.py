"""Bells between threads and loops: a ring is never lost, a loop that hears none looks anyway."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable


class Bell:
    """One loop's ear for one name; a ring while the loop was busy wakes it at once."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def set(self) -> None:
        """Wake the loop now or at its next ``wait``."""
        self._event.set()

    async def wait(self, timeout: float) -> bool:  # noqa: ASYNC109 - a bell, not a call
        """Until rung, or ``timeout`` seconds; True when rung."""
        try:
            async with asyncio.timeout(timeout):
                await self._event.wait()
        except TimeoutError:
            return False
        self._event.clear()
        return True


class Waker:
    """Bells by name, safe to ring from any thread. See ``bot.ports.Bells``."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self.tell: Callable[[tuple[str, ...]], None] | None = None  #: rings other processes too
        self._bells: defaultdict[str, list[Bell]] = defaultdict(list)

    def attach(self) -> None:
        """Bind to the running loop; rings before that are not heard."""
        self._loop = asyncio.get_running_loop()

    def listen(self, name: str, bell: Bell | None = None) -> Bell:
        """An ear for ``name``, a new one or ``bell``; hand it back with ``deafen`` at the end."""
        bell = bell or Bell()
        self._bells[name].append(bell)
        return bell

    def deafen(self, name: str, bell: Bell) -> None:
        """The loop has ended."""
        self._bells[name].remove(bell)

    def ring(self, *names: str) -> None:
        """Wake every loop that listens for these names, here and in the other processes."""
        self.heard(names)
        if self.tell is not None:
            self.tell(names)

    def heard(self, names: tuple[str, ...]) -> None:
        """Wake the loops of this process only."""
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._set, names)

    def _set(self, names: tuple[str, ...]) -> None:
        for name in names:
            for bell in self._bells.get(name, ()):
                bell.set()
