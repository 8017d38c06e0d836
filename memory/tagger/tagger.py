"""Mark the facts of a message with the trained networks (v: torch)."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch

from memory import bert, embed
from memory.tagger.found import Found
from memory.tagger.marked import KINDS
from memory.tagger.pieces import Characters, Cutter, Floats, Pieces, Reader, WordPieces
from memory.tagger.weights import FOLDER, TaggerRefused, open_net

_LEAST = 0.1  #: share from which it sees anything at all; the reader sets the bar (tagged.py)
_GOES_ON = 0.2  #: share from which the next piece still belongs to them
_BEGINS = 0.5  #: share from which a piece begins anew rather than goes on
_ALL = ("en", "zh")
_MOST = 20_000  #: characters of a message that are read, as the rules read
#: Characters that a network reads at once: the encoder sees 256 word pieces, lessons are short.
PART = {"en": 600, "zh": 300}
_ENDS = tuple(map(re.compile, (r"[。！？!?\n]|\.(?=\s)", r"[，,；;、]", r"\s")))


def cutter(language: str, encoder: Reader | None = None) -> Cutter:
    """What cuts texts of this language; ``encoder``: the bundled one where it is open already.

    Raises TaggerRefused or ModelRefused.
    """
    if language == "en":
        return WordPieces(encoder or cast(Reader, embed.load()))
    try:
        return Characters()
    except (OSError, ValueError, KeyError) as error:
        raise TaggerRefused(f"the tagger cannot read {language}: {error}") from error


class Tagger:
    """Both languages' networks. ``find`` may be called from several threads; they take turns."""

    def __init__(
        self,
        folder: Path = FOLDER,
        *,
        encoder: Reader | None = None,
        languages: Sequence[str] = _ALL,
    ) -> None:
        """Raises TaggerRefused or ModelRefused with one clear sentence."""
        self._models: dict[str, tuple[Cutter, Any, dict[str, int]]] = {}
        for language in languages:
            net, names, width = open_net(language, folder)
            cut = cutter(language, encoder)
            if width != cut.width:
                raise TaggerRefused(f"the tagger's {language} was taught with other word vectors")
            self._models[language] = cut, bert.alone(net), numbers(names)
        self._lock = threading.Lock()

    def find(self, text: str, language: str) -> Sequence[Found] | None:
        """What the message seems to state, in order; None for a language it does not know."""
        model = self._models.get(language)
        if model is None:
            return None
        cut, net, known = model
        with self._lock:
            found: list[Found] = []
            for start, part in parts(text[:_MOST], PART[language]):
                pieces = cut(part)
                if pieces.places:
                    marks = decoded(part, pieces, shares(net, known, pieces))
                    found += [replace(m, start=m.start + start, end=m.end + start) for m in marks]
            return found


def parts(text: str, most: int) -> Iterator[tuple[int, str]]:
    """(where it begins, words) of a text in parts of at most ``most`` characters, cut behind a
    sentence where there is one, else behind a clause or a word."""
    start = 0
    while len(text) - start > most:
        window = text[start : start + most]
        ends = (max((m.end() for m in at.finditer(window)), default=0) for at in _ENDS)
        end = next((end for end in ends if end > most // 3), most)
        yield start, window[:end]
        start += end
    yield start, text[start:]


def numbers(names: Sequence[str]) -> dict[str, int]:
    """Name → its row in the networks; 0 is nothing, 1 is any name that no lesson held twice."""
    return {name: number for number, name in enumerate(names, 2)}


def shares(net: Any, known: dict[str, int], pieces: Pieces) -> Floats:
    """float32 (n, LABELS): how likely each label is for each piece."""
    with torch.inference_mode():
        given = torch.from_numpy(pieces.given)[None]
        names = torch.tensor([[known.get(name, 1) for name in pieces.names]])
        read = torch.ones(names.shape, dtype=torch.bool)
        return np.asarray(torch.softmax(net(given, names, read)[0], 1).numpy())


def decoded(text: str, pieces: Pieces, said: Floats) -> list[Found]:
    """Runs of pieces whose likeliest kind is the same, widened to whole words."""
    begins, goes_on = said[:, 1::2], said[:, 2::2]
    kinds = begins + goes_on
    best, share = kinds.argmax(1), kinds.max(1)
    found: list[Found] = []
    at, count = 0, len(best)
    while at < count:
        if share[at] < _LEAST:
            at += 1
            continue
        kind, end = int(best[at]), at + 1
        while end < count and kinds[end, kind] >= _GOES_ON and begins[end, kind] <= _BEGINS:
            end += 1
        start_, end_ = _whole(text, pieces, at, end)
        one = Found(
            kind=KINDS[kind], start=start_, end=end_, share=float(kinds[at:end, kind].max())
        )
        last = found[-1] if found else None
        if last is not None and start_ <= last.end and last.kind == one.kind:
            found[-1] = replace(last, end=max(end_, last.end), share=max(last.share, one.share))
        elif last is None or start_ >= last.end:
            found.append(one)
        elif one.share > last.share:
            found[-1] = one
        at = end
    return found


def _whole(text: str, pieces: Pieces, first: int, end: int) -> tuple[int, int]:
    """The words that the pieces [first, end) are part of."""
    start, stop = pieces.places[first][0], pieces.places[end - 1][1]
    if pieces.words:
        start, stop = min(start, pieces.words[first][0]), max(stop, pieces.words[end - 1][1])

    def letter(at: int) -> bool:
        return 0 <= at < len(text) and text[at].isascii() and text[at].isalnum()

    while letter(start) and letter(start - 1):
        start -= 1
    while letter(stop - 1) and letter(stop):
        stop += 1
    return start, stop
