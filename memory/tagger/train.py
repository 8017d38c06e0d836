"""Teach the tagger on the marked messages: the encoder and the head together.

(v: torch, transformers)
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from memory.tagger import encoders, marked, weights
from memory.tagger.found import Found
from memory.tagger.marked import KINDS, Marked
from memory.tagger.net import OUTSIDE, TaggerNet
from memory.tagger.pieces import WIDTH, Cutter, Pieces, known_names
from memory.tagger.tagger import Reading, numbers

SEED = 1
_HELD_BACK = 0.1  #: of the messages: never taught; the card's figures come from them
_EPOCHS, _BATCH = 6, 32
_RATE, _ENCODERS_RATE = 1.5e-3, 2e-4
_SILENT = -100  #: a piece that counts neither way


@dataclass(frozen=True, kw_only=True)
class Taught:
    """What one language's training gave, for the card."""

    language: str
    taught: int
    held_back: Sequence[Marked]
    found: Sequence[Sequence[Found]]  #: in each message held back


@dataclass(frozen=True, kw_only=True)
class _Lesson:
    pieces: Pieces
    labels: torch.Tensor


def train(
    language: str,
    folder: Path,
    *,
    messages: Path = marked.FOLDER,
    epochs: int = _EPOCHS,
    step: Callable[[float], None] = lambda share: None,
) -> Taught:
    """Learn one language and write its weights into ``folder``; ``step`` hears the share done.

    Raises ValueError for a broken corpus and TaggerRefused where word vectors are missing.
    """
    base = encoders.folder_of(language)
    cut = Cutter(language, base)
    taught, kept = split(marked.read(language, messages))
    lessons = [
        _Lesson(pieces=p, labels=_labels(one, p)) for one in taught if (p := cut(one.text)).places
    ]
    names = known_names([one.pieces.names for one in lessons])
    torch.manual_seed(SEED)
    both = _Both(encoders.to_teach(base), len(names))
    for share in _learn(both, lessons, numbers(names), random.Random(SEED), epochs):
        step(share)
    encoder = encoders.taught(both.encoder)
    weights.save(folder, language, both.head, encoder, names, _version(messages))
    read = Reading(language, folder)  # the figures are those of what was kept
    found = [read(one.text) for one in kept]
    return Taught(language=language, taught=len(taught), held_back=kept, found=found)


class _Both(nn.Module):
    """The encoder and the head, to be taught together."""

    def __init__(self, encoder: Any, names: int) -> None:
        super().__init__()
        self.encoder = encoder
        width = len(encoders.LAYERS) * int(encoder.config.hidden_size)
        self.head = TaggerNet(width, WIDTH, names)

    def forward(
        self,
        ids: torch.Tensor,
        read: torch.Tensor,
        at: torch.Tensor,
        given: torch.Tensor,
        names: torch.Tensor,
    ) -> Any:
        half = torch.autocast("cpu", torch.bfloat16, enabled=_has_half())
        with half:
            after = self.encoder(
                input_ids=ids, attention_mask=read, output_hidden_states=True
            ).hidden_states
        states = torch.stack([after[number] for number in encoders.LAYERS], 2).float()
        rows = torch.arange(len(ids))[:, None]
        return self.head(states[rows, at], given, names)


def _has_half() -> bool:
    """Whether this processor multiplies bfloat16 itself: teaching takes less than half then."""
    return bool(torch.cpu._is_avx512_bf16_supported())


def split(messages: Sequence[Marked]) -> tuple[list[Marked], list[Marked]]:
    """(to learn from, held back), the same for the same words whatever else is in the corpus."""

    def back(one: Marked) -> bool:
        number = int.from_bytes(hashlib.sha256(one.text.encode()).digest()[:4], "big")
        return number / 2**32 < _HELD_BACK

    return [m for m in messages if not back(m)], [m for m in messages if back(m)]


def _labels(one: Marked, pieces: Pieces) -> torch.Tensor:
    labels = [OUTSIDE] * len(pieces.places)
    for mark in one.marks:
        begun = False
        for at, (start, end) in enumerate(pieces.places):
            if start < mark.end and end > mark.start and one.text[start:end].strip():
                kind = 1 + 2 * KINDS.index(mark.kind)
                labels[at] = (kind + begun) if mark.sure else _SILENT
                begun = True
    return torch.tensor(labels)


def _learn(
    both: _Both,
    lessons: Sequence[_Lesson],
    known: dict[str, int],
    chance: random.Random,
    epochs: int,
) -> Iterator[float]:
    """Yield the share done after each epoch."""
    steps = epochs * -(-len(lessons) // _BATCH)
    taught = [one for one in both.encoder.parameters() if one.requires_grad]
    rates = [_RATE, _ENCODERS_RATE]
    groups = [
        {"params": some, "lr": rate}
        for some, rate in zip((list(both.head.parameters()), taught), rates, strict=True)
    ]
    optimiser = torch.optim.AdamW(groups, weight_decay=0.02)
    pace = torch.optim.lr_scheduler.OneCycleLR(optimiser, rates, total_steps=steps)
    both.train()
    for epoch in range(epochs):
        for some in _batches(lessons, chance):
            *given, labels = _stacked(some, known)
            said = both(*given)
            loss = functional.cross_entropy(
                said.transpose(1, 2), labels, ignore_index=_SILENT, label_smoothing=0.02
            )
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(both.parameters(), 1.0)
            optimiser.step()
            pace.step()
        yield (epoch + 1) / epochs
    both.eval()


def _batches(lessons: Sequence[_Lesson], chance: random.Random) -> list[list[_Lesson]]:
    """Batches of messages about equally long, in another order every time: little padding."""
    shaken = [len(one.pieces.places) * chance.uniform(0.8, 1.25) for one in lessons]
    order = sorted(range(len(lessons)), key=shaken.__getitem__)
    batches = [[lessons[i] for i in order[b : b + _BATCH]] for b in range(0, len(order), _BATCH)]
    chance.shuffle(batches)
    return batches


def _stacked(some: Sequence[_Lesson], known: dict[str, int]) -> tuple[torch.Tensor, ...]:
    """(ids, read, at, given, names, labels), padded to the longest."""
    tokens = max(len(one.pieces.ids) for one in some)
    longest = max(len(one.pieces.places) for one in some)
    ids, read = (torch.zeros(len(some), tokens, dtype=torch.long) for _ in range(2))
    at, names = (torch.zeros(len(some), longest, dtype=torch.long) for _ in range(2))
    given = torch.zeros(len(some), longest, WIDTH)
    labels = torch.full((len(some), longest), _SILENT)
    for row, one in enumerate(some):
        read_here, count = len(one.pieces.ids), len(one.pieces.places)
        ids[row, :read_here], read[row, :read_here] = torch.tensor(one.pieces.ids), 1
        at[row, :count] = torch.tensor(one.pieces.at)
        given[row, :count] = torch.from_numpy(one.pieces.given)
        names[row, :count] = torch.tensor([known.get(name, 1) for name in one.pieces.names])
        labels[row, :count] = one.labels
    return ids, read, at, given, names, labels


def _version(messages: Path) -> str:
    """A short hash of the corpus: the same words give the same version."""
    digest = hashlib.sha256()
    for path in sorted(messages.rglob("*.txt")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
