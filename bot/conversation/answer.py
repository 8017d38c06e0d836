"""One message through the house. Read top to bottom; each line is a room."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

from bot.conversation import asked_anew, compose, hearing, lead, marking, post_turn, prepare, route
from bot.domain.turn import Turn
from bot.ports import Services, Waiting

LEASE = timedelta(minutes=2)


async def answer(row: Waiting, services: Services) -> Turn | None:
    """Answer one screened update; None when nothing can be said (erased, unreadable, unknown)."""
    turn, posted = await asyncio.to_thread(_by_rules, row, services)
    if turn is None or posted:
        return turn
    turn = await compose.compose(turn, services)
    await asyncio.to_thread(_post, turn, services)
    return turn


def _by_rules(row: Waiting, services: Services) -> tuple[Turn | None, bool]:
    """Everything that asks no model, in one thread; True: it is posted, or there was nothing."""
    turn = prepare.prepare(row, services)
    if turn is None:
        return None, True
    turn = hearing.listened(turn, services)
    turn = marking.marked(turn, services)
    turn = route.route(turn, services)
    if not turn.handled:
        turn = compose.without_model(turn, services)
    if turn.improvable and lead.may_draft(turn, services):
        return turn, False
    if turn.handled:
        _post(turn, services)
    return turn, turn.handled


def _post(turn: Turn, services: Services) -> None:
    turn = asked_anew.beside(turn, services)
    post_turn.post_turn(replace(turn, now=services.clock()), services)
