"""The measurements in a patient's words: as observations, and read back as they were kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import safety
from bot.domain.message import Button, Kind
from bot.domain.observation import Observation
from bot.domain.outbox import Draft
from bot.domain.turn import Turn
from bot.post import short_id
from prompts import say
from safety import Reading


@dataclass(frozen=True, kw_only=True)
class Observed:
    """The readings of one message: firm ones, and those that need one question first."""

    certain: tuple[Observation, ...] = ()
    doubtful: tuple[Reading, ...] = ()


def label(code: str, language: str) -> str:
    """What a measurement is called."""
    return say(f"record.{code}", language)


def observed_in(turn: Turn) -> Observed:
    """Read the measurements out of the words of a message."""
    if turn.incoming.kind not in (Kind.TEXT, Kind.EDITED, Kind.PHOTO, Kind.FILE):
        return Observed()
    firm, doubtful = [], []
    for number, reading in enumerate(safety.read_vitals(turn.text, language=turn.language)):
        if reading.certain and not reading.implausible:
            firm.append(_observation(turn, reading, number))
        else:
            doubtful.append(reading)
    return Observed(certain=tuple(firm), doubtful=tuple(doubtful))


def read_back(turn: Turn, observations: Sequence[Observation]) -> Draft:
    """What was kept, in the words of the record, so that a slip is seen at once."""
    lines = [
        say("record.line", turn.language, what=label(o.code, turn.language), value=_value(o))
        for o in observations
    ]
    edited = turn.incoming.kind is Kind.EDITED
    words = say("record.changed" if edited else "record.kept", turn.language, lines=lines)
    return Draft(text=words, approved=True)


def is_it_yours(turn: Turn, code: str, shown: str) -> Draft:
    """Whose number it is, and of when: ``record.answer_to_doubt`` hears the answer."""
    words = say("record.yours", turn.language, what=label(code, turn.language), value=shown)
    rows = (
        (Button(label=say("record.yours_yes", turn.language), data="r:0"),),
        (Button(label=say("record.yours_no", turn.language), data="r:no_mine"),),
    )
    return Draft(text=words, buttons=rows, approved=True)


def _value(observation: Observation) -> str:
    """The value as kept, with the patient's own number before it where the unit was changed."""
    if observation.given:
        return f"{observation.given} = {observation.shown}"
    return observation.shown


def of_edited_message(turn: Turn) -> tuple[str, ...]:
    """Observations of the message that was edited."""
    original = short_id(
        "edited", turn.incoming.channel, turn.incoming.bot, turn.incoming.message_id
    )
    return tuple(o.id for o in turn.observations if o.id.startswith(original))


def _observation(turn: Turn, reading: Reading, number: int) -> Observation:
    # The id follows the message at the channel, so that an edit replaces its own reading.
    owner = short_id("edited", turn.incoming.channel, turn.incoming.bot, turn.incoming.message_id)
    edit = turn.message.id[:8] if turn.incoming.kind is Kind.EDITED else "0"
    return Observation(
        id=f"{owner}/{number}/{edit}",
        patient_id=turn.patient_id,
        code=reading.code,
        value=reading.value,
        diastolic=reading.diastolic,
        unit=reading.unit,
        said=reading.said,
        given=_given(reading),
        source=turn.message.id,
        at=turn.message.at,
    )


def _given(reading: Reading) -> str:
    """What the patient's own unit said, where it is not ours."""
    if not reading.original_unit or reading.original_unit == reading.unit:
        return ""
    return f"{reading.original_value:g} {reading.original_unit}"
