"""The console as one ASGI application: routes, guards and what to say when something fails."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from bot.console import (
    chat,
    door,
    drafted,
    enrol,
    escalation_live,
    escalations,
    files,
    patients,
    rota,
    work,
)
from bot.console.desk import HERE, ConsoleSettings, Desk, Phone, Wake, desk_of
from bot.console.guard import Guard
from bot.console.sessions import hash_password, password_fits
from bot.domain.errors import AnkangError, KeyMissing, StoreError
from bot.ports import Clock, ConsoleActions, Store

__all__ = ["ConsoleSettings", "build", "hash_password", "password_fits"]


def build(
    *,
    store: Store,
    clock: Clock,
    actions: ConsoleActions,
    settings: ConsoleSettings,
    wake: Wake | None = None,
    phone: Phone | None = None,
) -> Starlette:
    """The console, and the demo patient's chat where ``settings`` allow it.

    ``wake.wait(timeout)`` ends the pauses of live pages early; without it they look twice a
    second. ``phone`` is the web channel. ``app.state.desk.closing.set()`` ends every live page,
    so that a server can stop without waiting for browsers.
    """
    routes: list[BaseRoute] = [
        *settings.extra_routes,
        Route("/", _home),
        Mount("/static", StaticFiles(directory=HERE / "static"), name="static"),
        *door.routes,
        *work.routes,
        *escalations.routes,
        *escalation_live.routes,
        *patients.routes,
        *drafted.routes,
        *files.routes,
        *enrol.routes,
        *rota.routes,
    ]
    if settings.demo and settings.loopback and phone is not None:
        routes += chat.routes
    exempt = frozenset(str(getattr(route, "path", "")) for route in settings.extra_routes)
    app = Starlette(
        routes=routes,
        middleware=[Middleware(Guard, https=settings.secure_cookies, exempt=exempt)],
        exception_handlers={HTTPException: _http, AnkangError: _failed},
    )
    app.state.desk = Desk(
        store=store, clock=clock, actions=actions, settings=settings, wake=wake, phone=phone
    )
    return app


async def _home(request: Request) -> Response:
    return RedirectResponse("/work", 303)


async def _http(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    words = "problem_not_found" if status in (404, 405) else "problem_request"
    return desk_of(request).page(request, "problem.html", status=status, problem=words)


async def _failed(request: Request, error: Exception) -> Response:
    """Approved words for every failure; the log of the server holds the rest."""
    if isinstance(error, StoreError):
        status, words = 503, "problem_store"
    elif isinstance(error, KeyMissing):
        status, words = 410, "problem_key"
    else:
        status, words = 409, "problem_action"
    return desk_of(request).page(request, "problem.html", status=status, problem=words)
