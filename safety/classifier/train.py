"""Train the classifier on the project's own corpus with transformers' Trainer.

(v: torch, transformers, peft)
"""

from __future__ import annotations

import hashlib
import math
import random
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset, Sampler

from safety.classifier import corpus, weights, wide
from safety.classifier.among import Among
from safety.classifier.corpus import ASSERTIONS, NO_FLAG, TIERS, Example
from safety.classifier.ears import calibrated, run
from safety.classifier.heard import Floats
from safety.classifier.net import Tokens, loss_of, source_of
from safety.classifier.pieces import LONGEST, pieces
from safety.classifier.vary import varied
from safety.normalise import fold
from safety.verdict import Language

SEED = 7
_RAISES = ("now", "proxy", "asked")
_HELD_BACK = 0.12  #: of the messages: never trained on; calibration and figures come from them
_BATCH = 32
_RANK, _ALPHA = 16, 32  #: of the adapters
_ADAPTED = ("query", "key", "value", "dense")


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How long and how fast one language learns."""

    epochs: int
    rate: float


PLANS: dict[Language, Plan] = {"en": Plan(epochs=3, rate=6e-4), "zh": Plan(epochs=4, rate=6e-4)}


@dataclass(frozen=True, kw_only=True)
class Trained:
    """What one language's training gave, for the model card."""

    language: Language
    learnt: int
    held_back: Sequence[Example]
    urgent: Floats  #: probabilities of the held-back messages
    soon: Floats


def train(
    language: Language,
    folder: Path,
    *,
    messages: Path = corpus.FOLDER,
    encoder: str = "",
    plan: Plan | None = None,
    step: Callable[[float], None] = lambda share: None,
) -> Trained:
    """Learn one language and write its weights into ``folder``.

    ``step`` hears the share that is done, 0 to 1. ``encoder``: a folder or hub name; "" is the
    bundled encoder for English and the one beside the weights for Chinese. Raises ValueError for a
    broken corpus.
    """
    torch.manual_seed(SEED)
    whole, kept = split(corpus.read(language, messages))
    learnt, held = in_pieces(whole, language), in_pieces(kept, language)
    flags = (NO_FLAG, *sorted({one.flag for one in learnt} - {NO_FLAG}))
    folded = [fold(one.text).text for one in learnt]
    net, cut, about = _net(language, encoder, flags)
    chosen = plan or PLANS[language]
    _fit(net, cut, learnt, language, flags, chosen, step)
    tiers = [TIERS.index(one.tier) for one in learnt]
    among, chance = Among(learnt, language), random.Random(SEED)
    talked = [fold(among.told(one, chance, always=True)).text for one in learnt]
    letters = wide.fit([*folded, *talked], [*tiers, *tiers], language, seed=SEED)
    tensors = _tensors(net)
    held_among = Among(held, language)
    told = [held_among.told(one, chance, always=True) for one in held]
    texts = [fold(text).text for text in (*(one.text for one in held), *told)]
    deep, _ = run(net.eval(), cut, texts)
    both = np.concatenate([deep, letters(texts)], axis=1)
    true = np.array([TIERS.index(one.tier) for one in (*held, *held)])
    urgent, soon = calibrated(both, true == 0), calibrated(both, true <= 1)
    both = both[: len(held)]
    tensors |= {
        "wide.idf": torch.from_numpy(letters.idf),
        "wide.coefficients": torch.from_numpy(letters.coefficients),
        "wide.intercept": torch.from_numpy(letters.intercept),
        "calibration.urgent": torch.from_numpy(urgent),
        "calibration.soon": torch.from_numpy(soon),
    }
    about |= {"flags": list(flags), "messages": len(whole)}
    weights.save(folder, language, tensors, about, _version(messages))
    shares = [1 / (1 + np.exp(-(both.clip(-12, 0) @ by[:-1] + by[-1]))) for by in (urgent, soon)]
    return Trained(
        language=language, learnt=len(whole), held_back=held, urgent=shares[0], soon=shares[1]
    )


def split(examples: Sequence[Example]) -> tuple[list[Example], list[Example]]:
    """(to learn from, held back), the same for the same words whatever else is in the corpus."""

    def back(one: Example) -> bool:
        number = int.from_bytes(hashlib.sha256(one.text.encode()).digest()[:4], "big")
        return number / 2**32 < _HELD_BACK

    return [e for e in examples if not back(e)], [e for e in examples if back(e)]


def in_pieces(examples: Sequence[Example], language: Language) -> list[Example]:
    """Long harmless messages as the pieces in which they are heard: each of them is harmless.

    Which piece of a long message raises nobody has marked, so those stay whole.
    """
    found: list[Example] = []
    for one in examples:
        if one.tier == "P3" and len(one.text) > LONGEST[language]:
            cut = pieces(one.text, language)
            found += [replace(one, text=one.text[start:end]) for start, end, _ in cut]
        else:
            found.append(one)
    return found


