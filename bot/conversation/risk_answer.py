"""Say an assessment in plain words: short first, the grounds on request. No number of its own."""

from __future__ import annotations

from collections.abc import Sequence

import risk
from bot.conversation.risk_words import amount, figure, name, outcome
from prompts import UnknownWords, say

#: What can be asked about an answer, in the order of the buttons.
DETAILS = ("drivers", "changes", "limits")
#: Shown as bare numbers in a theme's words, which carry the unit themselves.
_BARE = ("sbp", "egfr", "bmi")
_IN_THEMES = ("sbp", "bp_tx", "total_c", "hdl_c", "statin", "egfr", "bmi", "uacr")


def answer(assessment: risk.RiskAssessment, language: str, *, listed: bool) -> str:
    """The number in words and as people in a hundred, the comparison, the band, what to do next.

    ``listed``: the result has been put on the care team's list.
    """
    prediction = assessment.prediction
    probability = prediction.probability
    people = risk.natural(probability) if probability is not None else None
    best = assessment.comparison_probability
    return say(
        "risk.answer",
        language,
        points="" if assessment.points is None else f"{assessment.points:g}",
        outcome=outcome(prediction.outcome, language),
        years=prediction.horizon_years,
        number="" if probability is None else _people(probability, language),
        # A share published as "one in six" has no tenths of a percent.
        percent=""
        if probability is None or assessment.points is not None
        else _percent(probability),
        count=people.count if people else 0,
        of=people.of if people else 0,
        rest=people.of - people.count if people else 0,
        compared=_compared(assessment, language),
        comparison="" if best is None else _people(best, language),
        band=_band(assessment, language),
        listed=listed,
        model_name=_called(assessment, language),
        version=assessment.version,
    )


def details(what: str, assessment: risk.RiskAssessment, language: str) -> str:
    """One of ``DETAILS``, in words."""
    return {"drivers": _drivers, "changes": _changes, "limits": _limits}[what](assessment, language)


def _model(assessment: risk.RiskAssessment) -> str:
    return assessment.method.split("/")[0]


def _called(assessment: risk.RiskAssessment, language: str) -> str:
    return say(f"risk.model_{_model(assessment)}", language)


def _people(probability: float, language: str) -> str:
    found = risk.natural(probability)
    if found.count:
        return say("risk.about", language, count=found.count, of=found.of)
    return say("risk.below", language, one=1, of=found.of)


def _percent(probability: float) -> str:
    percent = probability * 100
    return f"{percent:.1f}" if percent >= 0.1 else f"{percent:.1g}"


def _compared(assessment: risk.RiskAssessment, language: str) -> str:
    try:
        return say(f"risk.compared_{_model(assessment)}", language)
    except UnknownWords:
        return say("risk.compared", language)


def _band(assessment: risk.RiskAssessment, language: str) -> str:
    if not assessment.category:
        return ""
    slug = "_".join("".join(c if c.isalnum() else " " for c in assessment.category).split())
    source = say(f"risk.band_source_{_model(assessment)}", language)
    return say(f"risk.band_{slug}", language, source=source)


def _drivers(assessment: risk.RiskAssessment, language: str) -> str:
    """Every theme that is worth telling, what raises the number first, the largest first."""
    themes = [
        theme
        for theme in risk.themes(assessment)
        if abs(theme.contribution) >= assessment.mention_from
    ]
    up = [one for one in themes if one.contribution > 0]
    down = [one for one in reversed(themes) if one.contribution < 0]
    return say(
        "risk.drivers",
        language,
        up=_lines(assessment, up, language),
        down=_lines(assessment, down, language),
        age_counts=assessment.points is None,
    )


def _lines(assessment: risk.RiskAssessment, themes: Sequence[risk.Theme], language: str) -> str:
    return "\n".join(
        say("risk.driver", language, what=_theme(assessment, theme, language)) for theme in themes
    )


