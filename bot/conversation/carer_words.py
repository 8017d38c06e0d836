"""What is said to patients and carers about sharing, and what a carer may hear."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from bot.conversation.facts_words import in_order
from bot.conversation.readings import label
from bot.domain.carer import Carer, Scope
from bot.domain.checkin import CheckInState, Schedule
from bot.domain.dates import day_in_words
from bot.domain.message import TO_CARER, Button, Direction, Message
from bot.domain.outbox import USEFUL_FOR, Draft, MessageClass, Parcel
from bot.domain.patient import Patient
from bot.ports import Reading, UnitOfWork
from bot.rule_words import schedule_in_words
from prompts import say

TAP = "carer:"
_READINGS = 6
_DAYS = timedelta(days=2)  #: so far back a carer hears what was answered
_ANSWERED = {
    CheckInState.ANSWERED: "answered",
    CheckInState.MISSED: "missed",
    CheckInState.ASKED: "asked",
}


def name_of(carer: Carer, language: str) -> str:
    """How the messenger calls them; "somebody" where it says nothing."""
    return carer.name or say("carer.somebody", language)


def lines_of(scopes: Iterable[Scope], language: str) -> list[str]:
    """Every scope with yes or no."""
    return [
        say(
            "carer.ask_line",
            language,
            what=say(f"carer.scope_{scope.value}", language),
            answer=say("carer.yes" if scope in scopes else "carer.no", language),
        )
        for scope in Scope
    ]


def choice(carer: Carer, language: str, *, first: bool = False) -> Draft:
    """What this carer may hear, with a button for each thing."""
    who = name_of(carer, language)
    words = say(
        "carer.ask" if first else "carer.state",
        language,
        name=who,
        lines=lines_of(carer.scopes, language),
    )
    rows = []
    for scope in Scope:
        act = "hide" if scope in carer.scopes else "share"
        words_of = say(f"carer.button_{act}_{scope.value}", language)
        rows.append((Button(label=words_of, data=f"{TAP}{act}:{scope.value}:{carer.id}"),))
    end = Button(label=say("carer.button_end", language), data=f"{TAP}end::{carer.id}")
    return Draft(text=words, buttons=(*rows, (end,)), approved=True)


def told_of_change(carer: Carer) -> str:
    """What the carer hears when the patient has chosen."""
    if carer.ended_at is not None:
        return say("carer.told_ended", carer.language)
    if not carer.scopes:
        return say("carer.told_nothing", carer.language)
    lines = lines_of(carer.scopes, carer.language)
    return say("carer.told_changed", carer.language, lines=lines)


def to_carer(
    work: UnitOfWork,
    carer: Carer,
    text: str,
    key: str,
    now: datetime,
    *,
    scopes: Iterable[Scope] = (),
    message_class: MessageClass = MessageClass.REPLY,
    shown: bool = False,
) -> None:
    """Put words for a carer in the post, under the patient's key.

    ``scopes``: what they tell of; they go out only while the patient agrees to each.
    ``shown``: a nurse reads them in the conversation, as said to the carer.
    """
    if shown:
        work.conversation.add(
            Message(
                id=key,
                patient_id=carer.patient_id,
                direction=Direction.OUTBOUND,
                author=TO_CARER,
                text=text,
                at=now,
            )
        )
    useful = USEFUL_FOR[message_class]
    work.outbox.add(
        Parcel(
            key=key,
            channel=carer.channel,
            bot=carer.bot,
            address=carer.address,
            patient_id=carer.patient_id,
            message_class=message_class,
            text=text,
            message_id=key if shown else "",
            carer_id=carer.id,
            scopes=frozenset(scopes),
            not_before=now,
            useless_after=now + useful if useful else None,
        )
    )


def shared(
    rows: Reading, carer: Carer, patient: Patient, wanted: Iterable[Scope], now: datetime
) -> tuple[str, list[Scope]]:
    """What a carer may hear of what is wanted, and of which groups; nothing else is read."""
    open_ = [scope for scope in Scope if scope in wanted and scope in carer.scopes]
    closed = [scope for scope in Scope if scope in wanted and scope not in carer.scopes]
    language = carer.language
    parts = []
    for scope in open_:
        lines = _GROUPS[scope](rows, patient, language, now)
        head = say(f"carer.head_{scope.value}", language)
        shown = lines or [say("carer.nothing_known", language)]
        colon = "：" if language == "zh" else ":"
        parts.append("\n".join([head + colon, *(f"• {line}" for line in shown)]))
    if not open_:
        return say("carer.not_agreed", language), []
    for scope in closed:
        what = say(f"carer.scope_{scope.value}", language)
        parts.append(say("carer.hidden", language, what=what))
    return "\n\n".join(parts), open_


def _reminders(rows: Reading, patient: Patient, language: str, now: datetime) -> list[str]:
    schedules = {
        one.id: one for one in rows.checkins.schedules(patient.id) if one.kind in _REMINDED
    }
    lines = [_named(one, patient, language) for one in schedules.values()]
    for asked in rows.checkins.between(patient.id, now - _DAYS, now):
        schedule = schedules.get(asked.schedule_id)
        if schedule is not None and asked.asks and asked.state in _ANSWERED:
            lines.append(
                say(
                    "carer.reminder_day",
                    language,
                    day=day_in_words(asked.due_at, patient.zone, language),
                    what=schedule.what or _named(schedule, patient, language),
                    answer=say(f"carer.{_ANSWERED[asked.state]}", language),
                )
            )
    return lines


def _named(schedule: Schedule, patient: Patient, language: str) -> str:
    times = schedule_in_words(schedule, patient.zone, language)
    if not schedule.what:
        return times
    return say("carer.reminder_line", language, time=times, what=schedule.what)


def _readings(rows: Reading, patient: Patient, language: str, now: datetime) -> list[str]:
    newest = sorted(rows.record.observations(patient.id, limit=200), key=lambda o: o.at)
    return [
        say(
            "carer.reading_line",
            language,
            day=day_in_words(o.at, patient.zone, language),
            what=label(o.code, language),
            value=o.shown,
        )
        for o in newest[-_READINGS:]
        if o.code in _SHOWN
    ]


#: "How are you?" and questionnaires are between the patient and the nurses.
_REMINDED = frozenset({"medicine", "measurement", "appointment", "reminder"})
#: A score of a questionnaire or a feeling is no reading: those answers were given to the nurses.
_SHOWN = frozenset(
    {"blood_pressure", "heart_rate", "glucose", "weight", "temperature", "spo2", "peak_flow", "inr"}
)


def _record(rows: Reading, patient: Patient, language: str, now: datetime) -> list[str]:
    told = [fact for fact in rows.facts.of(patient.id) if fact.kind in _TOLD]
    return [fact.text for fact in in_order(told)]


#: What people say of their homes and families is not passed on.
_TOLD = frozenset({"AllergyIntolerance", "MedicationStatement", "Condition", "Appointment"})


_GROUPS = {
    Scope.REMINDERS: _reminders,
    Scope.READINGS: _readings,
    Scope.RECORD: _record,
}
