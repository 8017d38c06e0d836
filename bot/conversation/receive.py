"""Room 1, the door: keep the update, then let the channel go."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.message import Update
from bot.ports import Services


def receive(updates: Sequence[Update], services: Services) -> int:
    """Commit the raw updates; returns how many were new. Only then may the channel move on."""
    with services.store.unit_of_work() as work:
        kept = work.inbox.keep(updates)
    if kept:
        services.bells.ring("inbox")
    return kept
