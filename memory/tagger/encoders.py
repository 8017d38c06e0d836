"""The encoders that the tagger was taught from, and its own that came of them (v: torch).

English begins from the bundled encoder, Chinese from the one that the screen reads Chinese with;
teaching changes all of their layers but not their words, which stay in the one file for all who
read them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from memory import bert, embed

LAYERS = (2, 4, 6)  #: those that are looked at
_CHINESE = Path(__file__).parents[2] / "safety" / "classifier" / "weights" / "zh_encoder"
_FILE = "model.safetensors"
_WORDS = "embeddings.word_embeddings.weight"


def folder_of(language: str) -> Path:
    """Where the encoder of a language lies. Raises ModelRefused."""
    return embed.bundled() if language == "en" else _CHINESE


def digest(language: str) -> str:
    """SHA-256 of its weights; ``folder_of`` has compared the English ones. Raises OSError."""
    if language == "en":
        return embed.BUNDLED_SHA256
    return hashlib.sha256((_CHINESE / _FILE).read_bytes()).hexdigest()


def to_teach(folder: Path) -> Any:
    """The encoder as a module of transformers, its words frozen. Raises OSError."""
    from transformers import AutoConfig, AutoModel

    about = AutoConfig.from_pretrained(str(folder), local_files_only=True)
    model: Any = AutoModel.from_config(about, add_pooling_layer=False)  # type: ignore[no-untyped-call]
    model.load_state_dict(bert.plain(folder), strict=False)
    model.embeddings.requires_grad_(False)
    return model


def taught(model: Any) -> dict[str, Any]:
    """What teaching may have changed: everything but the words, by name."""
    return {name: held for name, held in model.state_dict().items() if name != _WORDS}


class States:
    """Token ids → what the layers see, float32 (n, len(LAYERS), d)."""

    def __init__(self, folder: Path, changed: Mapping[str, Any], probes: Any) -> None:
        """``changed``: the weights that teaching gave; ``probes``: see ``memory.bert.opened``."""
        exact, small = bert.opened(folder, probes, changed)
        self._bert = small or exact
        self.width = len(LAYERS) * self._bert.width

    def __call__(self, ids: Any) -> Any:
        import torch

        after = self._bert.states(ids)
        return torch.stack([after[number - 1][0] for number in LAYERS], 1)
