"""Show one patient's memories to LangChain as a retriever (v)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from memory.model import Recalled
from memory.store import Memories

if TYPE_CHECKING:
    from langchain_core.documents import Document
    from langchain_core.retrievers import BaseRetriever


def retriever(
    memories: Memories,
    *,
    patient_id: str,
    k: int = 8,
    clock: Callable[[], datetime] | None = None,
) -> BaseRetriever:
    """A LangChain retriever over the current memories of this patient and nobody else.

    `invoke(question, k=…)` gives at most `k` Documents, best first: the words as page_content; id,
    kind, said_by, source, recorded_at (ISO 8601) and score as metadata. The patient is fixed when
    the retriever is made and cannot be changed by a question. Raises ValueError without a patient.
    """
    made: BaseRetriever = retriever_class()(
        memories=memories, patient_id=patient_id, k=k, clock=clock or _utc
    )
    return made


@lru_cache(maxsize=1)
def retriever_class() -> Any:
    """The class itself, made at first use so that LangChain loads only where it is wanted."""
    from langchain_core.callbacks import CallbackManagerForRetrieverRun
    from langchain_core.retrievers import BaseRetriever
    from pydantic import ConfigDict, Field

    class PatientRetriever(BaseRetriever):
        """What one patient said, found again."""

        model_config = ConfigDict(arbitrary_types_allowed=True, frozen=True)

        memories: Memories = Field(exclude=True, repr=False)
        patient_id: str = Field(min_length=1)
        k: int = Field(default=8, ge=1)
        clock: Callable[[], datetime] = Field(default=_utc, exclude=True, repr=False)

        def _get_relevant_documents(
            self, query: str, *, run_manager: CallbackManagerForRetrieverRun, k: int | None = None
        ) -> list[Document]:
            found = self.memories.recall(
                self.patient_id, query, limit=self.k if k is None else k, now=self.clock()
            )
            return [_document(one) for one in found]

    # Its annotations name what is imported above, inside this function.
    PatientRetriever.model_rebuild(_types_namespace={**globals(), **locals()})
    return PatientRetriever


def _document(one: Recalled) -> Document:
    from langchain_core.documents import Document

    memory = one.memory
    return Document(
        id=memory.id,
        page_content=memory.text,
        metadata={
            "kind": memory.kind,
            "said_by": memory.said_by,
            "source": memory.source,
            "recorded_at": memory.recorded_at.isoformat(),
            "score": one.score,
        },
    )


def _utc() -> datetime:
    return datetime.now(UTC)
