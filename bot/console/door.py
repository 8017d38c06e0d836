"""In and out of the console, and which language it speaks."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.console import sessions
from bot.console.desk import Desk, desk_of
from bot.ports import UnitOfWork
from prompts import LANGUAGES

_YEAR = timedelta(days=365)


async def show(request: Request) -> Response:
    """The sign-in page; somebody who is in already goes on to their work."""
    desk = desk_of(request)
    target = sessions.safe_path(request.query_params.get("next", "/work"))
    if await sessions.find(desk, request.cookies.get(sessions.COOKIE, "")):
        return RedirectResponse(target, 303)
    return _page(request, desk, target=target)


async def enter(request: Request) -> Response:
    """Check the name and the password."""
    desk = desk_of(request)
    form = await request.form(max_files=0, max_fields=20)
    target = sessions.safe_path(str(form.get("next", "/work")))
    if not sessions.visit_fits(request, str(form.get("csrf", ""))):
        return _page(request, desk, target=target, problem="problem_form", status=403)
    username = str(form.get("username", "")).strip()[:64]
    password = str(form.get("password", ""))[:1024]
    visitor = await sessions.sign_in(desk, username, password) if username.isprintable() else None
    if visitor is None:
        return _page(
            request, desk, target=target, problem="sign_in_failed", status=401, username=username
        )
    old = await sessions.find(desk, request.cookies.get(sessions.COOKIE, ""))
    if old is not None:
        await sessions.sign_out(desk, old)
    response = RedirectResponse(target, 303)
    sessions.set_cookie(response, desk, sessions.COOKIE, visitor.token, sessions.LASTING)
    return response


@sessions.signed_in
async def leave(request: Request, desk: Desk, visitor: sessions.Visitor) -> Response:
    """End the session."""
    await sessions.sign_out(desk, visitor)
    response = RedirectResponse("/sign-in", 303)
    response.delete_cookie(sessions.COOKIE, path="/")
    return response


async def language(request: Request) -> Response:
    """Another language: for a member kept in their row, for a visitor in a cookie."""
    desk = desk_of(request)
    form = await request.form(max_files=0, max_fields=20)
    chosen, token = str(form.get("language", "")), str(form.get("csrf", ""))
    response = RedirectResponse(sessions.safe_path(str(form.get("here", "/work"))), 303)
    visitor = await sessions.find(desk, request.cookies.get(sessions.COOKIE, ""))
    fits = token == visitor.csrf if visitor else sessions.visit_fits(request, token)
    if chosen not in LANGUAGES or not fits:
        return response
    if visitor is not None:
        await desk.write(lambda work: _speak(work, visitor.member.id, chosen))
    sessions.set_cookie(response, desk, "ankang_language", chosen, _YEAR)
    return response


def _speak(work: UnitOfWork, member_id: str, chosen: str) -> None:
    member = work.care_team.get(member_id)
    if member is not None:
        work.care_team.save(replace(member, language=chosen))


def _page(
    request: Request,
    desk: Desk,
    *,
    target: str,
    problem: str = "",
    status: int = 200,
    username: str = "",
) -> Response:
    secret = sessions.visit(request)
    response = desk.page(
        request,
        "sign_in.html",
        status=status,
        target=target,
        problem=problem,
        username=username,
        csrf=sessions.visit_token(secret),
    )
    sessions.set_cookie(response, desk, sessions.VISIT, secret, _YEAR)
    return response


routes = [
    Route("/sign-in", show, methods=["GET"]),
    Route("/sign-in", enter, methods=["POST"]),
    Route("/sign-out", leave, methods=["POST"]),
    Route("/language", language, methods=["POST"]),
]
