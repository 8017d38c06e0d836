"""Remember, recall, list and forget one patient's memories over sealed pages."""

from __future__ import annotations

import threading
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np

from memory import pages
from memory.features import forget_features
from memory.model import (
    Cipher,
    Compared,
    Encoder,
    IndexFailed,
    Kind,
    Memory,
    Recalled,
    Vectors,
    WrongPatient,
)
from memory.pages import Page, Row, key_of
from memory.recall import rank
from memory.shelves import Records, Shelves
from memory.words import forget_words

_HOT = 256  #: patients kept opened in memory: about 100 kB each at 50 memories
_EXTRA = 32  #: rows not stored yet that a question waits to see encoded
_AT_ONCE = 16  #: texts encoded in one go, so that a question never waits long behind them
# The method named `list` hides the built-in inside the class.
_Found = list[Recalled]
_Pages = list[Page]


class Memories:
    """The memories of all patients, one patient at a time.

    Safe to use from many threads. Several processes may share a Chroma server: each writes pages
    of its own (`writer`), the newest row wins, and nothing is cached since others write too.
    """

    def __init__(
        self, records: Records, *, encoder: Encoder, cipher: Cipher, writer: str, alone: bool
    ) -> None:
        self._records = records
        self._encoder = encoder
        self._writer = writer
        self._alone = alone
        self._writing = threading.RLock()
        self._shelves = Shelves(records, encoder=encoder, cipher=cipher, hot=_HOT if alone else 0)

    def remember(self, memories: Sequence[Memory]) -> None:
        """Store these memories, replacing any of the same patient with the same id.

        Patients may be mixed; texts are encoded in one batch. Give a call many memories rather
        than many calls one. Retrying is harmless.
        """
        if not memories:
            return
        latest = {(m.patient_id, m.id): m for m in memories}
        vectors = self._encoder.encode([m.spoken for m in latest.values()])
        self.remember_encoded(list(latest.values()), vectors)

    def remember_encoded(self, memories: Sequence[Memory], vectors: Vectors) -> None:
        """As `remember`, with the vectors, float32 (n, d), made elsewhere by the same encoder."""
        fresh: dict[str, list[Row]] = {}
        written = time.time_ns()
        for memory, vector in zip(memories, vectors, strict=True):
            row = Row(memory=memory, vector=vector, written=written)
            fresh.setdefault(memory.patient_id, []).append(row)
        with self._writing:
            shelves = self._shelves.load(list(fresh))
            changed = {p: self._placed(p, shelves[p].pages, rows) for p, rows in fresh.items()}
            self._shelves.write(changed)

    def recall(
        self,
        patient_id: str,
        text: str,
        *,
        limit: int = 8,
        now: datetime | None = None,
        kinds: Collection[Kind] | None = None,
        extra: Sequence[Memory] = (),
    ) -> _Found:
        """The current memories of this patient that answer `text`, best first.

        `extra` are rows that are committed elsewhere but not stored here yet; they are ranked
        along and win over a stored row of the same id. Raises WrongPatient rather than show a row
        of anybody else.
        """
        for memory in extra:
            if memory.patient_id != patient_id:
                raise WrongPatient(f"extra memory {memory.id} belongs to another patient")
        # A lost index makes everything extra: the latest are encoded, the others found by words.
        late = max(0, len(extra) - _EXTRA)
        encoded = self._encoder.encode([text, *(m.spoken for m in extra[late:])])
        blank = np.zeros((late, encoded.shape[1]), dtype=np.float32)
        return self.recall_encoded(
            patient_id, text, encoded[0], limit=limit, now=now, kinds=kinds, extra=extra,
            extra_vectors=np.concatenate([blank, encoded[1:]]),
        )  # fmt: skip

    def recall_encoded(
        self,
        patient_id: str,
        text: str,
        query: Vectors,
        *,
        limit: int = 8,
        now: datetime | None = None,
        kinds: Collection[Kind] | None = None,
        extra: Sequence[Memory] = (),
        extra_vectors: Vectors | None = None,
    ) -> _Found:
        """As `recall`, with the question's vector, float32 (d,), made elsewhere."""
        shelf = self._shelves.load([_named(patient_id)])[patient_id]
        newer = {m.id for m in extra}
        keep = [
            i
            for i, row in enumerate(shelf.rows)
            if row.memory.id not in newer and _wanted(row.memory, kinds)
        ]
        memories = [shelf.rows[i].memory for i in keep]
        matrix = shelf.matrix[keep]
        late = [i for i, m in enumerate(extra) if _wanted(m, kinds)]
        if late and extra_vectors is not None:
            memories += [extra[i] for i in late]
            matrix = np.concatenate([matrix, extra_vectors[late]])
        found = rank(
            text,
            query,
            memories,
            matrix,
            limit=limit,
            now=now or datetime.now(UTC),
            reads_chinese=bool(getattr(self._encoder, "reads_chinese", True)),
        )
        for one in found:
            if one.memory.patient_id != patient_id:
                raise WrongPatient(f"memory {one.memory.id} belongs to another patient")
        return found

    def list(self, patient_id: str) -> list[Memory]:
        """Everything stored about this patient, superseded too, in the patient's order."""
        return [row.memory for row in self._shelves.load([_named(patient_id)])[patient_id].rows]

    def forget(self, patient_id: str, ids: Iterable[str]) -> int:
        """Remove these memories of this patient; return how many there were.

        In a shared store the ids (never the words) are also noted as gone, in case another
        process was rewriting the same page at that moment.
        """
        unwanted = set(ids)
        with self._writing:
            shelf = self._shelves.load([_named(patient_id)])[patient_id]
            there = {row.memory.id for row in shelf.rows} & unwanted
            changed: _Pages = []
            for page in shelf.pages:
                rows = tuple(r for r in page.rows if r.memory.id not in unwanted)
                if len(rows) != len(page.rows):
                    changed.append(replace(page, rows=rows))
            if there and not self._alone:
                changed = self._with_gone(patient_id, shelf.pages, changed, there)
            if changed:
                self._shelves.write({patient_id: changed})
            forget_words()
            forget_features()
            return len(there)

    def forget_patient(self, patient_id: str) -> int:
        """Remove everything about this patient; return how many memories there were.

        Works even when the patient's key is already destroyed (then the count is of stored rows).
        """
        key = key_of(_named(patient_id))
        with self._writing:
            held = sum(record.size for record in self._records.get([key]))
            self._records.delete_patient(key)
            self._shelves.cool([patient_id])
            forget_words()
            forget_features()
            return held

    def replace(self, patient_id: str, memories: Sequence[Memory]) -> None:
        """Throw away every page of this patient and store these memories, encoded anew.

        Pages are not read, so it also mends what can no longer be opened. Not atomic: after a
        crash in between, call it again.
        """
        if any(m.patient_id != patient_id for m in memories):
            raise WrongPatient(f"a memory to be stored for {patient_id} is somebody else's")
        latest = list({m.id: m for m in memories}.values())
        spoken = [m.spoken for m in latest]
        made = [
            self._encoder.encode(spoken[i : i + _AT_ONCE]) for i in range(0, len(spoken), _AT_ONCE)
        ]
        vectors = [vector for some in made for vector in some]
        written = time.time_ns()
        rows = [
            Row(memory=m, vector=v, written=written) for m, v in zip(latest, vectors, strict=True)
        ]
        key = key_of(_named(patient_id))
        fresh = [
            Page(
                id=f"{key}/{self._writer}/{n:06d}",
                rows=tuple(rows[n * pages.CAPACITY : (n + 1) * pages.CAPACITY]),
            )
            for n in range(-(-len(rows) // pages.CAPACITY))
        ]
        with self._writing:
            self._records.delete_patient(key)
            self._shelves.write({patient_id: fresh})

    def compare(self, expected: Mapping[str, int]) -> Compared:
        """Lay the index beside the rows: how many memories of each patient there should be.

        Only ids and counts are read. An embedded index that cannot be read is begun anew, empty,
        and what belongs to no expected patient is removed from it; others may own a shared one.
        """
        with self._writing:
            try:
                if self.damaged:
                    raise IndexFailed
                sizes = self._records.sizes(pages.CAPACITY)
            except IndexFailed:
                if not self._records.renew():
                    raise
                self._shelves.cool_all()
                return Compared(renewed=True)
            keys = {key_of(p): p for p in expected}
            strangers = sizes.keys() - keys.keys() if self._alone else set()
            for key in strangers:
                self._records.delete_patient(key)
        return Compared(
            missing=tuple(p for k, p in keys.items() if sizes.get(k, 0) < expected[p]),
            surplus=tuple(
                p for k, p in keys.items() if self._alone and sizes.get(k, 0) > expected[p]
            ),
            strangers=len(strangers),
        )

    def count(self) -> int:
        """Memories of all patients together."""
        return sum(self._records.sizes(pages.CAPACITY).values())

    @property
    def damaged(self) -> bool:
        """The index could not be read: `compare` begins it anew where it is ours alone."""
        return self._records.damaged

    @property
    def encoder_name(self) -> str:
        """Model and version of the vectors that are written."""
        return self._encoder.name

    def close(self) -> None:
        """Let go of the store; the object is of no use afterwards."""
        with self._writing:
            self._records.close()

    def _placed(self, patient_id: str, its: Sequence[Page], rows: Sequence[Row]) -> _Pages:
        """This writer's pages that change when `rows` are put into them."""
        own = [page for page in its if page.id.split("/")[1] == self._writer]
        at = {row.memory.id: n for n, page in enumerate(own) for row in page.rows}
        held = [{row.memory.id: row for row in page.rows} for page in own]
        touched: set[int] = set()
        for row in rows:
            n = at.get(row.memory.id)
            if n is None:
                n = next((k for k, rs in enumerate(held) if len(rs) < pages.CAPACITY), len(held))
                if n == len(held):
                    own.append(Page(id=self._page_id(patient_id, own)))
                    held.append({})
                at[row.memory.id] = n
            held[n][row.memory.id] = row
            touched.add(n)
        return [self._healed(replace(own[n], rows=tuple(held[n].values()))) for n in touched]

    def _healed(self, page: Page) -> Page:
        """Give rows that another encoder had written a vector of this one."""
        blank = [i for i, row in enumerate(page.rows) if not row.vector.any()]
        if not blank:
            return page
        vectors = self._encoder.encode([page.rows[i].memory.spoken for i in blank])
        rows = list(page.rows)
        for i, vector in zip(blank, vectors, strict=True):
            rows[i] = replace(rows[i], vector=vector)
        return replace(page, rows=tuple(rows))

    def _page_id(self, patient_id: str, own: Sequence[Page]) -> str:
        last = max((int(page.id.split("/")[2]) for page in own), default=-1)
        return f"{key_of(patient_id)}/{self._writer}/{last + 1:06d}"

    def _with_gone(
        self, patient_id: str, its: Sequence[Page], changed: _Pages, ids: Collection[str]
    ) -> _Pages:
        own = [page for page in its if page.id.split("/")[1] == self._writer]
        mine = own[-1] if own else Page(id=self._page_id(patient_id, own))
        mine = next((page for page in changed if page.id == mine.id), mine)
        now = time.time_ns()
        noted = replace(mine, gone={**mine.gone, **dict.fromkeys(ids, now)})
        return [page for page in changed if page.id != mine.id] + [noted]


def _named(patient_id: str) -> str:
    if not patient_id:
        raise ValueError("memory needs a patient_id")
    return patient_id


def _wanted(memory: Memory, kinds: Collection[Kind] | None) -> bool:
    return memory.status == "current" and (kinds is None or memory.kind in kinds)
