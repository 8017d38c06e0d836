"""The networks that give each person one score (v: torch)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch  # noqa: TID253 - one of the files of this room that know torch
from torch import nn  # noqa: TID253


@dataclass(frozen=True, kw_only=True)
class Shape:
    """What a transformer is made of; enough to build it again."""

    numbers: int
    levels: tuple[int, ...]  #: of each column of words
    visits: bool
    width: int
    heads: int
    depth: int
    dropout: float


class Tokens(nn.Module):
    """One vector a column: a number moves along a line, a word or a gap has a place of its own.

    ``numbers`` float32 [rows, k] with NaN for not known; ``words`` int64 [rows, m], 0 for not
    known. Gives [rows, k + m, width]. Gorishniy et al., NeurIPS 2021, with learned gaps.
    """

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        spread = 1 / math.sqrt(shape.width)
        self.slope = nn.Parameter(torch.empty(shape.numbers, shape.width).uniform_(-spread, spread))
        self.start = nn.Parameter(torch.empty(shape.numbers, shape.width).uniform_(-spread, spread))
        self.gap = nn.Parameter(torch.empty(shape.numbers, shape.width).uniform_(-spread, spread))
        self.places = nn.ModuleList(nn.Embedding(size + 1, shape.width) for size in shape.levels)

    def forward(self, numbers: torch.Tensor, words: torch.Tensor) -> torch.Tensor:
        unknown = numbers.isnan().unsqueeze(-1)
        known = numbers.nan_to_num().unsqueeze(-1) * self.slope + self.start
        parts = [torch.where(unknown, self.gap.expand_as(known), known)]
        parts += [place(words[:, i]).unsqueeze(1) for i, place in enumerate(self.places)]
        return torch.cat(parts, dim=1)


class Transformer(nn.Module):
    """A small transformer over the columns of a person, or over the visits of a person.

    ``forward`` gives float32 [people]: the score on the log-odds scale, without the baseline.
    """

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.tokens = Tokens(shape)
        self.summary = nn.Parameter(torch.zeros(shape.width))
        self.mix = nn.Linear(shape.width, shape.width)
        self.clock = nn.Linear(2, shape.width)
        layer = nn.TransformerEncoderLayer(
            shape.width, shape.heads, 2 * shape.width, 0.0, "gelu",
            batch_first=True, norm_first=True,
        )  # fmt: skip
        self.layers = nn.TransformerEncoder(layer, shape.depth, enable_nested_tensor=False)
        self.norm = nn.LayerNorm(shape.width)
        self.dropout = nn.Dropout(shape.dropout)
        self.head = nn.Linear(shape.width, 1)
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)

    def embed(self, numbers: torch.Tensor, words: torch.Tensor) -> torch.Tensor:
        """The tokens of each row, [rows, columns, width]."""
        found: torch.Tensor = self.tokens(numbers, words)
        return found

    def judge(self, tokens: torch.Tensor) -> torch.Tensor:
        """Scores [people] from one row of tokens a person."""
        first = self.summary.expand(tokens.shape[0], 1, -1)
        out = self.layers(torch.cat([first, tokens], dim=1))[:, 0]
        found: torch.Tensor = self.head(self.dropout(self.norm(out))).squeeze(-1)
        return found

    def judge_visits(
        self, tokens: torch.Tensor, when: torch.Tensor, lengths: torch.Tensor
    ) -> torch.Tensor:
        """Scores [people] from all visits: ``tokens`` [rows, columns, width], person by person."""
        visits = self.mix(tokens.mean(dim=1)) + self.clock(
            torch.stack([when, torch.log1p(-when)], dim=1)
        )
        people = torch.split(visits, lengths.tolist())
        padded = nn.utils.rnn.pad_sequence(list(people), batch_first=True)
        nothing = torch.arange(padded.shape[1])[None, :] >= lengths[:, None]
        first = self.summary.expand(len(people), 1, -1)
        mask = torch.cat([torch.zeros(len(people), 1, dtype=torch.bool), nothing], dim=1)
        out = self.layers(torch.cat([first, padded], dim=1), src_key_padding_mask=mask)[:, 0]
        found: torch.Tensor = self.head(self.dropout(self.norm(out))).squeeze(-1)
        return found


def loss(
    score: torch.Tensor, baseline: torch.Tensor, happened: torch.Tensor, watched: torch.Tensor
) -> torch.Tensor:
    """Negative log-likelihood of each person, [people].

    ``baseline`` [intervals] are log-odds (one interval: plain yes or no); ``happened`` and
    ``watched`` [people, intervals] say where it happened and where a person was under watch: the
    discrete-time hazard of Singer and Willett (1993).
    """
    logits = score[:, None] + baseline
    each = nn.functional.binary_cross_entropy_with_logits(logits, happened, reduction="none")
    return (each * watched).sum(dim=1)


def probability(score: torch.Tensor, baseline: torch.Tensor) -> torch.Tensor:
    """Probability [people] that it happens in any of the intervals."""
    return -torch.expm1(nn.functional.logsigmoid(-(score[:, None] + baseline)).sum(dim=1))


def solve(
    matrix: torch.Tensor, happened: torch.Tensor, watched: torch.Tensor, penalty: float
) -> tuple[torch.Tensor, torch.Tensor]:
    """The weights [terms] and baseline [intervals] of a logistic regression, float64.

    Minimises the mean loss + penalty / (2 people) |weights|^2, to the optimum (it is convex).
    """
    count = matrix.shape[0]
    rate = (happened.sum(0) + 0.5) / (watched.sum(0) + 1.0)
    baseline = torch.logit(rate).requires_grad_()
    weights = torch.zeros(matrix.shape[1], dtype=torch.float64, requires_grad=True)
    steps = torch.optim.LBFGS(
        [weights, baseline], max_iter=200, tolerance_grad=1e-7, tolerance_change=1e-10,
        history_size=20, line_search_fn="strong_wolfe",
    )  # fmt: skip

    def step() -> torch.Tensor:
        steps.zero_grad()
        value = loss(matrix @ weights, baseline, happened, watched).mean()
        value = value + penalty / (2 * count) * weights.square().sum()
        value.backward()  # type: ignore[no-untyped-call]
        return value

    steps.step(step)  # type: ignore[no-untyped-call]
    return weights.detach(), baseline.detach()


def batches(count: int, size: int, source: torch.Generator) -> Sequence[torch.Tensor]:
    """The places 0 to count - 1 in a random order, cut into batches."""
    return torch.split(torch.randperm(count, generator=source), size)
