"""The steps of a BERT encoder, in words that TorchScript understands (v: torch)."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import List  # noqa: UP035 - the name that TorchScript knows

import torch
from torch import nn
from torch.nn import functional as f


class Exact(nn.Module):
    """A linear layer in float32: weight (out, in), bias (out)."""

    def __init__(self, weight: torch.Tensor, bias: torch.Tensor) -> None:
        super().__init__()
        self.weight, self.bias = weight, bias

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return f.linear(x, self.weight, self.bias)


class Small(nn.Module):
    """The same in int8: weights are scaled per output channel, activations per text."""

    def __init__(self, weight: torch.Tensor, bias: torch.Tensor) -> None:
        super().__init__()
        scale = (weight.abs().amax(1) / 127).clamp(min=1e-12).double()
        zero = torch.zeros(len(weight), dtype=torch.long)
        with warnings.catch_warnings():
            # Announced to leave torch one day; without it float32 stays.
            warnings.filterwarnings("ignore", message="torch.quantize_per_tensor")
            coded = torch.quantize_per_channel(weight, scale, zero, 0, torch.qint8)
        self.held = torch.ops.quantized.linear_prepack(coded, bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        said: torch.Tensor = torch.ops.quantized.linear_dynamic(x, self.held)
        return said


class Norm(nn.Module):
    """Layer normalisation over the last axis."""

    def __init__(self, weight: torch.Tensor, bias: torch.Tensor, eps: float) -> None:
        super().__init__()
        self.weight, self.bias, self.eps = weight, bias, eps

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return f.layer_norm(x, self.weight.shape, self.weight, self.bias, self.eps)


class Layer(nn.Module):
    """Attention, then a wider layer; ``attend`` gives query, key and value side by side."""

    def __init__(self, heads: int, parts: Mapping[str, nn.Module]) -> None:
        super().__init__()
        self.heads = heads
        self.attend, self.mix, self.norm_1 = parts["attend"], parts["mix"], parts["norm_1"]
        self.widen, self.narrow, self.norm_2 = parts["widen"], parts["narrow"], parts["norm_2"]

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        tokens, size = x.shape[1], x.shape[2]
        parts = self.attend(x).view(1, tokens, 3, self.heads, size // self.heads)
        asked = parts.permute(2, 0, 3, 1, 4)
        seen = f.scaled_dot_product_attention(asked[0], asked[1], asked[2])
        x = self.norm_1(x + self.mix(seen.transpose(1, 2).reshape(1, tokens, size)))
        y: torch.Tensor = self.norm_2(x + self.narrow(f.gelu(self.widen(x))))
        return y


class Words(nn.Module):
    """ids int64 (1, n) → word embeddings float32 (1, n, d) from a table (words, d)."""

    def __init__(self, table: torch.Tensor) -> None:
        super().__init__()
        self.table = table
        self.width = int(table.shape[1])

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        return f.embedding(ids, self.table)


class CodedWords(nn.Module):
    """The same from a table in 4 bits: codes uint8 (words, d / 2), scale float16 (words, blocks).

    A block is one stretch of a row with one scale; its first half lies in the low bits.
    """

    def __init__(self, codes: torch.Tensor, scale: torch.Tensor) -> None:
        super().__init__()
        self.codes, self.scale = codes, scale
        self.width = 2 * int(codes.shape[1])

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        return expanded(self.codes[ids[0]], self.scale[ids[0]])[None]


def expanded(codes: torch.Tensor, scale: torch.Tensor) -> torch.Tensor:
    """A table kept in 4 bits, codes (rows, d / 2) and scale (rows, blocks): float32 (rows, d)."""
    rows, blocks = scale.shape[0], scale.shape[1]
    held = codes.view(rows, blocks, codes.shape[1] // blocks)
    whole = torch.cat([held & 15, held >> 4], -1).float() - 8
    return (whole * scale.float()[..., None]).view(rows, 2 * codes.shape[1])


class BertNet(nn.Module):
    """ids int64 (1, n) → the hidden states after each layer, float32 (1, n, d) each."""

    def __init__(
        self, words: nn.Module, places: torch.Tensor, norm: Norm, layers: list[Layer]
    ) -> None:
        super().__init__()
        self.words, self.places, self.norm = words, places, norm
        self.layers = nn.ModuleList(layers)

    def forward(self, ids: torch.Tensor) -> List[torch.Tensor]:  # noqa: UP006
        x = self.norm(self.words(ids) + self.places[: ids.shape[1]])
        after: List[torch.Tensor] = []  # noqa: UP006
        for layer in self.layers:
            x = layer(x)
            after.append(x)
        return after
