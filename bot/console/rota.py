"""The rota: who is on shift now, when everybody is, and when nobody is there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.console.desk import Desk
from bot.console.sessions import Visitor, signed_in
from bot.domain import canary
from bot.domain.care_team import CareTeamMember, Role
from bot.domain.errors import AnkangError
from bot.domain.rota import Shift, clock_in, days_in, on_duty, uncovered, zone_in
from bot.ports import Reading

_WEEK = timedelta(days=7)
_GAPS = 8
_READ = {"days": days_in, "from": clock_in, "until": clock_in, "zone": zone_in}
_MAY = (Role.SUPERVISOR, Role.ADMIN)


@dataclass(frozen=True, kw_only=True)
class Rota:
    """Everything the page shows."""

    members: tuple[tuple[CareTeamMember, tuple[Shift, ...]], ...]  #: with ``on_shift`` as it is now
    switched_off: frozenset[str]
    gaps: tuple[tuple[datetime, datetime], ...]
    zone: ZoneInfo


def read(rows: Reading, now: datetime) -> Rota:
    """The rota as it stands at this moment."""
    everybody, shifts = rows.care_team.all(), rows.care_team.shifts()
    people = [m for m in everybody if m.active and m.id != canary.MEMBER]
    off = frozenset(member.id for member in people if not member.on_shift)
    with_shifts = {shift.member_id for shift in shifts}
    always = any(m.id not in with_shifts and m.id not in off for m in people)
    counted = [shift for shift in shifts if shift.member_id not in off]
    return Rota(
        members=tuple(
            (member, tuple(s for s in shifts if s.member_id == member.id))
            for member in on_duty(people, shifts, now)
        ),
        switched_off=off,
        gaps=() if always else tuple(uncovered(counted, now, now + _WEEK)[:_GAPS]),
        zone=ZoneInfo(shifts[0].timezone if shifts else "UTC"),
    )


@signed_in
async def show(request: Request, desk: Desk, visitor: Visitor) -> Response:
    """The page; supervisors may change everybody's shifts, others switch themselves off and on."""
    return await _page(request, desk, visitor)


async def _page(
    request: Request,
    desk: Desk,
    visitor: Visitor,
    *,
    problem: tuple[str, str] | None = None,
    status: int = 200,
) -> Response:
    rota = await desk.read(lambda rows: read(rows, desk.clock()))
    may = visitor.member.role in _MAY
    return desk.page(request, "rota.html", status=status, rota=rota, may=may, problem=problem)


@signed_in
async def change(request: Request, desk: Desk, visitor: Visitor) -> Response:
    """Add or remove a shift, or switch somebody off and on."""
    form = await request.form(max_files=0, max_fields=20)
    what, me = str(form.get("do", "")), visitor.member
    whom = str(form.get("member", me.id))[:40]
    if me.role not in _MAY and (what not in ("on", "off") or whom != me.id):
        raise HTTPException(403)
    try:
        if what in ("on", "off"):
            await desk.act(desk.actions.switch_shift, whom, what == "on", me.id)
        elif what == "add":
            fields = [str(form.get(name, ""))[:64] for name in ("days", "from", "until", "zone")]
            await desk.act(desk.actions.add_shift, whom, *fields, me.id)
        elif what == "remove":
            await desk.act(desk.actions.remove_shift, str(form.get("shift", ""))[:24], me.id)
        else:
            raise HTTPException(400)
    except ValueError:
        return await _page(request, desk, visitor, problem=_wrong(form), status=422)
    except AnkangError as error:
        if not error.permanent:
            raise
        raise HTTPException(404) from error
    return RedirectResponse("/rota", 303)


def _wrong(form: FormData) -> tuple[str, str]:
    """The first field that cannot be read, and what was written there."""
    for name, reads in _READ.items():
        written = str(form.get(name, ""))[:64]
        try:
            reads(written)
        except ValueError:
            return name, written
    return "days", str(form.get("days", ""))[:64]


routes = [
    Route("/rota", show, methods=["GET"]),
    Route("/rota", change, methods=["POST"]),
]
