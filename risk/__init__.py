"""How likely is what, for whom, and on what grounds. FHIR: RiskAssessment."""

from __future__ import annotations

from collections.abc import Mapping

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
    natural,
    themes,
)
from risk.derive import body_mass_index, egfr
from risk.loader import names as _names
from risk.loader import table as _table
from risk.many import Many, assess_many
from risk.model import Model, load
from risk.table import InputSpec, ModelInfo, Outcome, Unit

__all__ = [
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
    "Prediction",
    "RiskAssessment",
    "RiskError",
    "Theme",
    "Unit",
    "Used",
    "assess_many",
    "body_mass_index",
    "check",
    "egfr",
    "load",
    "models",
    "natural",
    "picture",
    "themes",
]


def models() -> tuple[ModelInfo, ...]:
    """Every model that can be loaded."""
    return tuple(_table(name).info for name in _names())


def check() -> int:
    """Read every file of the room once. Returns how many; ValueError names the broken one."""
    egfr(1.0, age=50, sex="female")
    return len(models()) + 1


def picture(assessment: RiskAssessment, *, language: str, labels: Mapping[str, str]) -> bytes:
    """A PNG of 100 figures; see ``risk.draw.draw``."""
    from risk.draw import draw

    return draw(assessment, language=language, labels=labels)
