"""Keep sealed pages in Chroma, embedded or on a server (v)."""

from __future__ import annotations

import fcntl
import shutil
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO, TypeVar

from memory.model import Cipher, Encoder, IndexFailed, WrongPatient
from memory.pages import Record
from memory.store import Memories

if TYPE_CHECKING:
    from chromadb.api import ClientAPI

_T = TypeVar("_T")
_COLLECTION = "ankang-memories"
_FILLER = "filler"
_LOGGED = 100  #: pages that Chroma may keep in its log, also after they were deleted
_AT_ONCE = 100  #: pages or patients in one Chroma call: keeps a call under about 4 MB
#: Embedded, Chroma holds Python's lock through a write, 3 ms a page: nobody is answered meanwhile.
_IN_HAND = 3


class FolderInUse(RuntimeError):
    """Another process has the memory folder open; Chroma's files would be damaged by two."""


def open_embedded(folder: str | Path, *, encoder: Encoder, cipher: Cipher) -> Memories:
    """Open or make the memories in `folder`; one process at a time (FolderInUse otherwise).

    Files of Chroma that cannot be read are thrown away and begun anew, empty.
    """
    import chromadb

    path = Path(folder)
    lock = _lock(path)

    def opening() -> ClientAPI:
        return chromadb.PersistentClient(str(path / "chroma"), settings=_settings())

    try:
        records = ChromaRecords(opening, on_close=lock.close, folder=path / "chroma")
    except BaseException:
        lock.close()
        raise
    # The folder's only process always writes as "0", so pages are never scattered by restarts.
    return Memories(records, encoder=encoder, cipher=cipher, writer="0", alone=True)


def open_server(
    host: str,
    port: int = 8000,
    *,
    encoder: Encoder,
    cipher: Cipher,
    ssl: bool = False,
    headers: dict[str, str] | None = None,
    writer: str = "",
) -> Memories:
    """Open the memories on a Chroma server that many processes share.

    `writer` names this process's own pages and must differ between processes running at the same
    time; left empty it is drawn at random. A stable name (worker-1) keeps pages together.
    """
    import chromadb

    def opening() -> ClientAPI:
        return chromadb.HttpClient(
            host=host, port=port, ssl=ssl, headers=headers, settings=_settings()
        )

    name = writer or uuid.uuid4().hex[:12]
    records = ChromaRecords(opening)
    return Memories(records, encoder=encoder, cipher=cipher, writer=name, alone=False)


def compact(folder: str | Path) -> None:
    """Rewrite Chroma's file so that bytes of deleted pages leave the disk.

    Chroma leaves sealed bytes of deleted pages in its log and in free SQLite pages until they are
    reused. The folder must be closed (FolderInUse otherwise). Raises RuntimeError on failure.
    """
    import chromadb

    path = Path(folder)
    lock = _lock(path)
    try:
        chroma = path / "chroma"
        records = ChromaRecords(lambda: chromadb.PersistentClient(str(chroma), _settings()))
        records.flush()
        records.close()
        done = subprocess.run(
            [sys.executable, "-c", _VACUUM, str(path / "chroma")], capture_output=True, check=False
        )
    finally:
        lock.close()
    if done.returncode:
        raise RuntimeError(f"chroma vacuum failed: {done.stderr.decode(errors='replace')[-300:]}")


_VACUUM = (
    "import sys, chromadb_rust_bindings as b;"
    "b.cli(['chroma', 'vacuum', '--path', sys.argv[1], '--force'])"
)


