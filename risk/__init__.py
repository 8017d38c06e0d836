"""How likely is what, for whom, and on what grounds. FHIR: RiskAssessment."""

from __future__ import annotations

import functools
from collections.abc import Mapping

from risk.any_model import AnyModel, open_model
from risk.assessment import (
    BadInput,
    Driver,
    Input,
    MissingInputs,
    Natural,
    NotEligible,
    OutOfRange,
    Prediction,
    RiskAssessment,
    RiskError,
    Theme,
    Used,
    WhatIf,
    natural,
    themes,
)
from risk.concepts import by_concept, concept
from risk.derive import body_mass_index, egfr
from risk.loader import all_names as _all_names
from risk.loader import names as _names
from risk.loader import table as _table
from risk.many import Many, assess_many
from risk.model import Model, load
from risk.narrow import narrow as _narrow
from risk.questionnaire import Score, answers_last, asked, opened, score
from risk.questionnaire import missing as unanswered
from risk.rates import rates as _rates
from risk.routes import Person, Route, for_clinician, questions, routes
from risk.routes import all_routes as _all_routes
from risk.scoring import card as _card
from risk.table import InputSpec, ModelInfo, Outcome, Unit

__all__ = [
    "AnyModel",
    "BadInput",
    "Driver",
    "Input",
    "InputSpec",
    "Many",
    "MissingInputs",
    "Model",
    "ModelInfo",
    "Natural",
    "NotEligible",
    "OutOfRange",
    "Outcome",
    "Person",
    "Prediction",
    "RiskAssessment",
    "RiskError",
    "Route",
    "Score",
    "Theme",
    "Unit",
    "Used",
    "WhatIf",
    "answers_last",
    "asked",
    "assess_many",
    "body_mass_index",
    "by_concept",
    "catalogue",
    "check",
    "concept",
    "egfr",
    "for_clinician",
    "load",
    "models",
    "natural",
    "open_model",
    "opened",
    "picture",
    "questions",
    "routes",
    "score",
    "themes",
    "unanswered",
    "warm",
]


def models() -> tuple[ModelInfo, ...]:
    """Every model that can be loaded."""
    return tuple(_table(name).info for name in _names())


def catalogue() -> tuple[ModelInfo, ...]:
    """Every model of any kind: risks, projections, points and equations."""
    return tuple(_card(name).info for name in _all_names())


@functools.cache
def check() -> int:
    """Read every file of the room, once a process; returns how many.

    Raises ValueError naming the broken one.
    """
    for info in catalogue():
        if info.kind == "projection":
            _rates(info.id)
        if info.kind in ("risk", "projection"):
            for variant in info.variants:
                for horizon in info.horizons:
                    _narrow(info.id, variant, horizon)
    for route in _all_routes():
        model = open_model(route.model, variant=route.variant, horizon=route.horizon)
        for name in route.fixed:
            model.spec(name)
    return len(_all_names())


def picture(assessment: RiskAssessment, *, language: str, labels: Mapping[str, str]) -> bytes:
    """A PNG of 100 figures; see ``risk.draw.draw``."""
    from risk.draw import draw

    return draw(assessment, language=language, labels=labels)


def warm(model: str, *, variant: str, horizon: int) -> None:
    """Load what an answer by ``model`` needs (seconds the first time), before it is asked for."""
    from risk.draw import font_for

    font_for("0")
    if _card(model).info.kind in ("risk", "projection"):
        from risk.torch_model import equations

        equations(model, variant, horizon)
