"""Link the trail into its chain, verify the chain, and call the operator when it is broken."""

from __future__ import annotations

import logging
from datetime import timedelta

import safety
from bot.domain.audit import Chain
from bot.domain.escalation import AuditEvent
from bot.escalations.begin import begin
from bot.ports import Services
from safety import Tier

SUBJECT = "trail"  #: of the events about the chain itself
VERIFIED, BROKEN = "audit.verified", "audit.broken"
REASON = "audit_broken"
_AGAIN = timedelta(hours=1)  #: several processes that start together verify once
_log = logging.getLogger(__name__)


def link(services: Services) -> int:
    """Add the links that are missing; cheap where there are none."""
    with services.store.unit_of_work() as work:
        return work.audit.link()


def verify(services: Services, holder: str) -> Chain | None:
    """Compute the chain anew and note the result; None: another process has just done so."""
    now = services.clock()
    with services.store.unit_of_work() as work:
        if not work.leases.take("trail", holder, now, _AGAIN):
            return None
        while work.audit.link(everything=True):
            pass
    with services.store.reading() as rows:
        chain = rows.audit.verify(now)
        last = rows.watch.last(SUBJECT, VERIFIED, BROKEN)
    with services.store.unit_of_work() as work:
        detail: dict[str, object] = {"head": str(chain.head), "events": chain.events}
        if chain.broken is not None:
            detail |= {"what": chain.broken.what, "event": chain.broken.event}
        kind = BROKEN if chain.broken else VERIFIED
        work.audit.add(AuditEvent(at=now, actor="bot", type=kind, subject=SUBJECT, detail=detail))
        if chain.broken is not None and (last is None or last.type != BROKEN):
            begin(
                work,
                patient_id=None,
                reason=REASON,
                tier=Tier.P1,
                source=f"trail/{now.isoformat()}",
                evidence={"trail": detail},
                now=now,
                ladder=safety.HOUSE,
            )
    if chain.broken is None:
        _log.info("the trail is whole: %s events, head %s", chain.events, chain.head)
    else:
        _log.error("the trail is broken: %s at event %s", chain.broken.what, chain.broken.event)
        services.bells.ring("console")
    return chain
