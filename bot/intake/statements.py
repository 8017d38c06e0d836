"""Allergies, conditions, medicines, appointments and care plans as statements to remember."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.intake.model import Said
from bot.intake.parts import Entry, LeftOut, moment_of, one_line, words_of

_WRONG = ("entered-in-error", "refuted")
_OVER = ("inactive", "resolved", "remission")


def allergy(entry: Entry) -> Said:
    _true(entry, "verificationStatus")
    reactions = [
        words_of(sign)
        for reaction in entry.resource.get("reaction", ())
        for sign in reaction.get("manifestation", ())
    ]
    what = entry.concept("code")
    values = {"what": what, "reaction": ", ".join(r for r in reactions if r)}
    return Said(resource=entry.name, words=f"allergy{_how_sure(entry)}", values=values)


def condition(entry: Entry) -> Said:
    _true(entry, "verificationStatus")
    values = {"what": entry.concept("code")}
    return Said(resource=entry.name, words=f"condition{_how_sure(entry)}", values=values)


def medicine(entry: Entry) -> Said:
    status = entry.status("status")
    if status in ("entered-in-error", "not-taken", "intended", "unknown"):
        raise LeftOut(status)
    if status in ("completed", "stopped", "on-hold"):
        return Said(resource=entry.name, words="took", values={"what": _drug(entry)})
    return Said(
        resource=entry.name,
        words="takes",
        values={"what": _drug(entry), "how": _dosage(entry, "dosage")},
    )


def prescription(entry: Entry) -> Said:
    status, intent = entry.status("status"), entry.status("intent")
    if status in ("entered-in-error", "draft", "cancelled", "unknown"):
        raise LeftOut(status)
    if intent in ("proposal", "option"):
        raise LeftOut(f"intent {intent}")
    if entry.resource.get("doNotPerform"):
        raise LeftOut("an order not to give it")
    if status in ("completed", "stopped", "on-hold"):
        return Said(resource=entry.name, words="prescribed_over", values={"what": _drug(entry)})
    values = {"what": _drug(entry), "how": _dosage(entry, "dosageInstruction")}
    return Said(resource=entry.name, words="prescribed", values=values)


def appointment(entry: Entry) -> Said:
    status = entry.status("status")
    if status in ("cancelled", "noshow", "entered-in-error", "proposed", "waitlist"):
        raise LeftOut(status)
    start = moment_of(entry.resource.get("start"))
    if start is None:
        entry.error("start", "missing")
    kinds = [words_of(one) for one in entry.resource.get("serviceType", ())]
    what = one_line(entry.resource.get("description")) or next((k for k in kinds if k), "")
    return Said(resource=entry.name, words="appointment", values={"what": what}, at=start)


def care_plan(entry: Entry) -> Said:
    status = entry.status("status")
    if status in ("entered-in-error", "draft", "unknown"):
        raise LeftOut(status)
    kinds = [words_of(one) for one in entry.resource.get("category", ())]
    what = (
        one_line(entry.resource.get("title"))
        or one_line(entry.resource.get("description"))
        or next((kind for kind in kinds if kind), "")
    )
    if not what:
        entry.error("title", "neither a title nor a description says what it is")
    if status in ("completed", "revoked", "on-hold"):
        return Said(resource=entry.name, words="plan_over", values={"what": what})
    details = [one.get("detail") or {} for one in entry.resource.get("activity", ())]
    parts = [one_line(d.get("description")) or words_of(d.get("code")) for d in details]
    values = {"what": what, "parts": "; ".join(part for part in parts if part)[:600]}
    return Said(resource=entry.name, words="plan", values=values)


def _true(entry: Entry, field: str) -> None:
    if (said := entry.status(field)) in _WRONG:
        raise LeftOut(said)


def _how_sure(entry: Entry) -> str:
    if entry.status("clinicalStatus") in _OVER:
        return "_over"
    doubtful = ("unconfirmed", "provisional", "differential", "presumed")
    return "_doubtful" if entry.status("verificationStatus") in doubtful else ""


def _drug(entry: Entry) -> str:
    """The medicine's name: in the resource, in one it contains, or elsewhere in the Bundle."""
    named = words_of(entry.resource.get("medicationCodeableConcept"))
    if named:
        return named
    reference: Mapping[str, Any] = entry.resource.get("medicationReference") or {}
    to = str(reference.get("reference", ""))
    if to.startswith("#"):
        held = entry.resource.get("contained", ())
        found: Mapping[str, Any] = next((one for one in held if f"#{one.get('id')}" == to), {})
    else:
        found = entry.others.get(to, {})
    named = words_of(found.get("code")) or one_line(reference.get("display"))
    if not named:
        entry.error("medication", "nothing says which medicine it is")
    return named


def _dosage(entry: Entry, field: str) -> str:
    """As it is written; a dose is never put together from parts."""
    texts = [one_line(one.get("text")) for one in entry.resource.get(field, ())]
    return "; ".join(text for text in texts if text)
