"""Import a standard source: streamed, taken up where it was left, in use only when read whole."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path

from knowledge.imported import CITATIONS, index
from knowledge.imports import FORMATS, hetionet, medlineplus, medquad, obo, pubmed, rxnorm
from knowledge.imports.records import Entry, Told, files
from knowledge.model import KnowledgeError
from knowledge.store import Counts, SourceState, Store

_AT_ONCE = 500  #: entries kept in one transaction
_ENDINGS = {
    "medquad": medquad.ENDINGS,
    "medlineplus": medlineplus.ENDINGS,
    "pubmed": pubmed.ENDINGS,
    "obo": obo.ENDINGS,
    "rxnorm": rxnorm.ENDINGS,
    "hetionet": hetionet.ENDINGS,
}


@dataclass(frozen=True, kw_only=True)
class Imported:
    """What an import brought; `resumed` entries had been kept before."""

    name: str
    counts: Counts
    resumed: int


def size(format_: str, path: Path) -> int:
    """How many bytes there are to read. Raises KnowledgeError where there is no file."""
    return sum(one.stat().st_size for one in _files(format_, path))


def run(
    store: Store,
    format_: str,
    path: Path,
    *,
    now: Callable[[], datetime],
    name: str = "",
    told: Told = lambda _: None,
) -> Imported:
    """Import `path` as the source `name` (or the format's), in place of what it held before.

    Until all is read, what the source held stays in use. Raises KnowledgeError naming file, line
    and record where a file is broken.
    """
    paths = _files(format_, path)
    state = store.begin(name or format_, format_, _stamp(path, paths), now())
    try:
        _read(store, state, FORMATS[format_](paths, told), path)
    except KnowledgeError:
        store.abandon(state)  # the same file breaks at the same place, another begins anew
        raise
    store.finish(state, now())
    if format_ in CITATIONS:  # so that no nurse waits for it
        index(store, format_)
    [held] = [one for one in store.states() if one.name == state.name]
    return Imported(name=state.name, counts=store.counts(held), resumed=state.done)


def _read(store: Store, state: SourceState, read: Iterable[Entry], path: Path) -> None:
    entries = iter(read)
    for _ in islice(entries, state.done):
        pass  # kept before it was stopped
    done = state.done
    while part := list(islice(entries, _AT_ONCE)):
        done += len(part)
        store.keep(state, part, done)
    if not done:
        raise KnowledgeError(f"{path}: there is no record of the format {state.format}")


def _files(format_: str, path: Path) -> list[Path]:
    if format_ not in FORMATS:
        raise KnowledgeError(f"{format_!r} is no format: {', '.join(FORMATS)}")
    return files(path, *_ENDINGS[format_])


def _stamp(path: Path, paths: Sequence[Path]) -> str:
    """Changes when a file does, so that only the same files are taken up again."""
    digest = hashlib.sha256()
    for one in paths:
        held = one.stat()
        digest.update(
            f"{one.relative_to(path.parent)}|{held.st_size}|{held.st_mtime_ns}\n".encode()
        )
    return digest.hexdigest()
