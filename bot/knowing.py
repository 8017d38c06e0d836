"""Put the library's search together from the settings: encoder, reranker, names of the graph."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bot import config
from bot.bootstrap import House
from bot.loading import load_encoder
from knowledge.model import Article, Encoder
from knowledge.rerank import CrossEncoder, Reranker
from knowledge.shelf import Shelf, called


def encoder() -> Encoder:
    """The encoder of the settings, the same as the memory's."""
    found: Any = load_encoder(config.load().embedding_model)  # its class tells what it reads
    opened: Encoder = found
    return opened


def reranker() -> Reranker | None:
    """The cross-encoder of the settings; None: passages are weighed by the encoder alone."""
    source = config.load().knowledge_reranker
    return CrossEncoder(source) if source else None


def shelf(articles: Mapping[str, Article], folder: Path | None = None) -> Shelf:
    """The articles, ready to be searched; vectors are kept in `folder`, or in the data folder."""
    kept = folder or config.load().data / "knowledge"
    return Shelf(articles, encoder(), folder=kept, called=called(), reranker=reranker())


def better_library(house: House) -> Shelf:
    """The same articles, searched by their meaning, too; takes some seconds the first time."""
    house.memories.real()  # the encoder is read by now, and answers are not held up
    settings, plain = house.settings, house.library.real()
    assert isinstance(plain, Shelf)
    return plain.read_by(
        load_encoder(settings.embedding_model),
        folder=settings.data / "knowledge",
        reranker=reranker(),
    )
