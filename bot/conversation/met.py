"""An answer ends its question: the check-in is closed, what still waits to ask it cleared."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.domain.checkin import CheckIn, CheckInState
from bot.domain.turn import Turn
from bot.plans.wanted import meets
from bot.ports import UnitOfWork

#: A reading this long before its question answers it; an older one does not.
EARLY = timedelta(hours=2)
_CHANGED = 3  # tries against the clock, which may ask or nag in the same moment


def keep_answers(work: UnitOfWork, turn: Turn) -> None:
    """Close what the turn answered, and what is about to ask for a reading that just came."""
    for was, new in turn.answers:
        _close(work, was, new)
    early = _early(work, turn)
    for checkin in early:
        _close(work, checkin, turn.answered(checkin, "reading")[1])


def _early(work: UnitOfWork, turn: Turn) -> list[CheckIn]:
    """The next question of every schedule that a reading of this turn meets before its time.

    Where the reading answered an open question of a schedule, the next one is asked as ever.
    """
    used = {was.schedule_id for was, _ in turn.answers}
    waiting = {s.id for s in turn.schedules if any(meets(o, s) for o in turn.observed)} - used
    if not waiting:
        return []
    found: dict[str, CheckIn] = {}
    for checkin in work.checkins.between(turn.patient_id, turn.now, turn.now + EARLY):
        unsaid = checkin.state is CheckInState.DUE or checkin.to_come(turn.now)
        if checkin.schedule_id in waiting and unsaid:
            found.setdefault(checkin.schedule_id, checkin)  # they come by their time
    return list(found.values())


def _close(work: UnitOfWork, was: CheckIn, new: CheckIn) -> None:
    current: CheckIn | None = was
    for _ in range(_CHANGED):
        if current is None or current.state not in (CheckInState.DUE, CheckInState.ASKED):
            return
        if work.checkins.change(current, replace(new, asks=current.asks)):
            _clear(work, current)
            return
        current = work.checkins.get(was.id)


def _clear(work: UnitOfWork, checkin: CheckIn) -> None:
    """Nothing is asked that has been answered, also where it waits for the morning."""
    if checkin.asks:
        work.outbox.clear([checkin.ask_key, f"{checkin.id}/nag/{checkin.asks}"])
