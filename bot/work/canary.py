"""The canary: a synthetic emergency through the real door, to be accepted within two minutes."""

from __future__ import annotations

import json
import logging
from datetime import datetime, timedelta

from bot.domain import canary
from bot.domain.care_team import CareTeamMember, Role
from bot.domain.escalation import AuditEvent, Escalation, EscalationState
from bot.domain.message import Update
from bot.domain.patient import CONSENT_VERSION, Consent, Contact, Patient, PatientStatus, Purpose
from bot.escalations.accept import complete_in
from bot.ports import Reading, Services, UnitOfWork
from bot.post import short_id
from prompts import say

WITHIN = timedelta(minutes=2)
SENT, PASSED, FAILED = "canary.sent", "canary.passed", "canary.failed"
_log = logging.getLogger(__name__)


def sing(services: Services, every: timedelta) -> None:
    """One look: send a probe when it is time, judge the one under way, and close what it opened."""
    now = services.clock()
    with services.store.unit_of_work() as work:
        last = work.watch.last(canary.PATIENT, SENT, PASSED, FAILED)
        if last is not None and last.type == SENT:
            _judge(work, last, services, now)
            return
        if last is not None and now - _sent_at(last) < every:
            return
        _prepare(work, now)
        _send(work, now)
    services.bells.ring("inbox")


def well(rows: Reading, now: datetime, every: timedelta) -> bool:
    """The last probe that ended was accepted, and not too long ago."""
    last = rows.watch.last(canary.PATIENT, PASSED, FAILED)
    return last is not None and last.type == PASSED and now - last.at <= 2 * every + WITHIN


def _send(work: UnitOfWork, now: datetime) -> None:
    """The event and the update in one transaction: a probe is never half sent."""
    probe, words = f"probe/{int(now.timestamp())}", say("watch.canary_words", "en")
    work.inbox.keep(
        [
            Update(
                channel=canary.CHANNEL,
                bot=canary.CHANNEL,
                external_id=probe,
                body=json.dumps({"kind": "text", "sender": canary.PHONE, "text": words}),
                order_key=canary.PHONE,
                received_at=now,
            )
        ]
    )
    _audit(work, SENT, now, {"probe": probe, "sent_at": now.isoformat()})


def _judge(work: UnitOfWork, sent: AuditEvent, services: Services, now: datetime) -> None:
    """Accepted in time, and the first words on the phone; or the time is over."""
    probe, sent_at = str(sent.detail["probe"]), _sent_at(sent)
    message = short_id("message", canary.CHANNEL, canary.CHANNEL, probe)
    told = bool(work.outbox.external_id(f"{message}/first"))
    opened = work.escalations.open(canary.PATIENT)
    accepted = bool(opened) and all(_accepted(e, sent_at) for e in opened)
    if not (told and accepted) and now - sent_at <= WITHIN:
        return
    kind = PASSED if told and accepted else FAILED
    member = work.care_team.get(canary.MEMBER)
    for escalation in opened:
        if member is not None:
            complete_in(work, escalation, member, kind, "", services, now)
    detail = {"probe": probe, "sent_at": sent_at.isoformat(), "told": told, "accepted": accepted}
    _audit(work, kind, now, detail)
    if kind == FAILED:
        _log.error("the canary's %s: first words sent: %s, accepted: %s", probe, told, accepted)


def _accepted(escalation: Escalation, sent_at: datetime) -> bool:
    taken = escalation.state is EscalationState.ACCEPTED and escalation.accepted_at is not None
    return bool(taken and escalation.accepted_at and escalation.accepted_at - sent_at <= WITHIN)


def _sent_at(event: AuditEvent) -> datetime:
    return datetime.fromisoformat(str(event.detail["sent_at"]))


def _prepare(work: UnitOfWork, now: datetime) -> None:
    """The patient and the account that do not exist; nobody can sign in as it, nobody is paged."""
    if work.patients.get(canary.PATIENT) is None:
        work.patients.add(
            Patient(
                id=canary.PATIENT,
                status=PatientStatus.ACTIVE,
                language="en",
                country="GB",
                timezone="UTC",
                name="Canary",
                demo=True,
                created_at=now,
            )
        )
        work.patients.consent(
            Consent(
                patient_id=canary.PATIENT,
                purpose=purpose,
                granted=True,
                version=CONSENT_VERSION,
                at=now,
            )
            for purpose in (Purpose.CARE_MESSAGES, Purpose.NURSES)
        )
        work.patients.add_contact(
            Contact(
                channel=canary.CHANNEL,
                bot=canary.CHANNEL,
                address=canary.PHONE,
                patient_id=canary.PATIENT,
            )
        )
    if work.care_team.get(canary.MEMBER) is None:
        work.care_team.add(
            CareTeamMember(
                id=canary.MEMBER,
                name="Canary",
                role=Role.NURSE,
                username=canary.MEMBER,
                on_shift=False,
                telegram_id=canary.DESK,
            )
        )


def _audit(work: UnitOfWork, kind: str, now: datetime, detail: dict[str, object]) -> None:
    work.audit.add(
        AuditEvent(
            at=now,
            actor="bot",
            type=kind,
            subject=canary.PATIENT,
            patient_id=canary.PATIENT,
            detail=detail,
        )
    )
