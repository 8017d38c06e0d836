"""Work out what patients do not know from what they do: eGFR and body mass index."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from risk import parts
from risk.assessment import OutOfRange
from risk.loader import card_fields
from risk.reader import read
from risk.table import Card

EQUATIONS = ("ckd_epi_2021",)


@dataclass(frozen=True, kw_only=True)
class Equation(Card):
    """CKD-EPI: a card and its constants by variant ("cr", "cr_cys") and, within, by sex."""

    constants: Mapping[str, Mapping[str, float]]
    by_sex: Mapping[tuple[str, str], Mapping[str, float]]


@cache
def equation(name: str) -> Equation:
    """The equation ``name``, read and checked once. ValueError names the file and the field."""
    top = read(name)
    top.text("kind", among=("equation",))
    fields = card_fields(top, "equation", ("value", "integer"))
    info = parts.info(top, "equation", ())
    shared, own = {}, {}
    for variant in info.variants:
        part = top.part(variant)
        wanted = ["mu", "max_exp", "age_base"]
        if variant == "cr_cys":
            wanted += ["cys_kappa", "cys_min_exp", "cys_max_exp"]
        shared[variant] = {field: part.number(field) for field in wanted}
        for sex in ("female", "male"):
            one = part.part(sex)
            own[variant, sex] = {
                field: one.number(field) for field in ("kappa", "alpha", "sex_factor")
            }
    return Equation(info=info, **fields, constants=shared, by_sex=own)


def egfr(creatinine: float, *, age: float, sex: str, cystatin: float | None = None) -> float:
    """eGFR in mL/min/1.73m2, unrounded, by CKD-EPI 2021 (Inker, NEJM 2021;385:1737).

    ``creatinine`` in mg/dL (µmol/L / 88.4), ``cystatin`` C in mg/L (None: the equation for
    creatinine alone), ``age`` in years, ``sex`` "female" or "male". Raises OutOfRange for an age
    outside 18 to 120 or a creatinine or cystatin C that is not above 0.
    """
    card = equation("ckd_epi_2021")
    ages = card.spec("age")
    assert ages.low is not None and ages.high is not None
    if not ages.low <= age <= ages.high:
        raise OutOfRange("age", age, ages.low, ages.high, "years")
    for name, value, unit in (("creatinine", creatinine, "mg/dL"), ("cystatin", cystatin, "mg/L")):
        if value is not None and not (math.isfinite(value) and value > 0):
            raise OutOfRange(name, value, 0, math.inf, unit)
    variant = "cr" if cystatin is None else "cr_cys"
    shared, own = card.constants[variant], card.by_sex[variant, sex]
    ratio = creatinine / own["kappa"]
    found = (
        shared["mu"]
        * min(ratio, 1.0) ** own["alpha"]
        * max(ratio, 1.0) ** shared["max_exp"]
        * shared["age_base"] ** age
        * own["sex_factor"]
    )
    if cystatin is not None:
        ratio = cystatin / shared["cys_kappa"]
        found *= min(ratio, 1.0) ** shared["cys_min_exp"] * max(ratio, 1.0) ** shared["cys_max_exp"]
    return float(found)


def body_mass_index(weight: float, height: float) -> float:
    """BMI in kg/m2 from ``weight`` in kg and ``height`` in cm."""
    return weight / (height / 100) ** 2


def whole(value: float) -> int:
    """``value`` rounded half up, as laboratories report an eGFR."""
    return math.floor(value + 0.5)


def derive(method: str, values: Mapping[str, float | str]) -> float:
    """The predictor that ``method`` gives for canonical ``values``, rounded as it is reported."""
    if method == "ckd_epi_2021":
        # Laboratories report whole numbers, and the patient is shown the value that was used.
        creatinine, age = float(values["creatinine"]), float(values["age"])
        return float(whole(egfr(creatinine, age=age, sex=str(values["sex"]))))
    if method == "body_mass_index":
        return round(body_mass_index(float(values["weight"]), float(values["height"])), 1)
    raise ValueError(f"unknown derivation {method}")
