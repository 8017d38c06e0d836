"""The list of erased patients beside the database: a backup that is older cannot undo it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from bot.domain.erasure import Tombstone
from bot.domain.errors import StoreError
from bot.domain.message import PatientId

NAME = "erased.jsonl"


class TombstoneFile:
    """One JSON line a patient: id and time, never a word. Appended and synced, never rewritten."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def add(self, *tombstones: Tombstone) -> None:
        """Write those that are not in it yet; on return they are on the disk."""
        known = {one.patient_id for one in self.read()}
        fresh = [one for one in tombstones if one.patient_id not in known]
        if not fresh:
            return
        handle = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(handle, "a", encoding="utf-8") as file:
            for one in fresh:
                line = {"patient": one.patient_id, "at": one.at.isoformat()}
                file.write(json.dumps(line) + "\n")
            file.flush()
            os.fsync(file.fileno())

    def read(self) -> list[Tombstone]:
        """All of them; none where there is no file. Raises StoreError for a line it cannot read."""
        if not self.path.exists():
            return []
        found = []
        for number, line in enumerate(self.path.read_text("utf-8").splitlines(), 1):
            if not line.strip():
                continue
            try:
                given = json.loads(line)
                at = datetime.fromisoformat(given["at"])
                found.append(Tombstone(patient_id=PatientId(str(given["patient"])), at=at))
            except (ValueError, KeyError, TypeError) as error:
                raise StoreError(
                    f"{self.path}, line {number}: not an erased patient", permanent=True
                ) from error
        return found


def together(*lists: Iterable[Tombstone]) -> list[Tombstone]:
    """Every patient once, with the earliest time."""
    first: dict[PatientId, Tombstone] = {}
    for one in sorted((t for some in lists for t in some), key=lambda t: t.at):
        first.setdefault(one.patient_id, one)
    return list(first.values())
