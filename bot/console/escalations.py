"""One escalation: why it was raised, what was done, what to do next."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.console import evidence, literature, record, similar, work
from bot.console.desk import Desk, id_of, language_of
from bot.console.evidence import Evidence
from bot.console.sessions import Visitor, signed_in
from bot.domain.case import OUTCOMES
from bot.domain.clinical import ClinicalEntry
from bot.domain.errors import KeyMissing
from bot.domain.escalation import AuditEvent, Escalation, EscalationState
from bot.domain.message import Direction, Message
from bot.ports import Reading

_NOTE = 2000  #: characters kept of a note
LOOKS = ("escalation", "escalation_outline", "escalation_without_consent")
_HEARD = 20  #: the newest messages among which one to us is looked for


@dataclass(frozen=True, kw_only=True)
class Matter:
    """Everything the page shows."""

    escalation: Escalation
    evidence: Evidence
    who: str
    history: tuple[AuditEvent, ...]
    members: dict[str, str]  #: id → name
    shared: bool  #: the patient agreed that nurses read along, or a matter of theirs is open
    known: tuple[ClinicalEntry, ...]  #: of the patient; none where it is not shared
    heard: Message | None  #: the newest from the patient or a carer, while this is open

    @property
    def open(self) -> bool:
        """Something is still to be done."""
        return self.escalation.state is not EscalationState.COMPLETED

    @property
    def closed(self) -> bool:
        """It is over, and the patient's words in it are not shared any more."""
        return bool(self.escalation.patient_id) and not (self.open or self.shared)

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
        shared=_shared(rows, escalation),
        known=tuple(_known(rows, escalation)),
        heard=_heard(rows, escalation),
    )


def drawn(matter: Matter, *, opened: bool, alone: bool = False) -> dict[str, Any]:
    """What the part of the page that changes by itself is filled with; ``alone``: only that."""
    hidden = matter.closed and not opened
    return {
        "matter": matter,
        "ev": evidence.outline(matter.evidence) if hidden else matter.evidence,
        "hidden": hidden,
        "outcomes": OUTCOMES,
        "mark": mark,
        "alone": alone,
    }


def look(matter: Matter, *, opened: bool) -> str:
    """What the trail calls it, one of ``LOOKS``."""
    return LOOKS[(2 if opened else 1) if matter.closed else 0]


def mark(*shown: object) -> str:
    """Another one where something else is shown."""
    return hashlib.sha256(repr(shown).encode()).hexdigest()[:16]


def _heard(rows: Reading, escalation: Escalation) -> Message | None:
    if escalation.patient_id is None or escalation.state is EscalationState.COMPLETED:
        return None
    try:
        latest = rows.conversation.latest(escalation.patient_id, _HEARD)
    except KeyMissing:
        return None
    return next((m for m in reversed(latest) if m.direction is Direction.INBOUND), None)


def _shared(rows: Reading, escalation: Escalation) -> bool:
    """As the patient's own page is: they agreed, or a matter of theirs is open."""
    try:
        patient = rows.patients.get(escalation.patient_id) if escalation.patient_id else None
    except KeyMissing:  # a matter without its patient's words is still a matter
        return False
    return patient is not None and record.shared(rows, patient)


def _known(rows: Reading, escalation: Escalation) -> list[ClinicalEntry]:
    if escalation.patient_id is None or not _shared(rows, escalation):
        return []
    return rows.clinical.of(escalation.patient_id)


def _without_echo(events: list[AuditEvent]) -> list[AuditEvent]:
    """Of the same thing done again and again by one person only the first."""
    kept: list[AuditEvent] = []
    for event in events:
        if not kept or (kept[-1].type, kept[-1].actor) != (event.type, event.actor):
            kept.append(event)
    return kept


async def find(request: Request, desk: Desk) -> Matter:
    """The matter that the address names. Raises 404 where there is none."""
    escalation_id = id_of(request, "escalation_id")
    found = await desk.read(lambda rows: read(rows, escalation_id)) if escalation_id else None
    if found is None:
        raise HTTPException(404)
    return found


@signed_in
async def show(request: Request, desk: Desk, visitor: Visitor) -> Response:
    """The whole page."""
    return await _page(request, desk, visitor, await find(request, desk))


async def _page(
    request: Request,
    desk: Desk,
    visitor: Visitor,
    matter: Matter,
    *,
    books: literature.Section | None = None,
    alike: similar.Section | None = None,
) -> Response:
    opened = request.query_params.get("open") == "1"
    await desk.act(
        desk.actions.viewed,
        look(matter, opened=opened),
        matter.escalation.id,
        visitor.member.id,
        matter.escalation.patient_id,
    )
    language = language_of(request)
    return desk.page(
        request,
        "escalation.html",
        **drawn(matter, opened=opened),
        literature=books or literature.section([matter.escalation], matter.known, language),
        similar=alike or similar.Section(matter_id=matter.escalation.id if matter.shared else ""),
        case_name=similar.name,
        case_lines=similar.lines,
    )


@signed_in
async def change(request: Request, desk: Desk, visitor: Visitor) -> Response:
    """Accept, contact made, complete."""
    matter = await find(request, desk)
    form = await request.form(max_files=0, max_fields=20)
    what, note = str(form.get("do", "")), str(form.get("note", ""))[:_NOTE]
    escalation_id, member_id = matter.escalation.id, visitor.member.id
    if what == literature.DO:
        books = await literature.ask(desk, form)
        return await _page(request, desk, visitor, matter, books=books)
    if what == similar.DO:
        mine = [matter.escalation] if matter.shared else []
        alike = await similar.look(desk, member_id, form, mine)
        return await _page(request, desk, visitor, matter, alike=alike)
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
