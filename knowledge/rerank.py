"""Read the best passages again, with a model that sees question and passage together."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from knowledge.model import KnowledgeError, Vectors

_MAX_TOKENS = 384
_AT_ONCE = 16


class Reranker(Protocol):
    """Says how well each passage answers a question."""

    name: str

    def scores(self, question: str, passages: Sequence[str]) -> Vectors:
        """float32 (passages,), 0 to 1."""
        ...


class CrossEncoder:
    """A transformers model that reads question and passage together (v)."""

    def __init__(self, source: str) -> None:
        """`source` is a folder, read offline, or a hub name. Raises KnowledgeError."""
        import torch
        from transformers import AutoModelForSequenceClassification, AutoTokenizer

        local = Path(source).is_dir()
        try:
            self._tokenizer = AutoTokenizer.from_pretrained(source, local_files_only=local)
            self._model: Any = AutoModelForSequenceClassification.from_pretrained(
                source, local_files_only=local
            ).eval()
        except (OSError, ValueError) as error:
            raise KnowledgeError(f"the reranker {source} cannot be loaded: {error}") from error
        if int(self._model.config.num_labels) != 1:
            raise KnowledgeError(f"the reranker {source} gives no single score")
        self._torch = torch
        self.name = Path(source).name

    def scores(self, question: str, passages: Sequence[str]) -> Vectors:
        """float32 (passages,), 0 to 1."""
        found = np.zeros(len(passages), dtype=np.float32)
        with self._torch.inference_mode():
            for start in range(0, len(passages), _AT_ONCE):
                part = list(passages[start : start + _AT_ONCE])
                batch = self._tokenizer(
                    [question] * len(part),
                    part,
                    padding=True,
                    truncation="only_second",
                    max_length=_MAX_TOKENS,
                    return_tensors="pt",
                )
                logits = self._model(**batch).logits[:, 0].float()
                found[start : start + len(part)] = self._torch.sigmoid(logits).numpy()
        return found
