"""Open one patient's sealed pages, keep hot patients open, and write pages back."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from memory import pages
from memory.model import Cipher, Encoder, Vectors
from memory.pages import Page, Record, Row, key_of


class Records(Protocol):
    """Where sealed pages are kept; `memory.chroma.ChromaRecords` is the real one."""

    @property
    def damaged(self) -> bool: ...
    def get(self, keys: Sequence[str]) -> list[Record]: ...
    def put(self, records: Sequence[Record]) -> None: ...
    def delete(self, ids: Iterable[str]) -> None: ...
    def delete_patient(self, key: str) -> None: ...
    def sizes(self, capacity: int) -> dict[str, int]: ...
    def renew(self) -> bool: ...
    def close(self) -> None: ...


@dataclass(frozen=True, kw_only=True)
class Shelf:
    """One patient's opened pages with their current rows and the matrix of their vectors."""

    pages: tuple[Page, ...]
    rows: tuple[Row, ...]
    matrix: Vectors


class Shelves:
    """The patients' shelves: at most `hot` of them stay open in memory, the last used ones."""

    def __init__(self, records: Records, *, encoder: Encoder, cipher: Cipher, hot: int) -> None:
        self._records = records
        self._encoder = encoder
        self._cipher = cipher
        self._most = hot
        self._guard = threading.Lock()
        self._hot: OrderedDict[str, Shelf] = OrderedDict()
        self._epochs: dict[str, int] = {}

    def load(self, patient_ids: Sequence[str]) -> dict[str, Shelf]:
        """The shelves of these patients, from memory where they are hot.

        Raises WrongPatient when a page opens as somebody else's.
        """
        with self._guard:
            shelves = {p: self._hot[p] for p in patient_ids if p in self._hot}
            for patient_id in shelves:
                self._hot.move_to_end(patient_id)
            epochs = {p: self._epochs.get(p, 0) for p in patient_ids}
        owners = {key_of(p): p for p in patient_ids if p not in shelves}
        if owners:
            opened: dict[str, list[Page]] = {p: [] for p in owners.values()}
            for record in self._records.get(list(owners)):
                owner = owners[record.key]
                opened[owner].append(
                    pages.unseal(record.id, record.sealed, owner, self._encoder, self._cipher)
                )
            for owner, its in opened.items():
                shelves[owner] = self._shelf(its)
                self._warm(owner, shelves[owner], epochs[owner])
        return shelves

    def _shelf(self, its: Iterable[Page]) -> Shelf:
        ordered = tuple(sorted(its, key=lambda page: page.id))
        rows = tuple(pages.current(ordered))
        flat = np.zeros((0, self._encoder.dimensions), dtype=np.float32)
        matrix = np.stack([r.vector for r in rows]) if rows else flat
        return Shelf(pages=ordered, rows=rows, matrix=matrix)

    def _warm(self, patient_id: str, shelf: Shelf, epoch: int) -> None:
        with self._guard:
            # A write since the read began would make this shelf stale from the start.
            if self._epochs.get(patient_id, 0) == epoch:
                self._hot[patient_id] = shelf
                while len(self._hot) > self._most:
                    self._hot.popitem(last=False)

    def cool(self, patient_ids: Iterable[str]) -> None:
        """Drop these patients from memory, and what is being read of them at this moment."""
        with self._guard:
            for patient_id in patient_ids:
                self._epochs[patient_id] = self._epochs.get(patient_id, 0) + 1
                self._hot.pop(patient_id, None)

    def cool_all(self) -> None:
        """Drop every patient from memory."""
        with self._guard:
            known = set(self._epochs) | set(self._hot)
        self.cool(known)

    def write(self, changed: Mapping[str, Sequence[Page]]) -> None:
        """Seal and store these pages by patient; pages without anything in them are deleted."""
        emptied = [p.id for its in changed.values() for p in its if not p.rows and not p.gone]
        records = [
            Record(
                id=page.id,
                key=key_of(patient_id),
                sealed=pages.seal(page, patient_id, self._encoder.name, self._cipher),
                size=len(page.rows),
            )
            for patient_id, its in changed.items()
            for page in its
            if page.rows or page.gone
        ]
        try:
            if records:
                self._records.put(records)
            if emptied:
                self._records.delete(emptied)
        finally:
            self.cool(changed)
