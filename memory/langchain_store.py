"""Show one patient's memories to LangChain as a vector store (v)."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from memory.model import Memory, Vectors
from memory.store import Memories

if TYPE_CHECKING:
    from langchain_core.documents import Document
    from langchain_core.embeddings import Embeddings
    from langchain_core.vectorstores import VectorStore


def vector_store(
    memories: Memories, *, patient_id: str, clock: Callable[[], datetime] | None = None
) -> VectorStore:
    """A LangChain VectorStore over the memories of this patient and nobody else.

    Documents become memories with their ids and come back with the metadata they were given
    (anything that JSON can hold). Search ranks as `Memories.recall` does, by meaning, words and
    time, so scores have no unit and searching by a bare vector is refused (NotImplementedError).
    Raises ValueError without a patient.
    """
    if not patient_id:
        raise ValueError("a vector store needs a patient_id")
    made: VectorStore = store_class()(memories, patient_id, clock or _utc)
    return made


class EncoderOf:
    """A LangChain Embeddings as an Encoder; `name` must change with the model."""

    reads_chinese = True

    def __init__(self, embeddings: Embeddings, name: str) -> None:
        self._embeddings = embeddings
        self.name = name
        self.dimensions = len(embeddings.embed_query("length"))

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return float32 (n, d) of length one."""
        if not texts:
            return np.zeros((0, self.dimensions), dtype=np.float32)
        made = np.asarray(self._embeddings.embed_documents(list(texts)), dtype=np.float32)
        norms = np.maximum(np.linalg.norm(made, axis=1, keepdims=True), 1e-9)
        return np.asarray(made / norms, dtype=np.float32)


@lru_cache(maxsize=1)
def store_class() -> Any:
    """The class itself, made at first use so that LangChain loads only where it is wanted."""
    from langchain_core.vectorstores import VectorStore

    class PatientStore(VectorStore):
        """What one patient said, as documents."""

        def __init__(
            self, memories: Memories, patient_id: str, clock: Callable[[], datetime]
        ) -> None:
            self._memories, self._patient, self._clock = memories, patient_id, clock

        def add_texts(
            self,
            texts: Iterable[str],
            metadatas: list[dict[str, Any]] | None = None,
            *,
            ids: list[str] | None = None,
            **_: Any,
        ) -> list[str]:
            given = list(texts)
            names = [one or str(uuid.uuid4()) for one in ids or [""] * len(given)]
            held = {m.id: m.position for m in self._memories.list(self._patient)}
            last = max(held.values(), default=-1)
            notes = metadatas or [{} for _ in given]
            now = self._clock()
            self._memories.remember(
                [
                    Memory(
                        id=name,
                        patient_id=self._patient,
                        text=text,
                        recorded_at=now,
                        position=held.get(name, last + number),
                        notes=json.dumps(note, ensure_ascii=False),
                    )
                    for number, (name, text, note) in enumerate(
                        zip(names, given, notes, strict=True), 1
                    )
                ]
            )
            return names

        def similarity_search(self, query: str, k: int = 4, **_: Any) -> list[Document]:
            return [document for document, _ in self.similarity_search_with_score(query, k)]

        def similarity_search_with_score(
            self, query: str, k: int = 4, **_: Any
        ) -> list[tuple[Document, float]]:
            found = self._memories.recall(self._patient, query, limit=k, now=self._clock())
            return [(_document(one.memory), one.score) for one in found]

        def get_by_ids(self, ids: Sequence[str], /) -> list[Document]:
            held = {memory.id: memory for memory in self._memories.list(self._patient)}
            return [_document(held[one]) for one in ids if one in held]

        def delete(self, ids: list[str] | None = None, **_: Any) -> bool:
            if ids is None:
                self._memories.forget_patient(self._patient)
            else:
                self._memories.forget(self._patient, ids)
            return True

        @classmethod
        def from_texts(cls, *_: Any, **__: Any) -> Any:
            raise NotImplementedError("open the memories first, then call vector_store()")

    return PatientStore


def _document(memory: Memory) -> Document:
    from langchain_core.documents import Document

    metadata = json.loads(memory.notes) if memory.notes else {}
    return Document(id=memory.id, page_content=memory.text, metadata=metadata)


def _utc() -> datetime:
    return datetime.now(UTC)
