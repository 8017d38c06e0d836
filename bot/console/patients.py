"""All patients, and one of them: conversation, record, and the reply into their chat."""

from __future__ import annotations

import hashlib
import secrets
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

import safety
from bot import plans as care_plans
from bot.console import (
    care,
    entries,
    literature,
    live,
    plans,
    record,
    sessions,
    similar,
    suggestions,
    words,
)
from bot.console.desk import Desk, id_of, language_of
from bot.console.risks import calculation
from bot.console.sessions import Visitor, signed_in
from bot.domain.care_team import Role
from bot.domain.escalation import Escalation
from bot.domain.message import PatientId
from bot.domain.patient import Patient
from bot.ports import Reading
from bot.rule_words import schedule_in_words
from memory.fact import KINDS

_PAGE = 50
_LONGEST_REPLY = 4000  #: characters; Telegram takes 4096 with the nurse's name before it


def _all(rows: Reading, query: str) -> list[tuple[Patient, int, int]]:
    """Patients with how many matters and how many suggestions wait."""
    waiting: dict[str, int] = {}
    for escalation in rows.escalations.open():
        if escalation.patient_id:
            waiting[escalation.patient_id] = waiting.get(escalation.patient_id, 0) + 1
    to_talk_over = rows.suggestions.waiting()
    wanted = query.casefold()
    found = [
        (patient, waiting.get(patient.id, 0), to_talk_over.get(patient.id, 0))
        for patient in rows.patients.all()
        if wanted in patient.name.casefold() or wanted in patient.id.casefold()
    ]
    return sorted(found, key=lambda entry: (-entry[1], entry[0].name.casefold(), entry[0].id))


@signed_in
async def everybody(request: Request, desk: Desk, visitor: Visitor) -> Response:
    """The list, those with open matters first."""
    query = request.query_params.get("q", "").strip()[:80]
    try:
        page = max(0, int(request.query_params.get("page", "0")))
    except ValueError:
        page = 0
    found = await desk.read(lambda rows: _all(rows, query))
    await desk.act(desk.actions.viewed, "patients", "patients", visitor.member.id, None)
    shown = found[page * _PAGE : (page + 1) * _PAGE]
    return desk.page(
        request,
        "patients.html",
        found=shown,
        total=len(found),
        query=query,
        page=page,
        more=(page + 1) * _PAGE < len(found),
    )


def _whose(request: Request) -> PatientId:
    patient_id = id_of(request, "patient_id")
    if not patient_id:
        raise HTTPException(404)
    return PatientId(patient_id)


@signed_in
async def show(request: Request, desk: Desk, visitor: Visitor) -> Response:
    """One patient. Without their consent and without an open matter only the outline."""
    return await _page(request, desk, visitor)


async def _page(
    request: Request,
    desk: Desk,
    visitor: Visitor,
    *,
    refused: tuple[str, ...] = (),
    text: str = "",
    entry_problem: str = "",
    plan_problem: str = "",
    suggestion_problem: str = "",
    books: literature.Section | None = None,
    alike: similar.Section | None = None,
    carer_link: str = "",
    status: int = 200,
) -> Response:
    patient_id, now = _whose(request), desk.clock()
    found = await desk.read(lambda rows: record.read(rows, patient_id, now))
    if found is None:
        raise HTTPException(404)
    opened = found.shared or request.query_params.get("open") == "1"
    what = "patient" if found.shared else "patient_without_consent" if opened else "patient_outline"
    await desk.act(desk.actions.viewed, what, patient_id, visitor.member.id, patient_id)
    return desk.page(
        request,
        "patient.html",
        status=status,
        record=found,
        talk=found.talk,
        opened=opened,
        refused=refused,
        reply=text,
        entry_problem=entry_problem,
        plan_problem=plan_problem,
        suggestion_problem=suggestion_problem,
        literature=books or literature.section(_named(found), found.known, language_of(request)),
        similar=alike or similar.Section(matter_id=next((e.id for e in _named(found)), "")),
        case_name=similar.name,
        case_lines=similar.lines,
        carer_link=carer_link,
        all_plans=care_plans.plans(),
        rule_words=schedule_in_words,
        today=now.astimezone(found.patient.zone).date().isoformat(),
        limit_kinds=safety.limit_kinds(),
        may_sign=visitor.member.role is Role.SUPERVISOR,
        form_token=secrets.token_hex(12),
        anchors={line.message.id: line.anchor for line in found.talk.lines},
        anchor_of=words.anchor,
        calculation=calculation,
    )


def _named(found: record.Chart) -> list[Escalation]:
    """The open matters that may be named anywhere on the page."""
    return [one for one in found.open if not one.private_topic]


