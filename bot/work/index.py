"""Keep the index of memories what the rows say it is."""

from __future__ import annotations

import logging
from itertools import groupby

from bot.domain.message import PatientId
from bot.ports import Services
from bot.ports.memories import ToIndex
from memory import Memory

_AT_ONCE = 16  # a question to the memory never waits behind more than this
_log = logging.getLogger(__name__)


class Indexer:
    """One process's hand on the index; every step is harmless when it is done twice."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._compared = False

    def step(self) -> int:
        """Index some new memories or, when there are none, one patient's anew; how many.

        The first step, and the one after the index could not be read, lays it beside the rows.
        """
        if not self._compared or self._services.memories.damaged:
            self.compare()
            self._compared = True
        return self._new() or self._again()

    def compare(self) -> None:
        """Find out what the index has lost, or holds without a row, and have it made again."""
        services = self._services
        with services.store.reading() as rows:
            expected = {str(owner): count for owner, count in rows.index.counts().items()}
            keyless = rows.index.without_key()
        compared = services.memories.compare(expected)
        with services.store.unit_of_work() as work:
            work.index.lost(keyless)  # perhaps the key is back; if not, they are set aside again
            if compared.renewed:
                work.index.lost()
            else:
                work.index.lost(compared.missing)
                work.index.refresh_of(compared.surplus)
        if compared.renewed:
            _log.error("the index of memories could not be read; it is being made from the rows")
        elif compared.missing or compared.surplus or compared.strangers:
            _log.warning(
                "index: %s patients incomplete, %s with rows too many, %s unknown; being mended",
                len(compared.missing), len(compared.surplus), compared.strangers,
            )  # fmt: skip

    def _new(self) -> int:
        services = self._services
        with services.store.reading() as rows:
            found = rows.index.new(_AT_ONCE)
        if found.memories:
            services.memories.remember(found.memories)
            self._written(found.memories)
        return self._settled(found)

    def _again(self) -> int:
        services = self._services
        with services.store.reading() as rows:
            found = rows.index.again()
        if found.memories:
            owner = PatientId(found.memories[0].patient_id)
            services.memories.replace(owner, found.memories)
            self._written(found.memories)
            with services.store.unit_of_work() as work:
                work.index.late(owner, [memory.id for memory in found.memories])
        return self._settled(found)

    def _written(self, memories: tuple[Memory, ...]) -> None:
        """Note it on the rows; what was forgotten meanwhile leaves the index again."""
        services = self._services
        with services.store.unit_of_work() as work:
            kept = work.index.encoded(
                [memory.id for memory in memories],
                services.memories.encoder_name,
                services.clock(),
            )
        gone = [memory for memory in memories if memory.id not in kept]
        for owner, theirs in groupby(gone, key=lambda memory: memory.patient_id):
            services.memories.forget(owner, [memory.id for memory in theirs])

    def _settled(self, found: ToIndex) -> int:
        if found.keyless:
            with self._services.store.unit_of_work() as work:
                work.index.keyless(found.keyless)
            for owner in found.keyless:
                _log.error("patient %s: no key opens the memories; they are left out", owner)
        return len(found.memories) + len(found.keyless)
