"""What `./ankang restore` has done and what a person must look at, line by line."""

from __future__ import annotations

from collections.abc import Iterator

from bot.carrying_over import CarriedOver
from bot.restoring import Restored

_DONE = {
    "stopped": "had said STOP since and are stopped again",
    "deceased": "were marked as deceased since; nothing begins by itself for them",
    "paused": "had asked for silence since and are paused again",
    "enrolled": "had said no to care messages since and are written to no more",
    "withdrew": "consents were withdrawn since and are withdrawn again",
    "carers": "carers may hear less again, or nothing, as the patients decided since",
    "schedules": "reminders and questions were ended since and are ended again",
    "members": "members of the team are as they are since (left, password, chat, role)",
}
_CHECK = {
    "unread": "could not be read in the database that was there; what was limited there may be "
    "allowed again",
    "agreed": "consents were given since and are not put back: /consent asks again",
    "begun": "patients had begun again since (START, a pause ended) and are silent now: ask them",
    "not_deceased": "patients are marked as deceased by the backup, and were not any more: "
    "take the mark back on their page",
    "enrolled": "patients were enrolled since and are gone: enrol them again",
    "schedules": "patients had reminders set since that are gone: set them again",
    "joined": "members joined the team or came back since: ./ankang nurse",
    "older": "is the newest in the database that was there, which is older than the backup: "
    "nothing was taken from it",
}


def lines(done: Restored) -> Iterator[str]:
    """Ids only, never a name."""
    yield f"Restored {done.patients} patients."
    yield from (f"Erased again: {patient_id}" for patient_id in done.erased_again)
    for kind, ids in done.carried.done.items():
        yield f"{len(ids)} {_DONE[kind]}: {', '.join(ids)}"
    if done.unsent:
        yield f"{done.unsent} messages may have been sent already and will not be sent again."
    if done.replaced is not None:
        yield f"The database that was there: {done.replaced}. Delete it in time."
    for kind, ids in done.carried.check.items():
        yield f"CHECK: {len(ids)} {_CHECK[kind]}: {', '.join(ids)}"
    yield from _unknown(done.carried)


def _unknown(carried: CarriedOver) -> Iterator[str]:
    """What only people know now."""
    at = f"{carried.backed_up:%Y-%m-%d %H:%M} UTC" if carried.backed_up else "the backup"
    if carried.newer:
        yield (
            f"CHECK: what patients and nurses wrote or entered after {at} is not in this house "
            "(allergies, medicines, what was to be forgotten): a nurse should look at the old one."
        )
        return
    yield (
        f"CHECK BEFORE YOU START: no newer database was at hand. Whatever was limited after {at} "
        "is allowed again. Ask the nurses, and put right by hand:"
    )
    yield "- who said STOP, or took back a consent (care messages, reminders, nurses, model);"
    yield "- who has died since: mark them as deceased on their page, before a reminder goes out;"
    yield "- which carers were to be told no more, or less: the patient says so in the chat;"
    yield "- which reminders were ended, and which allergies or medicines changed;"
    yield (
        "- who has left the team: ./ankang nurse NAME --disable; whose password was changed is "
        "to change it again."
    )
