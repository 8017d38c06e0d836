"""Say a risk question, answer or refusal in the patient's words, with no number of its own."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import risk
from prompts import say


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """Why there is no number: age, known_cvd, pregnant, sbp_urgent, out_of_range, unknown."""

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


def _unit(unit: str, language: str) -> str:
    return say(f"risk.unit_{_slug(unit)}", language) if unit else ""


def _amount(value: float | str, unit: str, language: str) -> str:
    if value in ("yes", "no", "female", "male"):
        return say(f"risk.{value}", language)
    return f"{figure(value)} {_unit(unit, language)}".strip()


def unit_choice(spec: risk.InputSpec, unit: str, language: str) -> str:
    """The label of a unit's button."""
    label = _unit(unit, language)
    return f"{say(f'risk.name_{spec.name}', language)}, {label}" if spec.name in _PAIRED else label


_PAIRED = ("egfr", "creatinine")  # one question, two kinds of result


def _ranges(model: risk.Model, spec: risk.InputSpec, language: str) -> str:
    """The range in each unit, rounded inwards so that it never promises too much."""
    bounds = model.usable(spec.name)
    if bounds is None:
        return ""
    found = []
    for unit in spec.units:
        digits = 0 if unit.factor == 1.0 and bounds[1] >= 100 else 1
        step = 10**digits
        low = math.ceil(round(bounds[0] / unit.factor * step, 6)) / step
        high = math.floor(round(bounds[1] / unit.factor * step, 6)) / step
        found.append(
            say("risk.range", language, low=f"{low:g}", high=f"{high:g}",
                unit=_unit(unit.name, language))
        )  # fmt: skip
    # The catalogue trims its messages; English needs its spaces back.
    joint = say("risk.or", language)
    return (f" {joint} " if language == "en" else joint).join(found)


def question(model: risk.Model, spec: risk.InputSpec, language: str) -> str:
    """The question for one input, with unit, range and why."""
    low, high = model.usable(spec.name) or ("", "")
    return say(
        f"risk.ask_{spec.name}",
        language,
        low=figure(low),
        high=figure(high),
        unit=_unit(spec.unit, language),
        ranges=_ranges(model, spec, language),
    )


def out_of_range(model: risk.Model, doubt: Doubt, language: str) -> str:
    """What to say to a value outside the range: it may be a slip."""
    derived = doubt.limiting != doubt.input
    gives = f"{say(f'risk.name_{doubt.limiting}', language)} {figure(doubt.found)}"
    return say(
        "risk.out_of_range",
        language,
        value=_amount(doubt.value, doubt.unit, language),
        gives=gives if derived else "",
        ranges=_ranges(model, model.spec(doubt.limiting), language),
    )


def confirmed(doubt: Doubt) -> Refusal:
    """The refusal once a doubted value is said to be right."""
    values: dict[str, float | str] = {"input": doubt.limiting, "value": doubt.found}
    return Refusal(code="out_of_range", values={**values, "unit": doubt.found_unit})


def explain(refused: Refusal, language: str, *, model: str = "prevent_2023") -> str:
    """Kindly why there is no number, and where help is."""
    values = dict(refused.values)
    name = str(values.get("input", ""))
    if refused.code == "out_of_range":
        loaded = risk.load(model)
        return say(
            "risk.refused_out_of_range",
            language,
            what=say(f"risk.name_{name}", language).capitalize(),
            value=_amount(values["value"], str(values["unit"]), language),
            ranges=_ranges(loaded, loaded.spec(name), language),
        )
    needed = say(f"risk.needed_{name}", language) if refused.code == "unknown" else ""
    return say(
        f"risk.refused_{refused.code}",
        language,
        low=figure(values.get("low", "")),
        high=figure(values.get("high", "")),
        value=figure(values.get("sbp", "")),
        needed=needed,
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


def introduction(
    outcome: str,
    years: int,
    reused: Mapping[str, risk.Input],
    questions: int,
    language: str,
    now: datetime,
) -> str:
    """What will be estimated, what is reused from the record with its age, how much is asked."""
    lines = [
        say(
            "risk.reuse",
            language,
            what=say(f"risk.name_{name}", language),
            value=_amount(given.value, given.unit, language),
            age=_age(given.as_of, now, language),
        )
        for name, given in reused.items()
    ]
    return say(
        "risk.begin",
        language,
        outcome=say(f"risk.outcome_{outcome}", language),
        years=years,
        reused="\n".join(lines),
        count=questions,
    )


def _people(probability: float, language: str) -> str:
    found = risk.natural(probability)
    if found.count:
        return say("risk.about", language, count=found.count, of=found.of)
    return say("risk.below", language, one=1, of=found.of)


def _percent(probability: float) -> str:
    percent = probability * 100
    return f"{percent:.1f}" if percent >= 0.1 else f"{percent:.1g}"


def _drivers(assessment: risk.RiskAssessment, language: str) -> str:
    """Up to three themes that raise the risk, largest first."""
    used = {one.name: one for one in assessment.inputs}

    def shown(name: str) -> str:
        if name not in used:
            return ""
        one = used[name]
        value, unit = (one.value, one.unit) if one.derived_from else (one.given, one.given_unit)
        bare = isinstance(value, str) or name in ("sbp", "egfr", "bmi")
        return figure(value) if bare else _amount(value, unit, language)

    lines = []
    for theme in risk.themes(assessment)[:3]:
        if theme.contribution >= assessment.mention_from:
            values = {
                name: shown(name)
                for name in ("sbp", "bp_tx", "total_c", "hdl_c", "statin", "egfr", "bmi")
            }
            text = say(f"risk.theme_{theme.name}", language, **values)
            lines.append(say("risk.driver", language, what=text))
    return "\n".join(lines)


def answer(assessment: risk.RiskAssessment, language: str) -> str:
    """The assessment in plain words. Every number in it is the assessment's own."""
    prediction = assessment.prediction
    people = risk.natural(prediction.probability)
    limits = [
        say(f"risk.limit_{code}", language, year=assessment.year) for code in assessment.limits
    ]
    return say(
        "risk.answer",
        language,
        outcome=say(f"risk.outcome_{prediction.outcome}", language),
        years=prediction.horizon_years,
        number=_people(prediction.probability, language),
        percent=_percent(prediction.probability),
        count=people.count,
        of=people.of,
        rest=people.of - people.count,
        comparison=_people(assessment.comparison_probability, language),
        drivers=_drivers(assessment, language),
        counted=say(f"risk.counted_{prediction.outcome}", language),
        limits=(" " if language == "en" else "").join(limits),
        model=assessment.name,
        version=assessment.version,
    )


def picture_labels(assessment: risk.RiskAssessment, language: str) -> dict[str, str]:
    """The words for ``risk.picture``, with the same numbers as ``answer``."""
    prediction = assessment.prediction
    outcome = say(f"risk.outcome_{prediction.outcome}", language)
    you = _people(prediction.probability, language)
    best = _people(assessment.comparison_probability, language)
    title = say(
        "risk.title",
        language,
        outcome=outcome[0].upper() + outcome[1:],
        years=prediction.horizon_years,
    )
    return {
        "title": title,
        "you": say("risk.picture_you", language, number=you),
        "comparison": say("risk.picture_comparison", language, number=best),
        "method": say(
            "risk.picture_method", language, model=assessment.name, version=assessment.version
        ),
    }
