"""A BERT encoder in int8: the same vectors, nearly, in a quarter of the time (v: torch)."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

_FAITHFUL = 0.975  #: least cosine between the int8 and the float32 vector of a probe


def made_small(model: Any, probes: Sequence[Any], words: Any = None) -> Small | None:
    """``model`` in int8; None where this processor would not do it faithfully.

    ``model``: a transformers encoder; only a BERT can be made small. ``probes``: token ids (1, n)
    of texts whose mean vectors must stay what they are. ``words``: the word embeddings (words, d),
    if not the model's own. Without the fitting instructions a processor may saturate.
    """
    import torch

    engine = torch.backends.quantized.engine
    if engine not in ("x86", "fbgemm", "onednn") or not hasattr(torch, "quantize_per_channel"):
        return None
    if (model.config.model_type, model.config.hidden_act) != ("bert", "gelu"):
        return None
    small = Small(model, words)
    with torch.inference_mode():
        for ids in probes:
            exact, near = (m.mean(1) for m in (model(input_ids=ids).last_hidden_state, small(ids)))
            if float(torch.nn.functional.cosine_similarity(exact, near)) < _FAITHFUL:
                return None
    return small


class Small:
    """A BERT encoder's forward pass with int8 linear layers and nothing between them.

    Weights are scaled per output channel, activations per text: cosine to float32 about 0.99, in a
    quarter of the time for a short text (docs/adr/0004 has the figures). Nothing of ``model`` is
    kept but its word embeddings, and not those either where ``words`` stand in for them.
    """

    def __init__(self, model: Any, words: Any = None) -> None:
        import torch

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
            bias = torch.cat([one.bias.detach() for one in linears])  # a copy, even of one
            return torch.ops.quantized.linear_prepack(coded, bias)

        def norm(layer: Any) -> tuple[Any, Any]:
            return layer.weight.detach().clone(), layer.bias.detach().clone()

        before = model.embeddings
        self._words = before.word_embeddings.weight.detach() if words is None else words
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
        return self.states(ids)[-1]

    def states(self, ids: Any) -> list[Any]:
        """The hidden states after each layer, float32 (1, tokens, d) each, of ids (1, tokens)."""
        f, linear, size = self._f, self._linear, self._words.shape[1]
        tokens = ids.shape[1]

        def norm(x: Any, weights: tuple[Any, Any]) -> Any:
            return f.layer_norm(x, (size,), *weights, self._eps)

        x = norm(f.embedding(ids, self._words) + self._places[:tokens], self._first)
        after = []
        for attend, mix, norm_1, widen, narrow, norm_2 in self._layers:
            parts = linear(x, attend).view(1, tokens, 3, self._heads, size // self._heads)
            query, key, value = parts.permute(2, 0, 3, 1, 4)
            seen = f.scaled_dot_product_attention(query, key, value)
            x = norm(x + linear(seen.transpose(1, 2).reshape(1, tokens, size), mix), norm_1)
            x = norm(x + linear(f.gelu(linear(x, widen)), narrow), norm_2)
            after.append(x)
        return after
