"""Let threads that encode at the same moment share one forward pass."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np

from memory.model import Encoder, Vectors


class _Batch:
    """Texts that will go through the encoder together."""

    def __init__(self, behind_another: bool) -> None:
        self.texts: list[str] = []
        self.behind_another = behind_another
        self.answer: Future[Vectors]


class Batching:
    """An Encoder around another: many threads ask, one pass answers.

    While one pass runs, the next batch gathers. A caller who finds the encoder idle goes at once;
    only a batch that already had to queue gives stragglers `window_ms` more. An error of the inner
    encoder reaches every caller of its batch and no other.
    """

    def __init__(self, encoder: Encoder, window_ms: float = 2, max_batch: int = 64) -> None:
        self._encoder = encoder
        self._window = window_ms / 1000
        self._max = max_batch
        self._lock = threading.Lock()
        self._open: _Batch | None = None
        self._running = 0
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="encode")

    @property
    def name(self) -> str:
        return self._encoder.name

    @property
    def dimensions(self) -> int:
        return self._encoder.dimensions

    @property
    def reads_chinese(self) -> bool:
        return bool(getattr(self._encoder, "reads_chinese", True))

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return float32 (len(texts), dimensions); blocks until a pass has answered."""
        if not texts:
            return np.zeros((0, self.dimensions), dtype=np.float32)
        with self._lock:
            batch = self._open
            if batch is None or len(batch.texts) + len(texts) > self._max:
                batch = self._open = _Batch(behind_another=self._running > 0)
                self._running += 1
                batch.answer = self._worker.submit(self._run, batch)
            start = len(batch.texts)
            batch.texts.extend(texts)
        return batch.answer.result()[start : start + len(texts)]

    def close(self) -> None:
        """Finish what is under way and end the worker thread."""
        self._worker.shutdown()

    def _run(self, batch: _Batch) -> Vectors:
        if batch.behind_another and len(batch.texts) < self._max:
            time.sleep(self._window)
        with self._lock:
            if self._open is batch:
                self._open = None
        try:
            return self._encoder.encode(batch.texts)
        finally:
            with self._lock:
                self._running -= 1
