"""The workers of the simulated house: started, killed, replaced, and cut off from the database."""

from __future__ import annotations

import multiprocessing
import random
from pathlib import Path
from typing import Any

from bench.chaos.worker import Where, work


class Crew:
    """``size`` processes on one database; one that is gone is replaced."""

    def __init__(self, url: str, folder: Path, size: int, chance: random.Random) -> None:
        self._url, self._folder, self._size, self._chance = url, folder, size, chance
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["bench.chaos.worker"])
        self._running: list[Any] = []
        self._born = 0
        self.fallen = 0  #: workers that ended by themselves, which none ever should

    def start(self) -> None:
        """All of them."""
        self._running = [self._one() for _ in range(self._size)]

    def revive(self) -> None:
        """Replace those that have died by themselves."""
        for place, process in enumerate(self._running):
            if not process.is_alive():
                self.fallen += 1
                self._running[place] = self._one()

    def kill(self) -> None:
        """SIGKILL for one of them, wherever it is in its work."""
        place = self._chance.randrange(len(self._running))
        self._running[place].kill()
        self._running[place].join(10)
        self._running[place] = self._one()

    def close(self) -> None:
        """All of them end."""
        for process in self._running:
            process.kill()
            process.join(10)

    def _one(self) -> Any:
        self._born += 1
        process = self._context.Process(
            target=work,
            args=(
                Where(
                    url=self._url, folder=self._folder, name=f"w{self._born}",
                    seed=self._chance.getrandbits(32), alone=self._size == 1,
                ),
            ),
            daemon=True,
        )  # fmt: skip
        process.start()
        return process
