"""One message through the house. Read top to bottom; each line is a room."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

from bot.conversation import compose, post_turn, prepare, route
from bot.domain.turn import Turn
from bot.ports import Services, Waiting

LEASE = timedelta(minutes=2)


async def answer(row: Waiting, services: Services) -> Turn | None:
    """Answer one screened update; None when nothing can be said (erased, unreadable, unknown)."""
    turn = await asyncio.to_thread(prepare.prepare, row, services)
    if turn is None:
        return None
    turn = await asyncio.to_thread(route.route, turn, services)
    if not turn.handled:
        turn = await compose.compose(turn, services)
    turn = replace(turn, now=services.clock())
    await asyncio.to_thread(post_turn.post_turn, turn, services)
    return turn
