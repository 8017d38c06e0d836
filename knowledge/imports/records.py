"""What a reader hands over: records, links between them, and what is wrong with a file."""

from __future__ import annotations

import bz2
import gzip
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from knowledge.model import KnowledgeError


class BadRecord(KnowledgeError):
    """A file cannot be read on; the message names file, line and record."""

    def __init__(self, file: Path, line: int, record: str, why: str) -> None:
        where = f", record {record}" if record else ""
        super().__init__(f"{file.name}, line {line}{where}: {why}.")


@dataclass(frozen=True, kw_only=True)
class Record:
    """One thing of a source. `gone`: the source takes the record with this id back."""

    id: str
    kind: str
    title: str
    text: str = ""
    language: str = "en"
    url: str = ""
    names: tuple[str, ...] = ()
    data: Mapping[str, str] = field(default_factory=dict)
    gone: bool = False


@dataclass(frozen=True, kw_only=True)
class Link:
    """One relation of a source between two of its records."""

    source: str
    relation: str
    target: str


Entry = Record | Link
Told = Callable[[int], None]  #: told how many bytes were read since the last time
Reader = Callable[[Sequence[Path], Told], Iterable[Entry]]


def files(path: Path, *endings: str) -> list[Path]:
    """The files of a path: itself, or all below it with one of the endings, in order."""
    if path.is_dir():
        found = sorted(f for f in path.rglob("*") if f.is_file() and _ends(f, endings))
    else:
        found = [path] if path.is_file() else []
    if not found:
        raise KnowledgeError(f"{path}: there is no file to import ({', '.join(endings)})")
    return found


def _ends(file: Path, endings: tuple[str, ...]) -> bool:
    name = file.name.lower().removesuffix(".gz").removesuffix(".bz2")
    return name.endswith(endings)


def opened(file: Path, told: Told) -> IO[bytes] | gzip.GzipFile:
    """A file's bytes, unpacked where it is packed; `told` hears how far it is read."""
    raw = io.BufferedReader(_Counted(file, told))
    if file.suffix == ".gz":
        return gzip.GzipFile(fileobj=raw)
    return bz2.BZ2File(raw) if file.suffix == ".bz2" else raw


class _Counted(io.RawIOBase):
    def __init__(self, file: Path, told: Told) -> None:
        self._file, self._told = file.open("rb", buffering=0), told

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int | None:
        count = self._file.readinto(buffer)  # type: ignore[arg-type]
        self._told(count or 0)
        return count

    def close(self) -> None:
        self._file.close()
        super().close()


def text_lines(file: Path, told: Told) -> Iterator[tuple[int, str]]:
    """Numbered lines of a UTF-8 file. Raises BadRecord where the bytes are none."""
    with opened(file, told) as source:
        number = 0
        try:
            for number, line in enumerate(source, 1):
                yield number, line.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
        except UnicodeDecodeError as error:
            raise BadRecord(file, number, "", "this is not UTF-8 text") from error
        except (OSError, EOFError) as error:
            raise BadRecord(file, number + 1, "", f"it cannot be read on ({error})") from error
