"""The demo patient's phone: a messenger in the browser, on this machine only."""

from __future__ import annotations

import functools
import json
import re
import secrets
from collections import deque
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.console import live, phone, sessions
from bot.console.desk import Desk, Phone, desk_of, language_of
from bot.domain.message import Update
from bot.ports import Reading
from prompts import LANGUAGES

_NONCE = re.compile(r"[A-Za-z0-9-]{8,64}")
_LONGEST = 4096  #: characters, as on Telegram
_SHOWN_EARLY = 50
_HOSTS = ("127.0.0.1", "localhost", "::1")
_YEAR = timedelta(days=365)

Handler = Callable[[Request, Desk, Phone], Awaitable[Response]]


def _at_home(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    """Only for a browser on this machine: no other name, and no proxy in between."""

    @functools.wraps(handler)
    async def endpoint(request: Request) -> Response:
        desk = desk_of(request)
        host = urlsplit(f"//{request.headers.get('host', '')}").hostname
        if host not in _HOSTS or "x-forwarded-for" in request.headers or desk.phone is None:
            raise HTTPException(404)
        request.state.visitor = None
        return await handler(request, desk, desk.phone)

    return endpoint


async def _screen(desk: Desk, phone_: Phone, fallback: str) -> phone.Screen:
    bubbles = phone_.bubbles(phone.ADDRESS)
    posted = tuple(_posted(desk))
    return await desk.read(lambda rows: phone.read(rows, bubbles, posted, fallback))


def _posted(desk: Desk) -> deque[phone.Posted]:
    """What went through the door lately: shown at once, before anybody has read it."""
    known: deque[phone.Posted] = desk.memory.setdefault("posted", deque(maxlen=_SHOWN_EARLY))
    return known


@_at_home
async def show(request: Request, desk: Desk, phone_: Phone) -> Response:
    """The whole page."""
    secret = sessions.visit(request)
    screen = await _screen(desk, phone_, language_of(request))
    html = desk.render(
        "chat.html",
        screen.language,
        screen=screen,
        csrf=sessions.visit_token(secret),
        nonce=secrets.token_hex(12),
        problem=request.query_params.get("problem", "") == "long",
    )
    response = Response(html, media_type="text/html; charset=utf-8")
    sessions.set_cookie(response, desk, sessions.VISIT, secret, _YEAR)
    return response


@_at_home
async def send(request: Request, desk: Desk, phone_: Phone) -> Response:
    """Words, a tap or a command of the demo patient, through the same door as everybody's."""
    form = await request.form(max_files=0, max_fields=20)
    quiet = "application/json" in request.headers.get("accept", "")
    if not sessions.visit_fits(request, str(form.get("csrf", ""))):
        return JSONResponse({"problem": "form"}, 403) if quiet else RedirectResponse("/chat", 303)
    kind, text = str(form.get("kind", "")), str(form.get("text", "")).replace("\r\n", "\n")
    data, nonce = str(form.get("data", ""))[:128], str(form.get("nonce", ""))
    if kind not in ("text", "tap", "command") or (kind == "text" and not text.strip()):
        return JSONResponse({"problem": "kind"}, 400) if quiet else RedirectResponse("/chat", 303)
    if len(text) > _LONGEST:
        if quiet:
            return JSONResponse({"problem": "long"}, 413)
        return RedirectResponse("/chat?problem=long", 303)
    language = language_of(request)
    body = {
        "kind": kind,
        "text": text,
        "data": data,
        "message": str(form.get("message", ""))[:64],
        "address": phone.ADDRESS,
        "language": language,
    }
    update = Update(
        channel="web",
        bot="demo",
        external_id=nonce if _NONCE.fullmatch(nonce) else secrets.token_hex(12),
        body=json.dumps(body, ensure_ascii=False),
        order_key=phone.ADDRESS,
        received_at=desk.clock(),
    )
    kept = await desk.act(desk.actions.keep, (update,))
    if kept and kind == "text":
        posted = phone.Posted(key=update.external_id, text=text, at=update.received_at)
        _posted(desk).append(posted)
    response: Response = (
        JSONResponse({"kept": update.external_id}, 202) if quiet else RedirectResponse("/chat", 303)
    )
    if kind == "command" and data == "language" and text in LANGUAGES:
        sessions.set_cookie(response, desk, "ankang_language", text, _YEAR)
    return response


@_at_home
async def events(request: Request, desk: Desk, phone_: Phone) -> Response:
    """New messages, as they come."""
    fallback = language_of(request)
    csrf = sessions.visit_token(sessions.visit(request))

    def _rows(rows: Reading) -> object:
        contact = rows.patients.contact_at("web", "demo", phone.ADDRESS)
        if contact is None:
            return None
        newest = [message.id for message in rows.conversation.latest(contact.patient_id, 1)]
        states = [state.value for state, _ in rows.outbox.states(contact.patient_id, 8).values()]
        return newest, states

    async def glance() -> object:
        return phone_.version, [p.key for p in _posted(desk)], await desk.read(_rows)

    async def draw() -> tuple[str, dict[str, Any]]:
        screen = await _screen(desk, phone_, fallback)
        html = desk.render("_chat.html", screen.language, screen=screen, csrf=csrf)
        return screen.version, {"html": html, "language": screen.language}

    async def allowed() -> bool:
        return True

    return live.stream(desk, glance=glance, draw=draw, allowed=allowed, every=0.15, wake=phone_)


@_at_home
async def picture(request: Request, desk: Desk, phone_: Phone) -> Response:
    """The PNG of a picture message."""
    content = phone_.picture(str(request.path_params["receipt"]))
    if content is None:
        raise HTTPException(404)
    return Response(content, media_type="image/png")


routes = [
    Route("/chat", show, methods=["GET"]),
    Route("/chat/send", send, methods=["POST"]),
    Route("/chat/events", events, methods=["GET"]),
    Route("/chat/pictures/{receipt}", picture, methods=["GET"]),
]
