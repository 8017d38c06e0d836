"""After a long outage: Telegram keeps messages for a day, so people are told what may be lost."""

from __future__ import annotations

from datetime import timedelta

from bot.domain.dates import day_in_words
from bot.domain.escalation import AuditEvent
from bot.domain.outbox import Draft, MessageClass
from bot.ports import Services
from bot.post import may_write, short_id, to_patient
from bot.whom_to_call import number_to_call
from prompts import say

#: The Bot API drops updates that nobody fetched for 24 hours.
KEPT = timedelta(hours=24)
_NAME = "alive"


def still_here(services: Services) -> int:
    """Note that Telegram is heard; after a gap of a day or more tell the patients concerned.

    Returns how many were told. The row is a lease whose end is when it was heard last: a house
    that was alive but could not reach Telegram has lost as much as one that was away.
    """
    now = services.clock()
    with services.store.unit_of_work() as work:
        last = work.leases.until(_NAME)
        work.leases.take(_NAME, "house", now, timedelta())
        if last is None or now - last < KEPT:
            return 0
        told = 0
        for patient in work.patients.all():
            by_telegram = any(c.channel == "telegram" for c in work.patients.contacts(patient.id))
            if not by_telegram or not may_write(patient, MessageClass.ADMIN):
                continue
            words = say(
                "commands.was_away",
                patient.language,
                phone=services.clinic.team_phone,
                number=number_to_call(patient),
                since=day_in_words(last, patient.zone, patient.language),
            )
            told += (
                to_patient(
                    work,
                    patient,
                    Draft(text=words, approved=True),
                    key=short_id("away", patient.id, last.isoformat()),
                    message_class=MessageClass.ADMIN,
                    now=now,
                    clinic_phone=services.clinic.team_phone,
                ).message
                is not None
            )
        work.audit.add(
            AuditEvent(
                at=now,
                actor="bot",
                type="house.was_away",
                subject="house",
                detail={"since": last.isoformat(), "told": told},
            )
        )
    return told
