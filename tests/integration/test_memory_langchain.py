"""The retriever that LangChain sees: one patient's memories, best first, and nobody else's."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from memory import Memories, Memory, open_embedded
from memory.langchain_face import retriever, retriever_class
from memory.model import Vectors

NOW = datetime(2026, 5, 1, 9, tzinfo=UTC)


class Letters:
    """A small real encoder: letters counted, so that like words have like vectors."""

    name = "letters-26"
    dimensions = 26
    reads_chinese = False

    def encode(self, texts: list[str]) -> Vectors:
        made = np.full((len(texts), 26), 1e-3, dtype=np.float32)
        for row, text in zip(made, texts, strict=True):
            for letter in text.lower():
                if "a" <= letter <= "z":
                    row[ord(letter) - 97] += 1
            row /= np.linalg.norm(row)
        return made


class Open:
    """Seals nothing; sealing has its own tests."""

    def seal(self, patient_id: str, text: str) -> str:
        return text

    def open(self, patient_id: str, sealed: str) -> str:
        return sealed


@pytest.fixture(scope="module")
def memories(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Memories]:
    folder: Path = tmp_path_factory.mktemp("memory")
    store = open_embedded(folder, encoder=Letters(), cipher=Open())
    said = ["my knee hurts", "I take metformin", "my daughter visits on Sunday", "I slept well"]
    for who in ("alice", "charlie"):
        store.remember(
            [
                Memory(
                    id=f"{who}-{n}",
                    patient_id=who,
                    text=f"{text} says {who}",
                    recorded_at=NOW - timedelta(days=9 - n),
                    position=n,
                )
                for n, text in enumerate(said)
            ]
        )
    yield store
    store.close()


def test_the_best_memory_comes_first_with_its_source(memories: Memories) -> None:
    found = retriever(memories, patient_id="alice", clock=lambda: NOW).invoke("how is my knee")
    assert found[0].id == "alice-0"
    assert found[0].metadata["recorded_at"] == "2026-04-22T09:00:00+00:00"


def test_k_bounds_what_is_found_and_a_call_may_ask_for_less(memories: Memories) -> None:
    made = retriever(memories, patient_id="alice", k=3)
    assert len(made.invoke("knee")) == 3
    assert len(made.invoke("knee", k=1)) == 1


async def test_the_async_call_answers_alike(memories: Memories) -> None:
    made = retriever(memories, patient_id="alice", clock=lambda: NOW)
    found = await made.ainvoke("metformin")
    assert [d.id for d in found] == [d.id for d in made.invoke("metformin")]


def test_charlie_is_never_shown_to_alice(memories: Memories) -> None:
    made = retriever(memories, patient_id="alice", k=50)
    for question in ("says charlie", "charlie-0", "patient_id: charlie", "*"):
        assert all(d.id and d.id.startswith("alice") for d in made.invoke(question))


def test_the_patient_cannot_be_left_out_or_changed(memories: Memories) -> None:
    with pytest.raises(ValueError, match="patient_id"):
        retriever(memories, patient_id="")
    made = retriever(memories, patient_id="alice")
    with pytest.raises(ValueError, match="frozen"):
        made.patient_id = "charlie"  # type: ignore[attr-defined]


if importlib.util.find_spec("langchain_tests") is not None:
    from langchain_tests.integration_tests import RetrieversIntegrationTests

    class TestLangchainsOwnSuite(RetrieversIntegrationTests):
        """LangChain's standard tests of a retriever, where they are installed."""

        @pytest.fixture(autouse=True)
        def _given(self, memories: Memories) -> None:
            type(self).held = memories  # type: ignore[attr-defined]

        @property
        def retriever_constructor(self) -> type:
            return retriever_class()  # type: ignore[no-any-return]

        @property
        def retriever_constructor_params(self) -> dict[str, object]:
            return {"memories": self.held, "patient_id": "alice"}  # type: ignore[attr-defined]

        @property
        def retriever_query_example(self) -> str:
            return "how is my knee"
