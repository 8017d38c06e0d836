"""Guess which article a message is for: by its letters, and by its vector where there is one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from knowledge.guess.grams import grams
from knowledge.guess.weights import FOLDER, read
from knowledge.model import Language, Vectors

SHARPNESS = 8.0  #: vectors of length one are this long for the network


@dataclass(frozen=True, kw_only=True)
class Guessed:
    """Log shares of the passages, float32 (passages,), NaN where nothing was learnt of one; and of
    "no article"."""

    shares: Vectors
    nothing: float


class Guess:
    """One language's network: groups of letters (and the vector) → a few numbers → shares."""

    def __init__(
        self, language: Language, ids: Sequence[str], *, encoder: str = "", folder: Path = FOLDER
    ) -> None:
        """`ids`: the passages in their order; those that are gone since training are ignored.

        `encoder`: the name of the one that is asked; of another than in training nothing is taken.
        Raises KnowledgeError.
        """
        held, about = read(folder, language)
        self.language: Language = language
        self._rarity = held["rarity"].astype(np.float32)
        self._grams, self._scale = held["grams"], held["grams_scale"]
        same = about["encoder"] == encoder and len(held["meaning"]) > 0
        self._meaning = held["meaning"].astype(np.float32) if same else None
        places = {id_: at for at, id_ in enumerate(about["articles"])}
        self._learnt = np.array([id_ in places for id_ in ids], dtype=bool)
        rows = [places[id_] for id_ in ids if id_ in places] + [len(places)]
        self._out = held["out"].astype(np.float32)[rows]
        self._bias = held["bias"][rows]

    def __call__(self, text: str, vector: Vectors | None = None) -> Guessed:
        """For a message and its vector (dimensions,) of length one."""
        at, counts = grams(text, self.language)
        weights: Vectors = counts * self._rarity[at]
        weights /= max(float(np.linalg.norm(weights)), 1e-6)
        hidden: Vectors = (weights @ self._grams[at].astype(np.float32)) * self._scale
        if self._meaning is not None and vector is not None:
            hidden = hidden + (SHARPNESS * vector) @ self._meaning
        said = self._out @ np.tanh(hidden) + self._bias
        said -= said.max()
        said -= np.log(np.exp(said).sum())
        shares = np.full(len(self._learnt), np.nan, dtype=np.float32)
        shares[self._learnt] = said[:-1]
        return Guessed(shares=shares, nothing=float(said[-1]))
