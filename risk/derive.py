"""Work out what patients do not know from what they do: eGFR and body mass index."""

from __future__ import annotations

import math
from functools import cache

from risk.assessment import OutOfRange
from risk.reader import Reader, read


@cache
def _ckd_epi() -> tuple[Reader, dict[str, tuple[float, float, float]]]:
    top = read("ckd_epi_2021")
    for field in ("id", "name", "version", "citation", "population", "evidence"):
        top.text(field)
    by_sex = {
        sex: (part.number("kappa"), part.number("alpha"), part.number("sex_factor"))
        for sex in ("female", "male")
        for part in [top.part(sex)]
    }
    return top, by_sex


def egfr(creatinine: float, *, age: float, sex: str) -> float:
    """eGFR in mL/min/1.73m2, unrounded, by CKD-EPI 2021 (Inker, NEJM 2021;385:1737).

    ``creatinine`` in mg/dL (µmol/L / 88.4), ``age`` in years, ``sex`` "female" or "male".
    Raises OutOfRange for an age outside 18 to 120 or a creatinine that is not above 0.
    """
    top, by_sex = _ckd_epi()
    low, high = top.number("age_low"), top.number("age_high")
    if not low <= age <= high:
        raise OutOfRange("age", age, low, high, "years")
    if not (math.isfinite(creatinine) and creatinine > 0):
        raise OutOfRange("creatinine", creatinine, 0, math.inf, "mg/dL")
    kappa, alpha, factor = by_sex[sex]
    ratio = creatinine / kappa
    return float(
        top.number("mu")
        * min(ratio, 1.0) ** alpha
        * max(ratio, 1.0) ** top.number("max_exp")
        * top.number("age_base") ** age
        * factor
    )


def body_mass_index(weight: float, height: float) -> float:
    """BMI in kg/m2 from ``weight`` in kg and ``height`` in cm."""
    return weight / (height / 100) ** 2


def derive(method: str, values: dict[str, float | str]) -> float:
    """The predictor that ``method`` gives for canonical ``values``, rounded as it is reported."""
    if method == "ckd_epi_2021":
        # Laboratories report whole numbers, and the patient is shown the value that was used.
        return float(
            math.floor(
                egfr(float(values["creatinine"]), age=float(values["age"]), sex=str(values["sex"]))
                + 0.5
            )
        )
    if method == "body_mass_index":
        return round(body_mass_index(float(values["weight"]), float(values["height"])), 1)
    raise ValueError(f"unknown derivation {method}")