def _theme(assessment: risk.RiskAssessment, theme: risk.Theme, language: str) -> str:
    model = _model(assessment)
    used = {risk.concept(model, one.name): one for one in assessment.inputs}

    def shown(concept: str) -> str:
        if concept not in used:
            return ""
        one = used[concept]
        value, unit = (one.value, one.unit) if one.derived_from else (one.given, one.given_unit)
        bare = isinstance(value, str) or concept in _BARE
        return figure(value) if bare else amount(concept, value, unit, language)

    try:
        values = {concept: shown(concept) for concept in _IN_THEMES}
        return say(f"risk.theme_{theme.name}", language, **values)
    except UnknownWords:
        pass
    concept = risk.concept(model, theme.name)
    try:
        what = say(f"risk.drives_{concept}", language)
    except UnknownWords:
        what = name(concept, language)
    if assessment.points is not None:
        return say("risk.points_of", language, what=what, points=f"{theme.contribution:g}")
    return what


def _changes(assessment: risk.RiskAssessment, language: str) -> str:
    """The same calculation with one changeable thing changed, for each."""
    prediction = assessment.prediction
    own = "" if prediction.probability is None else _people(prediction.probability, language)
    lines = []
    for one in assessment.what_ifs:
        number = "" if one.probability is None else _people(one.probability, language)
        what = _with(assessment, one, language)
        if one.points is not None:
            other = number if number != own else ""
            lines.append(
                say(
                    "risk.change_points",
                    language,
                    what=what,
                    points=f"{one.points:g}",
                    number=other,
                )
            )
        elif number != own:
            lines.append(say("risk.change", language, what=what, number=number))
    now = own
    if assessment.points is not None:
        now = say(
            "risk.points_of",
            language,
            what=_called(assessment, language),
            points=f"{assessment.points:g}",
        )
    return say("risk.changes", language, lines="\n".join(lines), now=now)


def _with(assessment: risk.RiskAssessment, one: risk.WhatIf, language: str) -> str:
    concept = risk.concept(_model(assessment), one.name)
    if isinstance(one.value, str):
        return say(f"risk.with_{concept}_{one.value}", language)
    value, unit = _in_their_unit(assessment, one)
    return say(f"risk.with_{concept}", language, value=amount(concept, value, unit, language))


def _in_their_unit(assessment: risk.RiskAssessment, one: risk.WhatIf) -> tuple[float, str]:
    """The changed value in the unit in which the person gave theirs."""
    assert not isinstance(one.value, str)
    used = next(u for u in assessment.inputs if u.name == one.name)
    if used.derived_from or used.given_unit in ("", one.unit):
        return one.value, one.unit
    model, variant = assessment.method.split("/")[:2]
    spec = risk.open_model(model, variant=variant).spec(one.name)
    unit = next(unit for unit in spec.units if unit.name == used.given_unit)
    return unit.back(one.value), unit.name


def _limits(assessment: risk.RiskAssessment, language: str) -> str:
    said = [_limit(assessment, code, language) for code in assessment.limits]
    return say(
        "risk.limits",
        language,
        counted=say(f"risk.counted_{assessment.prediction.outcome}", language),
        limits=(" " if language == "en" else "").join(said),
    )


def _limit(assessment: risk.RiskAssessment, code: str, language: str) -> str:
    """The words of one limit; some models have their own."""
    try:
        return say(f"risk.limit_{code}_{_model(assessment)}", language, year=assessment.year)
    except UnknownWords:
        return say(f"risk.limit_{code}", language, year=assessment.year)


def picture_labels(assessment: risk.RiskAssessment, language: str) -> dict[str, str]:
    """The words for ``risk.picture``, with the same numbers as ``answer``."""
    prediction = assessment.prediction
    assert prediction.probability is not None
    best = assessment.comparison_probability
    called = outcome(prediction.outcome, language)
    title = say("risk.title", language, outcome=called, years=prediction.horizon_years)
    comparison = ""
    if best is not None:
        comparison = say(
            "risk.picture_comparison",
            language,
            compared=_compared(assessment, language),
            number=_people(best, language),
        )
    return {
        "title": title[:1].upper() + title[1:],
        "you": say("risk.picture_you", language, number=_people(prediction.probability, language)),
        "comparison": comparison,
        "method": say(
            "risk.picture_method",
            language,
            model=_called(assessment, language),
            version=assessment.version,
        ),
    }
