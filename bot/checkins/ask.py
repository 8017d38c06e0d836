"""Ask what is due, once.

What falls due together is put in the post a little ahead and leaves at its moment (docs/adr/0040):
ten thousand questions of one minute are then ready when the minute comes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.checkins.backlog import LATE as WAITED
from bot.checkins.backlog import merge, merged_key
from bot.checkins.backoff import Pace, paces
from bot.checkins.summary import summary
from bot.checkins.words import question
from bot.domain.checkin import CheckIn, CheckInState, Schedule, kinds
from bot.domain.escalation import AuditEvent
from bot.domain.message import PatientId
from bot.domain.outbox import MessageClass
from bot.domain.patient import Patient
from bot.escalations.unsaid import TOO_LATE, dropped, tell_nurse
from bot.occurrences import LATE
from bot.ports import Services, UnitOfWork
from bot.post import Letter, Posted, may_write, to_patients
from prompts import say

_BATCH = 500  # a tenth of a second: nobody waits longer for the writer
#: So long before its moment a question lies ready in the post, dated that moment.
READY = timedelta(seconds=5)


def ask(services: Services) -> int:
    """Put the question of every due check-in in the post; returns how many were asked."""
    asked = 0
    while True:
        now = services.clock()
        with services.store.reading() as rows:  # an idle beat writes nothing
            oldest = rows.checkins.due(now + READY, 1)
        if not oldest:
            return asked
        if now - oldest[0].due_at > WAITED:
            taken, new = _catch_up(services, now)
        else:
            taken, new = _one_batch(services)
            if taken >= _BATCH:
                new += _crowd(services)
        asked += new
        if not taken:  # another worker has the rest
            return asked


def _catch_up(services: Services, now: datetime) -> tuple[int, int]:
    """(taken, asked): after an outage all that waits for a patient is taken together, to be said
    together."""
    with services.store.unit_of_work() as work:
        taken = work.checkins.take_backlog(now, now - WAITED, _BATCH)
        new = ask_all(work, taken, now)
    return len(taken), new


def _crowd(services: Services) -> int:
    """Batch after batch; returns how many were asked.

    While the database writes one batch down, another is put into words, if the database has more
    than one writer.
    """
    if services.store.writers == 1:
        return _batches(services)
    with ThreadPoolExecutor(services.store.writers, "ask") as threads:
        return sum(
            one.result()
            for one in [threads.submit(_batches, services) for _ in range(services.store.writers)]
        )


def _batches(services: Services) -> int:
    """Batches until nothing can be had; returns how many were asked."""
    asked, taken = 0, 1
    while taken:
        taken, new = _one_batch(services)
        asked += new
    return asked


def _one_batch(services: Services) -> tuple[int, int]:
    """(taken, asked); no batch at work elsewhere has the same patient in it: what is said in one
    is known in the next."""
    now = services.clock()
    with services.store.unit_of_work() as work:
        taken = work.checkins.take_due(now + READY, _BATCH)
        new = ask_all(work, taken, max(now, *(one.due_at for one in taken)) if taken else now)
    return len(taken), new


@dataclass
class _Sorted:
    """A batch of due check-ins, by what becomes of them."""

    wanted: list[tuple[CheckIn, Schedule, Patient, bool]] = field(default_factory=list)
    dropped: list[AuditEvent] = field(default_factory=list)
    late: list[tuple[CheckIn, Schedule]] = field(default_factory=list)  #: a nurse is told
    schedules: Mapping[str, Schedule] = field(default_factory=dict)


def ask_all(work: UnitOfWork, due: Sequence[CheckIn], now: datetime) -> int:
    """Ask at ``now``, which may be to come, what is still wanted of ``due``, in the caller's
    transaction; returns how many."""
    batch = _sort(work, due, now)
    asked: list[CheckIn] = []
    letters, of = _letters(work, batch, now)
    for letter, posted, checkins in zip(letters, _post(work, letters, now), of, strict=True):
        clinical = letter.message_class < MessageClass.CHECK_IN
        if posted.message is not None or (clinical and not posted.held):
            asked += checkins  # a clinical one without a chat runs into its miss, and to a nurse
            continue
        batch.dropped += [dropped(one, now, "enough was said") for one in checkins]
        if clinical:
            batch.late += [(one, batch.schedules[one.schedule_id]) for one in checkins]
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
    batch = _Sorted(schedules=schedules)
    for checkin in due:
        patient, schedule = patients.get(checkin.patient_id), schedules.get(checkin.schedule_id)
        why = ""
        if patient is None or schedule is None or not _may(patient, checkin):
            batch.dropped.append(dropped(checkin, now, "not wanted"))
            continue
        if now - checkin.due_at > LATE:  # after an outage yesterday's question is not asked today
            why = TOO_LATE
            batch.late.append((checkin, schedule))
        elif newest[schedule.id] != checkin.id:  # one question, not several
            why = "a newer one is asked"
        elif pace.get(schedule.id) is Pace.REST:
            why = "backed off"
        if why:
            batch.dropped.append(dropped(checkin, now, why))
        else:
            told = pace.get(schedule.id) is Pace.TELL
            batch.wanted.append((_asked(checkin, now), schedule, patient, told))
    return batch


_Item = tuple[CheckIn, Schedule, Patient, bool]


def _letters(
    work: UnitOfWork, batch: _Sorted, now: datetime
) -> tuple[list[Letter], list[list[CheckIn]]]:
    """(letters, the check-ins that each of them asks)"""
    letters: list[Letter] = []
    of: list[list[CheckIn]] = []
    by_patient: dict[PatientId, list[_Item]] = {}
    for one in batch.wanted:
        by_patient.setdefault(one[2].id, []).append(one)
    for its in by_patient.values():
        for group, alike in _groups(its, now):
            letters.append(_letter(work, group, now, alike=alike))
            of.append([one[0] for one in group])
    return letters, of


def _groups(its: list[_Item], now: datetime) -> list[tuple[list[_Item], bool]]:
    """One patient's questions, message by message; and whether its questions read the same."""
    if len(its) == 1:
        return [(its, False)]
    waited = any(now - checkin.due_at > WAITED for checkin, _, _, _ in its)
    groups: dict[tuple[str, ...], list[_Item]] = {}
    for one in its:
        checkin, schedule, _, told = one
        if checkin.kind == "summary":
            key: tuple[str, ...] = (checkin.kind, checkin.id)
        elif waited:
            key = ()
        else:
            # Two medicines may have the same words; the guard against loops knows words alone.
            key = (checkin.kind, checkin.slot[11:16], schedule.what, str(told))
        groups.setdefault(key, []).append(one)
    return [(group, not waited) for group in groups.values()]


