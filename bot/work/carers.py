"""A carer's parcel at the wire: still agreed to, and written down once it was told."""

from __future__ import annotations

from datetime import datetime

from bot.domain.carer import Carer
from bot.domain.escalation import AuditEvent
from bot.domain.outbox import Parcel
from bot.ports import UnitOfWork


def agreed(work: UnitOfWork, parcel: Parcel) -> bool:
    """The patient agrees to everything it tells of, and the link is not ended."""
    if not parcel.scopes:
        return True
    carer = addressee(work, parcel)
    return carer is not None and carer.ended_at is None and parcel.scopes <= carer.scopes


def addressee(work: UnitOfWork, parcel: Parcel) -> Carer | None:
    """The carer it goes to; None: it goes to nobody of that kind."""
    if not parcel.carer_id or parcel.patient_id is None:
        return None
    mine = work.carers.of(parcel.patient_id, ended=True)
    return next((one for one in mine if one.id == parcel.carer_id), None)


def note_told(work: UnitOfWork, parcel: Parcel, now: datetime) -> None:
    """For "who looked at my record?": what went out, or may have."""
    _note(work, parcel, "viewed.by_carer", parcel.patient_id or "", now)


def note_refused(work: UnitOfWork, parcel: Parcel, now: datetime) -> None:
    """Taken back by the patient while it was in the post."""
    _note(work, parcel, "carer.refused", parcel.carer_id, now)


def _note(work: UnitOfWork, parcel: Parcel, kind: str, subject: str, now: datetime) -> None:
    if parcel.scopes:
        work.audit.add(
            AuditEvent(
                at=now,
                actor=parcel.carer_id,
                type=kind,
                subject=subject,
                patient_id=parcel.patient_id,
                detail={"groups": sorted(scope.value for scope in parcel.scopes)},
            )
        )
