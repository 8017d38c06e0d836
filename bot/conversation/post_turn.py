"""Room 8: everything a turn decided becomes rows, in one transaction."""

from __future__ import annotations

from dataclasses import fields, replace

import safety
from bot.conversation import edited, medicine_new
from bot.conversation.asked_anew import ASKED
from bot.conversation.carer_words import to_carer, told_of_change
from bot.conversation.facts_said import concerns, settled
from bot.conversation.judged import note_words
from bot.conversation.met import keep_answers
from bot.conversation.stop_turn import ENDED
from bot.domain.checkin import Schedule
from bot.domain.escalation import AuditEvent
from bot.domain.message import Kind, reply_id
from bot.domain.outbox import MessageClass, Parcel
from bot.domain.patient import CONSENT_VERSION, Patient, PatientStatus, Purpose
from bot.domain.turn import Concern, Drafting, Turn
from bot.escalations import cases
from bot.escalations.begin import begin
from bot.escalations.self_harm import note_answer
from bot.occurrences import plan_now, set_now
from bot.ports import Services, UnitOfWork
from bot.post import to_patient
from memory import Fact, Memory
from safety import Tier

_REMEMBERED = (Kind.TEXT, Kind.EDITED, Kind.PHOTO, Kind.VOICE, Kind.FILE)
#: What outlasts a turn that did not know of it: STOP, and death.
_LASTING = (PatientStatus.STOPPED, PatientStatus.DECEASED)
_STANDING = ("status", "pause", "paused_until")


def post_turn(turn: Turn, services: Services) -> None:
    """Commit the record, the words to be sent and the end of the row, or none of them."""
    replaced: list[str] = []
    with services.store.unit_of_work() as work:
        person = work.patients.get(turn.patient_id)
        if person is None or person.status is PatientStatus.ERASED:
            work.inbox.done(turn.row_id)  # erased meanwhile: nothing is kept or said any more
            return
        turn = _as_of_now(turn, person)
        _keep_person(work, turn, person)
        _keep_carers(work, turn)
        _keep_record(work, turn)
        replaced = _keep_memories(work, turn)
        _raise_concerns(work, turn)
        for request in turn.intercepted:
            work.audit.add(_event(turn, f"intercepted.{request}"))
        if turn.drafting is not None:
            _keep_drafting(work, turn, turn.drafting)
        for told in turn.told:
            note_answer(work, turn.patient_id, turn.message.id, told, turn.now)
        _post(work, turn, services.clinic.team_phone)
        if turn.screened.findings:
            note_words(work, turn.message, [draft.text for draft in turn.drafts], turn.now)
        _edit(work, turn)
        work.inbox.done(turn.row_id)
    gone = (*turn.forgotten, *replaced)
    if gone:  # now that the rows are gone: somebody may just have been indexing them
        services.memories.forget(turn.patient_id, gone)
    services.bells.ring("memory", "console")


def _as_of_now(turn: Turn, person: Patient) -> Turn:
    """The turn with ``person`` as the record has them by now, and on top what it changed itself.

    Meanwhile the bot may have been blocked, a pause have ended, a nurse have marked a death.
    """
    before = turn.patient_before or person
    changed = {
        one.name: getattr(turn.patient, one.name)
        for one in fields(Patient)
        if getattr(turn.patient, one.name) != getattr(before, one.name)
    }
    if person.status in _LASTING and person.status is not before.status:
        changed = {name: value for name, value in changed.items() if name not in _STANDING}
    return replace(turn, patient=replace(person, **changed))


