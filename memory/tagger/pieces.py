"""Cut a message into what the tagger reads: word pieces in English, characters in Chinese.

(v: safetensors) Each piece comes with a vector that knows something of the language already: what
the bundled encoder sees there, or what a multilingual one knows of the word (distil.py), so that a
word which no lesson holds still resembles its neighbours.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from memory.tagger.lexicon import WIDTH, hints

Floats = np.ndarray[Any, np.dtype[Any]]
MOST = 320  #: pieces of one message that are read
_LAYERS = (2, 4, 6)  #: of the six of the bundled encoder
FOLDER = Path(__file__).with_name("weights")  #: of the Chinese words and their vectors
_LOUD = np.float32(3)  #: ten hints among a thousand numbers want a voice
_ALONE = -25.0  #: log share of a character that is no word


@dataclass(frozen=True, kw_only=True)
class Pieces:
    """``places``: [start, end) in the text of each of n pieces; ``given``: float32 (n, width);
    ``names``: what each is called where a lesson may have taught it; ``words``: [start, end) of
    the word around each, where the cutter knows words."""

    places: tuple[tuple[int, int], ...]
    given: Floats
    names: tuple[str, ...]
    words: tuple[tuple[int, int], ...] = ()


class Cutter(Protocol):
    """Cuts the texts of one language."""

    @property
    def width(self) -> int:
        """Of ``Pieces.given``."""
        ...

    def __call__(self, text: str) -> Pieces: ...


class Reader(Protocol):
    """A sentence encoder that shows its layers; see ``memory.embed``."""

    dimensions: int

    def read(self, text: str, layers: Sequence[int]) -> tuple[list[tuple[int, int]], Floats]: ...


class WordPieces:
    """English: the word pieces of the bundled encoder, each as three of its layers see it there."""

    def __init__(self, encoder: Reader) -> None:
        self._encoder = encoder
        self.width = encoder.dimensions * len(_LAYERS) + WIDTH

    def __call__(self, text: str) -> Pieces:
        """At most MOST pieces; they have no names: the encoder knows them better."""
        places, states = self._encoder.read(text, _LAYERS)
        given = states[:MOST] - states[:MOST].mean(1, keepdims=True)
        given /= given.std(1, keepdims=True) + 1e-6
        seen = hints(text, "en")
        hinted = (
            np.stack([seen[start:end].max(0) for start, end in places[:MOST]])
            if places
            else seen[:0]
        )
        return Pieces(
            places=tuple(places[:MOST]),
            given=np.concatenate([given, _LOUD * hinted], axis=1),
            names=("",) * min(len(places), MOST),
        )


class Characters:
    """Chinese: characters, each with the vector of the likeliest word around it and its own."""

    def __init__(self, folder: Path = FOLDER) -> None:
        """Raises OSError or ValueError where files are missing or do not fit together."""
        from safetensors.numpy import load_file

        held = load_file(folder / "words_zh.safetensors")
        text = (folder / "words_zh.txt").read_text("utf-8")
        self._codes, self._scale = held["codes"], held["scale"]
        lines = [line.rpartition("\t") for line in text.splitlines()]
        self._row = {word: row for row, (word, _, _) in enumerate(lines)}
        self._share = [float(share) for _, _, share in lines]
        if len(lines) != len(self._codes):
            raise ValueError("words_zh.txt and words_zh.safetensors do not fit together")
        self._longest = max(map(len, self._row))
        self._vectors = 2 * int(self._codes.shape[1])
        self.width = self._vectors + 3 + WIDTH

    def __call__(self, text: str) -> Pieces:
        """At most MOST characters; of each, too, its place in its word, and how long that is."""
        text = text[:MOST]
        rows, shape, words = np.zeros((len(text), 2), dtype=np.int64), [], []
        for start, end, row in self._cut(text):
            for at in range(start, end):
                rows[at] = row, self._row.get(text[at], -1)
                shape.append((at == start, at == end - 1, end - start))
                words.append((start, end))
        known = (rows >= 0)[..., None]
        vectors = np.where(known, self._codes[rows] * self._scale, np.float32(0))
        given = np.concatenate(
            [
                vectors.reshape(len(text), self._vectors),
                np.array(shape, dtype=np.float32).reshape(-1, 3),
                _LOUD * hints(text, "zh"),
            ],
            axis=1,
        )
        return Pieces(
            places=tuple((at, at + 1) for at in range(len(text))),
            given=given.astype(np.float32),
            names=tuple(text),
            words=tuple(words),
        )

    def _cut(self, text: str) -> Iterable[tuple[int, int, int]]:
        """(start, end, row or -1) of the words on the likeliest way through (Viterbi, unigrams)."""
        best, since, row = (
            [0.0] + [-math.inf] * len(text),
            [0] * (len(text) + 1),
            [-1] * (len(text) + 1),
        )
        for start in range(len(text)):
            for end in range(start + 1, min(len(text), start + self._longest) + 1):
                found = self._row.get(text[start:end], -1)
                if found < 0 and end > start + 1:
                    continue
                share = best[start] + (self._share[found] if found >= 0 else _ALONE)
                if share > best[end]:
                    best[end], since[end], row[end] = share, start, found
        found_, end = [], len(text)
        while end:
            found_.append((since[end], end, row[end]))
            end = since[end]
        return reversed(found_)


def known_names(messages: Iterable[Sequence[str]]) -> tuple[str, ...]:
    """The names that the lessons hold more than once, the commonest first."""
    counts = Counter(name for names in messages for name in names)
    return tuple(name for name, count in counts.most_common() if count > 1)
