"""A risk question: the form is opened, answered step by step, and turned into an assessment."""

from __future__ import annotations

import threading
from dataclasses import replace

import risk
from bot.conversation import risk_alerts, risk_answer, risk_form, risk_known, risk_words
from bot.conversation.risk_state import Ask, Form, ProblemCode
from bot.domain.message import Button, Kind
from bot.domain.outbox import Draft
from bot.domain.turn import Concern, Turn
from bot.ports import Services
from bot.post import short_id
from bot.whom_to_call import number_to_call
from prompts import say

NAME = "risk"
_LOOKED_AT = 5  #: earlier assessments whose answers may still be fresh


def question(turn: Turn, services: Services) -> Turn:
    """ "What is my risk of a heart attack?" opens the form with what is already known."""
    asked = risk_form.wanted(turn.text, turn.language)
    if asked is None:
        return turn
    if risk.for_clinician(asked):
        concern = Concern(reason="risk_clinician", tier="P3", evidence={"asked": asked})
        return turn.say(_plain(say("risk.clinician_only", turn.language)), concerns=(concern,))
    form = _begun(turn, asked, {}, services)
    if form.ended is not None:
        return _go_on(turn, form)
    opening = risk_form.introduction(form, turn.language)
    # While the person reads the first question, the room loads what the answer will need.
    load = {"variant": form.variant, "horizon": form.horizon}
    threading.Thread(target=risk.warm, args=(form.model,), kwargs=load).start()
    return _go_on(replace(turn, drafts=(*turn.drafts, _plain(opening))), form)


def answer_to_form(turn: Turn, services: Services) -> Turn:
    """An answer to the open question; anything else is answered by the other rooms first."""
    tapped = turn.incoming.kind is Kind.TAP
    said = turn.incoming.data if tapped else turn.text
    if turn.dialogue.topic.get("name") != NAME:
        if not (tapped and said.startswith("risk:")):
            return turn
        if NAME not in turn.dialogue.paused:
            return replace(turn, handled=True)  # a button of a form that is over
        turn = replace(turn, dialogue=turn.dialogue.take_up(NAME))
    form = Form.from_dict(turn.dialogue.topic["form"])  # type: ignore[arg-type]
    new, problem = risk_form.take(form, said, turn.language, turn.now)
    if problem is None or problem.code in (ProblemCode.UNIT_NEEDED, ProblemCode.OUT_OF_RANGE):
        return _go_on(turn, new)
    if problem.code is ProblemCode.LATER:
        words = say("forms.left", turn.language)
        return turn.say(_plain(words), dialogue=turn.dialogue.put_off())
    if problem.code is ProblemCode.STALE:
        return replace(turn, handled=True)
    if problem.code is ProblemCode.NOT_CLEAR:
        return turn.say(_plain(problem.text))
    return turn


def details(turn: Turn, services: Services) -> Turn:
    """ "What drives it?": the grounds of an answer, on request, from what was stored."""
    if turn.incoming.kind is not Kind.TAP or not turn.incoming.data.startswith("ra:"):
        return turn
    _, what, mark = (*turn.incoming.data.split(":"), "", "")[:3]
    found = next((a for a in _assessed(turn, services) if short_id(a.id) == mark), None)
    if found is None or what not in risk_answer.DETAILS:
        return turn.say(_plain(say("risk.gone", turn.language)))
    return turn.say(_plain(risk_answer.details(what, found, turn.language)))


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
    begun = _begun(turn, form.asked, form.known(), services)
    return _go_on(replace(turn, dialogue=left), replace(begun, unknown=form.unknown))


def _begun(turn: Turn, asked: str, said: dict[str, risk.Input], services: Services) -> Form:
    on_record = risk_known.known(turn, _assessed(turn, services)[:_LOOKED_AT])
    return risk_form.begin(
        asked,
        {**on_record, **said},
        turn.now,
        country=turn.patient.country,
        series=risk_known.series(turn),
    )


def _assessed(turn: Turn, services: Services) -> list[risk.RiskAssessment]:
    with services.store.reading() as rows:
        return rows.record.assessments(turn.patient_id)


def _go_on(turn: Turn, form: Form) -> Turn:
    ask = risk_form.next_question(form, turn.language)
    if form.changed and form.ended is None:
        told = risk_form.changed(form, turn.language)
        turn, form = replace(turn, drafts=(*turn.drafts, _plain(told))), replace(form, changed="")
    if ask is not None:
        topic = {"name": NAME, "form": form.to_dict()}
        return turn.say(_asked(ask), dialogue=turn.topic(topic))
    result = risk_form.finish(form, turn.patient_id, turn.now)
    closed = replace(turn, dialogue=turn.dialogue.close(NAME))
    if not isinstance(result, risk.RiskAssessment):
        number = number_to_call(turn.patient)
        words = risk_words.explain(result, turn.language, form, number=number)
        concerns = (Concern(reason="risk_urgent", tier="P1"),) if result.urgent else ()
        return closed.say(_plain(words), concerns=concerns)
    return _told(closed, result)


def _told(turn: Turn, assessment: risk.RiskAssessment) -> Turn:
    """The answer with its picture and buttons; a high one reaches the nurses' list."""
    language, tier = turn.language, risk_alerts.tier(assessment)
    concerns = (_concern(assessment, tier),) if tier else ()
    has_picture = assessment.prediction.probability is not None
    draft = Draft(
        text=risk_answer.answer(assessment, language, listed=bool(concerns)),
        buttons=tuple(
            (Button(label=say(f"risk.button_{what}", language),
                    data=f"ra:{what}:{short_id(assessment.id)}"),)
            for what in risk_answer.DETAILS
        ),
        picture=risk.picture(
            assessment, language=language, labels=risk_answer.picture_labels(assessment, language)
        ) if has_picture else None,
        approved=True,
    )  # fmt: skip
    return turn.say(draft, assessment=assessment, concerns=(*turn.concerns, *concerns))


def _concern(assessment: risk.RiskAssessment, tier: str) -> Concern:
    prediction = assessment.prediction
    evidence: dict[str, object] = {"method": assessment.method, "outcome": prediction.outcome}
    if prediction.probability is not None:
        evidence["probability"] = round(prediction.probability, 4)
    if assessment.points is not None:
        evidence["points"] = assessment.points
    if assessment.category:
        evidence["band"] = assessment.category
    return Concern(reason="risk_high", tier=tier, evidence=evidence)


def _asked(ask: Ask) -> Draft:
    buttons = tuple((Button(label=label, data=data),) for label, data in ask.buttons)
    return Draft(text=ask.text, buttons=buttons, approved=True)


def _plain(text: str) -> Draft:
    return Draft(text=text, approved=True)
