"""`./ankang nurse`: somebody joins the care team, changes, or leaves."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from bot.domain.care_team import Role
from bot.escalations.team import change
from bot.opening import err, open_house, out

_SHORTEST = 10


def nurse(
    username: str,
    name: Annotated[str, typer.Option(help="shown to patients and colleagues")] = "",
    supervisor: Annotated[bool | None, typer.Option("--supervisor/--no-supervisor")] = None,
    language: Annotated[str, typer.Option(help="en or zh")] = "",
    on_shift: Annotated[bool | None, typer.Option("--on-shift/--off-shift")] = None,
    operator: Annotated[bool, typer.Option(help="called when the system itself is unwell")] = False,
    email: Annotated[str, typer.Option(help="where pages go beside the chat; none: -")] = "",
    unlink: Annotated[bool, typer.Option("--unlink", help="forget their Telegram")] = False,
    disabled: Annotated[
        bool | None, typer.Option("--disable/--enable", help="disable whoever leaves")
    ] = None,
) -> None:
    """Add a nurse, or change one; the password is asked for, or read from standard input.

    What is not given stays as it is; an empty password keeps the old one. To unlink or disable
    somebody no password is asked. Whoever is disabled cannot sign in or tap, and is called no more.
    """
    house = open_house()
    with house.store.reading() as rows:
        known = rows.care_team.by_username(username)
    leaves = unlink or disabled is True
    if leaves and known is None:
        err.print(f"There is no nurse {username}.")
        raise typer.Exit(1)
    if email not in ("", "-") and not all(email.partition("@")):
        err.print("--email: give an address such as bob@clinic.example, or - for none.")
        raise typer.Exit(1)
    given: dict[str, Any] = {
        "name": name or None,
        "role": _role(operator, supervisor),
        "email": "" if email == "-" else email or None,
        "password_hash": None if leaves else _password(needed=known is None),
        "language": language or None,
        "on_shift": on_shift,
        "telegram_id": "" if unlink else None,
        "active": None if disabled is None else not disabled,
    }
    changes = {field: value for field, value in given.items() if value is not None}
    member = change(house.services, username, changes, "operator")
    if not member.active:
        out.print(f"{member.name} can no longer sign in or tap, and is called no more.")
    elif unlink:
        out.print(f"{member.name} is no longer linked to a Telegram chat.")
    else:
        out.print(f"{member.name} can sign in as {username}.")


def _role(operator: bool, supervisor: bool | None) -> Role | None:
    if operator:
        return Role.ADMIN
    if supervisor is None:
        return None
    return Role.SUPERVISOR if supervisor else Role.NURSE


def _password(*, needed: bool) -> str | None:
    """The hash of a new one; None: the old one stays."""
    from bot.console.app import hash_password

    asked = (
        typer.prompt("Password", hide_input=True, default="", show_default=False)
        if sys.stdin.isatty()
        else sys.stdin.readline()
    )
    password = asked.strip()
    if len(password) < _SHORTEST and (password or needed):
        err.print(f"Please choose a password of at least {_SHORTEST} characters.")
        raise typer.Exit(1)
    return hash_password(password) if password else None
