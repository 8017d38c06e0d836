"""What opens while the house already answers: an emergency never waits for it."""

from __future__ import annotations

import gc
import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from datetime import datetime
from typing import Any, Generic, TypeVar

from bot.ports import Library, RecallMemories, Supporting
from knowledge.model import Answer, Article, KnowledgeError, Language
from knowledge.support import Cited, Judged
from memory import Compared, Found, Memory, Recalled, Tagging
from safety import Heard, Hearing

_log = logging.getLogger(__name__)
T = TypeVar("T")
# One at a time: two threads that import transformers together each find it half there, and fail.
_opening = threading.Lock()


class Late(Generic[T]):
    """Opens the real thing in a thread of its own.

    Whoever calls before it is open waits, ``patience`` seconds at most; an error while opening
    is raised to every caller.
    """

    def __init__(self, load: Callable[[], T], *, patience: float = 60.0) -> None:
        self._load = load
        self._patience = patience
        self._opening: Future[T] | None = None

    def open(self) -> None:
        """Begin to load; returns at once, and does nothing the second time."""
        if self._opening is None:
            self._opening = Future()
            # A daemon: a process that is told to stop does not wait for torch to arrive.
            threading.Thread(target=self._run, args=(self._opening,), daemon=True).start()

    def _run(self, opening: Future[T]) -> None:
        try:
            with _opening:
                found = self._load()
                keep_for_ever()
            opening.set_result(found)
        except BaseException as error:  # noqa: BLE001 - a thread's top: every caller is told
            opening.set_exception(error)

    def real(self) -> T:
        """The thing itself. Raises TimeoutError, or the error that kept it shut."""
        self.open()
        if self._opening is None:
            raise TimeoutError
        return self._opening.result(self._patience)


class LateMemories(Late[RecallMemories]):
    """The memory room. See ``bot.ports.RecallMemories``."""

    def recall(
        self,
        patient_id: str,
        text: str,
        *,
        limit: int = 8,
        now: datetime | None = None,
        extra: Sequence[Memory] = (),
    ) -> list[Recalled]:
        return self.real().recall(patient_id, text, limit=limit, now=now, extra=extra)

    def remember(self, memories: Sequence[Memory]) -> None:
        self.real().remember(memories)

    def forget(self, patient_id: str, ids: Sequence[str]) -> None:
        self.real().forget(patient_id, ids)

    def forget_patient(self, patient_id: str) -> int:
        return self.real().forget_patient(patient_id)

    def replace(self, patient_id: str, memories: Sequence[Memory]) -> None:
        self.real().replace(patient_id, memories)

    def compare(self, expected: Mapping[str, int]) -> Compared:
        return self.real().compare(expected)

    @property
    def damaged(self) -> bool:
        return self.real().damaged

    @property
    def encoder_name(self) -> str:
        return self.real().encoder_name

    def close(self) -> None:
        """Close the memories, or have them closed as soon as they are open."""
        if self._opening is not None:
            self._opening.add_done_callback(_close)


class LateTagging(Late[Tagging]):
    """What marks facts. See ``memory.Tagging``. Until it is open, rules decide alone."""

    def find(self, text: str, language: str) -> Sequence[Found] | None:
        if self._opening is None or not self._opening.done():
            return None
        if self._opening.exception() is not None:
            return None
        return self._opening.result().find(text, language)


class LateHearing(Late[Hearing]):
    """The classifier of the safety room. See ``safety.Hearing``."""

    @property
    def version(self) -> str:
        """The version of the weights."""
        return self.real().version

    def hear(self, texts: Sequence[str]) -> list[Heard]:
        return self.real().hear(texts)


class LateLibrary(Late[Library]):
    """The articles of the knowledge room. See ``bot.ports.Library``.

    Whoever asks while they are being read is not kept waiting for long, and is not answered here.
    """

    _better: Library | None = None

    def improve(self, make: Callable[[], Library]) -> threading.Thread:
        """Put a better search in place when it is made; returns at once what makes it."""
        making = threading.Thread(target=self._improved, args=(make,), daemon=True)
        making.start()
        return making

    def _improved(self, make: Callable[[], Library]) -> None:
        try:
            self._better = make()
            keep_for_ever()
            _log.info("the library is searched by meaning, too")
        except (KnowledgeError, OSError):
            _log.exception("the library is searched by words alone")

    @property
    def articles(self) -> Mapping[str, Article]:
        """By id."""
        real = self._ready()
        return real.articles if real else {}

    def search(self, message: str, language: Language) -> Answer:
        real = self._ready()
        return real.search(message, language) if real else Answer(found=(), known=0.0, sure=False)

    def _ready(self) -> Library | None:
        if self._better is not None:
            return self._better
        try:
            return self.real()
        except (KnowledgeError, TimeoutError) as error:
            _log.error("the library cannot be read: %s", error)
            return None


class LateSupport(Late[Supporting]):
    """The check of a model's sentences. See ``knowledge.support``."""

    @property
    def name(self) -> str:
        """What checks."""
        return self.real().name

    def judge(self, draft: str, lines: Sequence[Cited], language: Language) -> list[Judged]:
        return self.real().judge(draft, lines, language)


def keep_for_ever() -> None:
    """What has just opened stays: to look through it for garbage would hold up answers.

    By a tenth of a second each time with the encoder alone; the library and its graph are larger.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)  # thousands of rows at once are no garbage either


def _close(opening: Future[Any]) -> None:
    closing = None if opening.exception() else getattr(opening.result(), "close", None)
    if closing is not None:
        closing()
