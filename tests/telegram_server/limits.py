"""Telegram's rate windows, and the faults a test orders."""

from __future__ import annotations

import math
import time
from collections import defaultdict, deque
from dataclasses import dataclass
from typing import Any

#: who -> (calls, seconds): 30/s a bot, 1/s a private chat (a few at once pass), 20/min a group.
WINDOWS = {"bot": (30, 1.0), "private": (5, 5.0), "group": (20, 60.0)}


class Limits:
    """Sliding windows over what was sent and edited."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, int], deque[float]] = defaultdict(deque)

    def wait(self, chat: int) -> int:
        """0 and counted, or the whole seconds Telegram would ask the bot to wait."""
        now = time.monotonic()
        keys = [("bot", 0), ("private" if chat > 0 else "group", chat)]
        for key in keys:
            calls, seconds = WINDOWS[key[0]]
            seen = self._seen[key]
            while seen and now - seen[0] >= seconds:
                seen.popleft()
            if len(seen) >= calls:
                return max(1, math.ceil(seconds - (now - seen[0])))
        for key in keys:
            self._seen[key].append(now)
        return 0


@dataclass
class Fault:
    """What goes wrong in the next ``times`` calls of a method ("*": of any)."""

    method: str
    status: int = 0  #: 0: no error answer
    description: str = ""
    parameters: dict[str, Any] | None = None
    body: bytes | None = None  #: this instead of JSON, for example a proxy's page
    drop: bool = False  #: the socket is closed without an answer
    after: bool = False  #: the call has its effect first
    delay: float = 0.0  #: seconds before anything happens
    times: int = 1


def take(faults: list[Fault], method: str) -> Fault | None:
    """The fault that is due for this call, counted down."""
    for fault in faults:
        if fault.method.lower() in ("*", method.lower()) and fault.times > 0:
            fault.times -= 1
            return fault
    return None
