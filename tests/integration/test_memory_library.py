"""Memory without the bot: a bare process, and the vector store that LangChain sees."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from small_memory import Hashed, Keys

from memory import open_embedded
from memory.langchain_store import EncoderOf, vector_store

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 5, 1, 9, tzinfo=UTC)
GUIDE = ROOT / "docs" / "how-to" / "use-memory-as-a-library.md"


def test_the_guides_own_code_runs_without_the_bot(tmp_path: Path) -> None:
    code = GUIDE.read_text("utf-8").partition("```python\n")[2].partition("```")[0]
    check = "\nimport sys\nassert not [m for m in sys.modules if m.partition('.')[0] in ("
    check += "'bot', 'risk', 'safety', 'prompts', 'sqlalchemy', 'telegram', 'langchain_core')]\n"
    done = subprocess.run(
        [sys.executable, "-W", "error::ResourceWarning", "-c", code + check],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PATH": "", "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=110,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0] == "my left knee hurts when I climb the stairs"


def test_documents_come_back_as_they_were_given_and_stay_with_their_patient(
    tmp_path: Path,
) -> None:
    memories = open_embedded(tmp_path, encoder=Hashed(), cipher=Keys())
    alice = vector_store(memories, patient_id="alice", clock=lambda: NOW)
    charlie = vector_store(memories, patient_id="charlie", clock=lambda: NOW)
    ids = alice.add_texts(["my knee hurts", "tea"], [{"page": 3, "tags": ["膝盖"]}, {}])
    charlie.add_texts(["my knee is fine"], ids=[ids[0]])
    [first, *_] = alice.similarity_search("how is my knee", k=5)
    assert (first.page_content, first.metadata) == (
        "my knee hurts", {"page": 3, "tags": ["膝盖"]}
    )  # fmt: skip
    assert [d.page_content for d in charlie.similarity_search("tea", k=5)] == ["my knee is fine"]
    charlie.delete()
    assert len(alice.get_by_ids(ids)) == 2
    assert [d.id for d in alice.as_retriever(search_kwargs={"k": 1}).invoke("knee")] == [ids[0]]
    memories.close()
    with pytest.raises(ValueError, match="patient_id"):
        vector_store(memories, patient_id="")


if importlib.util.find_spec("langchain_tests") is not None:
    from langchain_core.vectorstores import VectorStore
    from langchain_tests.integration_tests import VectorStoreIntegrationTests

    class TestLangchainsOwnSuite(VectorStoreIntegrationTests):
        """LangChain's standard tests of a vector store, where they are installed."""

        @pytest.fixture
        def vectorstore(self, tmp_path: Path) -> Iterator[VectorStore]:
            encoder = EncoderOf(self.get_embeddings(), "fake@1")
            memories = open_embedded(tmp_path, encoder=encoder, cipher=Keys())
            yield vector_store(memories, patient_id="alice", clock=lambda: NOW)
            memories.close()
