"""Pages that change by themselves: server-sent events read from the rows."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from bot.console.desk import Desk, Wake
from bot.domain.errors import AnkangError

STILL_HERE = 10.0  #: seconds between signs of life
THE_SAME_LOOK = timedelta(minutes=5)  #: a page and its live part within it are one look
FULL_LOOK = 3.0  #: seconds after which a page is drawn anew even if nothing seemed to change

#: A cheap look at what the page depends on: another value means draw again.
Glance = Callable[[], Awaitable[object]]
#: (version, what the page shows): sent when the version differs from the one sent last.
Draw = Callable[[], Awaitable[tuple[str, dict[str, Any]]]]
#: False: whoever looks has signed out or their session ran out.
Allowed = Callable[[], Awaitable[bool]]


async def answer(
    request: Request, desk: Desk, *, glance: Glance, draw: Draw, allowed: Allowed
) -> Response:
    """A live page of the console; one drawing alone for a browser that events do not reach."""
    if "text/event-stream" in request.headers.get("accept", ""):
        return stream(desk, glance=glance, draw=draw, allowed=allowed, every=0.5, wake=desk.wake)
    if not await allowed():
        return JSONResponse({}, 403)
    _, payload = await draw()
    return JSONResponse(payload)


def stream(
    desk: Desk, *, glance: Glance, draw: Draw, allowed: Allowed, every: float, wake: Wake
) -> StreamingResponse:
    """One live page; ``every`` is the seconds between looks when nobody rings."""
    return StreamingResponse(
        _events(desk, glance=glance, draw=draw, allowed=allowed, every=every, wake=wake),
        media_type="text/event-stream",
        headers={"X-Accel-Buffering": "no"},
    )


async def _events(
    desk: Desk, *, glance: Glance, draw: Draw, allowed: Allowed, every: float, wake: Wake
) -> AsyncIterator[str]:
    clock = asyncio.get_running_loop().time
    seen: object = None
    sent = ""
    drawn = spoken = clock()
    yield "retry: 2000\n\n"
    try:
        while not desk.closing.is_set():
            looked = await glance()
            if looked != seen or clock() - drawn > FULL_LOOK:
                if not await allowed():
                    yield "event: gone\ndata: {}\n\n"
                    return
                seen, drawn = looked, clock()
                version, payload = await draw()
                if version != sent:
                    sent, spoken = version, clock()
                    yield f"id: {version}\ndata: {json.dumps(payload, ensure_ascii=False)}\n\n"
            if clock() - spoken > STILL_HERE:
                spoken = clock()
                yield "event: here\ndata: {}\n\n"
            await wake.wait(every)
    except AnkangError:
        return  # the page says "connection lost" and tries again by itself
