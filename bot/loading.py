"""What takes seconds to open: encoder, memory, classifier, library, language model."""

from __future__ import annotations

import ctypes
import logging
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.config import Settings
from bot.domain.errors import SettingsError
from bot.ports import Clock, Library, Supporting
from bot.store.crypto import KeyVault
from memory import Tagging
from safety import Hearing

if TYPE_CHECKING:
    from bot.llm.private import Private

_log = logging.getLogger(__name__)


def load_memories(settings: Settings, vault: KeyVault) -> Any:
    """The encoder and Chroma, embedded or on a server; takes seconds."""
    import memory
    from memory.batching import Batching

    encoder = Batching(load_encoder(settings.embedding_model))
    if settings.chroma_url:
        host, port, ssl = _host_port(settings.chroma_url)
        memories = memory.open_server(host, port, encoder=encoder, cipher=vault, ssl=ssl)
    else:
        memories = memory.open_embedded(settings.data / "memory", encoder=encoder, cipher=vault)
    if settings.llm:
        from bot.llm.langchain import warm

        warm()
    return memories


@cache
def load_encoder(model: str) -> Any:
    """The encoder of the settings, once a process: memory and library share it."""
    from memory.embed import load

    return load(model)


@cache
def load_hearing(folder: str) -> Hearing:
    """The classifier, once a process; ``folder``: other weights than those that came with it."""
    from memory import bert
    from safety.classifier.ears import Ears
    from safety.classifier.weights import FOLDER

    ears = Ears(Path(folder) if folder else FOLDER, runner=bert)
    _give_back()
    return ears


@cache
def load_tagging() -> Tagging:
    """What marks the facts of a message, once a process."""
    from memory.tagger.tagger import Tagger

    try:
        tagger = Tagger()
    except ValueError as error:
        _log.error("facts are drawn by rules alone: %s", error)
        raise
    _give_back()
    return tagger


@cache
def load_library() -> Library:
    """Every article, checked and ready to be searched, and the graph's names; once a process."""
    from knowledge import library
    from knowledge.graph import graph
    from knowledge.shelf import Shelf, called

    _ = graph().names
    shelf = Shelf(library.load(), called=called())
    _give_back()
    return shelf


def load_support(settings: Settings) -> Supporting:
    """What checks a model's sentences: a model of entailment where one is set, or the encoder."""
    from knowledge.support import Support

    if settings.support_model:
        from knowledge.entail import Entailment

        return Support(entails=Entailment(settings.support_model))
    reader: Any = load_encoder(settings.embedding_model)  # its class tells what it reads
    return Support(reader)


def chat_model(settings: Settings, clock: Clock) -> Private | None:
    """The language model of the settings, behind its breaker and its curtain, or None."""
    if not settings.llm:
        return None
    from bot.llm.breaker import Breaker, WithBreaker
    from bot.llm.langchain import LangChainModel
    from bot.llm.private import Private

    model = LangChainModel(
        settings.llm,
        base_url=settings.llm_base_url,
        api_key=settings.llm_api_key.get_secret_value(),
        timeout=settings.llm_timeout,
    )
    return Private(WithBreaker(model, Breaker(), clock))


def _give_back() -> None:
    """Return to the system what opening took and nothing holds any more: weights on their way from
    4 bits to 8 are 150 MB that glibc would keep for later."""
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # musl has none
        if trim is not None:
            trim(0)


def _host_port(url: str) -> tuple[str, int, bool]:
    from urllib.parse import urlsplit

    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise SettingsError("ANKANG_CHROMA_URL: give http://host:port")
    return parts.hostname, parts.port or 8000, parts.scheme == "https"
