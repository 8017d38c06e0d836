"""Local slots and the one moment each of them stands for."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def moment(day: date, clock_time: str, zone: ZoneInfo) -> datetime:
    """When ``clock_time`` ("HH:MM") of ``day`` happens in ``zone``, in UTC, exactly once.

    A time that happens twice in autumn means its first pass; a time that spring skips means the
    first minute after the gap.
    """
    wanted = datetime.combine(day, time.fromisoformat(clock_time))
    moment = wanted.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == wanted:
        return moment
    # In a gap ``moment`` lies as far behind the jump as ``wanted`` lies inside it: walk back.
    low, high = moment - timedelta(hours=26), moment
    before = low.astimezone(zone).utcoffset()
    while high - low > timedelta(minutes=1):
        middle = low + (high - low) / 2
        if middle.astimezone(zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    return _to_minute(high)


def _to_minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)
