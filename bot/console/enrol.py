"""A one-time link for a new patient, shown once."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.console.desk import Desk
from bot.console.sessions import Visitor, signed_in
from prompts import LANGUAGES, say


@signed_in
async def show(request: Request, desk: Desk, visitor: Visitor) -> Response:
    """The form."""
    return _page(request, desk)


@signed_in
async def make(request: Request, desk: Desk, visitor: Visitor) -> Response:
    """Make the link. It is in this answer and nowhere else: the house keeps only its hash."""
    form = await request.form(max_files=0, max_fields=20)
    chosen, name = str(form.get("language", "")), str(form.get("name", "")).strip()[:120]
    if chosen not in LANGUAGES or (name and not name.isprintable()):
        return _page(request, desk, status=422, problem="enrol_problem", name=name)
    link = await desk.act(desk.actions.enrol, chosen, name, visitor.member.id)
    is_link = link.startswith(("https://", "http://"))
    text = say(
        "console.enrol_text_link" if is_link else "console.enrol_text_code",
        chosen,
        name=name,
        clinic=desk.settings.clinic_name,
        link=link,
    )
    return _page(request, desk, link=link, text=text, text_language=chosen, name=name)


def _page(request: Request, desk: Desk, *, status: int = 200, **values: str) -> Response:
    known = {"problem": "", "name": "", "link": "", "text": "", "text_language": "en"}
    return desk.page(request, "enrol.html", status=status, **{**known, **values})


routes = [
    Route("/enrol", show, methods=["GET"]),
    Route("/enrol", make, methods=["POST"]),
]
