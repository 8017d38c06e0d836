"""A carer in FHIR: a RelatedPerson, with what the patient agreed they may hear."""

from __future__ import annotations

from typing import Any

from bot.domain.carer import Carer
from bot.export.resources import made

Resource = dict[str, Any]


def carer(one: Carer, subject: Resource) -> Resource:
    """Current or ended; a relationship of nothing but "carer" was told nothing."""
    scopes = ", ".join(sorted(scope.value for scope in one.scopes))
    period = {"start": one.added_at.date().isoformat()}
    if one.ended_at is not None:
        period["end"] = one.ended_at.date().isoformat()
    return made(
        "RelatedPerson",
        one.id,
        active=one.ended_at is None,
        patient=subject,
        relationship=[{"text": f"carer, may hear: {scopes}" if scopes else "carer"}],
        name=[{"text": one.name}] if one.name else None,
        period=period,
    )
