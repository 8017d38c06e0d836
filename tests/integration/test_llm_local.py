"""A transformers model in a folder, made and taught here: nothing is fetched."""

from __future__ import annotations

import socket
import time
from pathlib import Path

import pytest

from bot.domain.errors import ModelError, SettingsError
from bot.llm.langchain import LangChainModel

ANSWER = "please ask your nurse today ."
TEMPLATE = "{% for m in messages %}{{ m.role }} {{ m.content }} {% endfor %}answer "


def save(folder: Path, *, taught: bool, template: str = TEMPLATE) -> Path:
    """A two-layer GPT-2 of a dozen words; ``taught`` to say ANSWER and stop."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast

    words = ["<eos>", "<unk>", "system", "user", "answer", "hello", *ANSWER.split()]
    base = Tokenizer(models.WordLevel({w: i for i, w in enumerate(words)}, unk_token="<unk>"))
    base.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=base, eos_token="<eos>", unk_token="<unk>", pad_token="<eos>"
    )
    tokenizer.chat_template = template or None
    torch.manual_seed(7)
    model = GPT2LMHeadModel(
        GPT2Config(
            vocab_size=len(words),
            n_positions=1024,
            n_embd=32,
            n_layer=2,
            n_head=2,
            bos_token_id=0,
            eos_token_id=0,
            pad_token_id=0,
        )
    )
    prompt = tokenizer("system rules user hello answer")["input_ids"]
    lesson = torch.tensor([prompt + tokenizer(ANSWER)["input_ids"] + [0]])
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(60 if taught else 0):
        optimizer.zero_grad()
        model(input_ids=lesson, labels=lesson).loss.backward()
        optimizer.step()
    if not taught:
        with torch.no_grad():  # it will never say <eos>
            model.transformer.wte.weight[0] = 0.0
            model.transformer.ln_f.bias.copy_(model.transformer.wte.weight[8] * 1e3)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def taught(tmp_path_factory) -> Path:
    return save(tmp_path_factory.mktemp("taught"), taught=True)


async def test_a_local_model_answers_offline(taught, monkeypatch):
    def no_network(*_: object) -> None:
        raise AssertionError("a local model must not open a connection")

    monkeypatch.setattr(socket.socket, "connect", no_network)
    monkeypatch.setattr(socket, "getaddrinfo", no_network)
    model = LangChainModel(f"huggingface:{taught}", timeout=60)
    assert await model.reply("rules", "hello") == ANSWER
    assert model.name == f"huggingface:{taught.name}"  # no folder of this machine in the records
    await model.close()


async def test_a_local_model_that_cannot_stop_is_cut_off_and_not_sent(tmp_path):
    model = LangChainModel(f"huggingface:{save(tmp_path, taught=False)}", timeout=60)
    with pytest.raises(ModelError, match="cut off"):
        await model.reply("rules", "hello")
    await model.close()


async def test_a_slow_local_model_does_not_outlive_its_budget(tmp_path):
    model = LangChainModel(f"huggingface:{save(tmp_path, taught=False)}", timeout=0.05)
    model.load()
    started = time.monotonic()
    with pytest.raises(ModelError, match="in time"):
        await model.reply("rules", "hello")
    assert time.monotonic() - started < 2
    await model.close()


def test_a_folder_without_a_model_is_told_in_one_sentence(tmp_path):
    with pytest.raises(SettingsError, match="no transformers model"):
        LangChainModel(f"huggingface:{tmp_path}").load()


def test_a_model_without_a_chat_template_is_refused_at_the_start(tmp_path):
    with pytest.raises(SettingsError, match="chat template"):
        LangChainModel(f"huggingface:{save(tmp_path, taught=True, template='')}").load()
