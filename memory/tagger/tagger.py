"""Mark the facts of a message with the trained networks (v: torch)."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from memory import bert
from memory.tagger import encoders
from memory.tagger.found import Found
from memory.tagger.marked import KINDS
from memory.tagger.pieces import Cutter, Floats, Pieces
from memory.tagger.weights import FOLDER, TaggerRefused, open_

_LEAST = 0.1  #: share from which it sees anything at all; the reader sets the bar (tagged.py)
_GOES_ON = 0.2  #: share from which the next piece still belongs to them
_BEGINS = 0.5  #: share from which a piece begins anew rather than goes on
_ALL = ("en", "zh")
_MOST = 20_000  #: characters of a message that are read, as the rules read
#: Characters that are read at once: the encoders see 192 tokens, lessons are short.
PART = {"en": 500, "zh": 170}
#: Texts that an encoder must see in int8 as it sees them in float32.
_PROBES = {
    "en": ("i take metformin 500 mg and my knee hurts", "good morning, i slept well"),
    "zh": ("我在吃二甲双胍，膝盖疼", "早上好，昨晚睡得不错"),
}
_ENDS = tuple(map(re.compile, (r"[。！？!?\n]|\.(?=\s)", r"[，,；;、]", r"\s")))


class Reading:
    """One language: what cuts its texts, the encoder and the head."""

    def __init__(self, language: str, folder: Path) -> None:
        """Raises TaggerRefused or ModelRefused."""
        held = open_(language, folder)
        try:
            self.cut = Cutter(language, held.folder)
        except (OSError, ValueError) as error:
            raise TaggerRefused(f"the tagger cannot read {language}: {error}") from error
        probes = [torch.tensor([self.cut(text).ids]) for text in _PROBES[language]]
        self._states = encoders.States(held.folder, held.encoder, probes)
        self._net = bert.alone(held.net)
        self._known = numbers(held.names)

    def __call__(self, text: str) -> list[Found]:
        """The marks of one part of a message."""
        pieces = self.cut(text)
        if not pieces.places:
            return []
        with torch.inference_mode():
            states = self._states(torch.tensor([pieces.ids]))[list(pieces.at)]
            given = torch.from_numpy(pieces.given)
            names = torch.tensor([self._known.get(name, 1) for name in pieces.names])
            said = self._net(states[None], given[None], names[None])[0]
            return decoded(text, pieces, np.asarray(torch.softmax(said, 1).numpy()))


class Tagger:
    """Both languages' networks. ``find`` may be called from several threads; they take turns."""

    def __init__(self, folder: Path = FOLDER, *, languages: Sequence[str] = _ALL) -> None:
        """Raises TaggerRefused or ModelRefused with one clear sentence."""
        self._read = {language: Reading(language, folder) for language in languages}
        self._lock = threading.Lock()

    def find(self, text: str, language: str) -> Sequence[Found] | None:
        """What the message seems to state, in order; None for a language it does not know."""
        read = self._read.get(language)
        if read is None:
            return None
        with self._lock:
            return [
                replace(mark, start=mark.start + start, end=mark.end + start)
                for start, part in parts(text[:_MOST], PART[language])
                for mark in read(part)
            ]


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