def _keep_person(work: UnitOfWork, turn: Turn, was: Patient) -> None:
    if turn.patient != was and was.status is not PatientStatus.DECEASED:
        work.patients.save(turn.patient)
    work.patients.consent(turn.consents)
    cases.withdrawn(work, turn.consents, turn.now)
    if turn.asked_anew:
        asked = replace(_event(turn, ASKED), actor="bot", detail={"version": CONSENT_VERSION})
        work.audit.add(asked)
    said = turn.dialogue
    if (said.topic, said.paused) != (turn.topic_before, turn.paused_before):
        # Read again: a nurse may have taken the chat in the meantime.
        fresh = work.patients.dialogue(turn.patient_id)
        work.patients.save_dialogue(replace(fresh, topic=said.topic, paused=said.paused))
    if turn.stop:
        work.outbox.stop(turn.patient_id)
        work.checkins.cancel_due(turn.patient_id)
        work.audit.add(_event(turn, "patient.stopped"))


def _keep_carers(work: UnitOfWork, turn: Turn) -> None:
    """What the patient decided holds from this transaction on; the carer is told."""
    for carer in turn.carers:
        work.carers.change(carer)
        ended = carer.ended_at is not None
        event = _event(turn, "carer.ended" if ended else "carer.scopes")
        scopes = sorted(scope.value for scope in carer.scopes)
        work.audit.add(replace(event, subject=carer.id, detail={"scopes": scopes}))
        to_carer(work, carer, told_of_change(carer), f"{turn.message.id}/{carer.id}", turn.now)


def _keep_record(work: UnitOfWork, turn: Turn) -> None:
    work.record.observe(turn.observed)
    for observation_id in turn.withdrawn:
        work.record.withdraw(turn.patient_id, observation_id)
    if turn.assessment is not None:
        work.record.assess(turn.assessment)
    for schedule in turn.scheduled:
        _plan(work, turn, schedule)
    _again(work, turn)
    keep_answers(work, turn)


def _again(work: UnitOfWork, turn: Turn) -> None:
    """In another zone every slot comes at another moment; after STOP all begin anew. At once."""
    before, patient = turn.patient_before, turn.patient
    if before is None or patient.status is not PatientStatus.ACTIVE:
        return
    if before.status not in (PatientStatus.ACTIVE, PatientStatus.PAUSED):
        mine = work.checkins.schedules(turn.patient_id)
        for schedule in mine:
            work.checkins.set_schedule(replace(schedule, changed_at=turn.now))
        plan_now(work, mine, patient, turn.now)
    elif before.timezone != patient.timezone:
        changed = {schedule.id for schedule in turn.scheduled}
        moved = [one for one in turn.schedules if one.id not in changed]
        plan_now(work, moved, patient, turn.now)


def _plan(work: UnitOfWork, turn: Turn, schedule: Schedule) -> None:
    set_now(work, schedule, turn.patient, turn.now)
    if not schedule.active:
        ended = replace(_event(turn, ENDED), subject=turn.message.id)
        work.audit.add(replace(ended, detail={"schedule": schedule.id}))


def _keep_memories(work: UnitOfWork, turn: Turn) -> list[str]:
    """Keep the words and what they state; returns the memories that an edit took the place of."""
    if turn.forgotten:
        work.record.forget(turn.patient_id, turn.forgotten)
    if turn.forgotten_sources:
        work.summaries.forget(turn.patient_id, turn.forgotten_sources)
    work.facts.change(turn.facts)
    work.facts.add(turn.new_facts)
    if turn.incoming.kind not in _REMEMBERED or turn.unremembered or not turn.text.strip():
        return []
    if Purpose.CARE_MESSAGES not in turn.patient.consents:
        return []  # nothing is kept before it is allowed
    if turn.patient.status is PatientStatus.DECEASED:
        return []  # somebody else writes
    said = Memory(
        id=f"{edited.mark_of(turn)}/said",
        patient_id=turn.patient_id,
        text=turn.text[:2000],
        kind="turn",
        said_by="patient",
        source=turn.message.id,
        recorded_at=turn.message.at,
        language=turn.language,
    )
    _keep_facts(work, turn)  # while the earlier version's words are there to be compared
    earlier = _earlier_words(work, turn)
    work.record.remember([said])
    return earlier


