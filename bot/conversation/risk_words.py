"""Say a risk question or refusal in the patient's words, with no number of its own."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

import risk
from prompts import UnknownWords, say

if TYPE_CHECKING:
    from bot.conversation.risk_state import Form


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """Why there is no number: age, known_cvd, pregnant, sbp_urgent, out_of_range, unknown …"""

    code: str
    values: Mapping[str, float | str] = field(default_factory=dict)
    urgent: bool = False  #: a person must look now, whatever else happens


@dataclass(frozen=True, kw_only=True)
class Doubt:
    """A value outside the range, and the input whose range it is (BMI for a weight)."""

    input: str
    value: float
    unit: str
    limiting: str
    found: float  #: the value of ``limiting``
    found_unit: str


def refusal(error: risk.NotEligible | risk.OutOfRange | risk.MissingInputs) -> Refusal:
    """The model's refusal as a value."""
    if isinstance(error, risk.NotEligible):
        return Refusal(code=error.code, values=error.values, urgent=error.urgent)
    if isinstance(error, risk.OutOfRange):
        values: dict[str, float | str] = {"input": error.input, "value": error.value}
        return Refusal(code="out_of_range", values={**values, "unit": error.unit})
    return Refusal(code="unknown", values={"input": error.names[0]})


def figure(value: float | str) -> str:
    """A number as a person writes it: 132, 5.2; one decimal more for small ones."""
    if isinstance(value, str):
        return value
    return f"{round(value, 2 if abs(value) < 10 else 1):g}"


def _slug(unit: str) -> str:
    return "".join(character for character in unit.lower() if character.isalnum())


def unit_in_words(unit: str, language: str) -> str:
    """A unit as people read it; "" for none, and for counted things."""
    if not unit:
        return ""
    if unit == "%":
        return "%"
    try:
        return say(f"risk.unit_{_slug(unit)}", language)
    except UnknownWords:
        return ""


def choice(concept: str, value: str, language: str) -> str:
    """What a choice is called: its own words under this concept, else the common ones."""
    try:
        return say(f"risk.choice_{concept}_{value}", language)
    except UnknownWords:
        return say(f"risk.{value}", language)


def amount(concept: str, value: float | str, unit: str, language: str) -> str:
    """A value with its unit, or a choice in words."""
    if isinstance(value, str):
        return choice(concept, value, language)
    return f"{figure(value)} {unit_in_words(unit, language)}".strip()


def name(concept: str, language: str) -> str:
    """What a concept is called."""
    return say(f"risk.name_{concept}", language)


def unit_choice(concept: str, unit: str, language: str) -> str:
    """The label of a unit's button."""
    label = unit_in_words(unit, language)
    return f"{name(concept, language)}, {label}" if concept in _PAIRED else label


_PAIRED = ("egfr", "creatinine")  # one question, two kinds of result


def _ranges(model: risk.AnyModel, spec: risk.InputSpec, language: str) -> str:
    """The range in each unit, rounded inwards so that it never promises too much."""
    bounds = model.usable(spec.name)
    if bounds is None:
        return ""
    found = []
    for unit in spec.units:
        digits = 0 if unit.factor == 1.0 and bounds[1] >= 100 else 1
        step = 10**digits
        low = math.ceil(round(unit.back(bounds[0]) * step, 6)) / step
        high = math.floor(round(unit.back(bounds[1]) * step, 6)) / step
        found.append(
            say("risk.range", language, low=f"{low:g}", high=f"{high:g}",
                unit=unit_in_words(unit.name, language)).rstrip()
        )  # fmt: skip
    # The catalogue trims its messages; English needs its spaces back.
    joint = say("risk.or", language)
    return (f" {joint} " if language == "en" else joint).join(found)


def question(form: Form, spec: risk.InputSpec, language: str) -> str:
    """The question for one input, with unit, range and why."""
    low, high = form.uses.usable(spec.name) or ("", "")
    return say(
        f"risk.ask_{risk.concept(form.model, spec.name)}",
        language,
        low=figure(low),
        high=figure(high),
        unit=unit_in_words(spec.unit, language),
        ranges=_ranges(form.uses, spec, language),
    )


def out_of_range(form: Form, doubt: Doubt, language: str) -> str:
    """What to say to a value outside the range: it may be a slip."""
    limiting = risk.concept(form.model, doubt.limiting)
    derived = doubt.limiting != doubt.input
    return say(
        "risk.out_of_range",
        language,
        value=amount(risk.concept(form.model, doubt.input), doubt.value, doubt.unit, language),
        gives=f"{name(limiting, language)} {figure(doubt.found)}" if derived else "",
        ranges=_ranges(form.uses, form.uses.spec(doubt.limiting), language),
    )


def confirmed(doubt: Doubt) -> Refusal:
    """The refusal once a doubted value is said to be right."""
    values: dict[str, float | str] = {"input": doubt.limiting, "value": doubt.found}
    return Refusal(code="out_of_range", values={**values, "unit": doubt.found_unit})


def explain(refused: Refusal, language: str, form: Form, *, number: str) -> str:
    """Kindly why there is no estimate, and where help is; ``number``: to call at once."""
    values = dict(refused.values)
    what = str(values.get("input", ""))
    if refused.code == "out_of_range":
        concept = risk.concept(form.model, what)
        called = name(concept, language)
        return say(
            "risk.refused_out_of_range",
            language,
            what=called[:1].upper() + called[1:],
            value=amount(concept, values["value"], str(values["unit"]), language),
            ranges=_ranges(form.uses, form.uses.spec(what), language),
        )
    concept = risk.concept(form.model, what) if what else ""
    return say(
        f"risk.refused_{refused.code}",
        language,
        low=figure(values.get("low", "")),
        high=figure(values.get("high", "")),
        value=figure(values.get("sbp", "")),
        number=number,
        needed=say(f"risk.needed_{concept}", language) if refused.code == "unknown" else "",
    )


def _age(as_of: datetime | None, now: datetime, language: str) -> str:
    if as_of is None:
        return ""
    days = (now - as_of).days
    if days < 1:
        return say("risk.age_today", language)
    if days < 60:
        return say("risk.age_days", language, count=days)
    if days < 730:
        return say("risk.age_months", language, count=days // 30)
    return say("risk.age_years", language, count=days // 365)


def outcome(code: str, language: str) -> str:
    """What may happen, in words that fit "your chance of …"."""
    return say(f"risk.outcome_{code}", language)


def introduction(
    form: Form, reused: Mapping[str, risk.Input], questions: int, language: str
) -> str:
    """What will be estimated, what is reused from the record with its age, how much is asked."""
    lines = []
    for one, given in reused.items():
        concept = risk.concept(form.model, one)
        several = "," in given.source
        lines.append(
            say(
                "risk.reuse",
                language,
                what=name(concept, language),
                value=amount(concept, given.value, given.unit, language),
                age=_age(given.as_of, form.begun_at, language),
                several=given.source.count(",") + 1 if several else 0,
            )
        )
    return say(
        "risk.begin",
        language,
        outcome=outcome(form.outcome, language),
        years=form.uses.horizon,
        wider=form.outcome != form.asked and form.asked in ("chd", "stroke", "total_cvd"),
        reused="\n".join(lines),
        count=questions,
    )


def other_model(form: Form, questions: int, language: str) -> str:
    """Another model fits better now: said in one sentence, with what is still asked."""
    return say(
        "risk.other_model",
        language,
        outcome=outcome(form.outcome, language),
        years=form.uses.horizon,
        count=questions,
    )
