"""STOP for one purpose: at once, read back, and undone only by a button or a new wish."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.conversation.purposes import unwanted
from bot.domain.checkin import CheckInState, Schedule, kinds
from bot.domain.message import TYPED, Button, Kind
from bot.domain.outbox import Draft, MessageClass
from bot.domain.patient import Patient, PatientStatus, Purpose
from bot.domain.turn import Concern, Turn
from bot.ports import Services
from bot.rule_words import schedule_in_words
from prompts import say

ENDED = "schedule.ended"  #: the trail of what was ended by a message; its subject is the message
_TAP = "p:"


def wish(turn: Turn, services: Services) -> Turn:
    """ "Stop the medicine reminders", "不要再问我血压了": that purpose is silent from now on."""
    if turn.incoming.kind is Kind.TAP and turn.incoming.data.startswith(_TAP):
        return _undone(turn, services)
    if turn.incoming.kind not in TYPED:
        return turn
    chosen = unwanted(turn.text, turn.language, turn.schedules)
    if chosen is None:
        return turn
    left = [one for one in turn.schedules if one not in chosen]
    if not chosen:
        return turn.say(_draft(turn, "nothing", left=_lines(turn, left)))
    ended = {one.id for one in chosen}
    closed = tuple(
        (asked, replace(asked, state=CheckInState.CANCELLED))
        for asked in turn.open_checkins
        if asked.schedule_id in ended
    )
    words = _draft(turn, "stopped", lines=_lines(turn, chosen), left=_lines(turn, left))
    undo = Button(label=say("stops.button_undo", turn.language), data=_TAP + turn.message.id)
    return turn.say(
        replace(words, buttons=((undo,),)),
        scheduled=tuple(replace(one, active=False) for one in chosen),
        answers=(*turn.answers, *closed),
        concerns=(*turn.concerns, *concern_of(chosen)),
    )


def unheard(patient: Patient) -> str:
    """Why a reminder set now would never come, as words of the catalogue; "": it would."""
    if patient.status is PatientStatus.STOPPED:
        return "stops.while_stopped"
    return "" if Purpose.REMINDERS in patient.consents else "stops.without_consent"


def concern_of(chosen: Sequence[Schedule]) -> list[Concern]:
    """Silence about a medicine or a measurement is something a person should know of."""
    clinical = [
        one.what for one in chosen if kinds()[one.kind].message_class is MessageClass.CLINICAL
    ]
    if not clinical:
        return []
    what = list(dict.fromkeys(clinical))
    return [Concern(reason="reminders_stopped", tier="P3", evidence={"what": what})]


def _undone(turn: Turn, services: Services) -> Turn:
    """What this message ended begins again; a second tap changes nothing."""
    message = turn.incoming.data.removeprefix(_TAP)
    with services.store.reading() as rows:
        ended = [
            str(event.detail.get("schedule", ""))
            for event in rows.audit.of(message)
            if event.type == ENDED and event.patient_id == turn.patient_id
        ]
        known = [rows.checkins.schedule(name) for name in ended]
    again = tuple(replace(one, active=True) for one in known if one is not None and not one.active)
    if not again:
        return turn.say(_draft(turn, "runs_already"))
    return turn.say(_draft(turn, "again", lines=_lines(turn, again)), scheduled=again)


def _lines(turn: Turn, schedules: Sequence[Schedule]) -> list[str]:
    named = {"wellness": "daily_question", "summary": "summary_of_week"}
    lines = []
    for one in schedules:
        what = one.what or say(f"reminders.{named.get(one.kind, 'daily_question')}", turn.language)
        rule = schedule_in_words(one, turn.patient.zone, turn.language)
        lines.append(say("reminders.line", turn.language, what=what, rule=rule))
    return lines


def _draft(turn: Turn, words: str, **values: object) -> Draft:
    return Draft(text=say(f"stops.{words}", turn.language, **values), approved=True)
