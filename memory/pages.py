"""Pack some of one patient's memories with their vectors into one sealed page, and back."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b

import numpy as np

from memory.model import Cipher, Encoder, Memory, Vectors, WrongPatient

CAPACITY = 64  #: memories in a page; measured in docs/adr/0004
_FORMAT = 1


@dataclass(frozen=True, kw_only=True)
class Row:
    """One memory as stored: its vector, float32 (d,), and when it was written, in ns."""

    memory: Memory
    vector: Vectors
    written: int


@dataclass(frozen=True, kw_only=True)
class Page:
    """At most CAPACITY rows of one patient, and ids forgotten elsewhere with the time in ns."""

    id: str
    rows: tuple[Row, ...] = ()
    gone: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Record:
    """One sealed page as the store holds it: `key` is all that the store knows of the patient."""

    id: str
    key: str
    sealed: str
    size: int


def key_of(patient_id: str) -> str:
    """What Chroma sees of a patient: 32 hex digits that say nothing, always the same."""
    return blake2b(patient_id.encode(), digest_size=16, person=b"ankang-memory").hexdigest()


def seal(page: Page, patient_id: str, encoder_name: str, cipher: Cipher) -> str:
    """Return the page as sealed text. Vectors are kept as int8, about 1 part in 250 off."""
    header = {
        "format": _FORMAT,
        "patient": patient_id,
        "encoder": encoder_name,
        "gone": dict(page.gone),
        "rows": [
            [
                m.id, m.text, m.kind, m.said_by, m.source, m.recorded_at.isoformat(),
                m.language, m.position, m.status, row.written, m.speaker, m.notes,
            ]
            for row in page.rows
            for m in (row.memory,)
        ],
    }  # fmt: skip
    packed = zlib.compress(json.dumps(header, ensure_ascii=False).encode(), 3)
    vectors = np.stack([row.vector for row in page.rows]) if page.rows else np.zeros((0, 1))
    peak = np.abs(vectors).max(axis=1, keepdims=True, initial=1e-9)
    coded = np.round(vectors / peak * 127).astype(np.int8).tobytes()
    whole = len(packed).to_bytes(4, "big") + packed + coded
    return cipher.seal(patient_id, base64.b64encode(whole).decode())


def unseal(page_id: str, sealed: str, patient_id: str, encoder: Encoder, cipher: Cipher) -> Page:
    """Open a page of `patient_id`; raise WrongPatient when it is somebody else's.

    Vectors of another encoder come back as zeros: they cannot be compared, words still can.
    """
    whole = base64.b64decode(cipher.open(patient_id, sealed))
    size = int.from_bytes(whole[:4], "big")
    header = json.loads(zlib.decompress(whole[4 : 4 + size]))
    if header["format"] != _FORMAT:
        raise ValueError(f"memory page {page_id} has format {header['format']}, not {_FORMAT}")
    if header["patient"] != patient_id:
        raise WrongPatient(f"memory page {page_id} belongs to another patient")
    n = len(header["rows"])
    if header["encoder"] == encoder.name and n:
        coded = np.frombuffer(whole, np.int8, offset=4 + size).reshape(n, -1)
        vectors = coded.astype(np.float32)
        vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    else:
        vectors = np.zeros((n, encoder.dimensions), dtype=np.float32)
    rows = tuple(
        Row(memory=_memory(patient_id, cells), vector=vector, written=cells[9])
        for cells, vector in zip(header["rows"], vectors, strict=True)
    )
    return Page(id=page_id, rows=rows, gone=header["gone"])


def current(pages: Sequence[Page]) -> list[Row]:
    """The newest row of each memory over all pages, in the patient's order."""
    newest: dict[str, Row] = {}
    gone: dict[str, int] = {}
    for page in pages:
        for id_, at in page.gone.items():
            gone[id_] = max(at, gone.get(id_, 0))
        for row in page.rows:
            held = newest.get(row.memory.id)
            if held is None or row.written > held.written:
                newest[row.memory.id] = row
    kept = [r for r in newest.values() if r.written > gone.get(r.memory.id, -1)]
    return sorted(kept, key=lambda r: (r.memory.position, r.memory.recorded_at, r.memory.id))


def _memory(patient_id: str, cells: list[str]) -> Memory:
    id_, text, kind, said_by, source, at, language, position, status, _, *later = cells
    return Memory(
        id=id_,
        patient_id=patient_id,
        text=text,
        kind=kind,  # type: ignore[arg-type]  # written by seal() from a Memory
        said_by=said_by,  # type: ignore[arg-type]
        speaker=later[0] if later else "",  # rows written before speakers had names
        notes=later[1] if len(later) > 1 else "",
        source=source,
        recorded_at=datetime.fromisoformat(at),
        language=language,
        position=int(position),
        status=status,  # type: ignore[arg-type]
    )
