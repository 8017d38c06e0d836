"""A risk question: the form is opened, answered step by step, and turned into an assessment."""

from __future__ import annotations

from dataclasses import replace

import risk
from bot.conversation import risk_form
from bot.conversation.risk_state import MODEL, Ask, Form, ProblemCode
from bot.domain.message import Button, Kind
from bot.domain.outbox import Draft
from bot.domain.turn import Concern, Turn
from bot.ports import Services
from prompts import say

NAME = "risk"
#: What the record calls things → what the risk models call them, with the unit of the record.
_FROM_RECORD = {
    "blood_pressure": "sbp",
    "total_cholesterol": "total_c",
    "hdl_cholesterol": "hdl_c",
    "egfr": "egfr",
    "weight": "weight",
    "height": "height",
}


def question(turn: Turn, services: Services) -> Turn:
    """ "What is my risk of a heart attack?" opens the form with what is already known."""
    outcome = risk_form.wanted(turn.text, turn.language)
    if outcome is None:
        return turn
    form = risk_form.begin(outcome, known_inputs(turn), turn.now)
    opening = Draft(text=risk_form.introduction(form, turn.language), approved=True)
    return _go_on(replace(turn, drafts=(*turn.drafts, opening)), form, services)


def answer_to_form(turn: Turn, services: Services) -> Turn:
    """An answer to the open question; anything else is answered by the other rooms first."""
    topic = turn.dialogue.topic
    tapped = turn.incoming.kind is Kind.TAP
    if topic.get("name") != NAME:
        stale = tapped and turn.incoming.data.startswith("risk:")
        return replace(turn, handled=True) if stale else turn
    form = Form.from_dict(topic["form"])  # type: ignore[arg-type]
    said = turn.incoming.data if tapped else turn.text
    new, problem = risk_form.take(form, said, turn.language, turn.now)
    if problem is None or problem.code in (ProblemCode.UNIT_NEEDED, ProblemCode.OUT_OF_RANGE):
        return _go_on(turn, new, services)
    if problem.code is ProblemCode.LATER:
        words = Draft(text=say("forms.left", turn.language), approved=True)
        return turn.say(words, dialogue=turn.dialogue.put_off())
    if problem.code is ProblemCode.STALE:
        return replace(turn, handled=True)
    if problem.code is ProblemCode.NOT_CLEAR:
        return turn.say(Draft(text=problem.text, approved=True))
    return turn


def known_inputs(turn: Turn) -> dict[str, risk.Input]:
    """What the record and the person's own data say, each with its date and source."""
    found: dict[str, risk.Input] = {}
    for observation in turn.observations:  # newest first
        name = _FROM_RECORD.get(observation.code)
        if name and name not in found:
            found[name] = risk.Input(
                value=observation.value,
                unit=observation.unit,
                as_of=observation.at,
                source=f"Observation/{observation.id}",
            )
    age = turn.patient.age(turn.now)
    if age is not None:
        found["age"] = risk.Input(
            value=float(age), unit="years", as_of=turn.now, source=f"Patient/{turn.patient_id}"
        )
    if turn.patient.sex:
        found["sex"] = risk.Input(
            value=turn.patient.sex, as_of=turn.now, source=f"Patient/{turn.patient_id}"
        )
    return found


def _go_on(turn: Turn, form: Form, services: Services) -> Turn:
    ask = risk_form.next_question(form, turn.language)
    if ask is not None:
        topic = {"name": NAME, "form": form.to_dict()}
        return turn.say(_asked(ask), dialogue=turn.topic(topic))
    result = risk_form.finish(form, risk.load(MODEL), turn.patient_id, turn.now)
    closed = replace(turn, dialogue=turn.dialogue.close(NAME))
    if not isinstance(result, risk.RiskAssessment):
        words = risk_form.explain(result, turn.language)
        concerns = (Concern(reason="risk_urgent", tier="P1"),) if result.urgent else ()
        return closed.say(Draft(text=words, approved=True), concerns=concerns)
    draft = Draft(
        text=risk_form.answer(result, turn.language),
        picture=risk.picture(
            result,
            language=turn.language,
            labels=risk_form.picture_labels(result, turn.language),
        ),
        approved=True,
    )
    return closed.say(draft, assessment=result)


def _asked(ask: Ask) -> Draft:
    buttons = tuple((Button(label=label, data=data),) for label, data in ask.buttons)
    return Draft(text=ask.text, buttons=buttons, approved=True)


def again(turn: Turn) -> Draft | None:
    """The open question once more, after an aside."""
    topic = turn.dialogue.topic
    if topic.get("name") != NAME:
        return None
    ask = risk_form.next_question(Form.from_dict(topic["form"]), turn.language)  # type: ignore[arg-type]
    return _asked(ask) if ask else None


def go_on(turn: Turn, services: Services) -> Turn:
    """The form that was laid aside, open again; what has grown too old is asked again."""
    left = turn.dialogue.take_up(NAME)
    form = Form.from_dict(left.topic["form"])  # type: ignore[arg-type]
    known = {**known_inputs(turn), **form.inputs}
    begun = risk_form.begin(form.outcome, known, turn.now)
    return _go_on(replace(turn, dialogue=left), begun, services)
