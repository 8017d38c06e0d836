"""The network: from what an encoder sees, which pieces of a message state a fact (v: torch)."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.nn import functional

from memory.tagger.marked import KINDS

OUTSIDE = 0
LABELS = 1 + 2 * len(KINDS)  #: outside; then for each kind: begins, goes on
_LEARNT = 32  #: width of what is learnt of a piece by name
_WIDTH = 256
_BESIDE = 3  #: pieces that are looked at together: one, its neighbours


class TaggerNet(nn.Module):
    """Layers of an encoder, hints and a learnt name → what stands beside it → labels.

    ``states`` float32 (batch, n, layers, d), ``given`` float32 (batch, n, width), ``names`` int64
    (batch, n; 0 is nothing, 1 unknown) → logits (batch, n, LABELS).
    """

    def __init__(self, states: int, width: int, names: int, drop: float = 0.25) -> None:
        """``states``: layers times d."""
        super().__init__()
        self.name = nn.Embedding(names + 2, _LEARNT, padding_idx=0)
        self.enter = nn.Linear(states + width + _LEARNT, _WIDTH)
        self.beside = nn.Conv1d(_WIDTH, _WIDTH, _BESIDE, padding=_BESIDE // 2)
        self.say = nn.Linear(_WIDTH, LABELS)
        self.drop, self.forget = nn.Dropout(drop), nn.Dropout(0.3)

    def forward(self, states: torch.Tensor, given: torch.Tensor, names: torch.Tensor) -> Any:
        even = functional.layer_norm(states, states.shape[-1:]).flatten(2)
        seen = torch.cat([even, given, self.forget(self.name(names))], -1)
        seen = self.drop(functional.gelu(self.enter(self.drop(seen))))
        seen = seen * (names > 0).unsqueeze(-1)  # nothing stands beside the last piece
        beside = functional.gelu(self.beside(seen.transpose(1, 2)).transpose(1, 2))
        return self.say(self.drop(seen + beside))
