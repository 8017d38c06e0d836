"""`./ankang rota`: who is on shift when, now and in the week to come."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.table import Table

from bot.bootstrap import House
from bot.domain import canary
from bot.domain.care_team import CareTeamMember, Role
from bot.domain.rota import Shift, on_duty, uncovered, zone_in
from bot.escalations import rota
from bot.opening import err, open_house, out
from bot.ports import Reading

app = typer.Typer(
    help="The rota: show it, add and remove shifts, load a file.", no_args_is_help=True
)
_ACTOR = "operator"
_WEEK = timedelta(days=7)
_SHOWN = 12  #: gaps


@app.command()
def show(
    zone: Annotated[str, typer.Option(help="city or IANA zone to tell times in")] = "UTC",
) -> None:
    """Who is on shift now, everybody's shifts, and when nobody is there in the next seven days."""
    house: House = open_house()
    now, clock = house.services.clock(), ZoneInfo(_zone(zone))
    with house.store.reading() as rows:
        everybody, shifts = rows.care_team.all(), rows.care_team.shifts()
    members = [m for m in everybody if m.active and m.id != canary.MEMBER]
    table = Table("number", "member", "now", "shifts")
    for member in on_duty(members, shifts, now):
        own = [shift for shift in shifts if shift.member_id == member.id]
        always = "always" if member.on_shift and not own else "switched off" if not own else ""
        table.add_row(
            "\n".join(shift.id for shift in own),
            f"{member.name} ({member.username}, {member.role.value})",
            "on shift" if member.on_shift else "off",
            "\n".join(shift.brief() for shift in own) or always,
        )
    out.print(table)
    for begins, ends in _gaps(members, shifts, now)[:_SHOWN]:
        out.print(
            f"Nobody on shift: {begins.astimezone(clock):%a %d %b %H:%M} "
            f"to {ends.astimezone(clock):%a %d %b %H:%M} ({zone}). The supervisor is called.",
            highlight=False,
        )


def _gaps(
    members: list[CareTeamMember], shifts: list[Shift], now: datetime
) -> list[tuple[datetime, datetime]]:
    named = {shift.member_id for shift in shifts}
    if any(m.on_shift and m.id not in named and m.role is not Role.ADMIN for m in members):
        return []  # somebody without shifts counts as always there
    active = {member.id for member in members if member.on_shift}
    return uncovered([s for s in shifts if s.member_id in active], now, now + _WEEK)


@app.command()
def add(
    username: str,
    days: Annotated[str, typer.Argument(help="mon-fri · sat,sun · daily · 周一至周五")],
    hours: Annotated[str, typer.Argument(help="08:00-16:00; over midnight: 22:00-06:00")],
    zone: Annotated[str, typer.Option(help="city or IANA zone of these hours")] = "UTC",
) -> None:
    """One more weekly shift of a nurse."""
    house: House = open_house()
    begins, _, ends = hours.partition("-")
    with house.store.reading() as rows:
        member = _member(rows, username)
    try:
        shift = rota.add_shift(house.services, member.id, days, begins, ends, zone, _ACTOR)
    except ValueError as error:
        err.print(f"{error}.", highlight=False)
        raise typer.Exit(2) from None
    out.print(f"{member.name}: {shift.brief()}", highlight=False)


@app.command()
def remove(number: Annotated[str, typer.Argument(help="as `rota show` prints it")]) -> None:
    """Take one shift out."""
    house: House = open_house()
    if not rota.remove_shift(house.services, number, _ACTOR):
        err.print(f"There is no shift {number}.")
        raise typer.Exit(1)
    out.print("Removed.")


@app.command()
def load(file: Path) -> None:
    """A whole rota from a TOML file, in place of the one there was; all of it or nothing."""
    house: House = open_house()
    try:
        shifts = rota.load(house.services, file.read_text("utf-8"), _ACTOR)
    except (ValueError, OSError) as error:
        err.print(f"{file.name}: {error}. Nothing was changed.", highlight=False)
        raise typer.Exit(2) from None
    out.print(f"{len(shifts)} shifts.")


def _zone(text: str) -> str:
    try:
        return zone_in(text)
    except ValueError as error:
        err.print(f"--zone: {error}.", highlight=False)
        raise typer.Exit(2) from None


def _member(rows: Reading, username: str) -> CareTeamMember:
    member = rows.care_team.by_username(username)
    if member is None or not member.active:
        err.print(f"There is no nurse {username}.")
        raise typer.Exit(1)
    return member
