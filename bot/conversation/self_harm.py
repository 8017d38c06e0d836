"""After words of self-harm: one question at a time, with buttons, until a person is there."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import risk
import safety
from bot.conversation.answers import plain_answer
from bot.domain.message import Button, Kind
from bot.domain.outbox import Draft
from bot.domain.turn import Told, Turn
from bot.escalations.self_harm import open_matter
from bot.escalations.status import nurse_status
from bot.ports import Services
from prompts import say
from safety import Tier, Verdict

NAME = "self_harm"  #: of the topic
_ANSWERS = ("yes", "no", "rather_not")


def begins(turn: Turn) -> bool:
    """The first question follows the first words of this turn."""
    worst = turn.screened.worst
    return worst is not None and not worst.asked and follows(turn, worst.flag)


def follows(turn: Turn, flag: str) -> bool:
    """The questions follow ``flag``, however it was told: in words, or by a questionnaire."""
    return (
        flag in safety.self_harm().starts and not turn.dialogue.held_by and not _asked_lately(turn)
    )


def first_question(turn: Turn) -> Turn:
    """The turn with the first question, and why it is asked; nothing promises secrecy."""
    topic = {"name": NAME, "answers": {}, "since": turn.now.isoformat()}
    opening = Draft(text=say("self_harm.opening", turn.language), approved=True)
    return replace(
        turn,
        drafts=(*turn.drafts, opening, _question("q1", turn.language)),
        dialogue=turn.topic(topic),
        handled=True,
    )


def still_open(turn: Turn) -> Turn:
    """After other words of the same kind, the open question once more."""
    topic = turn.dialogue.topic
    if topic.get("name") != NAME or turn.dialogue.held_by or not _fresh(turn):
        return turn
    waiting = _waiting(_given(topic))
    again = (_question(waiting, turn.language),) if waiting else ()
    return replace(turn, drafts=(*turn.drafts, *again))


def answered(turn: Turn, services: Services) -> Turn:
    """An answer to the open question; other words are heard, and the question stays."""
    topic = turn.dialogue.topic
    tapped = turn.incoming.kind is Kind.TAP and turn.incoming.data.startswith("sh:")
    if topic.get("name") != NAME:
        return replace(turn, handled=True) if tapped else turn
    if not _fresh(turn):
        return replace(turn, dialogue=turn.topic({}), handled=tapped)
    given = _given(topic)
    waiting = _waiting(given)
    if waiting is None:
        return replace(turn, dialogue=turn.topic({}), handled=tapped)
    if tapped:
        _, question, answer = (*turn.incoming.data.split(":"), "", "")[:3]
        if question != waiting or answer not in _ANSWERS:
            return replace(turn, handled=True)  # a button of an older question
    elif turn.screened.findings:
        return turn  # what was said is worse, or else: its own words come first
    else:
        answer = plain_answer(turn.text)
        if not answer:
            return _heard(turn, waiting)
    return _take(turn, services, given, waiting, answer)


def _take(
    turn: Turn, services: Services, given: dict[str, str], question: str, answer: str
) -> Turn:
    given = {**given, question: answer}
    implied = safety.self_harm().implied.get(question)
    if implied and answer == "no":
        given[implied] = "no"
    level = _level(given)
    told = Told(question=question, answer=answer, answers=given, level=level)
    topic = {**turn.dialogue.topic, "answers": given}
    turn = replace(turn, told=(*turn.told, told), dialogue=turn.topic(topic), handled=True)
    if turn.dialogue.held_by:
        return turn  # a person is here: it is written down, and nothing more is asked
    waiting = _waiting(given)
    if answer == "rather_not" or level == "high" or waiting is None:
        return _end(turn, services, level, answer)
    return replace(turn, drafts=(*turn.drafts, _question(waiting, turn.language)))


def _end(turn: Turn, services: Services, level: str, answer: str) -> Turn:
    protocol = safety.self_harm()
    finding = protocol.finding(level) or protocol.finding("low")
    assert finding is not None
    facts = safety.PatientFacts(
        language="zh" if turn.language == "zh" else "en",
        country=turn.patient.country,
        city=turn.patient.city,
    )
    with services.store.reading() as rows:
        matter = open_matter(rows, turn.patient_id)
        phone = services.clinic.team_phone
        status = nurse_status(
            rows, turn.language, now=turn.now, phone=phone, tier=Tier.P0, escalation=matter
        )
    verdict = Verdict(findings=(finding,))
    lines = safety.first_message(
        verdict, patient=facts, nurse_status=status, team_phone=services.clinic.team_phone
    )
    if level != "high":  # the most urgent words stand alone
        closing = "skipped" if answer == "rather_not" else "thanks"
        lines = f"{say(f'self_harm.{closing}', turn.language)}\n\n{lines}"
    done = {"name": f"{NAME}_done", "since": turn.now.isoformat()}
    draft = Draft(text=lines, approved=True)
    return replace(turn, drafts=(*turn.drafts, draft), dialogue=turn.topic(done))


def _heard(turn: Turn, waiting: str) -> Turn:
    """Nobody in this state gets small talk for an answer, nor is made to press a button."""
    heard = Draft(text=say("self_harm.heard", turn.language), approved=True)
    return turn.say(heard, _question(waiting, turn.language))


def _question(name: str, language: str) -> Draft:
    buttons = tuple(
        (Button(label=say(f"self_harm.{answer}", language), data=f"sh:{name}:{answer}"),)
        for answer in _ANSWERS
    )
    return Draft(text=say(f"self_harm.{name}", language), buttons=buttons, approved=True)


def _given(topic: dict[str, Any]) -> dict[str, str]:
    answers = topic.get("answers")
    return dict(answers) if isinstance(answers, dict) else {}


def _inputs(given: dict[str, str]) -> dict[str, risk.Input]:
    return {
        name: risk.Input(value=value) for name, value in given.items() if value in ("yes", "no")
    }


def _waiting(given: dict[str, str]) -> str | None:
    """The next question by the logic of the score; None when all is asked."""
    try:
        risk.score(safety.self_harm().model, _inputs(given))
    except risk.MissingInputs as missing:
        return next((name for name in missing.names if name not in given), None)
    return None


def _level(given: dict[str, str]) -> str:
    """The level so far: what is not answered yet counts as no."""
    inputs = _inputs(given)
    while True:
        try:
            return str(risk.score(safety.self_harm().model, inputs).answers["value"])
        except risk.MissingInputs as missing:
            inputs |= {name: risk.Input(value="no") for name in missing.names}


def _fresh(turn: Turn) -> bool:
    since = datetime.fromisoformat(str(turn.dialogue.topic["since"]))
    return turn.now - since < safety.self_harm().open_for


def _asked_lately(turn: Turn) -> bool:
    topic = turn.dialogue.topic
    if topic.get("name") not in (NAME, f"{NAME}_done"):
        return False
    since = datetime.fromisoformat(str(topic["since"]))
    return turn.now - since < safety.self_harm().again_after
