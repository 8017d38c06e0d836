"""Which model a form uses: the first that fits the person and what they can say."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import risk
from bot.conversation import risk_words as words
from bot.conversation.risk_state import Form
from bot.conversation.risk_words import Refusal

#: A change of one of these may make another model the better one.
DECIDES = ("age", "sex", "dm")
#: Reasons after which another model may be the right one. A disease that makes every estimate wrong
#: (a heart attack, severe kidney disease, an inherited cholesterol) ends the question.
_LEADS_ON = ("age", "unknown", "diabetes_other_model", "no_type_2_diabetes")


def choose(form: Form, now: datetime, series: Mapping[str, Sequence[risk.Input]]) -> Form:
    """``form`` with the first model that fits, filled from what is known; or ended with a reason.

    ``series``: by concept, several readings with the newest first, for a method that averages.
    """
    known = form.known()
    refused: list[Refusal] = []
    for route in risk.routes(form.asked, _person(form.country, known)):
        trial, refusal = _filled(form, route, known, series, now)
        if refusal is None and (lacking := _lacking(trial)):
            refusal = Refusal(code="unknown", values={"input": lacking})
        if refusal is None:
            return trial
        if refusal.urgent or refusal.code not in _LEADS_ON:
            return dataclasses.replace(trial, ended=refusal)
        refused.append(refusal)
        form = trial if not form.model else form
    return dataclasses.replace(form, ended=_told(refused))


def _told(refused: Sequence[Refusal]) -> Refusal:
    """The reason worth telling: what is not known before whom a model was not made for."""
    unknown = [one for one in refused if one.code == "unknown"]
    # The widest model stands last: its ages are the ones that matter.
    ages = [one for one in refused if one.code == "age"]
    return (unknown or ages[-1:] or list(refused) or [Refusal(code="no_model")])[0]


def _person(country: str, known: Mapping[str, risk.Input]) -> risk.Person:
    def said(concept: str) -> str:
        given = known.get(concept)
        return str(given.value) if given is not None else ""

    age = known.get("age")
    return risk.Person(
        country=country,
        age=float(age.value) if age is not None else None,
        sex=said("sex"),
        diabetes=said("dm"),
    )


def _filled(
    form: Form,
    route: risk.Route,
    known: Mapping[str, risk.Input],
    series: Mapping[str, Sequence[risk.Input]],
    now: datetime,
) -> tuple[Form, Refusal | None]:
    """``form`` on ``route`` with what is known and still fresh, or why the model refuses."""
    model = risk.open_model(route.model, variant=route.variant, horizon=route.horizon)
    same = (form.model, form.variant) == (route.model, route.variant)
    kept: dict[str, risk.Input] = {}
    reused: list[str] = []
    used: set[str] = set()
    trial = dataclasses.replace(
        form,
        model=route.model,
        variant=route.variant,
        horizon=model.horizon,
        outcome=route.outcome,
        changed=form.changed if same or not form.model else "model",
        unitless=None,
        doubted=None,
    )
    for spec in model.inputs:
        concept = risk.concept(route.model, spec.name)
        given = _fixed(route.fixed.get(spec.name), known, spec, now)
        if given is None:
            given = _given(spec, concept, known, series, now)
        if given is None or not _wanted(spec, route.outcome):
            continue
        try:
            model.check({**kept, spec.name: given}, outcome=route.outcome)
        except risk.NotEligible as error:
            if not error.urgent:
                return trial, words.refusal(error)
            continue  # an old high reading is no emergency of now: ask again
        except (risk.OutOfRange, risk.BadInput):
            continue
        kept[spec.name] = given
        used.add(concept)
        if given.source not in ("patient", "country", "method"):
            reused.append(spec.name)
    others = {concept: given for concept, given in known.items() if concept not in used}
    return dataclasses.replace(trial, inputs=kept, others=others, reused=tuple(reused)), None


def _wanted(spec: risk.InputSpec, outcome: str) -> bool:
    return not spec.outcomes or outcome in spec.outcomes


def _fixed(
    value: str | None, known: Mapping[str, risk.Input], spec: risk.InputSpec, now: datetime
) -> risk.Input | None:
    """What follows from the country, or from the age ("@age+5")."""
    if value is None:
        return None
    if not value.startswith("@age+"):
        return risk.Input(value=value, as_of=now, source="country")
    age = known.get("age")
    if age is None:
        return None
    later = float(age.value) + float(value.removeprefix("@age+"))
    return risk.Input(value=later, unit=spec.unit, as_of=now, source="method")


def _given(
    spec: risk.InputSpec,
    concept: str,
    known: Mapping[str, risk.Input],
    series: Mapping[str, Sequence[risk.Input]],
    now: datetime,
) -> risk.Input | None:
    """The fresh value, or the mean of the latest ones where the method asks for it."""
    given = known.get(concept)
    if given is None or not fresh(spec, given, now):
        return None
    if spec.average_of == 1 or given.source == "patient":
        return given
    newest = given.as_of or now
    span = timedelta(days=spec.average_days)
    latest = [
        one
        for one in series.get(concept, ())
        if one.as_of is not None and newest - one.as_of <= span and one.unit == given.unit
    ][: spec.average_of]
    if len(latest) < 2:
        return given
    values = [float(one.value) for one in latest]
    return dataclasses.replace(
        given,
        value=sum(values) / len(values),
        source=", ".join(one.source for one in latest),
    )


def fresh(spec: risk.InputSpec, given: risk.Input, now: datetime) -> bool:
    """Whether a known value is still young enough for this input."""
    if spec.max_age_days is None or (spec.yes_lasts and given.value == "yes"):
        return True
    return given.as_of is not None and now - given.as_of <= timedelta(days=spec.max_age_days)


def _lacking(form: Form) -> str:
    """A needed input that the person has said they do not know; "" for none."""
    if not form.unknown:
        return ""
    missing = form.uses.missing(form.inputs, outcome=form.outcome)
    for name in missing:
        names = (name, *form.uses.stand_ins(name))
        if any(risk.concept(form.model, one) in form.unknown for one in names):
            return risk.concept(form.model, name)
    return ""
