"""Cut a message into what the tagger reads: word pieces in English, characters in Chinese.

Each piece knows which token of the encoder it belongs to, and whether a name of
the lists of memory/facts stands there, so that a name which no lesson holds is known all the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from memory import bert
from memory.tagger.lexicon import WIDTH as HINTS
from memory.tagger.lexicon import hints

Floats = np.ndarray[Any, np.dtype[Any]]
MOST = 192  #: tokens of one message that are read; the Chinese encoder knows no more places
_LOUD = np.float32(3)  #: ten hints among a thousand numbers want a voice
WIDTH = HINTS + 2  #: of ``Pieces.given``: hints; a token begins here; one ends here


@dataclass(frozen=True, kw_only=True)
class Pieces:
    """A message of n pieces. ``places``: [start, end) of each in the text; ``ids``: what the
    encoder reads; ``at``: which of these each piece is part of; ``given``: float32 (n, WIDTH);
    ``names``: what each is called where a lesson may have taught it; ``words``: [start, end) of
    the word around each, where the cutter knows words."""

    places: tuple[tuple[int, int], ...]
    ids: tuple[int, ...]
    at: tuple[int, ...]
    given: Floats
    names: tuple[str, ...]
    words: tuple[tuple[int, int], ...] = ()


class Cutter:
    """Cuts the texts of one language with the tokenizer of its encoder."""

    def __init__(self, language: str, folder: Path) -> None:
        """Raises OSError or ValueError where no tokenizer lies in ``folder``."""
        bert.cut(folder, "", MOST)
        self._folder, self._language = folder, language

    def __call__(self, text: str) -> Pieces:
        """At most MOST tokens, those around the message among them."""
        ids, tokens = bert.cut(self._folder, text, MOST)
        real = [(at, start, end) for at, (start, end) in enumerate(tokens) if end > start]
        if self._language == "en":
            pieces = [(start, end, at, "") for at, start, end in real]
            words: tuple[tuple[int, int], ...] = ()
        else:
            pieces, words = _characters(text, real)
        seen = np.zeros((len(text), WIDTH), dtype=np.float32)
        seen[:, :HINTS] = _LOUD * hints(text, self._language)
        for _, start, end in real:
            seen[start, HINTS] = seen[end - 1, HINTS + 1] = 1
        return Pieces(
            places=tuple((start, end) for start, end, _, _ in pieces),
            ids=tuple(ids),
            at=tuple(at for _, _, at, _ in pieces),
            given=np.stack([seen[start:end].max(0) for start, end, _, _ in pieces])
            if pieces
            else seen[:0],
            names=tuple(name for *_, name in pieces),
            words=words,
        )


def _characters(
    text: str, tokens: Sequence[tuple[int, int, int]]
) -> tuple[list[tuple[int, int, int, str]], tuple[tuple[int, int], ...]]:
    """Each character that was read with its token, and the word around it: what the encoder takes
    for one token is one."""
    around: dict[int, tuple[int, int, int]] = {}
    for at, start, end in tokens:
        around.update(dict.fromkeys(range(start, end), (at, start, end)))
    last = max(around, default=-1) + 1
    found = [around.get(place, (0, place, place + 1)) for place in range(last)]
    pieces = [(place, place + 1, at, text[place]) for place, (at, _, _) in enumerate(found)]
    return pieces, tuple((start, end) for _, start, end in found)


def known_names(messages: Iterable[Sequence[str]]) -> tuple[str, ...]:
    """The names that the lessons hold more than once, the commonest first."""
    counts = Counter(name for names in messages for name in names if name)
    return tuple(name for name, count in counts.most_common() if count > 1)
