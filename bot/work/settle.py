"""What becomes of a row of the outbox before and after the wire."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.domain.errors import (
    ChannelError,
    ChatMoved,
    OutcomeUnknown,
    RateLimited,
    ThreadGone,
    Unreachable,
)
from bot.domain.escalation import AuditEvent, EscalationState
from bot.domain.outbox import MessageClass, OutboxState, Parcel
from bot.domain.patient import PatientStatus
from bot.escalations.begin import begin
from bot.escalations.card import initials
from bot.escalations.unsaid import TOO_LATE, drop_unsaid, tell_nurse
from bot.ports import Services, UnitOfWork
from bot.post import ANSWERS, may_write
from bot.work import carers
from prompts import say
from safety import Tier

_TRIES = 8
#: A server took it; that puts it on nobody's screen, and the patient is not told that it does.
_UNSEEN = ("email", "pager")
_EDIT_WAITS = timedelta(seconds=2)


@dataclass(frozen=True, kw_only=True)
class Ready:
    """What the wire needs beside the parcel itself."""

    edit: str | None = None
    thread: str | None = None
    topic_name: str = ""  #: make this topic first


@dataclass(frozen=True, kw_only=True)
class Pause:
    """The channel asked us to wait."""

    seconds: float
    whole_bot: bool


def before(parcel: Parcel, services: Services, lease: timedelta) -> Ready | None:
    """Promise to send it now; None: it is stale, stopped, empty, or its time has not come."""
    now = services.clock()
    with services.store.unit_of_work() as work:
        # First of all: another worker may have claimed it too, and settled it since.
        if not work.outbox.start(parcel.id, now + lease):
            return None
        if not parcel.text:
            work.outbox.finish(parcel.id, OutboxState.FAILED, now, reason="words unreadable")
            return None
        if parcel.useless_after is not None and now >= parcel.useless_after:
            _expire(work, parcel, now)
            return None
        if _no_longer_allowed(work, parcel):
            work.outbox.finish(parcel.id, OutboxState.DENIED, now, reason="stopped")
            return None
        if not carers.agreed(work, parcel):
            work.outbox.finish(parcel.id, OutboxState.DENIED, now, reason="no longer agreed")
            carers.note_refused(work, parcel, now)
            return None
        edit = None
        if parcel.edit_of:
            edit = work.outbox.external_id(parcel.edit_of)
            if not edit:
                _wait_for_original(work, parcel, now)
                return None
        thread, topic_name = _topic(work, parcel)
    return Ready(edit=edit, thread=thread, topic_name=topic_name)


def sent(parcel: Parcel, state: OutboxState, external_id: str, services: Services) -> None:
    """The channel took it; a page that was taken makes its escalation delivered."""
    now = services.clock()
    with services.store.unit_of_work() as work:
        work.outbox.finish(parcel.id, state, now, external_id=external_id)
        carers.note_told(work, parcel, now)
        if parcel.escalation_id and parcel.channel not in _UNSEEN:
            _delivered(work, parcel.escalation_id, now)
    services.bells.ring("console")


def failed(parcel: Parcel, error: ChannelError, services: Services) -> Pause | None:
    """Try again, give up, or own up to not knowing; returns the wait the channel asked for."""
    now = services.clock()
    pause = None
    with services.store.unit_of_work() as work:
        if isinstance(error, RateLimited):
            work.outbox.later(parcel.id, now + error.wait, tried=False)
            pause = Pause(seconds=error.wait.total_seconds(), whole_bot=error.whole_bot)
        elif isinstance(error, ChatMoved):
            work.care_team.move_group(parcel.channel, parcel.bot, parcel.address, error.new_address)
            work.outbox.later(parcel.id, now)
            work.outbox.readdress(parcel.channel, parcel.bot, parcel.address, error.new_address)
        elif isinstance(error, ThreadGone):
            _forget_topic(work, parcel)
            work.outbox.later(parcel.id, now, drop_thread=True)
        elif isinstance(error, OutcomeUnknown):
            unknown(work, parcel, now)
        elif isinstance(error, Unreachable):
            _stop_writing_to(work, parcel)
            who = "the carer cannot be reached" if parcel.carer_id else "unreachable"
            _give_up(work, parcel, who, now)
        elif error.permanent:
            _give_up(work, parcel, "refused by the channel", now)
        elif parcel.attempts + 1 < _TRIES or parcel.message_class is MessageClass.EMERGENCY:
            wait = min(2.0**parcel.attempts, 5.0 if parcel.message_class == 0 else 300.0)
            work.outbox.later(parcel.id, now + timedelta(seconds=wait))
        else:
            _give_up(work, parcel, "the channel does not answer", now)
    services.bells.ring("console")
    return pause


def unknown(work: UnitOfWork, parcel: Parcel, now: datetime) -> None:
    """No answer came. Only an emergency is said again, and says that it may be the second time."""
    denied = work.outbox.denied(parcel.id)  # while it was on the wire: it is not said again
    work.outbox.finish(parcel.id, OutboxState.UNKNOWN, now, reason="no answer from the channel")
    carers.note_told(work, parcel, now)
    if denied:
        return
    if parcel.message_class is MessageClass.EMERGENCY and not parcel.key.endswith("/again"):
        patient = work.patients.get(parcel.patient_id) if parcel.patient_id else None
        reader = carers.addressee(work, parcel) or patient
        again = say("outbox.again", reader.language if reader else "en")
        work.outbox.add(
            replace(
                parcel,
                key=f"{parcel.key}/again",
                text=f"{again}\n{parcel.text}",
                not_before=now,
                state=OutboxState.NEW,
                attempts=0,
            )
        )
    elif parcel.message_class is MessageClass.CLINICAL and not parcel.escalation_id:
        _tell(work, parcel, Tier.P2, "unknown", now)


def recover(services: Services) -> int:
    """Rows whose sender died on the wire: nobody knows, and so it is written down."""
    now = services.clock()
    with services.store.reading() as rows:  # an idle beat writes nothing
        if not rows.outbox.interrupted(now):
            return 0
    with services.store.unit_of_work() as work:
        parcels = work.outbox.interrupted(now)
        for parcel in parcels:
            unknown(work, parcel, now)
    return len(parcels)


def topic_made(parcel: Parcel, thread: str, services: Services) -> None:
    """Remember the patient's topic in this group."""
    if parcel.patient_id:
        with services.store.unit_of_work() as work:
            work.care_team.set_topic(parcel.channel, parcel.address, parcel.patient_id, thread)


