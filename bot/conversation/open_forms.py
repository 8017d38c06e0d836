"""Forms that take several messages: asked again after an aside, laid aside, taken up again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from bot.conversation import interview_turn, questionnaire_turn, risk_form, risk_turn
from bot.conversation.risk_read import whole, word
from bot.domain.message import Kind
from bot.domain.outbox import Draft
from bot.domain.turn import Turn
from bot.ports import Services
from prompts import say

#: In this order: what "go on" takes up where more than one lies aside.
_NAMES = (questionnaire_turn.NAME, risk_turn.NAME, interview_turn.NAME)
_OWN = {
    questionnaire_turn.NAME: questionnaire_turn.answer,
    risk_turn.NAME: risk_turn.answer_to_form,
    interview_turn.NAME: interview_turn.answer,
}


def go_on(turn: Turn, services: Services) -> Turn:
    """ "Go on", "继续": the newest form that was left half-way is open again."""
    if turn.incoming.kind is Kind.TAP or word(turn.text, ("go_on",)) is None:
        return turn
    if reminder(turn) is not None:  # it is open: the question comes again
        return _asked(turn)
    kept = [name for name in reversed(turn.dialogue.paused) if name in _NAMES]
    if not kept:
        return turn
    if kept[0] == questionnaire_turn.NAME:
        left = turn.dialogue.paused[kept[0]]
        return questionnaire_turn.begin(turn, str(left["id"]))
    if kept[0] == interview_turn.NAME:
        return interview_turn.go_on(turn)
    return risk_turn.go_on(turn, services)


def keep(turn: Turn, room: Callable[[Turn, Services], Turn]) -> Turn:
    """A form that another matter pushed out of the way is laid aside, not lost.

    ``room``: where the turn was dealt with; a form's own room says itself what becomes of it.
    """
    before, now = turn.topic_before or {}, turn.dialogue
    name = str(before.get("name", ""))
    if name == interview_turn.NAME and turn.screened.findings:
        return interview_turn.ended(turn)
    if name not in _NAMES or turn.stop or now.topic.get("name") == name or name in now.paused:
        return turn
    if _OWN[name] is room or not (now.topic or turn.screened.findings):
        return turn  # it ended by itself
    return replace(turn, dialogue=replace(now, paused={**now.paused, name: before}))


def answers_it(turn: Turn) -> bool:
    """The whole message is a plain answer to the open question: a number, yes, no, a choice."""
    topic = turn.dialogue.topic
    if topic.get("name") == questionnaire_turn.NAME:
        return questionnaire_turn.takes(topic, turn.text, turn.language)
    if topic.get("name") == interview_turn.NAME:
        return interview_turn.takes(topic, turn.text)
    if topic.get("name") != risk_turn.NAME:
        return False
    return whole(turn.text) or bool(risk_form.answered(topic, turn.text, turn.now))


def reminder(turn: Turn) -> Draft | None:
    """After an aside, the open question again, so that it is not lost."""
    again = questionnaire_turn.again(turn) or interview_turn.again(turn) or risk_turn.again(turn)
    if again is None:
        return None
    return replace(again, text=say("small_talk.back_to", turn.language) + "\n" + again.text)


def _asked(turn: Turn) -> Turn:
    again = reminder(turn)
    return turn.say(again) if again else turn
