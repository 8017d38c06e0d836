"""The lines of the record that the screen reads, as a member sets and ends them."""

from __future__ import annotations

from starlette.datastructures import FormData

from bot.console.desk import Desk
from bot.domain.errors import AnkangError
from bot.domain.message import PatientId


async def change(desk: Desk, patient_id: PatientId, member_id: str, form: FormData) -> str:
    """Set or end one line; returns the name of the words that say what was wrong, or ""."""
    try:
        if str(form.get("do")) == "end":
            entry_id = str(form.get("entry", ""))[:40]
            await desk.act(desk.actions.end_entry, patient_id, member_id, entry_id)
            return ""
        kind, name = str(form.get("kind", "")), str(form.get("name", ""))[:200]
        value: float | None = None
        if kind.startswith("limit:"):
            kind, _, name = kind.partition(":")
            value = float(str(form.get("name", "")).replace(",", "."))
        await desk.act(desk.actions.set_entry, patient_id, member_id, kind, name, value)
    except ValueError:
        return "known_bad"
    except AnkangError as error:
        if not error.permanent:
            raise
        return "known_bad"
    return ""
