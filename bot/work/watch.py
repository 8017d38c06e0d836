"""The watch: what should have moved on is counted every minute, and an operator is called."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

import httpx

import safety
from bot.domain import canary as bird
from bot.domain.escalation import AuditEvent
from bot.escalations.begin import begin
from bot.ports import Overdue, Services, UnitOfWork
from bot.work import canary
from safety import Tier

HOUSE = "house"  #: the subject of the watch's events: ``rows.watch.last(HOUSE, UNWELL, WELL)``
WELL, UNWELL = "watch.well", "watch.unwell"
REASON = "house_unwell"
_LEASE = timedelta(seconds=90)
_TIMEOUT = 10.0  # seconds for the heartbeat
_log = logging.getLogger(__name__)


def audit(services: Services, canary_every: timedelta | None = None) -> list[Overdue]:
    """Count what lies still; the first finding of an incident calls the operator, once."""
    now = services.clock()
    with services.store.unit_of_work() as work:
        found = work.watch.overdue(now)
        if canary_every is not None and (lost := _canary(work)):
            found.append(lost)
        last = work.watch.last(HOUSE, UNWELL, WELL)
        was = _kinds(last)
        if found:
            _report(work, found, was, now)
        elif was:
            work.audit.add(AuditEvent(at=now, actor="bot", type=WELL, subject=HOUSE))
    for one in found:
        _log.error("watch: %s %s late: %s", one.count, one.kind, ", ".join(one.ids))
    if found:
        services.bells.ring("console")
    return found


class Watch:
    """One process of all looks: a lease says which. The heartbeat is called while all is well."""

    def __init__(
        self,
        services: Services,
        *,
        holder: str,
        heartbeat_url: str = "",
        canary_every: timedelta | None = None,
    ) -> None:
        self._services, self._holder = services, holder
        self._url, self._every = heartbeat_url, canary_every
        self._started = False

    async def beat(self) -> None:
        """One look, and a GET to the heartbeat's URL when nothing was found."""
        if not self._started:  # a house that has just opened is still working off its backlog
            self._started = True
            return
        if await asyncio.to_thread(self._look) and self._url:
            await self._call()

    async def sing(self) -> None:
        """One look of the canary."""
        await asyncio.to_thread(self._sing)

    def _look(self) -> bool:
        if not self._leads("watch"):
            return False
        found = audit(self._services, self._every)
        return not found and self._canary_well()

    def _canary_well(self) -> bool:
        if self._every is None:
            return True
        with self._services.store.reading() as rows:
            return canary.well(rows, self._services.clock(), self._every)

    def _sing(self) -> None:
        if self._every is not None and self._leads("canary"):
            canary.sing(self._services, self._every)

    def _leads(self, name: str) -> bool:
        with self._services.store.unit_of_work() as work:
            return work.leases.take(name, self._holder, self._services.clock(), _LEASE)

    async def _call(self) -> None:
        """One that cannot be called is heard by whoever misses it; here it is only noted."""
        try:
            async with httpx.AsyncClient(timeout=_TIMEOUT) as client:
                answer = await client.get(self._url)
        except httpx.HTTPError as error:
            _log.warning("the heartbeat was not taken: %s", type(error).__name__)
            return
        if not answer.is_success:
            _log.warning("the heartbeat was not taken: %s", answer.status_code)


def _canary(work: UnitOfWork) -> Overdue | None:
    """The last probe that ended was not accepted."""
    last = work.watch.last(bird.PATIENT, canary.PASSED, canary.FAILED)
    if last is None or last.type == canary.PASSED:
        return None
    return Overdue(kind="canary", count=1, ids=(str(last.detail["probe"]),))


def _kinds(event: AuditEvent | None) -> frozenset[str]:
    """What the incident that is going on is about; empty: there is none."""
    if event is None or event.type == WELL:
        return frozenset()
    found = event.detail.get("findings")
    return frozenset(found) if isinstance(found, dict) else frozenset()


def _report(work: UnitOfWork, found: Sequence[Overdue], was: frozenset[str], now: datetime) -> None:
    """An event when the incident begins or grows; one open matter for the operator at a time."""
    findings = {one.kind: {"count": one.count, "ids": list(one.ids)} for one in found}
    if set(findings) <= was:
        return
    known: dict[str, object] = {**{kind: {} for kind in was}, **findings}
    detail: dict[str, object] = {"findings": known}
    work.audit.add(AuditEvent(at=now, actor="bot", type=UNWELL, subject=HOUSE, detail=detail))
    told = any(
        open_.patient_id is None and open_.reason == REASON for open_ in work.escalations.open()
    )
    if not told:  # also where it grows after somebody closed the matter
        begin(
            work,
            patient_id=None,
            reason=REASON,
            tier=Tier.P1,
            source=f"watch/{now.isoformat()}",
            evidence={"watch": findings},
            now=now,
            ladder=safety.HOUSE,
        )