class ChromaRecords:
    """Sealed pages by patient key. Never asks Chroma for vectors.

    Chroma demands a vector. A real embedding could be turned back into words and would be loaded
    with everybody's at first touch, so a record carries a point drawn from its id: equal points
    would make a degenerate index, which Chroma keeps even though nobody asks it.
    """

    def __init__(
        self,
        opening: Callable[[], ClientAPI],
        on_close: Callable[[], None] = lambda: None,
        *,
        folder: Path | None = None,
    ) -> None:
        self._opening = opening
        self._on_close = on_close
        self._folder = folder  #: ours alone; None: on a server
        self.damaged = False  #: Chroma could not read its own files
        try:
            self._open()
        except IndexFailed:
            if not self.renew():
                raise

    def _open(self) -> None:
        with self._vendor():
            self._client = self._opening()
            self._collection = self._client.get_or_create_collection(
                _COLLECTION,
                embedding_function=None,
                configuration={
                    "hnsw": {
                        "max_neighbors": 4,
                        "ef_construction": 8,
                        "batch_size": _LOGGED,
                        "sync_threshold": _LOGGED,
                    }
                },
            )
            self._collection.get(limit=1, include=[])

    def renew(self) -> bool:
        """Throw away files that cannot be read and begin anew; False where they are not ours."""
        from chromadb.api.shared_system_client import SharedSystemClient

        if self._folder is None:
            self.damaged = False  # whoever runs the server mends it
            return False
        client = getattr(self, "_client", None)
        if client is not None:
            client.close()
        SharedSystemClient.clear_system_cache()  # it would hand out the broken one again
        shutil.rmtree(self._folder, ignore_errors=True)
        self._open()
        self.damaged = False
        return True

    @contextmanager
    def _vendor(self) -> Iterator[None]:
        from chromadb.errors import ChromaError

        try:
            yield
        except ChromaError as error:
            self.damaged = True
            said = " ".join(str(error).split())[:200]
            raise IndexFailed(f"Chroma cannot read or write its files: {said}") from error

    def get(self, keys: Sequence[str]) -> list[Record]:
        """All pages of these patients; raises WrongPatient if Chroma returns anybody else's."""
        found: list[Record] = []
        for some in _slices(keys, _AT_ONCE):
            where: Any = {"patient": some[0] if len(some) == 1 else {"$in": list(some)}}
            with self._vendor():
                got = self._collection.get(where=where, include=["metadatas"])
            for id_, metadata in zip(got["ids"], got["metadatas"] or [], strict=True):
                record = Record(
                    id=id_,
                    key=str(metadata["patient"]),
                    sealed=str(metadata["page"]),
                    size=int(str(metadata["rows"])),
                )
                if record.key not in some:
                    raise WrongPatient(f"Chroma returned {id_}, which was not asked for")
                found.append(record)
        return found

    def put(self, records: Sequence[Record]) -> None:
        """Write these pages, replacing those with the same ids."""
        for some in _slices(records, _IN_HAND if self._folder else _AT_ONCE):
            with self._vendor():
                self._collection.upsert(
                    ids=[r.id for r in some],
                    embeddings=[_point(r.id) for r in some],
                    metadatas=[{"patient": r.key, "page": r.sealed, "rows": r.size} for r in some],
                )

    def delete(self, ids: Iterable[str]) -> None:
        """Delete these pages."""
        for some in _slices(list(ids), _AT_ONCE):
            with self._vendor():
                self._collection.delete(ids=list(some))

    def delete_patient(self, key: str) -> None:
        """Delete every page of this patient, whoever wrote it."""
        with self._vendor():
            self._collection.delete(where={"patient": key})

    def flush(self) -> None:
        """Fill Chroma's log with empty pages, so that it lets go of what was logged before."""
        filler = [
            Record(id=f"{_FILLER}/{n}", key=_FILLER, sealed="", size=0) for n in range(_LOGGED)
        ]
        for _ in range(2):
            self.put(filler)
            self.delete(record.id for record in filler)

    def sizes(self, capacity: int) -> dict[str, int]:
        """How many memories each patient's key has, counted without opening a page."""
        sizes: dict[str, int] = {}
        for size in range(capacity + 1):
            with self._vendor():
                found = self._collection.get(where={"rows": size}, include=[])["ids"]
            for id_ in found:
                key = id_.partition("/")[0]
                if key != _FILLER:
                    sizes[key] = sizes.get(key, 0) + size
        return sizes

    def close(self) -> None:
        """Let go of Chroma and of the folder."""
        self._client.close()
        # Chroma's HTTP client (1.5.9) has two sessions and leaves both open on close.
        for client in (self._client, getattr(self._client, "_admin_client", None)):
            session = getattr(getattr(client, "_server", None), "_session", None)
            if session is not None:
                session.close()
        self._on_close()


def _point(id_: str) -> list[float]:
    digest = blake2b(id_.encode(), digest_size=4).digest()
    return [int.from_bytes(digest[:2], "big") / 65_535, int.from_bytes(digest[2:], "big") / 65_535]


def _settings() -> Any:
    from chromadb.config import Settings

    return Settings(anonymized_telemetry=False)


def _lock(path: Path) -> TextIO:
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = (path / "lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        lock.close()
        raise FolderInUse(
            f"the memory folder {path} is open in another process: stop it, or run a Chroma server"
        ) from error
    return lock


def _slices(items: Sequence[_T], size: int) -> Iterable[Sequence[_T]]:
    return (items[i : i + size] for i in range(0, len(items), size))
