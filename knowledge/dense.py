"""Passages as vectors: short windows, encoded once and kept on disk by what they say."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from knowledge import words
from knowledge.model import Encoder, Vectors

Progress = Callable[[int, int], None]
_WINDOW, _STEP = 110, 90  #: words of a window, and from one to the next; 256 tokens hold some 180
_CHARACTERS = 220  #: the same for Chinese
_MOST = 12  #: windows of one passage
_EXACT = 20_000  #: vectors up to which all are compared in full
_FEW, _NEAR, _SAMPLE = 64, 1500, 20_000  #: dimensions looked at first, vectors then compared
_AT_ONCE = 64
_KEEP_EVERY = 2000  #: texts after which the file is written, so that a stop loses little


def windows(text: str) -> list[str]:
    """A text in overlapping windows, at most so many, the first ones first."""
    if words.language_of(text) == "zh":
        cut = [text[i : i + _CHARACTERS] for i in range(0, max(1, len(text)), _CHARACTERS - 40)]
        return cut[:_MOST]
    tokens = text.split()
    if len(tokens) <= _WINDOW + 20:
        return [text]
    starts = range(0, max(1, len(tokens) - (_WINDOW - _STEP)), _STEP)
    return [" ".join(tokens[i : i + _WINDOW]) for i in starts][:_MOST]


class Vectoriser:
    """Encodes each text once; with a folder, once for ever (a file an encoder)."""

    def __init__(self, encoder: Encoder, folder: Path | None = None) -> None:
        self.encoder = encoder
        name = hashlib.sha256(encoder.name.encode()).hexdigest()[:12]
        self._file = folder / f"vectors-{name}.npz" if folder else None
        self._known: dict[bytes, Vectors] = {}
        if self._file is not None and self._file.is_file():
            self._read(self._file)

    def encode(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """float32 (n, dimensions); what is new is encoded, kept, and told to `progress`."""
        keys = [hashlib.blake2b(one.encode(), digest_size=16).digest() for one in texts]
        new = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._known}
        todo = sorted(new.items(), key=lambda item: len(item[1]))
        since = 0
        for start in range(0, len(todo), _AT_ONCE):
            part = todo[start : start + _AT_ONCE]
            vectors = self.encoder.encode([text for _, text in part]).astype(np.float16)
            self._known.update(zip((key for key, _ in part), vectors, strict=True))
            since += len(part)
            if progress:
                progress(min(start + _AT_ONCE, len(todo)), len(todo))
            if since >= _KEEP_EVERY:
                self._write()
                since = 0
        if todo:
            self._write()
        if not keys:
            return np.zeros((0, self.encoder.dimensions), dtype=np.float32)
        return np.stack([self._known[key] for key in keys]).astype(np.float32)

    def _read(self, file: Path) -> None:
        try:
            with file.open("rb") as opened, np.load(opened, allow_pickle=False) as held:
                keys, vectors = held["keys"], held["vectors"]
        except (OSError, ValueError, KeyError, EOFError, BadZipFile):
            return  # a torn file: everything is encoded anew
        if vectors.ndim == 2 and vectors.shape == (len(keys), self.encoder.dimensions):
            self._known = {bytes(k): v for k, v in zip(keys, vectors, strict=True)}

    def _write(self) -> None:
        if self._file is None:
            return
        self._file.parent.mkdir(parents=True, exist_ok=True)
        keys = np.array([np.frombuffer(k, np.uint8) for k in self._known], dtype=np.uint8)
        beside = self._file.with_suffix(".part")
        with beside.open("wb") as file:
            np.savez(file, keys=keys, vectors=np.stack(list(self._known.values())))
        os.replace(beside, self._file)


class Pieces:
    """Vectors with their owners: the likeness of an owner is that of its best piece.

    Many vectors are looked at twice: all in a few dimensions that hold most of what tells them
    apart, then the nearest exactly.
    """

    def __init__(self, vectors: Vectors, owners: Sequence[int], count: int) -> None:
        order = np.argsort(np.asarray(owners, dtype=np.int64), kind="stable")
        self._vectors = np.ascontiguousarray(vectors[order], dtype=np.float32)
        self._owners = np.asarray(owners, dtype=np.int64)[order]
        self._present, self._starts = np.unique(self._owners, return_index=True)
        self._count = count
        self._turn: Vectors | None = None
        if len(self._vectors) > _EXACT:
            rows = self._vectors[:: max(1, len(self._vectors) // _SAMPLE)]
            _, axes = np.linalg.eigh(rows.T @ rows)
            self._turn = np.ascontiguousarray(axes[:, -_FEW:], dtype=np.float32)
            self._few = np.ascontiguousarray(self._vectors @ self._turn)

    def likeness(self, queries: Vectors) -> Vectors:
        """float32 (queries, owners); 0 for an owner without a piece."""
        found = np.zeros((len(queries), self._count), dtype=np.float32)
        if not len(self._vectors):
            return found
        if self._turn is None:
            cosines = queries @ self._vectors.T
        else:
            cosines = (queries @ self._turn) @ self._few.T
            near = np.argpartition(-cosines, _NEAR, axis=1)[:, :_NEAR]
            for row, at in enumerate(near):
                cosines[row, at] = self._vectors[at] @ queries[row]
        found[:, self._present] = np.maximum.reduceat(cosines, self._starts, axis=1)
        return found