def _earlier_words(work: UnitOfWork, turn: Turn) -> list[str]:
    """Take the earlier version of an edited message out of memory; the message itself stays."""
    if turn.incoming.kind is not Kind.EDITED:
        return []
    earlier = edited.earlier_words(turn, work.record.memories(turn.patient_id))
    if earlier:
        work.record.forget(turn.patient_id, [m.id for m in earlier])
        work.summaries.forget(turn.patient_id, tuple(m.source for m in earlier))
        work.audit.add(_event(turn, "message.rewritten"))
    return [m.id for m in earlier]


def _keep_facts(work: UnitOfWork, turn: Turn) -> None:
    """What the words state and correct; measured values stand in the record already."""
    found = settled(turn, work)
    # Before they are added; what is only wished for was held against the record already.
    met = () if turn.wished else medicine_new.clashes(turn, found, work)
    measured = bool(turn.observed)
    work.facts.add(
        f
        for f in found.added
        if not (measured and f.kind == "Observation" and _is_value(f))
        and not (turn.wished and f.kind == "MedicationStatement")
    )
    work.facts.change(found.changed)
    raised = () if turn.wished else concerns(found)
    for concern in (*raised, *medicine_new.concerns(met)):
        _begin(work, turn, concern)


def _is_value(fact: Fact) -> bool:
    return any(character.isdigit() for character in fact.text)


def _raise_concerns(work: UnitOfWork, turn: Turn) -> None:
    for concern in turn.concerns:
        _begin(work, turn, concern)


def _begin(work: UnitOfWork, turn: Turn, concern: Concern) -> None:
    begin(
        work,
        patient_id=turn.patient_id,
        reason=concern.reason,
        tier=Tier[concern.tier],
        source=turn.message.id,
        evidence={"message": turn.message.id, "words": turn.text, **concern.evidence},
        now=turn.now,
        # A red flag's own privacy, and who may close it, hold for whoever raises it.
        finding=safety.stated(concern.reason, cue="") if safety.is_flag(concern.reason) else None,
    )


def _post(work: UnitOfWork, turn: Turn, clinic_phone: str) -> None:
    for number, draft in enumerate(turn.drafts):
        posted = to_patient(
            work,
            turn.patient,
            draft,
            key=reply_id(turn.message.id, number),
            message_class=MessageClass.REPLY,
            now=turn.now,
            contact=turn.contact,
            clinic_phone=clinic_phone,
        )
        if posted.blocked:
            begin(
                work,
                patient_id=turn.patient_id,
                reason="withheld",
                tier=Tier.P3,
                source=f"{turn.message.id}/{number}",
                evidence={"rules": list(posted.blocked), "draft": draft.text},
                now=turn.now,
            )


def _edit(work: UnitOfWork, turn: Turn) -> None:
    """A tapped message is changed to what is stored, so that nobody wonders whether it counted."""
    for number, (key, text) in enumerate(turn.edits):
        work.outbox.add(
            Parcel(
                key=f"{turn.message.id}/edit/{number}",
                channel=turn.contact.channel,
                bot=turn.contact.bot,
                address=turn.contact.address,
                patient_id=turn.patient_id,
                message_class=MessageClass.REPLY,
                text=text,
                edit_of=key,
                not_before=turn.now,
            )
        )


def _keep_drafting(work: UnitOfWork, turn: Turn, drafting: Drafting) -> None:
    """What a model was shown and wrote, sealed; what it cost, in the trail."""
    key = f"{turn.message.id}/drafting"
    sealed = work.audit.seal(turn.patient_id, key, turn.now, drafting.kept) if drafting.kept else {}
    event = replace(_event(turn, "answer.drafted"), actor="bot", subject=turn.message.id)
    work.audit.add(replace(event, detail={**drafting.detail, **sealed}))


def _event(turn: Turn, kind: str) -> AuditEvent:
    return AuditEvent(
        at=turn.now,
        actor="patient",
        type=kind,
        subject=turn.patient_id,
        patient_id=turn.patient_id,
    )
