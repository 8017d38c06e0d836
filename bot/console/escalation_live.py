"""The page of one escalation, live: what happened to the matter while it is open on a screen."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.console import escalations, live, sessions
from bot.console.desk import Desk, language_of
from bot.console.sessions import Visitor, signed_in
from bot.ports import Reading

_SEEN = tuple(f"viewed.{one}" for one in escalations.LOOKS)


@signed_in
async def events(request: Request, desk: Desk, visitor: Visitor) -> Response:
    """The live part of the page.

    It goes on after the matter is completed; words that are not shared then leave the screen.
    """
    matter = await escalations.find(request, desk)
    escalation, member_id = matter.escalation, visitor.member.id
    if not await desk.read(lambda rows: _noted(rows, escalation.id, member_id, desk)):
        what, patient_id = escalations.look(matter, opened=False), escalation.patient_id
        await desk.act(desk.actions.viewed, what, escalation.id, member_id, patient_id)
    language = language_of(request)

    async def again() -> escalations.Matter | None:
        return await desk.read(lambda rows: escalations.read(rows, escalation.id))

    async def glance() -> object:
        return await desk.read(lambda rows: rows.audit.last())

    async def draw() -> tuple[str, dict[str, Any]]:
        found = await again()
        if found is None:
            return "gone", {"html": ""}
        values = escalations.drawn(found, opened=False, alone=True)
        html = desk.render("_matter.html", language, visitor=visitor, **values)
        return escalations.mark(found), {"html": html}

    async def allowed() -> bool:
        return await sessions.find(desk, visitor.token) is not None and await again() is not None

    return await live.answer(request, desk, glance=glance, draw=draw, allowed=allowed)


def _noted(rows: Reading, escalation_id: str, member_id: str, desk: Desk) -> bool:
    """The trail has that this member opened the page just now: its live part is no second look."""
    last = rows.watch.last(escalation_id, *_SEEN, actor=member_id)
    return last is not None and desk.clock() - last.at < live.THE_SAME_LOOK


routes = [Route("/live/escalations/{escalation_id:path}", events, methods=["GET"])]
