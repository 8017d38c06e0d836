"""Run a BERT encoder, in float32 or int8, from its file of weights (v: torch, safetensors).

transformers trains such encoders and cuts texts for them. To run one, its modelling code would
bring a compiler of graphs and more along: 120 MB and three seconds of start (docs/adr/0034).
"""

from __future__ import annotations

import functools
import json
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

_FAITHFUL = 0.975  #: least cosine between the int8 and the float32 vector of a probe
_WORDS = "embeddings.word_embeddings.weight"
_FILE, _CONFIG = "model.safetensors", "config.json"

Tensors = Mapping[str, Any]


def readable(folder: Path) -> bool:
    """Whether an encoder lies there that this file can run."""
    try:
        about = json.loads((folder / _CONFIG).read_text("utf-8"))
    except (OSError, ValueError):
        return False
    kind = about.get("model_type"), about.get("hidden_act")
    return (folder / _FILE).is_file() and kind == ("bert", "gelu")


def opened(
    folder: Path, probes: Sequence[Any], changed: Tensors | None = None
) -> tuple[Bert, Bert | None]:
    """(the encoder in ``folder``, the same in int8 or None where that would not be faithful here).

    ``probes``: token ids (1, n) of texts whose mean vectors must stay what they are in int8.
    ``changed``: what an adapter makes of some weights, by their names in the file.
    """
    import torch

    tensors = {**_held(folder / _FILE), _WORDS: _words(folder / _FILE), **(changed or {})}
    about = json.loads((folder / _CONFIG).read_text("utf-8"))
    exact = Bert(tensors, about)
    # Without the fitting instructions a processor may saturate.
    if torch.backends.quantized.engine not in ("x86", "fbgemm", "onednn"):
        return exact, None
    small = Bert(tensors, about, small=True)
    with torch.inference_mode():
        for ids in probes:
            alike = torch.nn.functional.cosine_similarity(exact(ids).mean(1), small(ids).mean(1))
            if float(alike) < _FAITHFUL:
                return exact, None
    return exact, small


def weights(folder: Path, names: Sequence[str]) -> dict[str, Any]:
    """Some weights of the encoder in ``folder`` by name, to be changed and given to ``opened``."""
    held = _held(folder / _FILE)
    return {name: held[name] for name in names}


class Bert:
    """One text at a time: ids int64 (1, n) → states float32 (1, n, d).

    ``small``: linear layers in int8 and nothing between them; weights are scaled per output
    channel, activations per text: cosine to float32 about 0.99, in a quarter of the time for a
    short text (docs/adr/0004). Of ``tensors`` only the word embeddings are kept as they are.
    """

    def __init__(self, tensors: Tensors, about: Mapping[str, Any], *, small: bool = False) -> None:
        import torch

        self._f = torch.nn.functional
        self._linear: Any = torch.ops.quantized.linear_dynamic if small else _linear
        self._heads = int(about["num_attention_heads"])
        self._eps = float(about["layer_norm_eps"])
        pack = _packed if small else _joined

        def layer(number: int) -> tuple[Any, ...]:
            at = f"encoder.layer.{number}."
            names = [f"{at}attention.self.{n}" for n in ("query", "key", "value")]
            return (
                pack(tensors, *names),
                pack(tensors, f"{at}attention.output.dense"),
                _norm(tensors, f"{at}attention.output.LayerNorm"),
                pack(tensors, f"{at}intermediate.dense"),
                pack(tensors, f"{at}output.dense"),
                _norm(tensors, f"{at}output.LayerNorm"),
            )

        self._words = tensors[_WORDS]
        kind = tensors["embeddings.token_type_embeddings.weight"][0]
        self._places = tensors["embeddings.position_embeddings.weight"] + kind
        self._first = _norm(tensors, "embeddings.LayerNorm")
        self._layers = [layer(number) for number in range(int(about["num_hidden_layers"]))]

    @property
    def width(self) -> int:
        """d, of the states."""
        return int(self._words.shape[1])

    def __call__(self, ids: Any) -> Any:
        """The last hidden states."""
        return self.states(ids)[-1]

    def states(self, ids: Any) -> list[Any]:
        """The hidden states after each layer."""
        f, linear, size = self._f, self._linear, self.width
        tokens = ids.shape[1]

        def norm(x: Any, held: tuple[Any, Any]) -> Any:
            return f.layer_norm(x, (size,), *held, self._eps)

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


def _joined(tensors: Tensors, *names: str) -> Any:
    """(weight, bias) of linear layers one below the other, in float32."""
    import torch

    return tuple(
        torch.cat([tensors[f"{name}.{part}"] for name in names]) for part in ("weight", "bias")
    )


def _linear(x: Any, held: tuple[Any, Any]) -> Any:
    import torch

    return torch.nn.functional.linear(x, *held)


def _packed(tensors: Tensors, *names: str) -> Any:
    """The same in int8, as torch's quantised layers want it."""
    import torch

    weight, bias = _joined(tensors, *names)
    scale = (weight.abs().amax(1) / 127).clamp(min=1e-12).double()
    zero = torch.zeros(len(weight), dtype=torch.long)
    with warnings.catch_warnings():
        # Announced to leave torch one day; torch is pinned, and without it float32 stays.
        warnings.filterwarnings("ignore", message="torch.quantize_per_tensor")
        coded = torch.quantize_per_channel(weight, scale, zero, 0, torch.qint8)
    return torch.ops.quantized.linear_prepack(coded, bias)


def _norm(tensors: Tensors, name: str) -> tuple[Any, Any]:
    return tensors[f"{name}.weight"].clone(), tensors[f"{name}.bias"].clone()


def _held(path: Path) -> dict[str, Any]:
    """Every weight but the words, read lazily from a mapping that ends with the last of them."""
    from safetensors import safe_open

    with safe_open(path, "pt") as file:
        return {name: file.get_tensor(name) for name in list(file.keys()) if name != _WORDS}


@functools.cache
def _words(path: Path) -> Any:
    """The word embeddings in a mapping of their own, shared by all who run this encoder: only the
    pages in use are ever read."""
    from safetensors import safe_open

    with safe_open(path, "pt") as file:
        return file.get_tensor(_WORDS)
