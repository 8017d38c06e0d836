"""A cross-encoder from a folder reads the best passages again; one that cannot is refused."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from knowledge.model import KnowledgeError, Passage, Vectors
from knowledge.rerank import CrossEncoder
from knowledge.search import Index

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "gout", "toe", "what", "is", "red"]


def tiny(folder: Path, labels: int) -> Path:
    """A cross-encoder of two small layers with random weights."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

    torch.manual_seed(0)
    folder.mkdir()
    (folder / "vocab.txt").write_text("\n".join(WORDS), "utf-8")
    BertTokenizerFast(vocab=str(folder / "vocab.txt")).save_pretrained(folder)
    config = BertConfig(
        vocab_size=len(WORDS),
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        num_labels=labels,
    )
    BertForSequenceClassification(config).save_pretrained(folder)
    return folder


def test_a_cross_encoder_gives_each_passage_a_share(tmp_path: Path) -> None:
    model = CrossEncoder(str(tiny(tmp_path / "cross", 1)))
    scores = model.scores("what is gout", ["gout", "toe " * 900, "red"] * 7)
    assert scores.shape == (21,)
    assert ((scores > 0) & (scores < 1)).all()
    assert scores[:3] == pytest.approx(scores[3:6], abs=1e-4)


def test_a_model_with_two_scores_or_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError, match="no single score"):
        CrossEncoder(str(tiny(tmp_path / "two", 2)))
    (tmp_path / "empty").mkdir()
    with pytest.raises(KnowledgeError, match="cannot be loaded"):
        CrossEncoder(str(tmp_path / "empty"))


class Likes:
    """Gives 1 to passages that hold a word, 0 to the others."""

    name = "likes"

    def __init__(self, word: str) -> None:
        self._word = word

    def scores(self, question: str, passages: Sequence[str]) -> Vectors:
        return np.array([float(self._word in one) for one in passages], dtype=np.float32)


def test_what_the_reranker_prefers_moves_up() -> None:
    passages = [
        Passage(id="one", text="Gout is arthritis of the big toe."),
        Passage(id="two", text="Gout is arthritis of the big toe, and colchicine helps."),
        *(Passage(id=f"other{n}", text=f"Topic {n} has another text.") for n in range(6)),
    ]
    plain = Index(passages).search("what is gout")
    again = Index(passages, reranker=Likes("colchicine")).search("what is gout")
    assert [hit.passage.id for hit in plain.found[:2]] == ["one", "two"]
    assert [hit.passage.id for hit in again.found[:2]] == ["two", "one"]
