"""Read a Bundle of FHIR R4 from another system; every error has its path, and one is enough."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NoReturn

from bot.fhir import problems
from bot.intake import person, statements, values
from bot.intake.model import Intake, Refused, Said, Value
from bot.intake.parts import Entry, LeftOut

MOST_BYTES = 32 * 1024 * 1024
MOST_ENTRIES = 20_000
_READ: Mapping[str, Callable[[Entry], Said | Value]] = {
    "AllergyIntolerance": statements.allergy,
    "Appointment": statements.appointment,
    "CarePlan": statements.care_plan,
    "Condition": statements.condition,
    "MedicationRequest": statements.prescription,
    "MedicationStatement": statements.medicine,
    "Observation": values.observation,
}

__all__ = ["Intake", "Refused", "read"]


def read(content: bytes, *, now: datetime) -> Intake:
    """The record in a Bundle's JSON. Raises Refused with the path of every error."""
    entries = _entries(content)
    resources: list[tuple[str, Any]] = [
        (f"entry[{n}].resource", e.get("resource")) for n, e in enumerate(entries)
    ]
    wrong = [
        problem
        for path, resource in resources
        for problem in (
            problems(resource, path) if isinstance(resource, dict) else [f"{path}: missing"]
        )
    ]
    well = {path for path, _ in resources} - {_path(problem) for problem in wrong}
    patients = [
        (path, entry) for (path, one), entry in zip(resources, entries, strict=True)
        if isinstance(one, dict) and one.get("resourceType") == "Patient"
    ]  # fmt: skip
    if len(patients) != 1:
        wrong.append(f"entry: holds {len(patients)} patients; one Bundle is one person")
        raise Refused(wrong)
    path, whose = patients[0]
    # What is well-formed is read all the same, so that every error is told at once.
    found, odd = person.person(whose["resource"], path) if path in well else (None, [])
    wrong += odd
    names = person.names_of(whose)
    by_reference = {
        ref: e["resource"]
        for (path, _), e in zip(resources, entries, strict=True)
        if path in well
        for ref in person.names_of(e)
    }
    said: list[Said] = []
    kept: list[Value] = []
    left: Counter[str] = Counter()
    for path, resource in resources:
        if path not in well or resource["resourceType"] == "Patient":
            continue
        kind = resource["resourceType"]
        if kind not in _READ:
            left[f"{kind}: not read"] += 1
            continue
        entry = Entry(
            path=path, resource=resource, patient=names, others=by_reference, now=now, wrong=wrong
        )
        entry.about_the_patient()
        try:
            one = _READ[kind](entry)
        except LeftOut as reason:
            left[f"{kind}: {reason}"] += 1
            continue
        (said if isinstance(one, Said) else kept).append(one)  # type: ignore[arg-type]
    if wrong or found is None:
        raise Refused(wrong)
    return Intake(
        person=found,
        said=tuple(said),
        values=tuple(kept),
        left_out=tuple(f"{count} × {reason}" for reason, count in sorted(left.items())),
    )


def _path(problem: str) -> str:
    """The resource that a problem is in: "entry[3].resource"."""
    return problem[: problem.index(".resource") + len(".resource")]


def _said(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Without what is null: in FHIR's JSON that says no more than leaving it out."""
    return {name: value for name, value in pairs if value is not None}


def _entries(content: bytes) -> list[dict[str, Any]]:
    if len(content) > MOST_BYTES:
        raise Refused([f"Bundle: larger than {MOST_BYTES // 1024**2} MB"])
    try:
        bundle = json.loads(
            content.decode("utf-8-sig"), parse_constant=_no_number, object_pairs_hook=_said
        )
    except (ValueError, RecursionError) as error:
        raise Refused([f"Bundle: not JSON ({error})"]) from error
    if not isinstance(bundle, dict) or bundle.get("resourceType") != "Bundle":
        raise Refused(["resourceType: not a Bundle"])
    entries = bundle.get("entry")
    if not isinstance(entries, list) or not entries:
        raise Refused(["entry: missing"])
    if len(entries) > MOST_ENTRIES:
        raise Refused([f"entry: more than {MOST_ENTRIES}"])
    if odd := [f"entry[{n}]: not an object" for n, e in enumerate(entries) if type(e) is not dict]:
        raise Refused(odd)
    shell = {name: value for name, value in bundle.items() if name != "entry"}
    if wrong := problems(shell, "Bundle"):
        raise Refused(wrong)
    return entries


def _no_number(written: str) -> NoReturn:
    raise ValueError(f"{written} is no number")
