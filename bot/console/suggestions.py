"""What there is to talk over with one patient, on their page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from starlette.datastructures import FormData

from bot.console.desk import Desk
from bot.domain.message import PatientId
from bot.domain.suggestion import KeptSuggestion, SuggestionState, Why, message_of
from bot.ports import Reading
from bot.suggestions import Rule, rules
from knowledge.graph import graph

DOES = frozenset({"approve_suggestion", "dismiss_suggestion"})


@dataclass(frozen=True, kw_only=True)
class Shown:
    """An open suggestion with the rule behind it."""

    kept: KeptSuggestion
    rule: Rule

    @property
    def why(self) -> tuple[Why, ...]:
        """The lines of the record."""
        return self.kept.suggestion.why

    def title(self, language: str) -> str:
        """What it is about."""
        subject = self.kept.suggestion.subject
        colon = "：" if language == "zh" else ": "
        name = f"{colon}{graph().concept(subject).name(language)}" if subject in graph() else ""
        return self.rule.title[language] + name

    def what(self, line: Why, language: str) -> str:
        """A line's test by its name, what the rule offers, or the record's own words."""
        if line.kind in ("last", "never"):
            return (
                graph().concept(line.what).name(language)
                if line.what in graph()
                else self.rule.title[language]
            )
        return line.what


@dataclass(frozen=True, kw_only=True)
class OnItsWay:
    """A suggestion that was approved, and when it goes to the patient."""

    shown: Shown
    goes_at: datetime


def waiting(rows: Reading, patient_id: PatientId) -> tuple[Shown, ...]:
    """Those a nurse has not decided; of rules that are no more, none."""
    return tuple(
        Shown(kept=one, rule=rules()[one.suggestion.rule])
        for one in rows.suggestions.of(patient_id)
        if one.state is SuggestionState.OPEN and one.suggestion.rule in rules()
    )


def on_their_way(rows: Reading, patient_id: PatientId) -> tuple[OnItsWay, ...]:
    """Those that a nurse approved and that wait for the end of the patient's quiet hours."""
    held = rows.outbox.held_until(patient_id)
    found = (
        OnItsWay(
            shown=Shown(kept=one, rule=rules()[one.suggestion.rule]),
            goes_at=held[message_of(one.id)],
        )
        for one in (rows.suggestions.of(patient_id) if held else ())
        if message_of(one.id) in held and one.suggestion.rule in rules()
    )
    return tuple(sorted(found, key=lambda one: one.goes_at))


async def change(desk: Desk, patient_id: PatientId, member_id: str, form: FormData) -> str:
    """Say it to the patient or leave it; returns the word for what is wrong, or ""."""
    actions = desk.actions
    approves = form.get("do") == "approve_suggestion"
    act = actions.approve_suggestion if approves else actions.dismiss_suggestion
    suggestion_id = str(form.get("suggestion", ""))[:64]
    return await desk.act(act, patient_id, suggestion_id, member_id)
