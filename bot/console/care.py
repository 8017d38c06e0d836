"""What the care team sets for one patient beside the chat."""

from __future__ import annotations

from collections.abc import Callable

from starlette.datastructures import FormData

from bot.console.desk import Desk
from bot.domain.message import PatientId
from bot.ports import ConsoleActions

_PLAIN: dict[str, Callable[[ConsoleActions], Callable[[PatientId, str], None]]] = {
    "deceased": lambda actions: actions.mark_deceased,
    "not_deceased": lambda actions: actions.unmark_deceased,
}
DOES = frozenset(_PLAIN)


async def change(desk: Desk, patient_id: PatientId, member_id: str, form: FormData) -> None:
    """Do what the form says; a death is only marked with the box ticked."""
    what = str(form.get("do", ""))
    if what == "deceased" and form.get("sure") != "yes":
        return
    await desk.act(_PLAIN[what](desk.actions), patient_id, member_id)
