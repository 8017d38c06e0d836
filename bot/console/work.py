"""The work list: what waits for a person, the most urgent first, live."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.console import live, sessions
from bot.console.desk import Desk
from bot.console.sessions import Visitor, signed_in
from bot.domain.errors import KeyMissing
from bot.domain.escalation import CLIMBING, Escalation, EscalationState
from bot.domain.message import PatientId
from bot.ports import Reading

_TROUBLE = ("unknown", "failed")


@dataclass(frozen=True, kw_only=True)
class Card:
    """One open matter as the list shows it."""

    escalation: Escalation
    who: str  #: the patient's name, "" where it is not known

    @property
    def waits(self) -> bool:
        """Nobody has taken it yet."""
        return self.escalation.state in CLIMBING

    @property
    def version(self) -> str:
        """Changes with what the card says."""
        e = self.escalation
        return f"{e.state.value}/{e.step}/{e.accepted_by}/{e.completed_by}/{self.who}"


@dataclass(frozen=True, kw_only=True)
class WorkList:
    """Everything the page shows."""

    cards: tuple[Card, ...]
    done: tuple[Card, ...]  #: completed lately
    set_aside: int  #: updates that could not be read
    trouble: tuple[tuple[str, int], ...]  #: (outbox state, how many)

    @property
    def waiting(self) -> int:
        """How many nobody has taken."""
        return sum(card.waits for card in self.cards)

    @property
    def urgent(self) -> int:
        """How many P0 nobody has taken."""
        return sum(card.waits and card.escalation.tier == "P0" for card in self.cards)


def name_of(rows: Reading, patient_id: PatientId | None) -> str:
    """A patient's name, or "" where there is none or its key is gone."""
    if patient_id is None:
        return ""
    try:
        patient = rows.patients.get(patient_id)
    except KeyMissing:
        return ""  # the matter is still a matter
    return patient.name if patient else ""


def read(rows: Reading) -> WorkList:
    """The list as it stands."""
    cards = tuple(
        Card(escalation=e, who=name_of(rows, e.patient_id)) for e in rows.escalations.open()
    )
    done = tuple(
        Card(escalation=e, who=name_of(rows, e.patient_id))
        for e in rows.escalations.recent(30)
        if e.state is EscalationState.COMPLETED
    )[:8]
    counts = rows.outbox.counts()
    return WorkList(
        cards=cards,
        done=done,
        set_aside=rows.inbox.counts().get("aside", 0),
        trouble=tuple((state, counts[state]) for state in _TROUBLE if counts.get(state)),
    )


@signed_in
async def show(request: Request, desk: Desk, visitor: Visitor) -> Response:
    """The whole page."""
    listed = await desk.read(read)
    await desk.act(desk.actions.viewed, "work", "work", visitor.member.id, None)
    return desk.page(request, "work.html", listed=listed)


@signed_in
async def events(request: Request, desk: Desk, visitor: Visitor) -> Response:
    """The live part of the page."""

    async def glance() -> object:
        return await desk.read(lambda rows: rows.audit.last())

    async def draw() -> tuple[str, dict[str, Any]]:
        listed = await desk.read(read)
        html = desk.render("_work.html", visitor.member.language, listed=listed, visitor=visitor)
        said = desk.render("_work_said.txt", visitor.member.language, listed=listed)
        version = "|".join(f"{card.escalation.id}={card.version}" for card in listed.cards)
        version += f"|{len(listed.done)}|{listed.set_aside}|{listed.trouble}"
        return hashlib.sha256(version.encode()).hexdigest()[:16], {
            "html": html,
            "say": said.strip(),
            "urgent": listed.urgent,
            "waiting": listed.waiting,
        }

    async def allowed() -> bool:
        return await sessions.find(desk, visitor.token) is not None

    return await live.answer(request, desk, glance=glance, draw=draw, allowed=allowed)


routes = [Route("/work", show), Route("/work/events", events)]