def _letter(work: UnitOfWork, group: list[_Item], now: datetime, *, alike: bool) -> Letter:
    checkin, schedule, patient, told = group[0]
    if len(group) > 1:
        draft = merge([(one[0], one[1]) for one in group], patient, alike=alike)
    elif checkin.kind == "summary":
        draft = summary(work, patient, now)
    else:
        draft = question(checkin, schedule, patient, rarer=told)
    return Letter(
        patient=patient,
        draft=draft,
        key=merged_key([one[0] for one in group]) if len(group) > 1 else checkin.ask_key,
        message_class=min(kinds()[one[0].kind].message_class for one in group),
        chosen_hour=True,
    )


def _post(work: UnitOfWork, letters: Sequence[Letter], now: datetime) -> list[Posted]:
    """A clinical one whose words were said minutes ago for another schedule says that it is not
    the same; only a loop has more than two of them."""
    posted = to_patients(work, letters, now) if letters else []
    again = [
        number
        for number, (letter, one) in enumerate(zip(letters, posted, strict=True))
        if one.held and letter.message_class < MessageClass.CHECK_IN
    ]
    if again:
        others = to_patients(work, [_another(letters[number]) for number in again], now)
        for number, one in zip(again, others, strict=True):
            posted[number] = one
    return posted


def _another(letter: Letter) -> Letter:
    text = say("checkin.another", letter.patient.language, text=letter.draft.text)
    return replace(letter, draft=replace(letter.draft, text=text))


def _may(patient: Patient, checkin: CheckIn) -> bool:
    return may_write(patient, kinds()[checkin.kind].message_class)


def _asked(checkin: CheckIn, now: datetime) -> CheckIn:
    kind = kinds()[checkin.kind]
    return CheckIn(
        **vars(checkin)
        | {
            # Nothing is expected back from an appointment or a plain reminder without buttons.
            "state": CheckInState.ASKED if kind.answers else CheckInState.ANSWERED,
            "asks": checkin.asks + 1,
            "asked_at": now,
            "nag_at": now + kind.nag if kind.nag else None,
            "miss_at": now + kind.missed if kind.missed else None,
            "nagged_at": None,
        }
    )
