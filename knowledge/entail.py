"""Read two texts together and say how surely the first entails the second (v: transformers)."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from knowledge.model import KnowledgeError

_MAX_TOKENS = 384


class Entailment:
    """A cross-encoder in a folder: one score, or classes of which one is called "entailment"."""

    def __init__(self, folder: str) -> None:
        """Read offline. Raises KnowledgeError."""
        import torch
        from transformers import AutoModelForSequenceClassification, AutoTokenizer

        try:
            self._tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
            self._model: Any = AutoModelForSequenceClassification.from_pretrained(
                folder, local_files_only=True
            ).eval()
        except (OSError, ValueError) as error:
            raise KnowledgeError(f"the support model {folder} cannot be loaded") from error
        classes = {int(at): str(said).lower() for at, said in self._model.config.id2label.items()}
        self._at = next((at for at, said in classes.items() if said == "entailment"), -1)
        if self._at < 0 and len(classes) != 1:
            raise KnowledgeError(f"the support model {folder} has no class called entailment")
        self._torch, self._one_at_a_time = torch, threading.Lock()
        self.name = Path(folder).name

    def scores(self, premises: Sequence[str], said: str) -> list[float]:
        """0 to 1 for each premise."""
        with self._one_at_a_time, self._torch.inference_mode():
            batch = self._tokenizer(
                list(premises),
                [said] * len(premises),
                padding=True,
                truncation="only_first",
                max_length=_MAX_TOKENS,
                return_tensors="pt",
            )
            logits = self._model(**batch).logits.float()
            shares = logits.softmax(-1)[:, self._at] if self._at >= 0 else logits[:, 0].sigmoid()
            return [float(one) for one in shares]
