"""The risk form: pure functions over a state that survives restarts.

``begin`` → ``next_question`` → ``take`` (again and again) → ``finish``. Nothing here stores,
sends or knows the clock; the words are in prompts/messages/*/risk.toml.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

import risk
from bot.conversation import risk_read as read
from bot.conversation import risk_words as words
from bot.conversation.risk_choice import DECIDES, choose
from bot.conversation.risk_read import wanted
from bot.conversation.risk_state import Ask, Form, Problem, ProblemCode
from bot.conversation.risk_words import Doubt, Refusal, explain
from prompts import say

__all__ = [
    "Ask",
    "Form",
    "Problem",
    "ProblemCode",
    "Refusal",
    "begin",
    "changed",
    "explain",
    "finish",
    "introduction",
    "next_question",
    "take",
    "wanted",
]


def begin(
    asked: str,
    known: Mapping[str, risk.Input],
    now: datetime,
    *,
    country: str,
    series: Mapping[str, Sequence[risk.Input]] = MappingProxyType({}),
) -> Form:
    """A form for the question ``asked`` that starts from what the record knows and is fresh.

    ``known`` and ``series`` (several readings, newest first) are by concept. Old, undated,
    out-of-range or unreadable values are asked for again; a known reason against every model
    (age, disease) ends the form at once.
    """
    form = Form(asked=asked, country=country, begun_at=now, others=dict(known))
    return choose(form, now, series)


def introduction(form: Form, language: str) -> str:
    """What will be estimated, what is reused with its age, and how many questions follow."""
    reused = {name: form.inputs[name] for name in form.reused}
    return words.introduction(form, reused, 0 if form.ended else len(_missing(form)), language)


def changed(form: Form, language: str) -> str:
    """That another model fits better now, and how many questions it needs."""
    return words.other_model(form, len(_missing(form)), language)


def _missing(form: Form) -> tuple[str, ...]:
    return form.uses.missing(form.inputs, outcome=form.outcome)


def _waiting(form: Form) -> str | None:
    if form.ended is not None:
        return None
    return next(iter(_missing(form)), None)


def _targets(form: Form, name: str) -> tuple[tuple[risk.InputSpec, risk.Unit], ...]:
    """What an answer to the question ``name`` may be: (input, unit) pairs."""
    model = form.uses
    found = [name, *model.stand_ins(name)]
    return tuple((model.spec(one), unit) for one in found for unit in model.spec(one).units)


def next_question(form: Form, language: str) -> Ask | None:
    """The next question with its buttons; None when the form is complete or has ended."""
    name = _waiting(form)
    if name is None:
        return None
    model = form.uses
    spec = model.spec(name)
    concept = risk.concept(form.model, name)

    def button(choice: str) -> tuple[str, str]:
        return words.choice(concept, choice, language), f"risk:{name}:{choice}"

    if form.doubted is not None:
        text = words.out_of_range(form, form.doubted, language)
        return Ask(name=name, text=text, buttons=(button("confirm"), button("later")))
    if form.unitless is not None:
        text = say("risk.ask_unit", language, value=words.figure(form.unitless))
        choices = tuple(
            (
                words.unit_choice(risk.concept(form.model, known.name), unit.name, language),
                f"risk:{name}:unit:{unit.name}",
            )
            for known, unit in _fitting(_targets(form, name), form.unitless)
        )
        return Ask(name=name, text=text, buttons=(*choices, button("later")))
    if spec.kind == "number":
        offered: tuple[str, ...] = ("never",) if spec.never is not None else ()
    else:
        offered = _choices(spec)
    buttons = tuple(button(choice) for choice in (*offered, "unknown", "later"))
    return Ask(name=name, text=words.question(form, spec, language), buttons=buttons)


def _choices(spec: risk.InputSpec) -> tuple[str, ...]:
    return ("yes", "no") if spec.kind == "yes_no" else spec.choices


def _fitting(
    targets: tuple[tuple[risk.InputSpec, risk.Unit], ...], value: float
) -> tuple[tuple[risk.InputSpec, risk.Unit], ...]:
    """Where a bare number may belong."""
    return tuple(pair for pair in targets if pair[1].entry_low <= value <= pair[1].entry_high)


def take(
    form: Form, text_or_data: str, language: str, now: datetime
) -> tuple[Form, Problem | None]:
    """The form after an answer or a tapped button, and why it was not taken, if it was not.

    After (form, None) call ``next_question``; None there means ``finish``.
    """
    name = _waiting(form)
    if name is None:
        return form, Problem(code=ProblemCode.NOT_AN_ANSWER)
    if text_or_data.startswith("risk:"):
        _, asked, choice = (*text_or_data.split(":", 2), "", "")[:3]
        if asked != name and choice != "later":
            return form, Problem(code=ProblemCode.STALE)
        return _chosen(form, name, choice, language, now)
    spec = form.uses.spec(name)
    spoken = read.word(text_or_data, ("unknown", "later"))
    if spoken is None:
        spoken = _in_words(form, spec, text_or_data)
    if spoken is None and form.doubted is not None:
        spoken = "confirm" if read.word(text_or_data, ("yes",)) else None
    if spoken is not None:
        return _chosen(form, name, spoken, language, now)
    if spec.kind != "number":
        return form, Problem(code=ProblemCode.NOT_AN_ANSWER)
    return _number(form, name, text_or_data, language, now)


def answered(topic: Mapping[str, Any], text: str, now: datetime) -> str:
    """The concept that ``text`` gives a number for in the open form of ``topic``; "" for none."""
    if topic.get("name") != "risk":
        return ""
    form = Form.from_dict(topic["form"])
    name = _waiting(form)
    if name is None or form.uses.spec(name).kind != "number":
        return ""
    _, problem = take(form, text, "en", now)
    if problem is not None and problem.code not in (
        ProblemCode.UNIT_NEEDED,
        ProblemCode.OUT_OF_RANGE,
    ):
        return ""
    return risk.concept(form.model, name)


def _in_words(form: Form, spec: risk.InputSpec, text: str) -> str | None:
    """The choice that ``text`` names, by its label in either language or by plain yes and no."""
    choices = _choices(spec)
    if spec.kind == "number":
        choices = ("never",) if spec.never is not None else ()
    concept = risk.concept(form.model, spec.name)
    said = read.plain(text).strip(" .!。！")
    for one in choices:
        labels = {read.plain(words.choice(concept, one, tongue)) for tongue in ("en", "zh")}
        if said in labels:
            return one
    plain = tuple(one for one in choices if one in ("yes", "no", "female", "male"))
    return read.word(text, plain)


def _chosen(
    form: Form, name: str, choice: str, language: str, now: datetime
) -> tuple[Form, Problem | None]:
    spec = form.uses.spec(name)
    if choice == "later":
        return form, Problem(code=ProblemCode.LATER)
    if choice == "unknown":
        return _unknown(form, spec, now), None
    if choice == "never" and spec.never is not None:
        return _put(form, name, spec.never, spec.unit, language, now)
    if choice == "confirm" and form.doubted is not None:
        return dataclasses.replace(form, ended=words.confirmed(form.doubted)), None
    if choice.startswith("unit:") and form.unitless is not None:
        for known, unit_ in _fitting(_targets(form, name), form.unitless):
            if unit_.name == choice.removeprefix("unit:"):
                return _put(form, known.name, form.unitless, unit_.name, language, now)
    if spec.kind != "number" and choice in _choices(spec):
        return _put(form, name, choice, "", language, now)
    return form, Problem(code=ProblemCode.STALE)


def _unknown(form: Form, spec: risk.InputSpec, now: datetime) -> Form:
    """Not known: the method's own code for that, a model that does without, or the nurse."""
    if spec.unknown is not None:
        given = risk.Input(value=spec.unknown, unit=spec.unit, as_of=now, source="patient")
        return dataclasses.replace(form, inputs={**form.inputs, spec.name: given})
    names = (spec.name, *form.uses.stand_ins(spec.name))
    concepts = tuple(risk.concept(form.model, one) for one in names)
    clean = dataclasses.replace(form, unitless=None, doubted=None)
    return choose(dataclasses.replace(clean, unknown=(*form.unknown, *concepts)), now, {})


