"""Who a Bundle is about."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from bot.domain.places import country_named
from bot.intake.model import Person
from bot.intake.parts import one_line


def names_of(entry: Mapping[str, Any]) -> set[str]:
    """How other resources may refer to this one."""
    resource = entry["resource"]
    names = {str(entry["fullUrl"])} if entry.get("fullUrl") else set()
    if resource.get("id"):
        names.add(f"{resource['resourceType']}/{resource['id']}")
    return names


def person(resource: Mapping[str, Any], path: str) -> tuple[Person, list[str]]:
    """The patient, and what is wrong with them."""
    wrong = []
    if resource.get("deceasedBoolean") or resource.get("deceasedDateTime"):
        wrong.append(f"{path}.deceased: the person has died; nobody is to be written to")
    if resource.get("active") is False:
        wrong.append(f"{path}.active: the other system no longer uses this record")
    identifiers = sorted(
        f"{i.get('system', '')}|{i['value']}"
        for i in resource.get("identifier", ())
        if i.get("value") and i.get("use") not in ("temp", "old")
    )
    known_as = identifiers[0] if identifiers else str(resource.get("id", ""))
    if not known_as:
        wrong.append(f"{path}.identifier: missing, and no id either")
    born = str(resource.get("birthDate") or "")
    address: Mapping[str, Any] = next(iter(resource.get("address", ())), {})
    return Person(
        known_as=known_as,
        name=_name(resource),
        sex=resource["gender"] if resource.get("gender") in ("female", "male") else "",
        birth_date=date.fromisoformat(born) if len(born) == 10 else None,
        language=_language(resource),
        country=country_named(str(address.get("country") or "")) or "",
        city=one_line(address.get("city"))[:60],
    ), wrong


def _name(resource: Mapping[str, Any]) -> str:
    names = [n for n in resource.get("name", ()) if n.get("use") not in ("old", "maiden")]
    if not names:
        return ""
    first = next((n for n in names if n.get("use") in ("official", "usual")), names[0])
    if first.get("text"):
        return one_line(first["text"])[:60]
    given, family = " ".join(first.get("given", ())), first.get("family", "")
    chinese = bool(family) and not family.isascii()
    return one_line(f"{family}{given.replace(' ', '')}" if chinese else f"{given} {family}")[:60]


def _language(resource: Mapping[str, Any]) -> str:
    told = sorted(
        resource.get("communication", ()), key=lambda one: not one.get("preferred", False)
    )
    for one in told:
        for coding in one["language"].get("coding", ()):
            short = str(coding.get("code", "")).partition("-")[0]
            if short in ("en", "zh"):
                return short
    return ""
