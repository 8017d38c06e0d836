"""What the language model is told about a patient: facts, memories and months, in a budget."""

from __future__ import annotations

from dataclasses import dataclass

from bot.conversation import memory_turn
from bot.conversation.readings import label
from bot.domain.message import Direction, Message
from bot.domain.turn import Turn
from bot.ports import Services
from memory import Fact, Recalled
from memory.budget import within
from memory.summary import Sentence

_MONTHS = 6  #: the newest months whose sentences may be told
_SHARE_OF_FACTS = 0.5  #: of the budget at most; what was said before gets the rest


@dataclass(frozen=True, kw_only=True)
class Notes:
    """Everything told, each with its source; ``history``: the last messages still remembered."""

    facts: tuple[Fact, ...] = ()
    memories: tuple[Recalled, ...] = ()
    months: tuple[Sentence, ...] = ()
    history: tuple[Message, ...] = ()

    @property
    def texts(self) -> tuple[str, ...]:
        """The words of all of them."""
        return (
            *(fact.text for fact in self.facts),
            *(one.memory.text for one in self.memories),
            *(sentence.text for sentence in self.months),
        )


def notes(turn: Turn, services: Services) -> Notes:
    """Allergies and medicines first, then what fits the message best, then the months in short."""
    found = memory_turn.recall(turn, services)
    with services.store.reading() as rows:
        facts = rows.facts.of(turn.patient_id)
        months = rows.summaries.of(turn.patient_id)[-_MONTHS:]
        kept = {m.source for m in rows.record.memories(turn.patient_id)}
    budget = services.notes_tokens
    facts.sort(
        key=lambda f: (not f.guarded, f.verification != "certain", -f.recorded_at.timestamp())
    )
    share = int(budget * _SHARE_OF_FACTS)
    told, left = within(share, ((f.text, f) for f in facts))
    recalled, left = within(budget - share + left, ((r.memory.text, r) for r in found))
    met = {r.memory.source for r in recalled}
    short = [s for m in reversed(months) for s in m.sentences if not met.issuperset(s.sources)]
    sentences, _ = within(left, ((s.text, s) for s in short))
    return Notes(
        facts=tuple(told),
        memories=tuple(recalled),
        months=tuple(sorted(sentences, key=lambda s: s.day)),
        history=_remembered(turn, kept),
    )


def _remembered(turn: Turn, kept: set[str]) -> tuple[Message, ...]:
    """Without messages that were forgotten, and without the answers to them."""
    found: list[Message] = []
    gone = False
    for message in turn.history:
        if message.direction is Direction.INBOUND:
            gone = message.id not in kept and message.id != turn.message.id
        if not gone:
            found.append(message)
    return tuple(found)


def said(turn: Turn, known: Notes) -> str:
    """What was said before, and what is said now."""
    lines = [
        f"{'Patient' if m.direction is Direction.INBOUND else 'Assistant'}: {m.text[:500]}"
        for m in known.history
        if m.id != turn.message.id and m.text
    ]
    return "\n".join([*lines, f"Patient: {turn.text[:2000]}"])


def readings(turn: Turn) -> list[str]:
    """The newest readings, a line each."""
    zone = turn.patient.zone
    return [
        f"{o.at.astimezone(zone):%Y-%m-%d %H:%M} {label(o.code, turn.language)} {o.shown}"
        for o in turn.observations[:12]
    ]


def names(turn: Turn) -> tuple[str, ...]:
    """What no model is told."""
    return (turn.patient.name,) if turn.patient.name else ()