def _number(
    form: Form, name: str, text: str, language: str, now: datetime
) -> tuple[Form, Problem | None]:
    targets = _targets(form, name)
    units = [unit.name for _, unit in targets]
    concepts = [risk.concept(form.model, known.name) for known, _ in targets]
    if form.unitless is not None and (named := read.unit(text, units)):
        return _chosen(form, name, f"unit:{named}", language, now)
    said = read.number(text, units, concepts)
    if said is None:
        return form, Problem(code=ProblemCode.NOT_AN_ANSWER)
    if not said.clear:
        return form, Problem(code=ProblemCode.NOT_CLEAR, text=say("risk.not_clear", language))
    if said.unit is not None:
        fits = tuple(pair for pair in targets if pair[1].name == said.unit)
    else:
        # A number that fits no unit is read in the canonical one, and so refused by its range.
        fits = _fitting(targets, said.value) or targets[:1]
    if len(fits) > 1:
        asking = dataclasses.replace(form, unitless=said.value, doubted=None)
        again = next_question(asking, language)
        return asking, Problem(code=ProblemCode.UNIT_NEEDED, text=again.text if again else "")
    return _put(form, fits[0][0].name, said.value, fits[0][1].name, language, now)


def _put(
    form: Form, name: str, value: float | str, unit: str, language: str, now: datetime
) -> tuple[Form, Problem | None]:
    """``form`` with one more input, or with the reason against it."""
    model = form.uses
    given = risk.Input(value=value, unit=unit, as_of=now, source="patient")
    inputs = {**form.inputs, name: given}
    clean = dataclasses.replace(form, unitless=None, doubted=None)
    said = dataclasses.replace(clean, inputs=inputs)
    try:
        model.check(inputs, outcome=form.outcome)
    except risk.NotEligible as error:
        if error.urgent:
            return dataclasses.replace(clean, ended=words.refusal(error)), None
        return choose(said, now, {}), None  # a model that was made for this person, or the reason
    except risk.OutOfRange as error:
        if risk.concept(form.model, error.input) in DECIDES:
            return choose(said, now, {}), None
        if isinstance(value, str) or name not in (error.input, *model.sources_of(error.input)):
            # Nothing the person can correct here: an older value turned out not to fit.
            return dataclasses.replace(clean, ended=words.refusal(error)), None
        doubt = Doubt(
            input=name, value=value, unit=unit,
            limiting=error.input, found=error.value, found_unit=error.unit,
        )  # fmt: skip
        if form.doubted == doubt:  # said twice: it is no slip
            return dataclasses.replace(clean, ended=words.confirmed(doubt)), None
        text = words.out_of_range(said, doubt, language)
        problem = Problem(code=ProblemCode.OUT_OF_RANGE, text=text)
        return dataclasses.replace(clean, doubted=doubt), problem
    except risk.BadInput:
        # It contradicts an answer before it (an age at diagnosis above the age).
        text = say("risk.contradicts", language)
        return clean, Problem(code=ProblemCode.NOT_CLEAR, text=text)
    if risk.concept(form.model, name) in DECIDES:
        return choose(said, now, {}), None
    return said, None


def finish(form: Form, patient_id: str, now: datetime) -> risk.RiskAssessment | Refusal:
    """The assessment, or the reason why there is none. A Refusal that is ``urgent`` must reach a
    person at once."""
    if form.ended is not None:
        return form.ended
    try:
        found = form.uses.assess(form.inputs, outcome=form.outcome, patient_id=patient_id, now=now)
    except (risk.NotEligible, risk.OutOfRange, risk.MissingInputs) as error:
        return words.refusal(error)
    return dataclasses.replace(found, asked=form.asked)
