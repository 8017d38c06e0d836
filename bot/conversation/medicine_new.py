"""A medicine new in the record is held against all that stands there already."""

from __future__ import annotations

from bot.conversation.about_me import named
from bot.domain.clinical import EntryKind
from bot.domain.outbox import Draft
from bot.domain.turn import Concern, Turn
from bot.ports import Reading
from knowledge.graph import Clash, graph
from memory.truth import Settled
from prompts import say

_SERIOUS = ("contraindicated", "major")


def clashes(turn: Turn, found: Settled, rows: Reading) -> tuple[Clash, ...]:
    """What is serious between a medicine these words add and another one, the worst first."""
    new = [f for f in found.added if f.kind == "MedicationStatement"]
    if not new:
        return ()
    gone = {fact.id for fact in found.changed if fact.status != "current"}
    old = [
        fact
        for fact in rows.facts.of(turn.patient_id)
        if fact.kind == "MedicationStatement" and fact.status == "current" and fact.id not in gone
    ]
    entries = [e.name for e in turn.entries if e.kind is EntryKind.MEDICINE]
    added = named([fact.values.get("name", fact.text) for fact in new], turn.language)
    known = named([fact.values.get("name", fact.text) for fact in old] + entries, turn.language)
    listed = dict.fromkeys((*added, *known))
    return tuple(
        clash
        for clash in graph().interactions_in(listed)
        if clash.worst.severity in _SERIOUS and {clash.a, clash.b} & (added - known)
    )


def told(turn: Turn, found: tuple[Clash, ...]) -> tuple[Draft, ...]:
    """The worst one, in the patient's words; () where there is none."""
    if not found:
        return ()
    worst, language, known = found[0], turn.language, graph()
    first = known.concept(worst.a).name(language)
    words = say(
        "medicine.new",
        language,
        a=first[:1].upper() + first[1:],
        b=known.concept(worst.b).name(language),
        effect=worst.worst.effect(language),
        watch=worst.worst.watch(language),
        severity=say(f"medicine.severity_{worst.worst.severity}", language),
        sources=[
            f"{known.sources[key].title}, {known.sources[key].year}" for key in worst.worst.sources
        ],
    )
    return (Draft(text=words, approved=True),)


def concerns(found: tuple[Clash, ...]) -> tuple[Concern, ...]:
    """For the nurses' list: all of them in one matter."""
    if not found:
        return ()
    pairs = [f"{clash.a} + {clash.b} ({clash.worst.severity})" for clash in found]
    return (Concern(reason="medicine_clash", tier="P2", evidence={"found": pairs}),)
