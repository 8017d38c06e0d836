"""Our ids where FHIR wants its own kind."""

from __future__ import annotations

import re
import uuid

_FITS = re.compile(r"[A-Za-z0-9.\-]{1,64}")
_HOUSE = uuid.UUID("8f0c6d0a-2f0f-4d8e-9a2e-6d1c3b6f5a11")  #: any, always the same


def fhir_id(kind: str, ours: str) -> str:
    """Our id where it is a FHIR id, else one that follows from it."""
    return ours if _FITS.fullmatch(ours) else str(uuid.uuid5(_HOUSE, f"{kind}/{ours}"))


def urn(kind: str, ours: str) -> str:
    """What an entry's fullUrl and every reference to it say."""
    return f"urn:uuid:{uuid.uuid5(_HOUSE, f'{kind}/{ours}')}"
