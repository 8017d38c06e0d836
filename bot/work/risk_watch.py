"""Watch the risk models: monthly, a report, and a matter for the operator when one has drifted."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import safety
from bot.domain.clinical import EntryKind
from bot.domain.errors import KeyMissing
from bot.domain.escalation import AuditEvent
from bot.domain.message import PatientId
from bot.escalations.begin import begin
from bot.ports import Services
from safety import Tier

if TYPE_CHECKING:
    from risk.learn.observed import Shift, Truth
    from risk.learn.pages import Page

SUBJECT = "risk models"
WATCHED = "risk.watched"
REASON = "risk_drifted"
_LEASE = timedelta(hours=1)
_EVER = datetime(2000, 1, 1, tzinfo=UTC)
_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A registered model of the clinic's own: rows asked about of late, and drift by column."""

    model: str
    rows: int
    columns: dict[str, tuple[float, float]]  #: (index, what chance reaches)


Registered = Callable[[datetime], list[Asked]]


@dataclass(frozen=True, kw_only=True)
class Watched:
    """What one look at the models found."""

    at: datetime
    assessments: int
    shifts: tuple[Shift, ...]
    truths: tuple[Truth, ...]
    asked: tuple[Asked, ...]

    @property
    def findings(self) -> list[str]:
        """One line for each drift; no word about any person."""
        from risk.learn.rules import watching

        found = [
            f"input drift: {one.model}, {one.name}: PSI {one.index:.2f}"
            for one in self.shifts
            if one.flagged
        ]
        for truth in self.truths:
            if truth.flagged:
                value, low, high = truth.ratio
                figures = f"{value:.2f} ({low:.2f} to {high:.2f})"
                words = f"{truth.model}, {truth.outcome}: observed / expected {figures}"
                found.append(f"calibration drift: {words}")
        limit, fewest = watching("drift", "index"), watching("drift", "fewest_people")
        for one in self.asked:
            for name, (index, chance) in one.columns.items():
                if one.rows >= fewest and index > max(limit, chance):
                    found.append(f"input drift: {one.model}, {name}: PSI {index:.2f}")
        return found


def look(services: Services, registered: Registered = lambda _: []) -> Watched:
    """Compare everybody's assessments with the earlier ones and with what the record says since."""
    from risk.learn.observed import shifts, truths
    from risk.learn.rules import watching

    now = services.clock()
    with services.store.reading() as rows:
        assessed = rows.record.assessments_since(_EVER)
        conditions = {}
        for patient in {one.patient_id for one in assessed}:
            try:
                entries = rows.clinical.of(PatientId(patient), ended=True)
            except KeyMissing:  # erased while we looked
                continue
            conditions[patient] = [
                (one.name, one.set_at) for one in entries if one.kind is EntryKind.CONDITION
            ]
    edge = now - timedelta(days=watching("drift", "recent_days"))
    return Watched(
        at=now,
        assessments=len(assessed),
        shifts=tuple(shifts(assessed, now)),
        truths=tuple(truths(assessed, conditions, now)),
        asked=tuple(registered(edge)),
    )


def monthly(
    services: Services, holder: str, folder: Path, registered: Registered = lambda _: []
) -> Watched | None:
    """Look once a calendar month; None: it has been done this month, or another process does it."""
    now = services.clock()
    with services.store.unit_of_work() as work:
        last = work.watch.last(SUBJECT, WATCHED)
        if last is not None and (last.at.year, last.at.month) == (now.year, now.month):
            return None
        if not work.leases.take("risk watch", holder, now, _LEASE):
            return None
    found = look(services, registered)
    write(found, folder)
    note(services, found)
    return found


def note(services: Services, found: Watched) -> None:
    """An event in the trail, and a matter for the operator where something has drifted."""
    findings = found.findings
    detail: dict[str, object] = {"assessments": found.assessments, "findings": findings}
    with services.store.unit_of_work() as work:
        work.audit.add(
            AuditEvent(at=found.at, actor="bot", type=WATCHED, subject=SUBJECT, detail=detail)
        )
        told = any(
            one.patient_id is None and one.reason == REASON for one in work.escalations.open()
        )
        if findings and not told:
            begin(
                work,
                patient_id=None,
                reason=REASON,
                tier=Tier.P2,
                source=f"risk/{found.at.isoformat()}",
                evidence={"watch": {"findings": findings}},
                now=found.at,
                ladder=safety.HOUSE,
            )
    if findings:
        _log.error("risk models have drifted: %s findings", len(findings))
        services.bells.ring("console")


def write(found: Watched, folder: Path) -> Path:
    """The report as Markdown and HTML, named by its month; returns the page."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    told = page(found)
    target = folder / f"risk-{found.at:%Y-%m}.html"
    for path, text in ((target, told.page({})), (target.with_suffix(".md"), told.markdown())):
        draft = path.with_name(f".{path.name}")
        draft.write_text(text, "utf-8")
        os.chmod(draft, 0o600)
        os.replace(draft, path)
    return target


def page(found: Watched) -> Page:
    """The report. It holds figures of many, never of one."""
    from risk.learn.pages import Page

    told = Page(title=f"Risk models, {found.at:%B %Y}")
    findings = found.findings
    if findings:
        told.note(f"{len(findings)} findings. Look into them before the models are trusted on.")
        told.table(("finding",), [(one,) for one in findings])
    else:
        told.text("Nothing has drifted as far as the rules of risk/learn/watching.toml go.")
    told.text(f"{found.assessments} assessments of the clinic's own patients were read.")
    told.heading("Inputs")
    told.text(
        "The first people each model was asked about stand for those it was made for, since the "
        "published models do not tell how their people's values were spread."
    )
    if found.shifts:
        told.table(
            ("model", "input", "PSI", "by chance", "people then", "people of late", ""),
            [
                (s.model, s.name, f"{s.index:.3f}", f"{s.chance:.3f}", s.before, s.lately,
                 "drifted" if s.flagged else "")
                for s in found.shifts
            ],
        )  # fmt: skip
    else:
        told.text("Too few people yet for any model.")
    told.heading("What came true")
    told.text(
        "Events expected by now, the hazard taken as even over the horizon, against conditions "
        "that the care team entered since. What nobody entered is not seen."
    )
    told.table(
        ("model", "outcome", "people", "expected", "observed", "observed / expected", ""),
        [_truth(one) for one in found.truths],
    )
    told.heading("Models of our own")
    rows = [
        (one.model, name, f"{index:.3f}", f"{chance:.3f}", one.rows)
        for one in found.asked
        for name, (index, chance) in one.columns.items()
    ]
    if rows:
        told.table(("model", "column", "PSI", "by chance", "rows asked about"), rows)
    else:
        told.text("None was asked of late.")
    return told


def _truth(one: Truth) -> tuple[object, ...]:
    start = (one.model, one.outcome, one.people, f"{one.expected:.1f}", one.observed)
    if not one.judged:
        return (*start, "too few expected", "")
    value, low, high = one.ratio
    return (*start, f"{value:.2f} ({low:.2f} to {high:.2f})", "drifted" if one.flagged else "")
