"""Cut a multilingual encoder down to what Chinese patients need of it (v: torch, transformers).

Of its layers the first, of its pieces those of Chinese, punctuation and the commonest of ASCII, of
its weights 4 bits each: multilingual-e5-small (MIT; Wang et al. 2024, arXiv:2402.05672) shrinks
from 471 to 14 MB and cuts Chinese as before (docs/adr/0039).
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import torch

from safety.classifier import coded

LAYERS = 6
PLACES = 192  #: more than any message piece has
_ASCII = 10_000
_WORDS = "embeddings.word_embeddings.weight"
_CHINESE = re.compile(r"▁?[\u3000-\u303f\u3400-\u9fff\uff00-\uffef·—“”‘’…℃°①-⑳]+")
_LATIN = re.compile(r"▁?[\x20-\x7e]*")


def cut_down(source: str, folder: Path, *, layers: int = LAYERS, latin: int = _ASCII) -> int:
    """Write config.json, tokenizer.json and model.safetensors; returns the number of pieces kept.

    ``source``: folder or hub name of a BERT with a unigram tokenizer. Raises ValueError where it
    is none, OSError where it cannot be read.
    """
    from safetensors.torch import save_file
    from transformers import AutoModel, AutoTokenizer

    local = Path(source).is_dir()
    tokenizer: Any = AutoTokenizer.from_pretrained(source, local_files_only=local)
    model: Any = AutoModel.from_pretrained(source, local_files_only=local)
    kept = _pieces(tokenizer, source, latin)
    config = model.config
    config.num_hidden_layers = min(layers, config.num_hidden_layers)
    config.vocab_size = len(kept)
    config.max_position_embeddings = min(PLACES, config.max_position_embeddings)
    config.pad_token_id = kept.index(tokenizer.pad_token_id)
    held: dict[str, torch.Tensor] = {}
    for name, value in model.state_dict().items():
        layer = re.match(r"encoder\.layer\.(\d+)\.", name)
        if name.startswith("pooler.") or (layer and int(layer[1]) >= config.num_hidden_layers):
            continue
        if name == _WORDS:
            value = value[kept]
        elif "position_embeddings" in name:
            value = value[:PLACES]
        if name == _WORDS or (layer and value.dim() == 2):
            held[name + coded.CODES], held[name + coded.SCALE] = coded.code(value)
        elif value.is_floating_point():
            held[name] = value.float()
    folder.mkdir(parents=True, exist_ok=True)
    save_file({n: v.contiguous() for n, v in held.items()}, folder / "model.safetensors")
    config.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return len(kept)


def _pieces(tokenizer: Any, source: str, latin: int) -> list[int]:
    """Ids of the pieces to keep, in order; ``tokenizer`` knows only these afterwards."""
    from tokenizers import Tokenizer

    whole = json.loads(tokenizer.backend_tokenizer.to_str())
    known = whole["model"].get("vocab")
    if whole["model"].get("type") != "Unigram":
        raise ValueError(f"{source} has no unigram tokenizer")
    special = set(tokenizer.all_special_ids)
    single = {n for n, (piece, _) in enumerate(known) if len(piece.lstrip("▁")) <= 1}
    plain = [n for n, (piece, _) in enumerate(known) if _LATIN.fullmatch(piece)]
    common = sorted(set(plain) - single, key=lambda n: -known[n][1])[:latin]
    chinese = {n for n, (piece, _) in enumerate(known) if _CHINESE.fullmatch(piece)}
    kept = sorted(special | chinese | (single & set(plain)) | set(common))
    new = {old: place for place, old in enumerate(kept)}
    whole["model"]["vocab"] = [known[n] for n in kept]
    whole["model"]["unk_id"] = new[whole["model"]["unk_id"]]
    whole["added_tokens"] = [
        {**one, "id": new[one["id"]]} for one in whole["added_tokens"] if one["id"] in new
    ]
    for one in whole["post_processor"].get("special_tokens", {}).values():
        one["ids"] = [new[n] for n in one["ids"]]
    tokenizer._tokenizer = Tokenizer.from_str(json.dumps(whole))
    return kept
