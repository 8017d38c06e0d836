"""A model of entailment from a folder decides beside the exact checks, or is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.config import Settings
from bot.loading import load_support
from knowledge.entail import Entailment
from knowledge.model import KnowledgeError
from knowledge.support import Cited

LINE = "Healthy kidneys pass out what you do not need."
REWORDED = "Kidneys that are healthy pass out what you do not need"
WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "healthy", "kidneys", "pass", "out"]


def tiny(folder: Path, classes: list[str], sure_of: int = 0) -> str:
    """Two small layers with random weights, and a bias that makes one class win."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

    torch.manual_seed(0)
    folder.mkdir()
    (folder / "vocab.txt").write_text("\n".join(WORDS), "utf-8")
    BertTokenizerFast(vocab=str(folder / "vocab.txt")).save_pretrained(folder)
    config = BertConfig(
        vocab_size=len(WORDS), hidden_size=16, num_hidden_layers=2, num_attention_heads=2,
        intermediate_size=32, id2label=dict(enumerate(classes)),
        label2id={one: at for at, one in enumerate(classes)},
    )  # fmt: skip
    model = BertForSequenceClassification(config)
    with torch.no_grad():
        model.classifier.bias[sure_of] = 20.0
    model.save_pretrained(folder)
    return str(folder)


def judged(folder: str, said: str) -> str:
    settings = Settings(_env_file=None, support_model=folder)  # type: ignore[call-arg]
    support = load_support(settings)
    assert support is not None and support.name == Path(folder).name
    [one] = support.judge(f"{said} [kidneys].", [Cited(id="kidneys", text=LINE)], "en")
    return one.verdict


def test_the_class_called_entailment_is_read_wherever_it_stands(tmp_path: Path) -> None:
    classes = ["contradiction", "neutral", "ENTAILMENT"]
    assert judged(tiny(tmp_path / "yes", classes, 2), REWORDED) == "supported"
    assert judged(tiny(tmp_path / "no", classes, 0), REWORDED) == "not entailed"


def test_a_model_with_one_score_will_do(tmp_path: Path) -> None:
    model = Entailment(tiny(tmp_path / "one", ["score"]))
    long = "kidneys pass out " * 900
    scores = model.scores([LINE, long], REWORDED)
    assert len(scores) == 2 and all(0.9 < one <= 1 for one in scores)


def test_however_sure_it_is_a_number_that_the_line_lacks_is_not_said(tmp_path: Path) -> None:
    folder = tiny(tmp_path / "yes", ["entailment", "other"], 0)
    assert judged(folder, "Healthy kidneys pass out 500 of what you do not need") == "numbers"


def test_a_folder_without_such_a_model_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for folder, why in (
        (str(tmp_path / "empty"), "cannot be loaded"),
        (str(tmp_path / "nowhere"), "cannot be loaded"),
        (tiny(tmp_path / "two", ["good", "bad"]), "no class called entailment"),
    ):
        with pytest.raises(KnowledgeError, match=why):
            Entailment(folder)
    config = tmp_path / "two" / "config.json"
    config.write_text(json.dumps({"model_type": "bert"})[:-4], "utf-8")
    with pytest.raises(KnowledgeError, match="cannot be loaded"):
        Entailment(str(tmp_path / "two"))
