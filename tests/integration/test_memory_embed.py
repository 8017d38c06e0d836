"""The bundled encoder and a model from a folder, both offline."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from memory import bert, embed
from memory.model import Encoder


@pytest.fixture(scope="module")
def bundled() -> Encoder:
    return embed.load()


def test_the_bundled_encoder_gives_unit_vectors_that_know_meaning(bundled: Encoder) -> None:
    vectors = bundled.encode(["my knee hurts", "pain in the knee joint", "the bus was late"])
    assert vectors.shape == (3, bundled.dimensions) == (3, 384)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert vectors[0] @ vectors[1] > 0.6 > 0.3 > vectors[0] @ vectors[2]


def test_a_text_has_the_same_vector_alone_and_in_company(bundled: Encoder) -> None:
    alone = bundled.encode(["my knee hurts"])[0]
    company = bundled.encode(["word " * 400, "my knee hurts", "", "膝盖疼"])
    assert np.allclose(alone, company[1], atol=1e-5)
    assert np.isfinite(company).all()


def test_the_small_forward_pass_is_faithful_to_the_float_one(bundled: Encoder) -> None:
    texts = ["I took my tablets late", "the nurse rang about my weight " * 30, "!", "膝盖疼"]
    small = bundled.encode(texts)
    exact = embed.load(str(embed._bundled_folder())).encode(texts)  # a folder stays float32
    assert (small * exact).sum(axis=1).min() > 0.95


def test_without_its_library_an_encoder_says_what_it_says_with_it() -> None:
    import torch

    folder = embed._bundled_folder()
    library = embed.load(str(folder))
    ids = library._ids("the nurse rang about my weight")  # type: ignore[attr-defined]
    exact, small = bert.opened(folder, [ids])
    with torch.inference_mode():
        theirs = library._model(input_ids=ids).last_hidden_state  # type: ignore[attr-defined]
        assert torch.allclose(exact(ids), theirs, atol=1e-4)
    assert small is not None and not bert.readable(folder.parent)


def test_all_who_run_an_encoder_share_what_cuts_for_it() -> None:
    folder = embed.bundled()
    ids, places = bert.cut(folder, "My knee hurts", 256)
    assert (ids[0], ids[-1]) == (101, 102) and places[1:-1] == [(0, 2), (3, 7), (8, 13)]
    long = "my knee hurts " * 200
    cut, where = bert.cut(folder, long, 64)
    assert len(cut) == len(where) == 64 and cut[-1] == 102
    assert bert.cut(folder, "My knee hurts", 256)[0] == ids  # nobody's limit stays behind
    assert bert._tokenizer(folder) is bert._tokenizer(Path(str(folder)))


def test_nothing_to_encode_is_an_empty_matrix(bundled: Encoder) -> None:
    assert bundled.encode([]).shape == (0, 384)


def test_other_weights_than_the_reviewed_ones_are_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"something else")
    monkeypatch.setattr(embed, "_bundled_folder", lambda: tmp_path)
    with pytest.raises(embed.ModelRefused, match="sha256"):
        embed.load()


def test_a_model_in_a_folder_is_loaded_offline(tmp_path: Path) -> None:
    from transformers import BertConfig, BertModel, BertTokenizerFast

    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "knee", "hurts", "膝", "盖"]
    (tmp_path / "vocab.txt").write_text("\n".join(words), encoding="utf-8")
    BertTokenizerFast(str(tmp_path / "vocab.txt")).save_pretrained(tmp_path)
    size = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
    BertModel(BertConfig(vocab_size=len(words), intermediate_size=32, **size)).save_pretrained(
        tmp_path
    )
    encoder = embed.load(str(tmp_path))
    assert encoder.encode(["knee hurts", "膝盖"]).shape == (2, 16)
    assert encoder.name == embed.load(str(tmp_path)).name
    assert tmp_path.name in encoder.name


def test_a_folder_without_a_model_is_refused_with_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(embed.ModelRefused, match="cannot be loaded"):
        embed.load(str(tmp_path))


def test_a_vector_that_is_kept_is_the_one_that_was_made(encoder: Any) -> None:
    text = "my left shoulder clicks when I reach for the top shelf"
    before = encoder.encode([text])[0].copy()
    assert np.array_equal(encoder.encode([text])[0], before)
    others = [f"{text}, {number}" for number in range(1_100)]  # more than are kept
    encoder.encode(others)
    assert np.allclose(encoder.encode([text])[0], before, atol=1e-6)
