"""One escalation: why it was raised, what was done, what to do next."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.console import evidence, work
from bot.console.desk import Desk, id_of
from bot.console.evidence import Evidence
from bot.console.sessions import Visitor, signed_in
from bot.domain.escalation import AuditEvent, Escalation, EscalationState
from bot.ports import Reading

#: How a matter can end; the words are in the catalogue as ``outcome_<code>``.
OUTCOMES = (
    "reached_advised",
    "reached_well",
    "ambulance_called",
    "went_to_hospital",
    "handed_over",
    "not_reached",
    "false_alarm",
)
_NOTE = 2000  #: characters kept of a note


@dataclass(frozen=True, kw_only=True)
class Matter:
    """Everything the page shows."""

    escalation: Escalation
    evidence: Evidence
    who: str
    history: tuple[AuditEvent, ...]
    members: dict[str, str]  #: id → name

    @property
    def open(self) -> bool:
        """Something is still to be done."""
        return self.escalation.state is not EscalationState.COMPLETED

    @property
    def first_closer(self) -> str:
        """Who closed a two-person matter first, while the second is awaited."""
        return self.escalation.completed_by if self.open else ""

    def name(self, actor: str) -> str:
        """A member's name for an id; several joined by "+" each get theirs."""
        return " + ".join(self.members.get(part, part) for part in actor.split("+"))


def read(rows: Reading, escalation_id: str) -> Matter | None:
    """The matter with this id, None where there is none."""
    escalation = rows.escalations.get(escalation_id)
    if escalation is None:
        return None
    return Matter(
        escalation=escalation,
        evidence=evidence.read(escalation),
        who=work.name_of(rows, escalation.patient_id),
        history=tuple(_without_echo(rows.audit.of(escalation_id, 300))),
        members={member.id: member.name for member in rows.care_team.all()},
    )


def _without_echo(events: list[AuditEvent]) -> list[AuditEvent]:
    """Of the same thing done again and again by one person only the first."""
    kept: list[AuditEvent] = []
    for event in events:
        if not kept or (kept[-1].type, kept[-1].actor) != (event.type, event.actor):
            kept.append(event)
    return kept


async def _find(request: Request, desk: Desk) -> Matter:
    escalation_id = id_of(request, "escalation_id")
    found = await desk.read(lambda rows: read(rows, escalation_id)) if escalation_id else None
    if found is None:
        raise HTTPException(404)
    return found


@signed_in
async def show(request: Request, desk: Desk, visitor: Visitor) -> Response:
    """The whole page."""
    matter = await _find(request, desk)
    await desk.act(
        desk.actions.viewed,
        "escalation",
        matter.escalation.id,
        visitor.member.id,
        matter.escalation.patient_id,
    )
    return desk.page(request, "escalation.html", matter=matter, outcomes=OUTCOMES)


@signed_in
async def change(request: Request, desk: Desk, visitor: Visitor) -> Response:
    """Accept, contact made, complete."""
    matter = await _find(request, desk)
    form = await request.form(max_files=0, max_fields=20)
    what, note = str(form.get("do", "")), str(form.get("note", ""))[:_NOTE]
    escalation_id, member_id = matter.escalation.id, visitor.member.id
    if what == "accept":
        await desk.act(desk.actions.accept, escalation_id, member_id)
    elif what == "contact":
        await desk.act(desk.actions.contact, escalation_id, member_id, note)
    elif what == "complete" and str(form.get("outcome", "")) in OUTCOMES:
        outcome = str(form.get("outcome", ""))
        await desk.act(desk.actions.complete, escalation_id, member_id, outcome, note)
    else:
        raise HTTPException(400)
    return RedirectResponse(request.url.path, 303)


routes = [
    Route("/escalations/{escalation_id:path}", show, methods=["GET"]),
    Route("/escalations/{escalation_id:path}", change, methods=["POST"]),
]
