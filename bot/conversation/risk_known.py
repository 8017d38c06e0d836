"""What the record knows for a risk question: by concept, each value with its date and source."""

from __future__ import annotations

from collections.abc import Iterable

import risk
from bot.domain.turn import Turn

#: What the record calls things → what the risk models call them in common.
_FROM_RECORD = {
    "blood_pressure": "sbp",
    "total_cholesterol": "total_c",
    "hdl_cholesterol": "hdl_c",
    "egfr": "egfr",
    "creatinine": "creatinine",
    "hba1c": "hba1c",
    "weight": "weight",
    "height": "height",
}


def series(turn: Turn) -> dict[str, list[risk.Input]]:
    """Every reading by concept, the newest first."""
    found: dict[str, list[risk.Input]] = {}
    for observation in turn.observations:  # newest first
        if concept := _FROM_RECORD.get(observation.code):
            found.setdefault(concept, []).append(
                risk.Input(
                    value=observation.value,
                    unit=observation.unit,
                    as_of=observation.at,
                    source=f"Observation/{observation.id}",
                )
            )
    return found


def known(turn: Turn, assessed: Iterable[risk.RiskAssessment]) -> dict[str, risk.Input]:
    """The newest value of each concept: readings, what was said in earlier risk questions (their
    dates decide whether it is still fresh), and the person's own data."""
    found = {concept: readings[0] for concept, readings in series(turn).items()}
    for assessment in assessed:
        model = assessment.method.split("/")[0]
        for one in assessment.inputs:
            concept = risk.concept(model, one.name)
            if one.derived_from or one.source != "patient" or concept in _MOVING:
                continue
            said = risk.Input(
                value=one.given,
                unit=one.given_unit,
                as_of=one.as_of,
                source=f"RiskAssessment/{assessment.occurred_at:%Y-%m-%d}",
            )
            newer = found.get(concept)
            if newer is None or (
                newer.as_of is not None and said.as_of is not None and newer.as_of < said.as_of
            ):
                found[concept] = said
    return found | _own(turn)


#: Known from elsewhere, or not to be remembered: whoever is asked again may answer otherwise.
_MOVING = ("age", "sex", "pregnant", "T2", "region")


def _own(turn: Turn) -> dict[str, risk.Input]:
    source = f"Patient/{turn.patient_id}"
    found: dict[str, risk.Input] = {}
    age = turn.patient.age(turn.now)
    if age is not None:
        found["age"] = risk.Input(value=float(age), unit="years", as_of=turn.now, source=source)
    if turn.patient.sex:
        found["sex"] = risk.Input(value=turn.patient.sex, as_of=turn.now, source=source)
    return found
