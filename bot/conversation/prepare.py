"""Lay out what a turn needs: who speaks, what was said before, what is in the record."""

from __future__ import annotations

from copy import deepcopy

from bot.conversation import alarm_open
from bot.conversation.emergency import message_id, message_of
from bot.conversation.listen import read
from bot.conversation.screening import screened_again
from bot.domain.message import Direction
from bot.domain.patient import PatientStatus
from bot.domain.turn import Turn
from bot.ports import Services, Waiting

_HISTORY = 6
_OBSERVATIONS = 200


def prepare(row: Waiting, services: Services) -> Turn | None:
    """The turn before any room has touched it; None closes the row without an answer."""
    now = services.clock()
    try:
        incoming = read(row, services)
    except ValueError:
        with services.store.unit_of_work() as work:
            work.inbox.set_aside(row.id, "cannot be read")
        return None
    with services.store.reading() as rows:
        writer = rows.patients.writer(incoming.channel, incoming.bot, incoming.address)
        if writer is not None and writer[1].status is not PatientStatus.ERASED:
            contact, patient = writer
            dialogue = rows.patients.dialogue(patient.id)
            observations = tuple(rows.record.observations(patient.id, limit=_OBSERVATIONS))
            entries = tuple(rows.clinical.of(patient.id))
            known = tuple(rows.facts.of(patient.id, everything=True))
            return Turn(
                row_id=row.id,
                incoming=incoming,
                patient=patient,
                contact=contact,
                message=message_of(incoming, patient.id),
                screened=screened_again(
                    rows,
                    incoming,
                    patient,
                    message_id(incoming),
                    now,
                    entries,
                    known,
                    observations,
                    dialogue.topic,
                ),
                entries=entries,
                known=known,
                dialogue=dialogue,
                patient_before=patient,
                topic_before=deepcopy(dialogue.topic),
                paused_before=deepcopy(dialogue.paused),
                observations=observations,
                history=tuple(
                    m
                    for m in rows.conversation.latest(patient.id, _HISTORY)
                    if not m.with_carer and not (m.direction is Direction.OUTBOUND and m.at > now)
                ),
                open_checkins=tuple(
                    one for one in rows.checkins.open_for(patient.id) if not one.to_come(now)
                ),
                schedules=tuple(rows.checkins.schedules(patient.id)),
                emergency=alarm_open.newest(rows.escalations.of_patient(patient.id), now),
                now=now,
            )
    with services.store.unit_of_work() as work:
        work.inbox.done(row.id)
    return None
