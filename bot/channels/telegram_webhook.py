"""Takes updates that Telegram posts, and says 200 only once they are kept."""

from __future__ import annotations

import hmac
import json
import logging
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.channels.telegram_parse import order_key
from bot.channels.telegram_poll import Keep
from bot.domain.errors import AnkangError
from bot.domain.message import Update

if TYPE_CHECKING:
    from bot.channels.telegram import Telegram

log = logging.getLogger(__name__)

MAX_BODY = 2 * 2**20  #: bytes
_SECRET = re.compile(r"[A-Za-z0-9_-]{16,256}")


def webhook_route(telegram: Telegram, keep: Keep, secret: str, *, path: str = "/telegram") -> Route:
    """The route to hand to the server that faces Telegram.

    Answers 200 after ``keep`` has returned, 403 on a wrong or missing secret, 400 on a body that
    is too large or no JSON with an integer ``update_id``, 503 while nothing can be kept, so that
    Telegram tries again. Raises ValueError on a secret Telegram would not take, or a short one.
    """
    if not _SECRET.fullmatch(secret):
        raise ValueError("The webhook secret must be 16 to 256 of A-Z, a-z, 0-9, _ and -.")

    async def receive(request: Request) -> Response:
        given = request.headers.get("X-Telegram-Bot-Api-Secret-Token", "")
        if not hmac.compare_digest(given.encode(), secret.encode()):
            return Response(status_code=403)
        update = _read(await _body(request), telegram.bot)
        if update is None:
            return Response(status_code=400)
        try:
            await keep([update])
        except (AnkangError, OSError) as error:
            log.warning("webhook: %s, update %s", type(error).__name__, update.external_id)
            return Response(status_code=503)
        telegram.answer_taps([update])
        return Response(status_code=200)

    return Route(path, receive, methods=["POST"])


async def _body(request: Request) -> bytes:
    """The whole body, or nothing as soon as it grows too large."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            return b""
    return bytes(body)


def _read(body: bytes, bot: str) -> Update | None:
    try:
        text = body.decode("utf-8")
        item = json.loads(text)
        number = item["update_id"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    if type(number) is not int:
        return None
    return Update(
        channel="telegram",
        bot=bot,
        external_id=str(number),
        body=text,
        received_at=datetime.now(UTC),
        order_key=order_key(item),
    )
