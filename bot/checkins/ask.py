"""Ask what is due, once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.checkins.backlog import LATE as WAITED
from bot.checkins.backlog import merge, merged_key, tell_nurse
from bot.checkins.backoff import Pace, paces
from bot.checkins.summary import summary
from bot.checkins.words import question
from bot.domain.checkin import CheckIn, CheckInState, Schedule, kinds
from bot.domain.escalation import AuditEvent
from bot.domain.message import PatientId
from bot.domain.outbox import MessageClass
from bot.domain.patient import Patient
from bot.occurrences import LATE
from bot.ports import Services, UnitOfWork
from bot.post import Letter, may_write, to_patients

_BATCH = 250  # a tenth of a second: nobody waits longer for the writer


def ask(services: Services) -> int:
    """Put the question of every due check-in in the post; returns how many were asked."""
    asked = 0
    while True:
        now = services.clock()
        with services.store.reading() as rows:  # an idle beat writes nothing
            oldest = rows.checkins.due(now, 1)
        if not oldest:
            return asked
        waited = now - oldest[0].due_at > WAITED
        with services.store.unit_of_work() as work:
            # After an outage all that waits for a patient is taken together, to be said together.
            taken = (
                work.checkins.take_backlog(now, now - WAITED, _BATCH)
                if waited
                else work.checkins.take_due(now, _BATCH)
            )
            new = ask_all(work, taken, now)
        if new:
            services.bells.ring("outbox")
        asked += new
        if not taken or (len(taken) < _BATCH and not waited):
            return asked


@dataclass
class _Sorted:
    """A batch of due check-ins, by what becomes of them."""

    wanted: list[tuple[CheckIn, Schedule, Patient, bool]] = field(default_factory=list)
    dropped: list[AuditEvent] = field(default_factory=list)
    late: list[tuple[CheckIn, Schedule]] = field(default_factory=list)


def ask_all(work: UnitOfWork, due: Sequence[CheckIn], now: datetime) -> int:
    """Ask what is still wanted of ``due``, in the caller's transaction; returns how many."""
    batch = _sort(work, due, now)
    asked: list[CheckIn] = []
    letters, of = _letters(work, batch, now)
    if letters:
        for letter, posted, checkins in zip(
            letters, to_patients(work, letters, now), of, strict=True
        ):
            if posted.message is None and letter.message_class >= MessageClass.CHECK_IN:
                batch.dropped += [_dropped(one, now, "enough was said") for one in checkins]
            else:  # a clinical one that cannot be posted runs into its miss, and so to a nurse
                asked += checkins
    if batch.dropped:
        work.checkins.cancel([event.subject for event in batch.dropped])
        work.audit.add(*batch.dropped)
    if batch.late:
        tell_nurse(work, batch.late, now)
    if asked:
        work.checkins.asked(asked)
    return len(asked)


def _sort(work: UnitOfWork, due: Sequence[CheckIn], now: datetime) -> _Sorted:
    patients = work.patients.some({checkin.patient_id for checkin in due})
    schedules = work.checkins.some({checkin.schedule_id for checkin in due})
    newest = {checkin.schedule_id: checkin.id for checkin in due}  # they come by their time
    pace = paces(work, due, schedules, now)
    batch = _Sorted()
    for checkin in due:
        patient, schedule = patients.get(checkin.patient_id), schedules.get(checkin.schedule_id)
        why = ""
        if patient is None or schedule is None or not _may(patient, checkin):
            batch.dropped.append(_dropped(checkin, now, "not wanted"))
            continue
        if now - checkin.due_at > LATE:  # after an outage yesterday's question is not asked today
            why = "too late"
            batch.late.append((checkin, schedule))
        elif newest[schedule.id] != checkin.id:  # one question, not several
            why = "a newer one is asked"
        elif pace.get(schedule.id) is Pace.REST:
            why = "backed off"
        if why:
            batch.dropped.append(_dropped(checkin, now, why))
        else:
            told = pace.get(schedule.id) is Pace.TELL
            batch.wanted.append((_asked(checkin, now), schedule, patient, told))
    return batch


def _letters(
    work: UnitOfWork, batch: _Sorted, now: datetime
) -> tuple[list[Letter], list[list[CheckIn]]]:
    """(letters, the check-ins that each of them asks)"""
    letters: list[Letter] = []
    of: list[list[CheckIn]] = []
    by_patient: dict[PatientId, list[tuple[CheckIn, Schedule, Patient, bool]]] = {}
    for one in batch.wanted:
        by_patient.setdefault(one[2].id, []).append(one)
    for its in by_patient.values():
        waited = any(now - checkin.due_at > WAITED for checkin, _, _, _ in its)
        together = [one for one in its if one[0].kind != "summary"] if waited else []
        if len(together) > 1:
            checkins = [one[0] for one in together]
            letters.append(
                Letter(
                    patient=together[0][2],
                    draft=merge([(one[0], one[1]) for one in together], together[0][2]),
                    key=merged_key(checkins),
                    message_class=min(kinds()[one.kind].message_class for one in checkins),
                    chosen_hour=True,
                )
            )
            of.append(checkins)
            its = [one for one in its if one[0].kind == "summary"]
        for checkin, schedule, patient, told in its:
            letters.append(
                Letter(
                    patient=patient,
                    draft=summary(work, patient, now)
                    if checkin.kind == "summary"
                    else question(checkin, schedule, patient, rarer=told),
                    key=checkin.ask_key,
                    message_class=kinds()[checkin.kind].message_class,
                    chosen_hour=True,
                )
            )
            of.append([checkin])
    return letters, of


def _may(patient: Patient, checkin: CheckIn) -> bool:
    return may_write(patient, kinds()[checkin.kind].message_class)


def _asked(checkin: CheckIn, now: datetime) -> CheckIn:
    kind = kinds()[checkin.kind]
    return replace(
        checkin,
        # Nothing is expected back from an appointment or a plain reminder without buttons.
        state=CheckInState.ASKED if kind.answers else CheckInState.ANSWERED,
        asks=checkin.asks + 1,
        asked_at=now,
        nag_at=now + kind.nag if kind.nag else None,
        miss_at=now + kind.missed if kind.missed else None,
        nagged_at=None,
    )


def _dropped(checkin: CheckIn, now: datetime, why: str) -> AuditEvent:
    return AuditEvent(
        at=now,
        actor="bot",
        type="checkin.dropped",
        subject=checkin.id,
        patient_id=PatientId(checkin.patient_id),
        detail={"why": why, "kind": checkin.kind},
    )
