"""What people do in the simulated year: patients answer, nurses take matters, alerts are raised."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import update

from bot.domain.errors import AnkangError
from bot.domain.escalation import EscalationState
from bot.domain.message import PatientId
from bot.escalations import accept
from bot.escalations.begin import begin
from bot.ports import Services
from bot.store import tables as t
from bot.store.database import SqlStore
from bot.store.rows_checkins import IN_THE_POST
from safety import Tier


def answer(store: SqlStore, now: datetime) -> None:
    """Every reminder that was said is answered, so that none backs off; medicines stay silent and
    nag. Nobody answers what is still in the outbox."""
    c = t.check_in.c
    done = (
        update(t.check_in)
        .where(c.state == "asked", c.kind == "reminder", ~IN_THE_POST)
        .values(state="answered", answer="done", answered_at=now)
    )
    try:
        with store.unit_of_work() as rows:
            rows.connection.execute(done)
    except AnkangError:
        return  # the database was away: next time


def raise_one(
    services: Services, number: int, patients: Sequence[PatientId], chance: random.Random
) -> bool:
    """An emergency or a matter for today; False: the database was away."""
    try:
        with services.store.unit_of_work() as rows:
            begin(
                rows, patient_id=chance.choice(patients), reason=f"chaos_{number}",
                tier=chance.choice((Tier.P0, Tier.P1)), source=f"chaos-{number}",
                evidence={}, now=services.clock(),
            )  # fmt: skip
    except AnkangError:
        return False
    return True


def nurses(services: Services, chance: random.Random) -> None:
    """Somebody takes a matter, reaches the patient, and ends it; or takes it and forgets."""
    try:
        with services.store.reading() as rows:
            open_ = rows.escalations.open()
        for one in open_:
            drawn = chance.random()
            member = f"n{chance.randrange(3)}"
            if one.state is EscalationState.ACCEPTED or drawn > 0.35:
                continue
            accept.accept(services, one.id, member)
            if drawn < 0.25:
                accept.contact(services, one.id, member, "")
                accept.complete(services, one.id, member, "resolved")
    except AnkangError:
        return  # the database was away, or somebody was faster
