"""How an answer that a language model was asked for came about, for a member who may see it."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.console import record
from bot.console.desk import Desk, id_of
from bot.console.sessions import Visitor, signed_in
from bot.domain.escalation import AuditEvent
from bot.domain.message import Message, PatientId, reply_id
from bot.domain.patient import Patient, PatientStatus
from bot.ports import Reading

_ANSWERS = 10  #: more than are said to one message


@dataclass(frozen=True, kw_only=True)
class Drafted:
    """The event of the trail, what was sealed with it, and the messages it is about."""

    patient: Patient
    event: AuditEvent
    kept: Mapping[str, Any]  #: empty: nothing was kept, or it was erased
    asked: Message | None
    said: tuple[Message, ...]  #: the answer as the patient has it
    shared: bool  #: as the page of the conversation has it

    @property
    def detail(self) -> Mapping[str, Any]:
        """What the trail holds: model, prompt, verdicts in numbers; no words of anybody."""
        return self.event.detail

    @property
    def outcome(self) -> str:
        """The end of it: "slow", "resting", "unusable", "failed", "nothing", "together", "said"."""
        if "failed" in self.detail:
            return str(self.detail.get("why", "failed"))
        if self.detail.get("said"):
            return "said"
        return "together" if self.detail.get("together") else "nothing"

    @property
    def sentences(self) -> tuple[tuple[str, tuple[str, ...], str, str], ...]:
        """(text, what it cites, verdict, the rule of the review behind it or "")."""
        rows = []
        for text, cites, verdict in self.kept.get("verdicts", ()):
            what, _, rule = str(verdict).partition(": ")
            rows.append((str(text), tuple(map(str, cites)), what, rule))
        return tuple(rows)

    @property
    def passages(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """What the model was shown: the lines under each mark, in order."""
        lines = self.kept.get("passages", ())
        return tuple(
            (str(mark), tuple(str(text) for _, text in its))
            for mark, its in itertools.groupby(lines, key=lambda line: line[0])
        )


def event_of(rows: Reading, patient_id: PatientId, message_id: str) -> AuditEvent | None:
    """What the trail holds of how this patient's message was answered."""
    for one in reversed(rows.audit.of(message_id)):
        if one.type == "answer.drafted" and one.patient_id == patient_id:
            return one
    return None


def answers(rows: Reading, message_id: str) -> tuple[Message, ...]:
    """What the bot said to a message, in order, as far as it is still kept."""
    found = (rows.conversation.get(reply_id(message_id, n)) for n in range(_ANSWERS))
    return tuple(one for one in found if one is not None)


def read(rows: Reading, patient_id: PatientId, message_id: str) -> Drafted | None:
    """Of this patient's message; None where there is none, or the patient was erased."""
    patient = rows.patients.get(patient_id)
    if patient is None or patient.status is PatientStatus.ERASED:
        return None
    event = event_of(rows, patient_id, message_id)
    if event is None:
        return None
    return Drafted(
        patient=patient,
        event=event,
        kept=rows.audit.evidence(str(event.detail.get("evidence", ""))) or {},
        asked=rows.conversation.get(message_id),
        said=answers(rows, message_id),
        shared=record.shared(rows, patient),
    )


@signed_in
async def show(request: Request, desk: Desk, visitor: Visitor) -> Response:
    """The page. What is not shared is opened as the conversation is, and noted as that."""
    patient_id = PatientId(id_of(request, "patient_id"))
    message_id = id_of(request, "message_id")
    found = await desk.read(lambda rows: read(rows, patient_id, message_id))
    if found is None:
        raise HTTPException(404)
    if not (found.shared or request.query_params.get("open") == "1"):
        return RedirectResponse(f"/patients/{quote(patient_id, safe='')}", 303)
    what = "draft" if found.shared else "draft_without_consent"
    await desk.act(desk.actions.viewed, what, message_id, visitor.member.id, patient_id)
    return desk.page(request, "draft.html", found=found)


routes = [Route("/patients/{patient_id}/drafts/{message_id:path}", show, methods=["GET"])]
