"""Teach the tagger on the marked messages (v: torch)."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional

from memory.tagger import marked, weights
from memory.tagger.found import Found
from memory.tagger.marked import KINDS, Marked
from memory.tagger.net import OUTSIDE, TaggerNet
from memory.tagger.pieces import Pieces, known_names
from memory.tagger.tagger import cutter, decoded, numbers, shares

SEED = 1
_DROP = {"en": 0.4, "zh": 0.25}  #: a wide view of few messages is soon known by heart
_HELD_BACK = 0.1  #: of the messages: never taught; the card's figures come from them
_EPOCHS, _BATCH, _RATE = 12, 32, 1.5e-3
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
    cut = cutter(language)
    taught, kept = split(marked.read(language, messages))
    lessons = [
        _Lesson(pieces=p, labels=_labels(one, p)) for one in taught if (p := cut(one.text)).places
    ]
    names = known_names([one.pieces.names for one in lessons])
    known = numbers(names)
    torch.manual_seed(SEED)
    net = TaggerNet(cut.width, len(names), _DROP[language])
    for share in _learn(net, lessons, known, random.Random(SEED), epochs):
        step(share)
    net.eval()
    weights.save(folder, language, net, names, cut.width, _version(messages))
    found = []
    for one in kept:
        pieces = cut(one.text)
        found.append(decoded(one.text, pieces, shares(net, known, pieces)) if pieces.places else [])
    return Taught(language=language, taught=len(taught), held_back=kept, found=found)


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
    net: TaggerNet,
    lessons: Sequence[_Lesson],
    known: dict[str, int],
    chance: random.Random,
    epochs: int,
) -> Iterator[float]:
    """Yield the share done after each epoch."""
    steps = epochs * -(-len(lessons) // _BATCH)
    optimiser = torch.optim.AdamW(net.parameters(), _RATE, weight_decay=0.02)
    pace = torch.optim.lr_scheduler.OneCycleLR(optimiser, _RATE, total_steps=steps)
    net.train()
    for epoch in range(epochs):
        for some in _batches(lessons, chance):
            given, names, read, labels = _stacked(some, known)
            said = net(given, names, read)
            loss = functional.cross_entropy(
                said.transpose(1, 2), labels, ignore_index=_SILENT, label_smoothing=0.02
            )
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimiser.step()
            pace.step()
        yield (epoch + 1) / epochs


def _batches(lessons: Sequence[_Lesson], chance: random.Random) -> list[list[_Lesson]]:
    """Batches of messages about equally long, in another order every time: little padding."""
    shaken = [len(one.pieces.places) * chance.uniform(0.8, 1.25) for one in lessons]
    order = sorted(range(len(lessons)), key=shaken.__getitem__)
    batches = [[lessons[i] for i in order[b : b + _BATCH]] for b in range(0, len(order), _BATCH)]
    chance.shuffle(batches)
    return batches


def _stacked(
    some: Sequence[_Lesson], known: dict[str, int]
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """(given, names, read, labels), padded to the longest."""
    longest = max(len(one.pieces.places) for one in some)
    given = torch.zeros(len(some), longest, some[0].pieces.given.shape[1])
    names = torch.zeros(len(some), longest, dtype=torch.long)
    labels = torch.full((len(some), longest), _SILENT)
    for row, one in enumerate(some):
        count = len(one.pieces.places)
        given[row, :count] = torch.from_numpy(one.pieces.given)
        names[row, :count] = torch.tensor([known.get(name, 1) for name in one.pieces.names])
        labels[row, :count] = one.labels
    return given, names, names > 0, labels


def _version(messages: Path) -> str:
    """A short hash of the corpus: the same words give the same version."""
    digest = hashlib.sha256()
    for path in sorted(messages.rglob("*.txt")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
