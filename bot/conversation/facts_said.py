"""What a message changes about what is known: said back, asked, or shown to a nurse."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import safety
from bot.conversation import edited, medicine_new
from bot.conversation.facts_turn import took_back
from bot.conversation.facts_words import button, day_of, noted_elsewhere
from bot.conversation.flagged import judged
from bot.conversation.readings import label, read_back
from bot.domain.message import TYPED, Button, Kind
from bot.domain.observation import Observation
from bot.domain.outbox import Draft
from bot.domain.turn import Concern, Turn
from bot.ports import Reading, Services
from bot.post import short_id
from bot.whom_to_call import number_to_call
from memory import Fact, correct, truth
from memory.correct import Correction
from memory.truth import Doubt, Settled
from prompts import say

_NUMBER = re.compile(r"\d+(?:\.\d+)?(?:/\d+)?")
_LATELY = 24 * 3600  #: seconds in which "70, not 7" can mean a reading


def settled(turn: Turn, rows: Reading) -> Settled:
    """What the words of this turn do to what is known; the same rows give the same answer."""
    if not _may_change(turn):
        return Settled()
    known = rows.facts.of(turn.patient_id, everything=True)
    if turn.incoming.kind is not Kind.EDITED:
        return _settled(turn, known)
    known, own, back = edited.before_it(turn, known, rows.record.memories(turn.patient_id))
    found = _settled(turn, known)
    return edited.laid_beside(turn, found, own, back) if own or back else found


def _may_change(turn: Turn) -> bool:
    """Words that state nothing and correct nothing leave everything as it is, whatever is known."""
    return turn.incoming.kind is Kind.EDITED or bool(turn.stated or _corrections(turn))


def _corrections(turn: Turn) -> tuple[Correction, ...]:
    return turn.once(correct.corrections, turn.text, language=turn.language)


def _settled(turn: Turn, known: Sequence[Fact]) -> Settled:
    return truth.settle(
        turn.text,
        language=turn.language,
        patient_id=turn.patient_id,
        source=turn.message.id,
        at=turn.message.at,
        known=known,
        clinic=noted_elsewhere(turn),
        mark=edited.mark_of(turn),
        stated=turn.stated,
    )


def _drafts(turn: Turn, services: Services) -> tuple[Draft, ...]:
    """What is to be said about it; rows are read again only where these words need more of them."""
    if not _may_change(turn):
        return ()
    if turn.incoming.kind is not Kind.EDITED:
        found = _settled(turn, turn.known)
        if not any(fact.kind == "MedicationStatement" for fact in found.added):
            return told(turn, found)
    with services.store.reading() as rows:
        found = settled(turn, rows)
        met = medicine_new.clashes(turn, found, rows)
    return (*told(turn, found), *medicine_new.told(turn, met))


def concerns(found: Settled) -> tuple[Concern, ...]:
    """What a person should see: an allergy taken back, the clinic contradicted, two that clash."""
    raised = [took_back(was) for was, _ in found.swapped if was.kind == "AllergyIntolerance"]
    raised += [
        Concern(reason="fact_contradicted", tier="P3", evidence={"clinic": doubt.old.text})
        for doubt in found.doubts
        if doubt.how == "clinic"
    ]
    raised += [
        Concern(
            reason="allergy_and_medicine",
            tier="P2",
            evidence={"allergy": allergy.text, "medicine": medicine.text},
        )
        for allergy, medicine in found.clashes
    ]
    return tuple(raised)


def corrected(turn: Turn, services: Services) -> Turn:
    """A correction is said back with a way to undo it; a contradiction is asked."""
    if turn.incoming.kind not in TYPED:
        return turn
    again = _reading(turn, services)
    if again.handled:
        return again
    drafts = _drafts(turn, services)
    return turn.say(*drafts) if drafts else turn


def asked_beside(turn: Turn, services: Services) -> Turn:
    """The same beside an answer that another room has given, so that no contradiction is lost."""
    if turn.incoming.kind not in TYPED:
        return turn
    return turn.say(*_drafts(turn, services))


def told(turn: Turn, found: Settled) -> tuple[Draft, ...]:
    """The drafts about corrections, doubts and clashes; () where there are none."""
    drafts = [_clash(turn, allergy.text, medicine.text) for allergy, medicine in found.clashes[:1]]
    rewritten = turn.incoming.kind is Kind.EDITED
    gone = "change_withdrawn" if rewritten else "change_ended"
    if found.swapped:
        lines = [
            say("facts.change_to", turn.language, was=was.text, now=now.text)
            if now
            else say(f"facts.{gone}", turn.language, was=was.text)
            for was, now in found.swapped
        ]
        undo = tuple((button(turn, "button_undo", "undo", was.id),) for was, _ in found.swapped[:1])
        words = say("facts.rewritten" if rewritten else "facts.changed", turn.language, lines=lines)
        drafts.append(Draft(text=words, buttons=undo, approved=True))
    drafts += [_doubt(turn, doubt) for doubt in found.doubts]
    return tuple(drafts)


def _clash(turn: Turn, allergy: str, medicine: str) -> Draft:
    number = number_to_call(turn.patient)
    words = say("facts.clash", turn.language, allergy=allergy, medicine=medicine, number=number)
    return Draft(text=words, approved=True)


def _doubt(turn: Turn, doubt: Doubt) -> Draft:
    old, new = doubt.old, doubt.new
    values: dict[str, object] = {"was": old.text, "day": day_of(turn, old)}
    buttons: list[Button] = []
    if doubt.how == "clinic":
        return Draft(text=say("facts.ask_clinic", turn.language, was=old.text), approved=True)
    if new is None:
        words = "facts.ask_denied"
        buttons = [
            button(turn, "button_not_so", "drop", old.id),
            button(turn, "button_keep", "keep", old.id),
        ]
    else:
        words = "facts.ask_differs"
        values["now"] = new.text
        buttons = [
            button(turn, "button_todays", "new", new.id),
            button(turn, "button_earlier", "keep", new.id),
            button(turn, "button_both", "both", new.id),
        ]
    rows = tuple((one,) for one in buttons)
    return Draft(text=say(words, turn.language, **values), buttons=rows, approved=True)


def _reading(turn: Turn, services: Services) -> Turn:
    """ "No, it's 70, not 7": the reading of today is taken back, and the new one judged."""
    for one in _corrections(turn):
        was, now = _NUMBER.fullmatch(one.was), _NUMBER.fullmatch(one.now)
        if was is None or now is None:
            continue
        old = next((o for o in turn.observations if _shows(o, one.was, turn)), None)
        if old is None:
            continue
        name = label(old.code, turn.language)
        meant = [
            r
            for r in safety.read_vitals(f"{name} {one.now} {old.unit}", language=turn.language)
            if r.code == old.code
        ]
        if not meant or meant[0].implausible:
            return turn
        reading = meant[0]
        new = Observation(
            id=short_id("observation", turn.message.id, old.code),
            patient_id=turn.patient_id,
            code=old.code,
            value=reading.value,
            diastolic=reading.diastolic,
            unit=reading.unit,
            said=turn.text[:60],
            source=turn.message.id,
            at=old.at,
        )
        back = say("facts.reading_replaced", turn.language, what=name, was=old.shown)
        kept = replace(turn, observed=(new,), withdrawn=(old.id,)).say(
            Draft(text=back, approved=True), read_back(turn, (new,))
        )
        return judged(kept, reading, services)
    return turn


def _shows(observation: Observation, was: str, turn: Turn) -> bool:
    late = (turn.now - observation.at).total_seconds() < _LATELY
    return late and was in _NUMBER.findall(observation.shown)
