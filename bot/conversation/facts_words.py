"""Facts as the patient reads them: in groups, numbered, each with where it came from."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.clinical import EntryKind
from bot.domain.dates import day_in_words
from bot.domain.message import Button
from bot.domain.outbox import Draft
from bot.domain.turn import Turn
from bot.ports import Reading
from memory import Fact
from memory.fact import PATIENTS_OWN, about_field
from memory.statement import in_words
from prompts import say

#: What matters most in an emergency comes first.
GROUPS = (
    "AllergyIntolerance", "MedicationStatement", "Condition", "Observation", "Appointment", "Goal",
    "FamilyMemberHistory", "RelatedPerson", "Preference", "SocialHistory",
)  # fmt: skip
_ENTRIES = {EntryKind.CONDITION: "Condition", EntryKind.MEDICINE: "MedicationStatement"}
_SHOWN = 24
_WITH_BUTTONS = 8
_LONGEST_DATA = 64  #: bytes that a button of Telegram's can hold


def in_order(facts: Sequence[Fact]) -> list[Fact]:
    """By group, then by age; the oldest complaints are left out where there are too many."""
    newest = sorted(facts, key=lambda f: (f.guarded, f.recorded_at), reverse=True)[:_SHOWN]
    return sorted(newest, key=lambda f: (GROUPS.index(f.kind), f.recorded_at))


def noted_elsewhere(turn: Turn) -> list[Fact]:
    """The care team's own conditions and medicines, as facts the patient can read."""
    return [
        Fact(
            id=f"entry/{entry.id}",
            patient_id=turn.patient_id,
            kind=_ENTRIES[entry.kind],
            text=in_words(_ENTRIES[entry.kind], entry.name, turn.language),
            values={about_field(_ENTRIES[entry.kind]): entry.name},
            said_by="nurse",
            author=entry.set_by,
            language=turn.language,
            recorded_at=entry.set_at,
        )
        for entry in turn.entries
        if entry.kind in _ENTRIES
    ]


def known(turn: Turn, facts: Sequence[Fact], rows: Reading) -> Draft:
    """The list with its buttons; ``facts`` are in order."""
    lines: list[str] = []
    group = ""
    for number, fact in enumerate(facts, 1):
        if fact.kind != group:
            group = fact.kind
            lines.append(say(f"facts.group_{group}", turn.language))
        lines.append(_line(turn, fact, number, rows))
    text = say("facts.known", turn.language, lines=lines)
    if len(facts) == _SHOWN:
        text += "\n" + say("facts.more", turn.language, count=_SHOWN)
    buttons = [_buttons(turn, fact, number) for number, fact in enumerate(facts, 1)]
    rows_of = [row for row in buttons[:_WITH_BUTTONS] if row]
    return Draft(text=text, buttons=tuple(rows_of), approved=True)


def day_of(turn: Turn, fact: Fact) -> str:
    """The day it was said, on the patient's calendar."""
    return day_in_words(fact.recorded_at, turn.patient.zone, turn.language)


def button(turn: Turn, words: str, act: str, subject: str, **values: object) -> Button:
    """A button of this room: ``f:act:subject``."""
    return Button(label=say(f"facts.{words}", turn.language, **values), data=f"f:{act}:{subject}")


def _line(turn: Turn, fact: Fact, number: int, rows: Reading) -> str:
    member = rows.care_team.get(fact.author) if fact.author else None
    name = member.name if member else say("facts.looked_member", turn.language)
    mark = ""
    if fact.disputes:
        mark = say("facts.mark_disputed", turn.language)
    elif fact.verification == "unconfirmed":
        mark = say("facts.mark_unconfirmed", turn.language)
    who = "inferred" if fact.said_by == "bot" else fact.said_by
    return say(
        "facts.line",
        turn.language,
        number=number,
        text=fact.text,
        who=say(f"facts.who_{who}", turn.language, name=name),
        day=day_of(turn, fact),
        mark=mark,
    )


def _buttons(turn: Turn, fact: Fact, number: int) -> tuple[Button, ...]:
    found = []
    if fact.verification == "unconfirmed":
        found.append(button(turn, "button_yes", "yes", fact.id, number=number))
    found.append(button(turn, "button_wrong", "wrong", fact.id, number=number))
    if fact.said_by in PATIENTS_OWN:
        found.append(button(turn, "button_forget", "forget", fact.id, number=number))
    return tuple(b for b in found if len(b.data.encode()) <= _LONGEST_DATA)
