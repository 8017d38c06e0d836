"""Move what is due, each row in a transaction of its own, so that none holds up another."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from bot.domain.errors import AnkangError
from bot.ports import Reading, Services, UnitOfWork

_log = logging.getLogger(__name__)
_BATCH = 50


class _Row(Protocol):
    @property
    def id(self) -> str: ...


T = TypeVar("T", bound=_Row)


def one_by_one(
    services: Services,
    due: Callable[[Reading, int], Sequence[T]],
    move: Callable[[UnitOfWork, T], bool],
    cannot: str,
) -> int:
    """How many moved. ``due``: the first so many; ``cannot``: the log's line for an id and an
    error. One that cannot move stays due, and never takes another's place."""
    moved = 0
    seen: set[str] = set()
    while rows := _new(services, due, seen):  # nearly every second finds nothing: write nothing
        moved += sum(_try(services, row, move, cannot) for row in rows)
        seen.update(row.id for row in rows)
    if moved:
        services.bells.ring("console")
    return moved


def _new(services: Services, due: Callable[[Reading, int], Sequence[T]], seen: set[str]) -> list[T]:
    with services.store.reading() as rows:
        found = due(rows, _BATCH + len(seen))
    return [one for one in found if one.id not in seen]


def _try(services: Services, row: T, move: Callable[[UnitOfWork, T], bool], cannot: str) -> bool:
    try:
        with services.store.unit_of_work() as work:
            return move(work, row)
    except AnkangError as error:  # one patient's lost key must not silence everybody
        # It stays overdue, and the watch says so; once a second one line of it is enough.
        _log.error(cannot, row.id, error)
        return False
