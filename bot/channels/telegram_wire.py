"""The wire to the Bot API: its answers and failures, put into the house's words."""

from __future__ import annotations

import json
import logging
import re
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import takewhile
from typing import Any

import httpx
from telegram.error import TelegramError
from telegram.request import HTTPXRequest

from bot.domain.errors import (
    ChannelError,
    ChatMoved,
    OutcomeUnknown,
    RateLimited,
    Refused,
    ThreadGone,
    Unreachable,
)

#: Failures in which no byte of the request can have reached Telegram.
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
_THREAD_GONE = ("message thread not found", "topic_deleted", "topic_closed", "topic_id_invalid")
_UNREACHABLE = (
    "chat not found",
    "user not found",
    "user is deactivated",
    "peer_id_invalid",
    "group chat was deactivated",
    "not enough rights to send",
    "need administrator rights",
    "chat_write_forbidden",
)
NOT_MODIFIED = "message is not modified"
NO_TEXT = "there is no text in the message to edit"


def hush() -> None:
    """Keep the libraries below from logging: httpx at INFO writes the token, telegram at DEBUG
    the token and every word of a message."""
    for name in ("httpx", "httpcore", "telegram"):
        logging.getLogger(name).setLevel(logging.WARNING)


class ApiError(TelegramError):
    """Telegram answered, and the answer is no."""

    def __init__(self, status: int, description: str, parameters: dict[str, Any]) -> None:
        #: without what stands in quotes, which may be the person's own words
        self.description = re.sub(r"'[^']*'|\"[^\"]*\"", "…", description)
        super().__init__(f"{status} {self.description}")
        self.status = status
        self.parameters = parameters


class Wire(HTTPXRequest):
    """HTTP that keeps Telegram's status and parameters, and never logs a payload."""

    async def do_request(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        """The answer if it is ok; otherwise raises ApiError with what Telegram said."""
        status, payload = await super().do_request(*args, **kwargs)
        if 200 <= status <= 299:
            return status, payload
        try:
            answer = json.loads(payload)
        except (ValueError, RecursionError):
            answer = {}  # a proxy's page
        if not isinstance(answer, dict):
            answer = {}
        parameters = answer.get("parameters")
        raise ApiError(
            status,
            str(answer.get("description", "")),
            parameters if isinstance(parameters, dict) else {},
        )

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """The answer as an object with a result; raises TelegramError without quoting it."""
        try:
            answer = json.loads(payload)
        except (ValueError, RecursionError) as error:
            raise TelegramError("The answer is no JSON") from error
        if not isinstance(answer, dict) or "result" not in answer:
            raise TelegramError("The answer has no result")
        return answer


@contextmanager
def in_house_words(*, chat_only: bool = False, effect: bool = True) -> Iterator[None]:
    """Turn what python-telegram-bot raises inside the block into a ChannelError.

    ``chat_only``: a rate limit hit here is likely the chat's own. ``effect=False``: the call
    changes nothing a person sees, so a lost answer is a plain failure, not an unknown outcome.
    """
    try:
        yield
    except ApiError as error:
        raise _answered(error, chat_only=chat_only, effect=effect) from error
    except TelegramError as error:
        if isinstance(error.__cause__, _NEVER_SENT) or not effect:
            raise ChannelError("Telegram cannot be reached.") from error
        raise OutcomeUnknown from error


def _answered(error: ApiError, *, chat_only: bool, effect: bool) -> ChannelError:
    said = error.description.lower()
    if new := error.parameters.get("migrate_to_chat_id"):
        return ChatMoved(str(new))
    if error.status == 429:
        seconds = error.parameters.get("retry_after")
        wait = timedelta(seconds=seconds if isinstance(seconds, int) and seconds > 0 else 5)
        return RateLimited(wait, whole_bot=not chat_only)
    if error.status >= 500:
        # 502 and 504 come from the proxy before the Bot API: it may have passed the call on
        # and lost only the answer. Not knowing is the honest reading.
        return OutcomeUnknown() if effect else ChannelError("Telegram has an outage.")
    if error.status in (401, 404):
        # Not permanent for the message: it goes out once the token is put right.
        return ChannelError("Telegram does not know this bot's token.")
    if error.status == 409:
        return ChannelError("Another process or a webhook fetches this bot's updates.")
    if any(words in said for words in _THREAD_GONE):
        return ThreadGone()
    if error.status == 403 or any(words in said for words in _UNREACHABLE):
        return Unreachable()
    return Refused(f"Telegram refused: {error.description or error.status}")


class Pace:
    """What was sent lately, to guess whose limit a 429 is about, which Telegram does not say.

    Telegram's limits: 20 messages a minute in a group, about 1 a second in a private chat, 30 a
    second for a bot (https://core.telegram.org/bots/faq#broadcasting-to-users). If this process
    came near the chat's own limit, the 429 is taken as the chat's; otherwise as the whole bot's.
    With several processes on one token the count is too low, which errs towards waiting more.
    """

    def __init__(self) -> None:
        self._sent: deque[tuple[float, str]] = deque(maxlen=2000)

    def sent(self, address: str) -> None:
        """Count one message or edit."""
        self._sent.append((time.monotonic(), address))

    def chat_limit_likely(self, address: str) -> bool:
        """True if this chat alone has had enough for its own limit."""
        seconds, enough = (60.0, 15) if address.startswith("-") else (3.0, 3)
        since = time.monotonic() - seconds
        lately = takewhile(lambda one: one[0] >= since, reversed(self._sent))
        return sum(1 for _, chat in lately if chat == address) >= enough
