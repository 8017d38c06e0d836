"""An encoder cut down and kept in 4 bits: what it says is what it said before."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from memory import bert
from safety.classifier import coded
from safety.classifier.cut import cut_down
from safety.classifier.net import EncoderRefused
from safety.classifier.weights import BESIDE, FOLDER, open_model, sentence_net

torch = pytest.importorskip("torch")
TEXTS = ("胸口疼", "chest pain 38.5", "好")


def test_four_bits_lose_little_and_nothing_twice() -> None:
    torch.manual_seed(1)
    matrix = torch.randn(40, 96)
    codes, scale = coded.code(matrix)
    once = coded.expanded(codes, scale)
    assert codes.numel() * 8 == matrix.numel() * 4
    assert float((once - matrix).abs().max()) <= float(matrix.abs().max()) / 8
    assert torch.equal(coded.expanded(*coded.code(once)), once)


def test_numbers_of_zero_stay_zero() -> None:
    assert torch.equal(coded.expanded(*coded.code(torch.zeros(2, 32))), torch.zeros(2, 32))


def test_a_row_that_does_not_fall_into_blocks_is_refused() -> None:
    with pytest.raises(ValueError, match="rows of 33 numbers"):
        coded.code(torch.zeros(2, 33))


@pytest.fixture(scope="module")
def multilingual(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny encoder of the family: four layers, and pieces of three scripts."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("encoder")
    pieces = [
        "<s>",
        "<pad>",
        "</s>",
        "<unk>",
        "▁",
        *"胸口疼好chestpain385.",
        "▁chest",
        "боль",
        "疼痛",
    ]
    vocabulary = [(piece, -float(n)) for n, piece in enumerate(dict.fromkeys(pieces))]
    cutter = Tokenizer(models.Unigram(vocabulary, unk_id=3, byte_fallback=False))
    cutter.pre_tokenizer = pre_tokenizers.Metaspace()
    cutter.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    PreTrainedTokenizerFast(
        tokenizer_object=cutter, bos_token="<s>", eos_token="</s>", unk_token="<unk>",
        pad_token="<pad>",
    ).save_pretrained(folder)  # fmt: skip
    torch.manual_seed(2)
    BertModel(
        BertConfig(
            vocab_size=len(vocabulary), hidden_size=64, num_hidden_layers=4, num_attention_heads=2,
            intermediate_size=64, max_position_embeddings=64,
        )
    ).save_pretrained(folder)  # fmt: skip
    return folder


def test_a_cut_encoder_reads_chinese_as_before(multilingual: Path, tmp_path: Path) -> None:
    from transformers import AutoModel, AutoTokenizer

    kept = cut_down(str(multilingual), tmp_path, layers=2)
    before, after = (AutoTokenizer.from_pretrained(str(f)) for f in (multilingual, tmp_path))
    assert kept == len(before) - 1  # all but the Russian
    whole = AutoModel.from_pretrained(str(multilingual)).eval()
    exact, quick = bert.opened(tmp_path, [], _matrices(tmp_path))
    net = sentence_net(str(tmp_path), 3).eval()
    for text in TEXTS:
        assert before.tokenize(text) == after.tokenize(text)
        ids = after(text, return_tensors="pt")
        with torch.inference_mode():
            old = before(text, return_tensors="pt")["input_ids"]
            said = whole(input_ids=old, output_hidden_states=True).hidden_states[2]
            by_library = net.encoder(input_ids=ids["input_ids"]).last_hidden_state
            for found in (exact(ids["input_ids"]), by_library):
                alike = torch.nn.functional.cosine_similarity(said.mean(1), found.mean(1))
                assert float(alike) > 0.98
            assert torch.allclose(exact(ids["input_ids"]), by_library, atol=1e-4)
    assert quick is None or quick.width == exact.width


def _matrices(folder: Path) -> dict[str, Any]:
    held = coded.read(folder / "model.safetensors")
    return {name: value for name, value in held.items() if "word_embeddings" not in name}


def test_an_encoder_with_other_words_is_refused(multilingual: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="unigram"):
        _ = cut_down(_with_word_pieces(tmp_path / "other", multilingual), tmp_path / "cut")


def _with_word_pieces(folder: Path, like: Path) -> str:
    from transformers import BertTokenizerFast

    shutil.copytree(like, folder)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (folder / name).unlink()
    (folder / "vocab.txt").write_text(
        "\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a"])
    )
    BertTokenizerFast(str(folder / "vocab.txt")).save_pretrained(folder)
    return str(folder)


def test_an_encoder_beside_the_weights_with_other_bytes_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "weights"
    shutil.copytree(FOLDER, folder)
    file = folder / BESIDE["zh"] / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-1] + b"\0")
    with pytest.raises(EncoderRefused, match="not the one of the manifest"):
        open_model("zh", folder)
    file.unlink()
    with pytest.raises(EncoderRefused, match="holds no"):
        open_model("zh", folder)
