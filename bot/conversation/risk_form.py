"""The risk form: pure functions over a state that survives restarts.

``begin`` → ``next_question`` → ``take`` (again and again) → ``finish``. Nothing here stores,
sends or knows the clock; the words are in prompts/messages/*/risk.toml.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import datetime, timedelta

import risk
from bot.conversation import risk_read as read
from bot.conversation import risk_words as words
from bot.conversation.risk_read import wanted
from bot.conversation.risk_state import MODEL, Ask, Form, Problem, ProblemCode
from bot.conversation.risk_words import (
    Doubt,
    Refusal,
    answer,
    explain,
    picture_labels,
)
from prompts import say

__all__ = [
    "Ask",
    "Form",
    "Problem",
    "ProblemCode",
    "Refusal",
    "answer",
    "begin",
    "explain",
    "finish",
    "introduction",
    "next_question",
    "picture_labels",
    "take",
    "wanted",
]


def begin(outcome: str, known: Mapping[str, risk.Input], now: datetime) -> Form:
    """A form for ``outcome`` that starts from what the record knows and is still fresh enough.

    Old, undated, out-of-range or unreadable known values are asked for again; a known reason
    against the estimate (age, disease) ends the form at once.
    """
    model = risk.load(MODEL)
    form = Form(outcome=outcome, begun_at=now)
    kept: dict[str, risk.Input] = {}
    for spec in model.inputs:
        given = known.get(spec.name)
        if given is None or outcome not in spec.outcomes or not _fresh(spec, given, now):
            continue
        try:
            model.check({**kept, spec.name: given}, outcome=outcome)
        except risk.NotEligible as error:
            if not error.urgent:  # an old high reading is no emergency of now: ask again
                return dataclasses.replace(form, ended=words.refusal(error))
        except (risk.OutOfRange, risk.BadInput):
            continue
        else:
            kept[spec.name] = given
    return dataclasses.replace(form, inputs=kept, reused=tuple(kept))


def introduction(form: Form, language: str) -> str:
    """What will be estimated, what is reused with its age, and how many questions follow."""
    model = risk.load(form.model)
    reused = {name: form.inputs[name] for name in form.reused}
    questions = 0 if form.ended else len(model.missing(form.inputs, outcome=form.outcome))
    return words.introduction(
        form.outcome, model.horizon, reused, questions, language, form.begun_at
    )


def _fresh(spec: risk.InputSpec, given: risk.Input, now: datetime) -> bool:
    if spec.max_age_days is None or (spec.yes_lasts and given.value == "yes"):
        return True
    return given.as_of is not None and now - given.as_of <= timedelta(days=spec.max_age_days)


def _waiting(form: Form) -> str | None:
    if form.ended is not None:
        return None
    missing = risk.load(form.model).missing(form.inputs, outcome=form.outcome)
    return missing[0] if missing else None


def _targets(form: Form, name: str) -> tuple[tuple[risk.InputSpec, risk.Unit], ...]:
    """What an answer to the question ``name`` may be: (input, unit) pairs."""
    model = risk.load(form.model)
    found = [name, *model.stand_ins(name)]
    return tuple((model.spec(one), unit) for one in found for unit in model.spec(one).units)


def next_question(form: Form, language: str) -> Ask | None:
    """The next question with its buttons; None when the form is complete or has ended."""
    name = _waiting(form)
    if name is None:
        return None
    model = risk.load(form.model)
    spec = model.spec(name)

    def button(choice: str) -> tuple[str, str]:
        return say(f"risk.{choice}", language), f"risk:{name}:{choice}"

    if form.doubted is not None:
        text = words.out_of_range(model, form.doubted, language)
        return Ask(name=name, text=text, buttons=(button("confirm"), button("later")))
    if form.unitless is not None:
        text = say("risk.ask_unit", language, value=words.figure(form.unitless))
        choices = tuple(
            (words.unit_choice(known, unit.name, language), f"risk:{name}:unit:{unit.name}")
            for known, unit in _fitting(_targets(form, name), form.unitless)
        )
        return Ask(name=name, text=text, buttons=(*choices, button("later")))
    if spec.kind == "number":
        offered: tuple[str, ...] = ()
    else:
        offered = _choices(spec)
    buttons = tuple(button(choice) for choice in (*offered, "unknown", "later"))
    return Ask(name=name, text=words.question(model, spec, language), buttons=buttons)


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
        if asked != name:
            return form, Problem(code=ProblemCode.STALE)
        return _chosen(form, name, choice, language, now)
    spec = risk.load(form.model).spec(name)
    spoken = read.word(text_or_data, ("unknown", "later"))
    if spoken is None and spec.kind != "number":
        spoken = read.word(text_or_data, _choices(spec))
    if spoken is None and form.doubted is not None:
        spoken = "confirm" if read.word(text_or_data, ("yes",)) else None
    if spoken is not None:
        return _chosen(form, name, spoken, language, now)
    if spec.kind != "number":
        return form, Problem(code=ProblemCode.NOT_AN_ANSWER)
    return _number(form, name, text_or_data, language, now)


def _chosen(
    form: Form, name: str, choice: str, language: str, now: datetime
) -> tuple[Form, Problem | None]:
    spec = risk.load(form.model).spec(name)
    if choice == "later":
        return form, Problem(code=ProblemCode.LATER)
    if choice == "unknown":
        return dataclasses.replace(
            form, ended=Refusal(code="unknown", values={"input": name})
        ), None
    if choice == "confirm" and form.doubted is not None:
        return dataclasses.replace(form, ended=words.confirmed(form.doubted)), None
    if choice.startswith("unit:") and form.unitless is not None:
        for known, unit_ in _fitting(_targets(form, name), form.unitless):
            if unit_.name == choice.removeprefix("unit:"):
                return _put(form, known.name, form.unitless, unit_.name, language, now)
    if spec.kind != "number" and choice in _choices(spec):
        return _put(form, name, choice, "", language, now)
    return form, Problem(code=ProblemCode.STALE)


def _number(
    form: Form, name: str, text: str, language: str, now: datetime
) -> tuple[Form, Problem | None]:
    targets = _targets(form, name)
    units = [unit.name for _, unit in targets]
    if form.unitless is not None and (named := read.unit(text, units)):
        return _chosen(form, name, f"unit:{named}", language, now)
    said = read.number(text, units, [known.name for known, _ in targets])
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
    model = risk.load(form.model)
    given = risk.Input(value=value, unit=unit, as_of=now, source="patient")
    inputs = {**form.inputs, name: given}
    clean = dataclasses.replace(form, unitless=None, doubted=None)
    try:
        model.check(inputs, outcome=form.outcome)
    except risk.NotEligible as error:
        return dataclasses.replace(clean, ended=words.refusal(error)), None
    except risk.OutOfRange as error:
        if isinstance(value, str) or name not in (error.input, *model.sources_of(error.input)):
            # Nothing the person can correct here: an older value turned out not to fit.
            return dataclasses.replace(clean, ended=words.refusal(error)), None
        doubt = Doubt(
            input=name, value=value, unit=unit,
            limiting=error.input, found=error.value, found_unit=error.unit,
        )  # fmt: skip
        if form.doubted == doubt:  # said twice: it is no slip
            return dataclasses.replace(clean, ended=words.confirmed(doubt)), None
        text = words.out_of_range(model, doubt, language)
        problem = Problem(code=ProblemCode.OUT_OF_RANGE, text=text)
        return dataclasses.replace(clean, doubted=doubt), problem
    return dataclasses.replace(clean, inputs=inputs), None


def finish(
    form: Form, model: risk.Model, patient_id: str, now: datetime
) -> risk.RiskAssessment | Refusal:
    """The assessment, or the reason why there is none. A Refusal that is ``urgent`` must reach a
    person at once."""
    if form.ended is not None:
        return form.ended
    try:
        return model.assess(form.inputs, outcome=form.outcome, patient_id=patient_id, now=now)
    except (risk.NotEligible, risk.OutOfRange, risk.MissingInputs) as error:
        return words.refusal(error)
