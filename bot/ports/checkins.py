"""When patients are asked."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Protocol

from bot.domain.checkin import CheckIn, Schedule, Streak
from bot.domain.message import PatientId


class CheckIns(Protocol):
    """Schedules and their occurrences."""

    def set_schedule(self, schedule: Schedule) -> None: ...
    def schedules(self, patient_id: PatientId | None = None) -> list[Schedule]:
        """The active ones."""

    def schedule(self, schedule_id: str) -> Schedule | None: ...
    def some(self, schedule_ids: Collection[str]) -> dict[str, Schedule]: ...
    def unplanned(self, now: datetime, limit: int) -> list[tuple[Schedule, datetime | None]]:
        """Schedules whose rows run out soon, with the moment up to which they are planned.

        Leased to the caller's transaction; None: new, or its clock has changed.
        """

    def forget_coming(self, schedule_ids: Collection[str], now: datetime) -> None:
        """Delete what is planned after ``now`` and was never asked."""

    def planned(self, schedule_ids: Sequence[str], until: datetime) -> None: ...
    def materialise(self, checkins: Iterable[CheckIn]) -> int:
        """Insert what is new by (schedule, local slot)."""

    def cancel_due(self, patient_id: PatientId, schedule_id: str | None = None) -> int: ...
    def due(self, now: datetime, limit: int) -> list[CheckIn]: ...
    def take_due(self, now: datetime, limit: int) -> list[CheckIn]:
        """The oldest due ones, and all else that is due for their patients, held for the caller's
        transaction: until it ends no other worker takes anything of theirs.
        """

    def take_backlog(self, now: datetime, before: datetime, limit: int) -> list[CheckIn]:
        """The same for patients who have something due since ``before``: ``limit`` at most."""

    def streaks(
        self, schedule_ids: Collection[str], since: datetime, until: datetime
    ) -> dict[str, Streak]:
        """By schedule, from what fell due in between; those never asked are left out."""

    def asked(self, checkins: Sequence[CheckIn]) -> None:
        """Keep as asked what ``take_due`` gave; an older open one of a schedule makes way."""

    def cancel(self, checkin_ids: Collection[str]) -> None: ...
    def silent(self, now: datetime, limit: int) -> list[CheckIn]:
        """Asked, unanswered, and past the time of the nag or of the miss; not one whose words are
        still in the post, for nobody has read it."""

    def get(self, checkin_id: str) -> CheckIn | None: ...
    def open_for(self, patient_id: PatientId) -> list[CheckIn]:
        """Asked and not answered, the newest first."""

    def between(self, patient_id: PatientId, start: datetime, end: datetime) -> list[CheckIn]: ...
    def change(self, was: CheckIn, new: CheckIn) -> bool:
        """False if somebody else changed it first."""
