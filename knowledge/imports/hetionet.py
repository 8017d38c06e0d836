"""Hetionet: nodes and edges of a biomedical network, as JSON or as two tables."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

from knowledge.imports.records import BadRecord, Entry, Link, Record, Told, opened, text_lines

ENDINGS = (".json", ".tsv", ".sif")
_CHUNK = 1 << 16
_BLANK = re.compile(r"[\s,]*")
_LARGEST = 1 << 22  #: characters of one node or edge


class _Source(Protocol):
    def read(self, size: int, /) -> bytes: ...


def read(paths: Sequence[Path], told: Told) -> Iterator[Entry]:
    """A record for each node (id Kind::identifier), a link for each edge; nodes first."""
    for file in sorted(paths, key=lambda one: "edge" in one.name.lower() or ".sif" in one.name):
        if ".json" in file.name.lower():
            yield from _json(file, told)
        else:
            yield from _table(file, told)


def _table(file: Path, told: Told) -> Iterator[Entry]:
    header: list[str] = []
    for number, line in text_lines(file, told):
        cells = line.split("\t")
        if not header:
            header = [cell.strip().lower() for cell in cells]
            if header not in (["id", "name", "kind"], ["source", "metaedge", "target"]):
                raise BadRecord(file, number, "", "the header is neither of nodes nor of edges")
        elif line:
            if len(cells) != 3 or not all(cells):
                raise BadRecord(file, number, cells[0], "three cells are needed")
            if header[0] == "id":
                yield Record(id=cells[0], kind=cells[2], title=cells[1])
            else:
                yield Link(source=cells[0], relation=cells[1], target=cells[2])


def _json(file: Path, told: Told) -> Iterator[Entry]:
    with opened(file, told) as source:
        for part, number, item, line in _items(file, source):
            where = f"{part[:-1]} {number}"
            try:
                if part == "nodes":
                    yield Record(
                        id=f"{item['kind']}::{item['identifier']}",
                        kind=str(item["kind"]),
                        title=str(item["name"]),
                    )
                else:
                    start, end = item["source_id"], item["target_id"]
                    yield Link(
                        source=f"{start[0]}::{start[1]}",
                        relation=str(item["kind"]),
                        target=f"{end[0]}::{end[1]}",
                    )
            except (KeyError, TypeError, IndexError) as error:
                raise BadRecord(file, line, where, f"a field is missing ({error})") from error


def _items(file: Path, source: _Source) -> Iterator[tuple[str, int, Any, int]]:
    """The items of the arrays ``nodes`` and ``edges``, one by one: (array, number, item, line)."""
    decoder = json.JSONDecoder()
    text = _Text(file, source)
    for part in ("nodes", "edges"):
        if not text.skip_to(f'"{part}"') or not text.skip_to("["):
            raise BadRecord(file, text.line, "", f"there is no array {part!r}")
        number = 0
        while not text.at_end_of_array():
            number += 1
            while True:
                try:
                    item, end = decoder.raw_decode(text.held, text.at)
                    break
                except json.JSONDecodeError as error:
                    if len(text.held) - text.at > _LARGEST or not text.more():
                        why = f"this is not JSON ({error.msg})"
                        raise BadRecord(file, text.line, f"{part[:-1]} {number}", why) from None
            line = text.line
            text.go_to(end)
            yield part, number, item, line


class _Text:
    """What is held of a file, a little at a time, and the place reached in it."""

    def __init__(self, file: Path, source: _Source) -> None:
        self._file, self._source = file, source
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self.held, self.at, self.line = "", 0, 1

    def more(self) -> bool:
        """Read on; False at the end."""
        try:
            chunk = self._source.read(_CHUNK)
            self.held = self.held[self.at :] + self._decoder.decode(chunk, final=not chunk)
            self.at = 0
        except (UnicodeDecodeError, OSError, EOFError) as error:
            raise BadRecord(self._file, self.line, "", f"it cannot be read on ({error})") from error
        return bool(chunk)

    def go_to(self, at: int) -> None:
        """Leave all before the place `at` behind."""
        self.line += self.held.count("\n", self.at, at)
        self.at = at

    def skip_to(self, mark: str) -> bool:
        """Go behind the next `mark`; False where there is none."""
        while True:
            found = self.held.find(mark, self.at)
            if found >= 0:
                self.go_to(found + len(mark))
                return True
            self.go_to(max(self.at, len(self.held) - len(mark)))
            if not self.more():
                return False

    def at_end_of_array(self) -> bool:
        """Go behind white space and commas; whether the array ends there."""
        while True:
            found = _BLANK.match(self.held, self.at)
            self.go_to(found.end() if found else self.at)
            if self.at < len(self.held):
                return self.held[self.at] == "]"
            if not self.more():
                return False
