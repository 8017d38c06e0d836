"""Readings go into the record, read back; trends come out of it, as text and as a picture."""

from __future__ import annotations

import re
from dataclasses import replace

from bot import charts
from bot.conversation.flagged import judged
from bot.conversation.knowledge_turn import QUESTION
from bot.conversation.readings import (
    is_it_yours,
    label,
    observed_in,
    of_edited_message,
    read_back,
)
from bot.domain.message import Button, Kind
from bot.domain.observation import CODES, Observation
from bot.domain.outbox import Draft
from bot.domain.turn import Turn
from bot.plans.wanted import codes_in
from bot.ports import Services
from bot.post import short_id
from prompts import say
from safety import Reading

_TREND = re.compile(
    r"\b(?:trend|chart|graph|history|plot|so far|(?:last|past) (?:week|month)|over time)\b"
    r"|\b(?:show|see|(?:what|how) (?:are|were|is|was|has|have))\b.{0,20}"
    r"\b(?:my|readings?|values?|numbers?)\b"
    r"|趋势|曲线|图表|走势|变化|最近.{0,6}(?:怎么样|多少|情况|记录)|(?:看看|看一下|查|显示).{0,6}我的"
    r"|我的.{0,6}(?:记录|数据|读数)",
    re.IGNORECASE,
)
_DRAWN = 60


def record(turn: Turn, services: Services) -> Turn:
    """Keep readings and read them back; ask once where a unit or a number is in doubt."""
    found = observed_in(turn)
    if not (found.certain or found.doubtful) or (QUESTION.search(turn.text) and not found.certain):
        return turn
    if turn.incoming.kind is Kind.EDITED:
        turn = replace(turn, withdrawn=of_edited_message(turn))
    drafts = [read_back(turn, found.certain)] if found.certain else []
    dialogue = turn.dialogue
    if found.doubtful:
        doubt = found.doubtful[0]
        drafts.append(_question(turn, doubt))
        dialogue = turn.topic({"name": "reading", "code": doubt.code, "said": doubt.said,
                               "choices": _choices(doubt)})  # fmt: skip
    return turn.say(*drafts, observed=found.certain, dialogue=dialogue)


def answer_to_doubt(turn: Turn, services: Services) -> Turn:
    """The unit was tapped or written, or the number confirmed: now it is kept."""
    topic = turn.dialogue.topic
    tapped = turn.incoming.kind is Kind.TAP and turn.incoming.data.startswith("r:")
    if topic.get("name") != "reading":
        return replace(turn, handled=True) if tapped else turn
    choices: list[list[object]] = topic["choices"]  # type: ignore[assignment]
    closed = replace(turn, dialogue=turn.topic({}))
    if tapped:
        picked = turn.incoming.data.removeprefix("r:")
        if picked in ("no", "no_mine"):
            words = say(
                "record.not_mine" if picked == "no_mine" else "record.not_kept", turn.language
            )
            return closed.say(Draft(text=words, approved=True))
        chosen = choices[int(picked)] if picked.isdigit() and int(picked) < len(choices) else None
    else:
        plain = turn.text.strip().casefold()
        chosen = next((c for c in choices if str(c[1]).casefold() == plain), None)
    if chosen is None:
        return closed  # something else was said: the number is not kept
    value, unit, diastolic = float(str(chosen[0])), str(chosen[2]), chosen[3]
    observation = Observation(
        id=short_id("observation", turn.message.id, topic["code"]),
        patient_id=turn.patient_id,
        code=str(topic["code"]),
        value=value,
        diastolic=None if diastolic is None else float(str(diastolic)),
        unit=unit,
        said=str(topic["said"]),
        source=turn.message.id,
        at=turn.message.at,
    )
    kept = closed.say(read_back(turn, (observation,)), observed=(observation,))
    meant = Reading(
        code=observation.code,
        value=observation.value,
        diastolic=observation.diastolic,
        unit=observation.unit,
        start=0,
        end=0,
        said=observation.said,
    )
    return judged(kept, meant, services)


def trend(turn: Turn, services: Services) -> Turn:
    """ "How has my blood pressure been?": the values as text, and as a picture from two on."""
    if not _TREND.search(turn.text):
        return turn
    code = _asked_code(turn)
    if code is None:
        return turn
    series = [o for o in turn.observations if o.code == code][:_DRAWN]
    name = label(code, turn.language)
    if not series:
        words = say("record.nothing_yet", turn.language, what=name)
        return turn.say(Draft(text=words, approved=True))
    zone = turn.patient.zone
    lines = [f"{o.at.astimezone(zone):%m-%d %H:%M}  {o.shown}" for o in series[:10]]
    text = say(
        "record.trend",
        turn.language,
        what=name,
        count=len(series),
        lines=lines,
        lowest=min(series, key=lambda o: o.value).shown,
        highest=max(series, key=lambda o: o.value).shown,
    )
    picture = charts.trend(
        [(o.at.astimezone(zone), o.value, o.diastolic) for o in reversed(series)],
        unit=series[0].unit,
    ) if len(series) > 1 else None  # fmt: skip
    return turn.say(Draft(text=text, picture=picture, approved=True))


def _choices(reading: Reading) -> list[list[object]]:
    """[canonical value, words of the choice, canonical unit, diastolic] for each meaning."""
    if reading.alternatives:
        amount = re.sub(r"[^\d.]", "", reading.said) or f"{reading.value:g}"
        return [
            [value, f"{amount} {unit}", reading.unit, None] for value, unit in reading.alternatives
        ]
    shown = f"{reading.value:g}" + (f"/{reading.diastolic:g}" if reading.diastolic else "")
    return [[reading.value, f"{shown} {reading.unit}".strip(), reading.unit, reading.diastolic]]


def _question(turn: Turn, reading: Reading) -> Draft:
    choices = _choices(reading)
    if not (reading.alternatives or reading.implausible):
        return is_it_yours(turn, reading.code, str(choices[0][1]))  # another's, or of another time
    words = "record.which_unit" if reading.alternatives else "record.is_that_right"
    rows = [
        (Button(label=str(choice[1]), data=f"r:{number}"),) for number, choice in enumerate(choices)
    ]
    rows.append((Button(label=say("record.neither", turn.language), data="r:no"),))
    text = say(words, turn.language, what=label(reading.code, turn.language), said=reading.said)
    return Draft(text=text, buttons=tuple(rows), approved=True)


def _asked_code(turn: Turn) -> str | None:
    if named := codes_in(turn.text):
        return named[0]
    kept = {o.code for o in turn.observations if o.code in CODES}
    return next(iter(kept)) if len(kept) == 1 else None