def _net(language: Language, encoder: str, flags: Sequence[str]) -> tuple[Any, Any, dict[str, Any]]:
    """The net to train, what cuts texts for it, and what the manifest says of it."""
    from peft import LoraConfig, get_peft_model

    beside = "" if encoder else weights.BESIDE.get(language, "")
    source = str(weights.FOLDER / beside) if beside else source_of(encoder)
    net = weights.sentence_net(source, len(flags))
    net.encoder = get_peft_model(
        net.encoder,
        LoraConfig(r=_RANK, lora_alpha=_ALPHA, lora_dropout=0.05, target_modules=list(_ADAPTED)),
    )
    about = {"encoder": encoder or beside or "bundled", "adapter_scale": _ALPHA / _RANK}
    return net, Tokens(source), about


def _fit(
    net: Any,
    cut: Any,
    learnt: Sequence[Example],
    language: Language,
    flags: Sequence[str],
    plan: Plan,
    step: Callable[[float], None],
) -> None:
    from transformers import Trainer, TrainerCallback, TrainingArguments

    numbers = {flag: place for place, flag in enumerate(flags)}
    chance = random.Random(SEED)
    messages = _Messages(learnt, Among(learnt, language), chance)

    def collate(some: list[Example]) -> dict[str, torch.Tensor]:
        texts = [fold(varied(one.text, language, chance)).text for one in some]
        return {**cut(texts), "labels": torch.tensor([_labels(one, numbers) for one in some])}

    class AlikeLong(Trainer):
        def compute_loss(self, model: Any, inputs: Any, *_: Any, **__: Any) -> Any:
            labels = inputs.pop("labels")
            return loss_of(model(**inputs), labels)

        def get_train_dataloader(self) -> DataLoader[Example]:
            return DataLoader(
                messages, batch_sampler=_ByLength(messages, chance), collate_fn=collate
            )

    class Told(TrainerCallback):
        def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            step(state.global_step / max(1, state.max_steps))

    with tempfile.TemporaryDirectory() as scratch:
        AlikeLong(
            model=net,
            args=TrainingArguments(
                output_dir=scratch,
                num_train_epochs=plan.epochs,
                learning_rate=plan.rate,
                per_device_train_batch_size=_BATCH,  # the sampler's; for the schedule's length
                weight_decay=0.05,
                warmup_steps=60,
                lr_scheduler_type="cosine",
                seed=SEED,
                save_strategy="no",
                logging_strategy="no",
                report_to=[],
                disable_tqdm=True,
                remove_unused_columns=False,
                use_cpu=True,
                bf16=_has_half(),
                dataloader_pin_memory=False,
            ),
            train_dataset=messages,
            callbacks=[Told()],
        ).train()


def _has_half() -> bool:
    """Whether this processor multiplies bfloat16 itself: training then takes less than half."""
    return bool(torch.cpu._is_avx512_bf16_supported())


def _labels(one: Example, numbers: dict[str, int]) -> tuple[int, int, int]:
    flag = one.flag if one.assertion in _RAISES else NO_FLAG
    return TIERS.index(one.tier), numbers[flag], ASSERTIONS.index(one.assertion)


class _Messages(Dataset[Example]):
    """The messages as they are told in this epoch; ``tell`` tells them anew."""

    def __init__(self, examples: Sequence[Example], among: Among, chance: random.Random) -> None:
        self._examples = examples
        self._among = among
        self._chance = chance
        self.told = list(examples)

    def tell(self) -> None:
        told = (self._among.told(one, self._chance) for one in self._examples)
        self.told = [
            replace(one, text=text) for one, text in zip(self._examples, told, strict=True)
        ]

    def __len__(self) -> int:
        return len(self.told)

    def __getitem__(self, place: int) -> Example:
        return self.told[place]


class _ByLength(Sampler[list[int]]):
    """Batches of messages about equally long, in another order every time: little padding."""

    def __init__(self, messages: _Messages, chance: random.Random) -> None:
        self._messages = messages
        self._chance = chance

    def __len__(self) -> int:
        return math.ceil(len(self._messages) / _BATCH)

    def __iter__(self) -> Iterator[list[int]]:
        self._messages.tell()
        shaken = [len(one.text) * self._chance.uniform(0.8, 1.25) for one in self._messages.told]
        order = sorted(range(len(shaken)), key=shaken.__getitem__)
        batches = [order[i : i + _BATCH] for i in range(0, len(order), _BATCH)]
        self._chance.shuffle(batches)
        return iter(batches)


def _tensors(net: Any) -> dict[str, torch.Tensor]:
    """What was learnt: heads and adapters."""
    found = {
        f"heads.{name}": value.detach().clone() for name, value in net.heads.state_dict().items()
    }
    for name, value in net.encoder.state_dict().items():
        for side, ours in (("lora_A", "down"), ("lora_B", "up")):
            if f".{side}." in name:
                place = name.removeprefix("base_model.model.").partition(f".{side}.")[0]
                found[f"{place}.{ours}"] = value.detach().clone()
    return found


def _version(messages: Path) -> str:
    """A short hash of the corpus: the same words give the same version."""
    digest = hashlib.sha256()
    for path in sorted(messages.rglob("*.txt")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
