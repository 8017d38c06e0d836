"""Fit one network to people and their outcomes, and score people with it (v: torch)."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch  # noqa: TID253 - one of the files of this room that know torch

from risk.learn import design
from risk.learn.design import Design
from risk.learn.networks import Shape, Transformer, batches, loss, probability, solve
from risk.learn.outcome import Outcome
from risk.learn.people import People
from risk.learn.rules import how

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SCORED_AT_ONCE = 2048


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A way to learn that can be chosen."""

    kind: str  #: "logistic" or "transformer"
    penalty: float = 0.0

    @property
    def told(self) -> str:
        """In words."""
        return f"logistic regression, L2 penalty {self.penalty:g}" if self.penalty else self.kind


@dataclass(frozen=True, kw_only=True)
class Fitted:
    """A network with its scales; ``state`` holds its numbers by name."""

    candidate: Candidate
    design: Design
    state: dict[str, NDArray[np.float64]]
    shape: Shape | None = None
    epochs: int = 0

    def score(self, people: People) -> NDArray[np.float64]:
        """Float64 [people] on the log-odds scale, without the baseline."""
        if self.shape is None:
            found: NDArray[np.float64] = (
                self.design.matrix(design.flat(people)) @ self.state["weights"]
            )
            return found
        network = self.network()
        with torch.no_grad(), _one_thread():
            parts = [
                _forward(network, self.design, people.some(chosen))
                for chosen in np.array_split(
                    np.arange(len(people)), max(1, -(-len(people) // _SCORED_AT_ONCE))
                )
            ]
        return torch.cat(parts).to(torch.float64).numpy()

    def probability(self, people: People) -> NDArray[np.float64]:
        """Float64 [people]: not calibrated yet."""
        score = torch.as_tensor(self.score(people))
        found: NDArray[np.float64] = probability(
            score, torch.as_tensor(self.state["baseline"])
        ).numpy()
        return found

    def network(self) -> Transformer:
        """The transformer, built again from its numbers."""
        assert self.shape is not None
        network = Transformer(self.shape)
        network.load_state_dict(
            {
                name: torch.as_tensor(value, dtype=torch.float32)
                for name, value in self.state.items()
                if name != "baseline"
            }
        )
        return network.eval()


@contextmanager
def _one_thread() -> Iterator[None]:
    """These networks are so small that threads cost more than they give: 6 times, measured."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def fit(
    candidate: Candidate,
    people: People,
    outcome: Outcome,
    *,
    seed: int,
    progress: Callable[[float], object] = lambda _: None,
) -> Fitted:
    """Learn. The same seed on the same machine gives the same numbers."""
    with _one_thread():
        if candidate.kind == "logistic":
            return _logistic(candidate, people, outcome)
        return _transformer(candidate, people, outcome, seed, progress)


def _logistic(candidate: Candidate, people: People, outcome: Outcome) -> Fitted:
    rows = design.flat(people)
    scales = design.learn(rows)
    happened, watched = _intervals(outcome, torch.float64)
    weights, baseline = solve(
        torch.as_tensor(scales.matrix(rows)), happened, watched, candidate.penalty
    )
    state = {"weights": weights.numpy(), "baseline": baseline.numpy()}
    return Fitted(candidate=candidate, design=scales, state=state)


def _transformer(
    candidate: Candidate,
    people: People,
    outcome: Outcome,
    seed: int,
    progress: Callable[[float], object],
) -> Fitted:
    scales = design.learn(people)
    shape = _shape(people)
    source = torch.Generator().manual_seed(seed)
    # The layers draw their first numbers from torch's own source: it is put back afterwards.
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = Transformer(shape)
        kept, held = _split(outcome, source)
        happened, watched = _intervals(outcome, torch.float32)
        rate = (happened[kept].sum(0) + 0.5) / (watched[kept].sum(0) + 1.0)
        baseline = torch.nn.Parameter(torch.logit(rate))
        steps = torch.optim.AdamW(
            [*network.parameters(), baseline],
            lr=how("transformer", "rate"),
            weight_decay=how("transformer", "decay"),
        )
        learned, later = people.some(kept.numpy()), people.some(held.numpy())
        best, best_loss, best_epoch = _copied(network, baseline), float("inf"), 0
        most = how("transformer", "most_epochs")
        for epoch in range(most):
            network.train()
            for part in batches(len(kept), how("transformer", "batch"), source):
                steps.zero_grad()
                score = _forward(network, scales, learned.some(part.numpy()))
                here = kept[part]
                loss(score, baseline, happened[here], watched[here]).mean().backward()  # type: ignore[no-untyped-call]
                torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
                steps.step()
            network.eval()
            with torch.no_grad():
                score = _forward(network, scales, later)
                value = loss(score, baseline, happened[held], watched[held]).mean().item()
            if value < best_loss - 1e-4:
                best, best_loss, best_epoch = _copied(network, baseline), value, epoch + 1
            progress((epoch + 1) / most)
            if epoch + 1 - best_epoch >= how("transformer", "patience"):
                break
    progress(1.0)
    return Fitted(candidate=candidate, design=scales, state=best, shape=shape, epochs=best_epoch)


def _shape(people: People) -> Shape:
    part = "transformer"
    return Shape(
        numbers=sum(column.kind == "number" for column in people.columns),
        levels=tuple(len(c.levels) for c in people.columns if c.kind == "words"),
        visits=people.starts is not None,
        width=how(part, "width"),
        heads=how(part, "heads"),
        depth=how(part, "depth"),
        dropout=how(part, "dropout"),
    )


def _copied(network: Transformer, baseline: torch.nn.Parameter) -> dict[str, NDArray[np.float64]]:
    state = {name: value.numpy() for name, value in copy.deepcopy(network.state_dict()).items()}
    return {**state, "baseline": baseline.detach().clone().to(torch.float64).numpy()}


def _split(outcome: Outcome, source: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """(to learn from, held out for the early stopping), with both classes in both."""
    kept, held = [], []
    for value in (0.0, 1.0):
        places = torch.as_tensor(np.flatnonzero(outcome.label == value))
        places = places[torch.randperm(len(places), generator=source)]
        cut = max(1, round(len(places) * how("transformer", "held_out")))
        held.append(places[:cut])
        kept.append(places[cut:])
    return torch.cat(kept), torch.cat(held)


def inputs(scales: Design, people: People) -> tuple[torch.Tensor, torch.Tensor]:
    """What the tokens read: numbers float32 [rows, k], words int64 [rows, m]."""
    scaled = scales.scaled(people)
    numbers = [i for i, column in enumerate(scales.columns) if column.kind == "number"]
    words = [i for i, column in enumerate(scales.columns) if column.kind == "words"]
    # A word that was never learned is not known: predict refuses such a row beforehand.
    places = np.maximum(np.nan_to_num(scaled[:, words], nan=-1.0), -1.0) + 1
    return (
        torch.as_tensor(scaled[:, numbers], dtype=torch.float32),
        torch.as_tensor(places, dtype=torch.int64),
    )


def moments(scales: Design, people: People) -> tuple[torch.Tensor, torch.Tensor]:
    """Scaled times of the visits float32 [rows], at most 0; visits of each person int64."""
    assert people.starts is not None and people.when is not None
    return (
        torch.as_tensor(people.when / scales.clock, dtype=torch.float32),
        torch.as_tensor(np.diff(people.starts)),
    )


def _forward(network: Transformer, scales: Design, people: People) -> torch.Tensor:
    tokens = network.embed(*inputs(scales, people))
    if people.starts is None:
        return network.judge(tokens)
    return network.judge_visits(tokens, *moments(scales, people))


def _intervals(outcome: Outcome, kind: torch.dtype) -> tuple[torch.Tensor, torch.Tensor]:
    """(happened, watched) [people, intervals]; plain yes or no is one interval."""
    if outcome.time is None or outcome.event is None or outcome.edges is None:
        label = torch.as_tensor(outcome.label, dtype=kind)[:, None]
        return label, torch.ones_like(label)
    time, edges = outcome.time[:, None], outcome.edges
    inside = (time > edges[:-1]) & (time <= edges[1:])
    inside[:, 0] |= outcome.time <= edges[0]
    happened = inside & (outcome.event[:, None] == 1)
    # Watched up to the interval's end, or until it happened there.
    watched = (time > edges[1:]) | (time == edges[1:]) | happened
    return torch.as_tensor(happened).to(kind), torch.as_tensor(watched).to(kind)
