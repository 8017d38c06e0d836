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
_CODES, _SCALE = ".codes", ".scale"  #: what a weight in 4 bits is kept as

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


def cut(folder: Path, text: str, most: int) -> tuple[list[int], list[tuple[int, int]]]:
    """The token ids of a text, at most ``most`` with those around it, and [start, end) of each.

    By the tokenizer in ``folder``, which all who run its encoder share, threads too: it is never
    changed. Raises OSError or ValueError where none lies there.
    """
    found = _tokenizer(folder).encode(text)
    ids, places = list(found.ids), list(found.offsets)
    if len(ids) > most:
        ids, places = [*ids[: most - 1], ids[-1]], [*places[: most - 1], places[-1]]
    return ids, places


@functools.cache
def _tokenizer(folder: Path) -> Any:
    """A Chinese one takes 18 MB: once a process."""
    from transformers import AutoTokenizer

    found = AutoTokenizer.from_pretrained(str(folder), local_files_only=True).backend_tokenizer
    found.no_truncation()
    found.no_padding()
    return found


def plain(folder: Path) -> dict[str, Any]:
    """Every weight of the encoder in ``folder`` in float32, to be taught; those that are kept in 4
    bits unfolded."""
    from safetensors.torch import load_file

    from memory.bert_net import expanded

    held = load_file(folder / _FILE)
    found = {n: v.float() for n, v in held.items() if not n.endswith((_CODES, _SCALE))}
    for name in held:
        if name.endswith(_CODES):
            plain = name.removesuffix(_CODES)
            found[plain] = expanded(held[name], held[plain + _SCALE])
    return found


def alone(net: Any) -> Any:
    """The same network (a torch module) without Python between its steps (TorchScript).

    Each step of torch lets Python's lock go and wants it back, and waits up to a millisecond where
    other threads compute; an encoder has some hundred and fifty steps. Beside two busy threads a
    short text took 230 ms, and takes 9 ms as one call (docs/adr/0036).
    """
    import torch

    with warnings.catch_warnings():
        # Announced to leave torch one day; torch is pinned, and the network runs without it too.
        warnings.filterwarnings("ignore", message="`torch.jit.", category=DeprecationWarning)
        return torch.jit.script(net.eval())


class Bert:
    """One text at a time: ids int64 (1, n) → states float32 (1, n, d).

    ``small``: linear layers in int8 and nothing between them: cosine to float32 about 0.99, in a
    quarter of the time for a short text (docs/adr/0004). Of ``tensors`` only the word embeddings
    are kept as they are.
    """

    def __init__(self, tensors: Tensors, about: Mapping[str, Any], *, small: bool = False) -> None:
        import torch

        from memory.bert_net import BertNet, Exact, Layer, Norm, Small

        eps = float(about["layer_norm_eps"])

        def linear(*names: str) -> Exact | Small:
            weight, bias = (
                torch.cat([tensors[f"{name}.{part}"] for name in names])
                for part in ("weight", "bias")
            )
            return Small(weight, bias) if small else Exact(weight, bias)

        def norm(name: str) -> Norm:
            weight, bias = (tensors[f"{name}.{part}"].clone() for part in ("weight", "bias"))
            return Norm(weight, bias, eps)

        def layer(number: int) -> Layer:
            at = f"encoder.layer.{number}."
            names = [f"{at}attention.self.{n}" for n in ("query", "key", "value")]
            parts = {
                "attend": linear(*names),
                "mix": linear(f"{at}attention.output.dense"),
                "norm_1": norm(f"{at}attention.output.LayerNorm"),
                "widen": linear(f"{at}intermediate.dense"),
                "narrow": linear(f"{at}output.dense"),
                "norm_2": norm(f"{at}output.LayerNorm"),
            }
            return Layer(int(about["num_attention_heads"]), parts)

        words = tensors[_WORDS]  # a module that looks them up
        kind = tensors["embeddings.token_type_embeddings.weight"][0]
        places = tensors["embeddings.position_embeddings.weight"] + kind
        layers = [layer(number) for number in range(int(about["num_hidden_layers"]))]
        self.width = int(words.width)  #: d, of the states
        self._net = alone(BertNet(words, places, norm("embeddings.LayerNorm"), layers))

    def __call__(self, ids: Any) -> Any:
        """The last hidden states."""
        return self.states(ids)[-1]

    def states(self, ids: Any) -> list[Any]:
        """The hidden states after each layer."""
        return list(self._net(ids))


def _held(path: Path) -> dict[str, Any]:
    """Every weight but the words, read lazily from a mapping that ends with the last of them."""
    from safetensors import safe_open

    with safe_open(path, "pt") as file:
        names = [name for name in list(file.keys()) if not name.startswith(_WORDS)]
        return {name: file.get_tensor(name) for name in names}


@functools.cache
def _words(path: Path) -> Any:
    """What looks word embeddings up in a mapping of their own, shared by all who run this encoder:
    only the pages in use are ever read. They may be kept in 4 bits (docs/adr/0039)."""
    from safetensors import safe_open

    from memory.bert_net import CodedWords, Words

    with safe_open(path, "pt") as file:
        if _WORDS in list(file.keys()):
            return Words(file.get_tensor(_WORDS))
        return CodedWords(*(file.get_tensor(_WORDS + part) for part in (_CODES, _SCALE)))
