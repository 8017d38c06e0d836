"""Guess which article a message is for: by its letters, and by its vector where there is one."""

from __future__ import annotations

import copy
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

    def __init__(self, language: Language, ids: Sequence[str], *, folder: Path = FOLDER) -> None:
        """`ids`: the passages in their order; those that are gone since training are ignored.

        Raises KnowledgeError.
        """
        held, about = read(folder, language)
        self.language: Language = language
        self._rarity = held["rarity"].astype(np.float32)
        self._grams, self._scale = held["grams"], held["grams_scale"]
        self._learnt_by, self._of_vectors = about["encoder"], held["meaning"]
        self._meaning: Vectors | None = None
        places = {id_: at for at, id_ in enumerate(about["articles"])}
        self._learnt = np.array([id_ in places for id_ in ids], dtype=bool)
        rows = [places[id_] for id_ in ids if id_ in places] + [len(places)]
        self._out = held["out"].astype(np.float32)[rows]
        self._bias = held["bias"][rows]

    def read_by(self, encoder: str) -> Guess:
        """The same network; it takes vectors, too, if they are of the encoder it learnt by."""
        better = copy.copy(self)
        if encoder == self._learnt_by and len(self._of_vectors):
            better._meaning = self._of_vectors.astype(np.float32)
        return better

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
