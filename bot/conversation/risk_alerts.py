"""Whether a result reaches the nurses' list by itself, as risk_alerts.toml says."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import risk

_FILE = Path(__file__).with_name("risk_alerts.toml")


@dataclass(frozen=True, kw_only=True)
class Alert:
    """One rule; ``categories`` or ``at_least`` decides."""

    models: tuple[str, ...]
    categories: tuple[str, ...]
    at_least: float | None
    tier: str


@cache
def alerts() -> tuple[Alert, ...]:
    """Every rule. ValueError names what is wrong in risk_alerts.toml."""
    known = {info.id for info in risk.catalogue()}
    found = []
    try:
        for part in tomllib.loads(_FILE.read_text("utf-8"))["alert"]:
            if unknown := set(part["models"]) - known:
                raise ValueError(f"bot/conversation/{_FILE.name}: there is no {min(unknown)}")
            if ("categories" in part) == ("at_least" in part) or part["tier"] not in _TIERS:
                raise ValueError(f"bot/conversation/{_FILE.name}: {part} must be clear")
            found.append(
                Alert(
                    models=tuple(part["models"]),
                    categories=tuple(part.get("categories", ())),
                    at_least=part.get("at_least"),
                    tier=part["tier"],
                )
            )
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise ValueError(f"bot/conversation/{_FILE.name}: {error!r}") from error
    return tuple(found)


_TIERS = ("P1", "P2", "P3")


def tier(assessment: risk.RiskAssessment) -> str:
    """How soon a person must look at ``assessment``; "" where nobody need."""
    model, probability = assessment.method.split("/")[0], assessment.prediction.probability
    for alert in alerts():
        if model not in alert.models:
            continue
        above = alert.at_least is not None and (probability or 0.0) >= alert.at_least
        if above or assessment.category in alert.categories:
            return alert.tier
    return ""
