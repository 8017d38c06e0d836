"""Fetches updates by long poll and has each batch kept before Telegram may forget it."""

from __future__ import annotations

import asyncio
import json
import logging
import random
import re
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime

from bot.channels.telegram_parse import order_key
from bot.domain.errors import AnkangError, ChannelError, RateLimited
from bot.domain.message import Update

log = logging.getLogger(__name__)

Keep = Callable[[Sequence[Update]], Awaitable[None]]
Fetch = Callable[[int | None, int], Awaitable[bytes]]  #: (offset, limit) -> Telegram's raw answer

_FULL = 100
_ID = re.compile(r'"update_id"\s*:\s*(\d+)')


async def poll(
    fetch: Fetch,
    keep: Keep,
    *,
    bot: str,
    stop: asyncio.Event,
    may_poll: Callable[[], Awaitable[bool]] | None,
    seen: Callable[[Sequence[Update]], None],
    heard: Callable[[], Awaitable[None]] | None = None,
    patience: tuple[float, float],
) -> None:
    """Until ``stop``: fetch, ``keep`` (which commits), ``seen``, and only then the next offset.

    ``may_poll`` is asked before each fetch; while it says no, another process has the lead.
    ``heard`` is told of each answer, also an empty one: up to here nothing was missed.
    Errors of the channel and of the store (AnkangError, OSError) are waited out from
    ``patience[0]`` up to ``patience[1]`` seconds, with jitter; anything else is a defect and
    ends the loop.
    """
    offset: int | None = None
    limit, failures = _FULL, 0
    while not stop.is_set():
        try:
            if may_poll is not None and not await may_poll():
                await _rest(stop, patience[1] / 6)
                continue
            payload = await _unless_stopped(stop, fetch(offset, limit))
            if payload is None:
                return
            updates = _read(payload, bot)
            if updates is None and limit > 1:
                limit = 1  # one of them cannot be read: find out which, letting the others by
                continue
            if updates is None:
                updates = [_unreadable(payload, bot)]
            if updates:
                await keep(updates)
        except (AnkangError, OSError) as error:
            failures += 1
            wait = min(patience[0] * 2 ** min(failures - 1, 16), patience[1])
            wait *= random.uniform(0.5, 1.0)
            if isinstance(error, RateLimited):
                wait = max(wait, error.wait.total_seconds())
            log.warning("poll: %s, next try in %.1f s", type(error).__name__, wait)
            await _rest(stop, wait)
            continue
        failures, limit = 0, _FULL
        # Once Telegram has nothing left, all is confirmed: without an offset it gives the
        # oldest unconfirmed update. A stale offset would drop updates after a quiet week,
        # when Telegram starts numbering anew at random.
        offset = max(int(u.external_id) for u in updates) + 1 if updates else None
        seen(updates)
        if heard is not None:
            await heard()


def _update(number: int, body: str, bot: str, chat: str = "") -> Update:
    return Update(
        channel="telegram",
        bot=bot,
        external_id=str(number),
        body=body,
        received_at=datetime.now(UTC),
        order_key=chat,
    )


def _read(payload: bytes, bot: str) -> list[Update] | None:
    """The updates of one answer, each as ASCII-safe JSON; None if the answer is no JSON."""
    try:
        result = json.loads(payload)["result"]
        numbered = [(item["update_id"], json.dumps(item), order_key(item)) for item in result]
    except (ValueError, RecursionError):
        return None
    except (KeyError, TypeError) as error:
        raise ChannelError("Telegram's answer holds no updates.") from error
    if not all(type(number) is int for number, _, _ in numbered):
        raise ChannelError("An update has no number.")
    return [_update(number, body, bot, chat) for number, body, chat in numbered]


def _unreadable(payload: bytes, bot: str) -> Update:
    """The one update that cannot be read, kept as it came so that it can be set aside."""
    body = payload.decode("utf-8", "replace").replace("\x00", "�")
    found = _ID.search(body)
    if found is None or len(found[1]) > 18:
        raise ChannelError("Telegram's answer cannot be read.")
    log.warning("poll: update %s cannot be read, kept as it is", found[1])
    return _update(int(found[1]), body, bot)


async def _unless_stopped(stop: asyncio.Event, fetching: Awaitable[bytes]) -> bytes | None:
    """The answer, or None as soon as ``stop`` is set; unconfirmed updates come again."""
    fetch = asyncio.ensure_future(fetching)
    stopped = asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait({fetch, stopped}, return_when=asyncio.FIRST_COMPLETED)
        return fetch.result() if fetch.done() else None
    finally:
        for task in (fetch, stopped):
            task.cancel()
        await asyncio.gather(fetch, stopped, return_exceptions=True)


async def _rest(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
