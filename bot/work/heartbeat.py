"""The ticker, and the only file that imports apscheduler. The rows hold the work; this wakes it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.work.safely import safely


@dataclass(frozen=True, kw_only=True)
class Beat:
    """One thing to do again and again."""

    every: float  #: seconds
    sharp: bool = False  #: at full seconds, for what falls due there; else spread by the start
    act: Callable[[], Awaitable[object]]


class Heartbeat:
    """A handful of interval jobs in memory; a late beat is made up once, never doubled."""

    def __init__(self, beats: Mapping[str, Beat]) -> None:
        self._scheduler = AsyncIOScheduler(
            timezone=UTC,
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )
        now = datetime.now(UTC)
        for name, beat in beats.items():
            self._scheduler.add_job(
                partial(safely, name, beat.act),
                "interval",
                seconds=beat.every,
                id=name,
                # Each run counts on from the one before it, so the first one says when they come.
                next_run_time=now.replace(microsecond=0) if beat.sharp else now,
            )

    def start(self) -> None:
        """Begin to beat in the running loop."""
        self._scheduler.start()

    def stop(self) -> None:
        """Beat no more; what is running ends by itself."""
        self._scheduler.shutdown(wait=False)
