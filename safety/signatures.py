"""Which clinical files of this room a clinician has signed, and what their items rest on."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_ROOM = Path(__file__).parent
EVIDENCE = ("verified", "mixed", "recalled")


@dataclass(frozen=True, kw_only=True)
class Signed:
    """One file, who signed it and when, and the evidence of its items by status."""

    file: str  #: below safety/
    items: int  #: rules, or entries, that state an evidence of their own; else the file itself
    evidence: Mapping[str, int]
    reviewed_on: str = ""
    reviewer: str = ""

    @property
    def signed(self) -> bool:
        """A name and a date stand in the file."""
        return bool(self.reviewed_on and self.reviewer)

    def plain(self) -> dict[str, object]:
        """For JSON."""
        return {
            "file": self.file,
            "items": self.items,
            "evidence": dict(self.evidence),
            "reviewed_on": self.reviewed_on,
            "reviewer": self.reviewer,
        }


def signatures(folder: Path = _ROOM) -> tuple[Signed, ...]:
    """Every TOML file of the room that carries the fields of a sign-off, by name."""
    found = []
    for path in sorted(folder.rglob("*.toml")):
        data = tomllib.loads(path.read_text("utf-8"))
        if "reviewer" not in data and "reviewed_on" not in data:
            continue
        states = Counter(_evidence(data))
        found.append(
            Signed(
                file=str(path.relative_to(folder)),
                items=max(1, sum(states.values())),
                evidence=states,
                reviewed_on=str(data.get("reviewed_on", "")),
                reviewer=str(data.get("reviewer", "")),
            )
        )
    return tuple(found)


def _evidence(value: object) -> Iterator[str]:
    """Every evidence status anywhere in the file."""
    if isinstance(value, Mapping):
        said: Any = value.get("evidence")
        if said in EVIDENCE:
            yield said
        for inner in value.values():
            yield from _evidence(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _evidence(inner)
