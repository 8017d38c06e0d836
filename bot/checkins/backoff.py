"""Ordinary questions that nobody answers are asked less often; clinical ones never are."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from bot.domain.checkin import CheckIn, Schedule, Streak, kinds
from bot.domain.outbox import MessageClass
from bot.plans.wanted import miss_tier
from bot.ports import UnitOfWork

ASKED_ANYWAY = 3  #: so many unanswered in a row are borne
_SECOND = 4  #: then so many at every second time; after that one a week
_WEEK = timedelta(days=7) - timedelta(hours=1)  # clocks change
_BACK = timedelta(days=90)


class Pace(enum.Enum):
    """How a question that is due fares."""

    ASK = "ask"
    TELL = "tell"  #: ask, and say that from now on it is asked less often
    REST = "rest"


def paces(
    work: UnitOfWork, due: Sequence[CheckIn], schedules: Mapping[str, Schedule], now: datetime
) -> dict[str, Pace]:
    """Pace by schedule id, of those whose silence matters to nobody but the patient."""
    ordinary = {
        one.schedule_id
        for one in due
        if not one.asks and (its := schedules.get(one.schedule_id)) and _ordinary(its)
    }
    if not ordinary:
        return {}
    streaks = work.checkins.streaks(ordinary, now - _BACK, now)
    return {name: _pace(streak, now) for name, streak in streaks.items()}


def _ordinary(schedule: Schedule) -> bool:
    kind = kinds()[schedule.kind]
    asks = bool(kind.answers) and kind.message_class >= MessageClass.CHECK_IN
    # A care plan may say that silence is serious: then it is asked every time.
    return asks and miss_tier(schedule) == "P3"


def _pace(streak: Streak, now: datetime) -> Pace:
    """By what came of the questions since the last answer."""
    if streak.unanswered < ASKED_ANYWAY or streak.last_asked is None:
        return Pace.ASK
    if streak.unanswered == ASKED_ANYWAY:
        return Pace.TELL
    if streak.last_rested is None or streak.last_asked > streak.last_rested:
        return Pace.REST
    weekly = streak.unanswered >= ASKED_ANYWAY + _SECOND
    return Pace.REST if weekly and now - streak.last_asked < _WEEK else Pace.ASK
