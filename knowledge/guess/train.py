"""Learn which article is asked for from the articles and from how patients ask (v: torch)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from knowledge.guess.grams import BUCKETS, grams
from knowledge.guess.guess import SHARPNESS
from knowledge.guess.weights import FOLDER, save
from knowledge.model import Article, Encoder, Language, Vectors
from knowledge.wordings import NOTHING, Wordings

SEEDS = (7, 8)  #: of the networks whose log shares are averaged; one alone swings by chance
_WIDTH = 80
_BATCH = 128
_WEAK = 0.3  #: how much a line of an article, or a name, counts beside a question
_NAMES = 8  #: of what an article is about
_LEAVE_OUT, _UNSEEN, _BLIND = 0.5, 0.5, 0.25  #: groups, hidden numbers, vectors left out by chance
_SOFT = 0.05  #: share of each answer that is spread over all the others


@dataclass(frozen=True, kw_only=True)
class Example:
    """A text and the place of its article; the place after the last: none."""

    text: str
    place: int
    weight: float = 1.0


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How long and how fast a language learns."""

    passes: int = 6
    rate: float = 0.02


def examples(
    articles: Mapping[str, Article],
    wordings: Wordings,
    language: Language,
    called: Mapping[str, Sequence[str]],
) -> list[Example]:
    """What is asked in the articles' heads and in `wordings`; titles, lines and names are weak."""
    found: list[Example] = []
    for place, one in enumerate(articles.values()):
        for text in dict.fromkeys((*one.questions[language], one.title[language])):
            found.append(Example(text=text, place=place))
        weak = [line.text for line in one.lines[language]]
        for id_ in one.about[:1]:
            weak += called.get(id_, ())[:_NAMES]
        found += [Example(text=text, place=place, weight=_WEAK) for text in weak]
    places = {id_: place for place, id_ in enumerate(articles)} | {NOTHING: len(articles)}
    for id_, texts in wordings[language].items():
        if id_ in places:
            found += [Example(text=text, place=places[id_]) for text in texts]
    return found


def train(
    language: Language,
    articles: Mapping[str, Article],
    wordings: Wordings,
    *,
    called: Mapping[str, Sequence[str]] | None = None,
    encoder: Encoder | None = None,
    folder: Path = FOLDER,
    plan: Plan | None = None,
    step: Callable[[float], None] = lambda share: None,
) -> int:
    """Learn one language, write its weights into `folder`, and say from how many texts.

    `encoder`: whose vectors help, None where none reads the language. `step` hears the share that
    is done, 0 to 1. The same texts and seeds give the same weights on the same machine.
    """
    learnt = examples(articles, wordings, language, called or {})
    vectors = None if encoder is None else _encoded(encoder, learnt, lambda s: step(0.4 * s))
    begun = 0.0 if encoder is None else 0.4
    nets = [
        _fit(
            learnt,
            language,
            len(articles) + 1,
            vectors,
            plan or Plan(),
            seed,
            lambda share, at=at: step(begun + (1 - begun) * (at + share) / len(SEEDS)),  # type: ignore[misc]
        )
        for at, seed in enumerate(SEEDS)
    ]
    arrays = _joined(nets)
    about = {"encoder": encoder.name if encoder else "", "texts": len(learnt), "seeds": list(SEEDS)}
    save(folder, language, arrays, list(articles), about)
    return len(learnt)


def _joined(nets: Sequence[Mapping[str, Vectors]]) -> dict[str, Vectors]:
    """One network, whose log shares are the mean of these networks': their numbers side by side."""
    beside = ("grams", "grams_scale", "meaning")
    return {
        "rarity": nets[0]["rarity"],  # of the texts, so the same for all
        **{name: np.concatenate([one[name] for one in nets], axis=-1) for name in beside},
        "out": np.concatenate([one["out"] for one in nets], axis=1) / len(nets),
        "bias": np.mean([one["bias"] for one in nets], axis=0),
    }


def _encoded(encoder: Encoder, learnt: Sequence[Example], step: Callable[[float], None]) -> Vectors:
    parts = []
    for start in range(0, len(learnt), _BATCH):
        parts.append(encoder.encode([one.text for one in learnt[start : start + _BATCH]]))
        step(start / len(learnt))
    return np.concatenate(parts)


