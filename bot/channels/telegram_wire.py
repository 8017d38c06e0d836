"""What the Bot API answers and how it fails, put into the house's words."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import takewhile

from telegram.error import TelegramError

from bot.channels.telegram_http import NEVER_SENT, ApiError
from bot.domain.errors import (
    ChannelError,
    ChatMoved,
    OutcomeUnknown,
    RateLimited,
    Refused,
    ThreadGone,
    Unreachable,
)

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
        if isinstance(error.__cause__, NEVER_SENT) or not effect:
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
