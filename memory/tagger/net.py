"""The network: pieces in, for each piece how likely each kind of fact begins or goes on there.

(v: torch)
"""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.nn import functional

from memory.tagger.marked import KINDS

OUTSIDE = 0
LABELS = 1 + 2 * len(KINDS)  #: outside; then for each kind: begins, goes on
_LEARNT = 128  #: width of what is learnt of a piece by name
_WIDTH = 256


class TaggerNet(nn.Module):
    """Given and learnt vectors → one LSTM both ways → one layer of attention → labels.

    ``given`` float32 (batch, n, width), ``names`` int64 (batch, n; 0 is nothing, 1 unknown) and
    ``read`` bool (batch, n) → logits (batch, n, LABELS).
    """

    def __init__(self, width: int, names: int, drop: float = 0.25) -> None:
        super().__init__()
        self.name = nn.Embedding(names + 2, _LEARNT, padding_idx=0)
        self.enter = nn.Linear(width + _LEARNT, _WIDTH)
        self.both_ways = nn.LSTM(_WIDTH, _WIDTH // 2, batch_first=True, bidirectional=True)
        self.attend = nn.TransformerEncoderLayer(
            _WIDTH, 4, 2 * _WIDTH, dropout=0.2, activation="gelu", batch_first=True, norm_first=True
        )
        self.say = nn.Linear(_WIDTH, LABELS)
        self.drop, self.forget = nn.Dropout(drop), nn.Dropout(0.3)

    def forward(self, given: torch.Tensor, names: torch.Tensor, read: torch.Tensor) -> Any:
        seen = torch.cat([given, self.forget(self.name(names))], -1)
        seen = self.drop(functional.gelu(self.enter(self.drop(seen))))
        seen = seen + self.both_ways(seen)[0]
        return self.say(self.drop(self.attend(self.drop(seen), src_key_padding_mask=~read)))
