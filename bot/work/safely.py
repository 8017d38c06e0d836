"""The worker's one net: what fails is logged with its name, and the loop goes on."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

_log = logging.getLogger(__name__)


async def safely(name: str, act: Callable[[], Awaitable[object]]) -> bool:
    """Run ``act``; False when it failed. The rows it was about keep their state and come again."""
    try:
        await act()
    except Exception:  # noqa: BLE001 - the worker's loop; see the module's first line
        _log.exception("%s failed", name)
        return False
    return True


def safely_now(name: str, act: Callable[[], object]) -> bool:
    """The same net around a plain function."""
    try:
        act()
    except Exception:  # noqa: BLE001 - the worker's loop; see the module's first line
        _log.exception("%s failed", name)
        return False
    return True