@signed_in
async def events(request: Request, desk: Desk, visitor: Visitor) -> Response:
    """The conversation, live, for as long as it is shared or was opened without that."""
    patient_id, member_id = _whose(request), visitor.member.id
    first = await desk.read(lambda rows: record.talk(rows, patient_id))
    if first is None or not (first.shared or request.query_params.get("open") == "1"):
        raise HTTPException(404)
    opened = not first.shared
    noted = first.shared or await desk.read(lambda rows: _noted(rows, patient_id, member_id, desk))
    what = "patient_live" if noted else "patient_without_consent"
    await desk.act(desk.actions.viewed, what, patient_id, member_id, patient_id)
    language = language_of(request)
    arrived = words.teller("console", language)("new_message")

    def _glance(rows: Reading) -> object:
        newest = [message.id for message in rows.conversation.latest(patient_id, 1)]
        states = rows.outbox.states(patient_id, 12)
        return newest, states, rows.patients.dialogue(patient_id).held_by

    async def glance() -> object:
        return await desk.read(_glance)

    def _talk(rows: Reading) -> record.Talk | None:
        talk = record.talk(rows, patient_id)
        return talk if talk and (talk.shared or opened) else None

    async def draw() -> tuple[str, dict[str, Any]]:
        talk = await desk.read(_talk)
        if talk is None:
            return "gone", {"html": "", "say": ""}
        html = desk.render("_talk.html", language, talk=talk, visitor=visitor)
        last = talk.lines[-1] if talk.lines else None
        said = arrived if last and last.from_patient else ""
        version = hashlib.sha256(talk.version.encode()).hexdigest()[:16]
        return version, {"html": html, "say": said}

    async def allowed() -> bool:
        if await sessions.find(desk, visitor.token) is None:
            return False
        return await desk.read(_talk) is not None

    return await live.answer(request, desk, glance=glance, draw=draw, allowed=allowed)


def _noted(rows: Reading, patient_id: PatientId, member_id: str, desk: Desk) -> bool:
    """The page that this live part belongs to was opened just now, and the trail has it."""
    last = rows.watch.last(patient_id, "viewed.patient_without_consent", actor=member_id)
    return last is not None and desk.clock() - last.at < live.THE_SAME_LOOK


@signed_in
async def change(request: Request, desk: Desk, visitor: Visitor) -> Response:
    """Reply, hold, hand back, and what the sections of the page set."""
    patient_id, member_id = _whose(request), visitor.member.id
    if await desk.read(lambda rows: rows.patients.get(patient_id)) is None:
        raise HTTPException(404)
    form = await request.form(max_files=0, max_fields=20)
    what, spot = str(form.get("do", "")), ""
    if what == "hold":
        await desk.act(desk.actions.hold, patient_id, member_id)
    elif what == "release":
        await desk.act(desk.actions.release, patient_id, member_id)
    elif what in ("right", "wrong", "forget"):
        fact_id = str(form.get("fact", ""))[:200]
        await desk.act(desk.actions.change_fact, patient_id, fact_id, what, member_id)
        spot = "#memories"
    elif what == "note":
        kind, said = str(form.get("kind", "")), str(form.get("words", ""))
        if kind not in KINDS or not said.strip():
            raise HTTPException(422)
        await desk.act(desk.actions.note_fact, patient_id, kind, said, member_id)
        spot = "#memories"
    elif what in ("set", "end"):
        problem = await entries.change(desk, patient_id, member_id, form)
        if problem:
            return await _page(request, desk, visitor, entry_problem=problem, status=422)
        spot = "#known"
    elif what == "carer":
        return await _page(
            request,
            desk,
            visitor,
            carer_link=await desk.act(desk.actions.carer_link, patient_id, member_id),
        )
    elif what in plans.DOES:
        problem = await plans.change(desk, patient_id, member_id, form)
        if problem:
            return await _page(request, desk, visitor, plan_problem=problem, status=422)
        spot = "#plans"
    elif what in suggestions.DOES:
        problem = await suggestions.change(desk, patient_id, member_id, form)
        if problem:
            return await _page(request, desk, visitor, suggestion_problem=problem, status=409)
        spot = "#suggestions"
    elif what == literature.DO:
        return await _page(request, desk, visitor, books=await literature.ask(desk, form))
    elif what == similar.DO:
        open_ = await desk.read(lambda rows: rows.escalations.open(patient_id))
        alike = await similar.look(desk, member_id, form, open_)
        return await _page(request, desk, visitor, alike=alike)
    elif what in care.DOES:
        await care.change(desk, patient_id, member_id, form)
        spot = "#care"
    elif what == "reply":
        text = str(form.get("text", "")).replace("\r\n", "\n").strip()
        if not text or len(text) > _LONGEST_REPLY:
            reason = "too_long" if text else "empty"
            return await _page(request, desk, visitor, refused=(reason,), text=text, status=422)
        refused = await desk.act(
            desk.actions.reply, patient_id, member_id, text, str(form.get("token", ""))[:64]
        )
        if refused:
            return await _page(
                request, desk, visitor, refused=tuple(refused), text=text, status=422
            )
        spot = "#reply"
    else:
        raise HTTPException(400)
    opened = "?open=1" if request.query_params.get("open") == "1" else ""
    return RedirectResponse(f"{request.url.path}{opened}{spot}", 303)


routes = [
    Route("/patients", everybody, methods=["GET"]),
    Route("/patients/{patient_id}", show, methods=["GET"]),
    Route("/patients/{patient_id}", change, methods=["POST"]),
    Route("/patients/{patient_id}/events", events, methods=["GET"]),
]