def _no_longer_allowed(work: UnitOfWork, parcel: Parcel) -> bool:
    """STOP or a withdrawn consent since this was put in the post, or since its last try."""
    if parcel.patient_id is None or parcel.escalation_id:
        return False
    if parcel.message_class in ANSWERS:  # all that counts for these, and read without the key
        return work.patients.status(parcel.patient_id) in (None, PatientStatus.ERASED)
    patient = work.patients.get(parcel.patient_id)
    return patient is None or not may_write(patient, parcel.message_class)


def _topic(work: UnitOfWork, parcel: Parcel) -> tuple[str | None, str]:
    """(thread, name of the topic to make): one topic a patient in a forum group."""
    if parcel.thread or parcel.patient_id is None or parcel.edit_of or parcel.message_id:
        return parcel.thread, ""  # what the conversation shows goes to a person, never to a group
    forum = any(g.topics and g.address == parcel.address for g in work.care_team.groups())
    if not forum:
        return None, ""
    known = work.care_team.topic(parcel.channel, parcel.address, parcel.patient_id)
    if known:
        return known, ""
    return None, f"{initials(work.patients.get(parcel.patient_id))} {parcel.patient_id[:6]}"


def _forget_topic(work: UnitOfWork, parcel: Parcel) -> None:
    """The topic is gone, unless an earlier parcel has had a new one made already."""
    if parcel.patient_id is None:
        return
    known = work.care_team.topic(parcel.channel, parcel.address, parcel.patient_id)
    if parcel.thread in (None, known):
        work.care_team.set_topic(parcel.channel, parcel.address, parcel.patient_id, None)


def _delivered(work: UnitOfWork, escalation_id: str, now: datetime) -> None:
    was = work.escalations.get(escalation_id)
    if was is None or was.state is not EscalationState.REQUESTED:
        return
    if work.escalations.change(was, replace(was, state=EscalationState.DELIVERED)):
        work.audit.add(
            AuditEvent(
                at=now,
                actor="bot",
                type="escalation.delivered",
                subject=was.id,
                patient_id=was.patient_id,
            )
        )


def _wait_for_original(work: UnitOfWork, parcel: Parcel, now: datetime) -> None:
    if parcel.attempts < _TRIES:
        work.outbox.later(parcel.id, now + _EDIT_WAITS)
    else:
        work.outbox.finish(parcel.id, OutboxState.CLEARED, now, reason="nothing to change")


def _expire(work: UnitOfWork, parcel: Parcel, now: datetime) -> None:
    work.outbox.finish(parcel.id, OutboxState.EXPIRED, now, reason="too late to be useful")
    if unasked := drop_unsaid(work, parcel, now, TOO_LATE):
        tell_nurse(work, unasked, now)
    elif parcel.message_class is MessageClass.CLINICAL and not parcel.escalation_id:
        _tell(work, parcel, Tier.P2, "expired", now)


def _stop_writing_to(work: UnitOfWork, parcel: Parcel) -> None:
    """Blocked is as good as STOP: nothing more of the bot's own accord until /start."""
    work.patients.reachable(parcel.channel, parcel.bot, parcel.address, False)
    contact = work.patients.contact_at(parcel.channel, parcel.bot, parcel.address)
    patient = work.patients.get(contact.patient_id) if contact else None
    if patient is not None and patient.may_be_written_to:
        work.patients.save(replace(patient, status=PatientStatus.STOPPED))
        work.outbox.stop(patient.id)
        work.checkins.cancel_due(patient.id)


def _give_up(work: UnitOfWork, parcel: Parcel, reason: str, now: datetime) -> None:
    work.outbox.finish(parcel.id, OutboxState.FAILED, now, reason=reason)
    drop_unsaid(work, parcel, now, "not delivered")  # what nobody read is not called unanswered
    if not parcel.escalation_id:  # a page that fails is the ladder's matter: it goes on climbing
        tiers = {MessageClass.EMERGENCY: Tier.P1, MessageClass.CLINICAL: Tier.P2}
        _tell(work, parcel, tiers.get(parcel.message_class, Tier.P3), reason, now)


def _tell(work: UnitOfWork, parcel: Parcel, tier: Tier, reason: str, now: datetime) -> None:
    if parcel.patient_id is None:
        return
    begin(
        work,
        patient_id=parcel.patient_id,
        reason="carer_not_reached" if parcel.carer_id else "delivery_failed",
        tier=tier,
        source=parcel.key,
        evidence={"message": parcel.message_id, "why": reason},
        now=now,
    )
