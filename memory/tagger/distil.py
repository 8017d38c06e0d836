"""Distil what a multilingual encoder knows of single Chinese words (v: torch, transformers).

A word's vector is the mean of its pieces' hidden states, read alone, in an early, a middle and the
last layer, brought down to WIDTH main directions and kept in int8. The words and their shares are
those of the encoder's own unigram tokenizer. Made from multilingual-e5-small (MIT; Wang et al.
2024, arXiv:2402.05672), whose weights came in 4 bits (docs/adr/0032).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

WIDTH = 160
_HAN = re.compile(r"[\u3400-\u9fff]")
_BEFORE = "query: "  #: what this family of encoders wants before a text
_BATCH = 128


def distil(source: str, folder: Path, *, step: Callable[[float], None] = lambda share: None) -> int:
    """Write words_zh.txt and words_zh.safetensors into ``folder``; returns the number of words.

    ``source``: a folder or hub name of an encoder with a unigram tokenizer. Raises ValueError where
    it has none, and OSError where it cannot be read.
    """
    import torch
    from safetensors.numpy import save_file
    from transformers import AutoModel, AutoTokenizer

    local = Path(source).is_dir()
    tokenizer: Any = AutoTokenizer.from_pretrained(source, local_files_only=local)
    model = AutoModel.from_pretrained(source, local_files_only=local).eval()
    vocabulary = json.loads(tokenizer.backend_tokenizer.to_str())["model"]
    if vocabulary.get("type") != "Unigram":
        raise ValueError(f"{source} has no unigram tokenizer")
    share = {word.lstrip("▁"): score for word, score in vocabulary["vocab"] if _HAN.search(word)}
    words = sorted(share)
    if len(words) < WIDTH:
        raise ValueError(f"the tokenizer of {source} knows only {len(words)} Chinese words")
    before = len(tokenizer(_BEFORE.strip())["input_ids"]) - 1
    layers = sorted({max(1, model.config.num_hidden_layers * n // 3) for n in (1, 2, 3)})
    rows = []
    for begin in range(0, len(words), _BATCH):
        some = [_BEFORE + word for word in words[begin : begin + _BATCH]]
        batch = tokenizer(some, padding=True, return_tensors="pt")
        mask = batch["attention_mask"].clone()
        ends = mask.sum(1)
        for row, end in enumerate(ends.tolist()):
            mask[row, :before], mask[row, end - 1 :] = 0, 0
        with torch.inference_mode():
            states = model(**batch, output_hidden_states=True).hidden_states
        weight = mask[..., None].float()
        means = [(states[n] * weight).sum(1) / weight.sum(1).clamp(min=1) for n in layers]
        rows.append(torch.cat(means, 1).numpy())
        step(min(1.0, (begin + _BATCH) / len(words)))
    codes, scale = coded(np.concatenate(rows))
    folder.mkdir(parents=True, exist_ok=True)
    save_file({"codes": codes, "scale": scale}, folder / "words_zh.safetensors")
    lines = "".join(f"{word}\t{share[word]:.2f}\n" for word in words)
    (folder / "words_zh.txt").write_text(lines, "utf-8")
    return len(words)


def coded(vectors: Any) -> tuple[Any, Any]:
    """(int8 (n, WIDTH), float32 (WIDTH,)): main directions, the strong ones dampened."""
    centred = vectors.astype(np.float64) - vectors.mean(0)
    _, _, directions = np.linalg.svd(centred[::3] if len(centred) > 9000 else centred, False)
    main = centred @ directions[:WIDTH].T
    main /= np.sqrt(main.std(0) + 1e-9)
    main /= main.std()
    scale = (np.abs(main).max(0) / 127).astype(np.float32)
    return np.round(main / scale).astype(np.int8), scale