class _Bags:
    """The groups of all texts in one row, and where each text begins."""

    def __init__(self, texts: Sequence[str], language: Language) -> None:
        cut = [grams(text, language) for text in texts]
        self._sizes = np.array([len(at) for at, _ in cut])
        self._starts = np.concatenate([[0], np.cumsum(self._sizes)])
        self._at = np.concatenate([at for at, _ in cut])
        self._counts = np.concatenate([counts for _, counts in cut])
        met = np.bincount(self._at, minlength=BUCKETS)
        self.rarity = np.log((1 + len(texts)) / (1 + met)).astype(np.float32)

    def batch(self, which: Vectors, chance: np.random.Generator) -> tuple[Any, Any, Any]:
        """Buckets, starts and weights of length one, some groups left out, for torch."""
        import torch

        sizes = self._sizes[which]
        starts = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int64)
        place = np.repeat(self._starts[which] - starts, sizes) + np.arange(sizes.sum())
        at = self._at[place]
        weights = self._counts[place] * self.rarity[at]
        weights = weights * (chance.random(len(weights)) >= _LEAVE_OUT)
        owner = np.repeat(np.arange(len(which)), sizes)
        length = np.sqrt(np.bincount(owner, weights**2, len(which))) + 1e-6
        weights = (weights / length[owner]).astype(np.float32)
        return torch.from_numpy(at), torch.from_numpy(starts), torch.from_numpy(weights)


def _fit(
    learnt: Sequence[Example],
    language: Language,
    classes: int,
    vectors: Vectors | None,
    plan: Plan,
    seed: int,
    step: Callable[[float], None],
) -> dict[str, Vectors]:
    import torch
    from torch.nn import functional

    torch.manual_seed(seed)
    chance = np.random.default_rng(seed)
    bags = _Bags([one.text for one in learnt], language)
    places = torch.tensor([one.place for one in learnt])
    weight = torch.tensor([one.weight for one in learnt])
    table = torch.nn.Embedding(BUCKETS, _WIDTH)
    torch.nn.init.normal_(table.weight, 0, 0.05)
    out = torch.nn.Linear(_WIDTH, classes)
    wide = 0 if vectors is None else vectors.shape[1]
    meaning = torch.nn.Linear(max(1, wide), _WIDTH, bias=False)
    fast = [*table.parameters(), *out.parameters()]
    groups = [
        {"params": fast, "lr": plan.rate},
        {"params": list(meaning.parameters()), "lr": plan.rate / 4},
    ]
    steps = plan.passes * -(-len(learnt) // _BATCH)
    by = torch.optim.Adam(groups)
    rate = torch.optim.lr_scheduler.OneCycleLR(
        by, [plan.rate, plan.rate / 4], max(steps, 2), pct_start=0.1
    )
    done = 0
    for _ in range(plan.passes):
        order = chance.permutation(len(learnt))
        for start in range(0, len(order), _BATCH):
            which = order[start : start + _BATCH]
            at, starts, weights = bags.batch(which, chance)
            hidden = functional.embedding_bag(
                at, table.weight, starts, per_sample_weights=weights, mode="sum"
            )
            if vectors is not None:
                seen = chance.random((len(which), 1)) >= _BLIND
                given = torch.from_numpy(SHARPNESS * vectors[which] * seen.astype(np.float32))
                hidden = hidden + meaning(functional.dropout(given, 0.1))
            said = out(functional.dropout(torch.tanh(hidden), _UNSEEN))
            each = functional.cross_entropy(
                said, places[which], reduction="none", label_smoothing=_SOFT
            )
            loss = (each * weight[which]).sum() / weight[which].sum()
            by.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            by.step()
            rate.step()
            done += 1
            step(done / steps)
    rows = table.weight.detach().numpy()
    scale = np.maximum(np.abs(rows).max(0), 1e-9) / 127
    return {
        "rarity": bags.rarity,
        "grams": np.round(rows / scale),
        "grams_scale": scale,
        "meaning": meaning.weight.detach().numpy().T[:wide],
        "out": out.weight.detach().numpy(),
        "bias": out.bias.detach().numpy(),
    }
