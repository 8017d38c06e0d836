"""Read a CSV table as text: every row whole, with the line on which it stands."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from risk.learn.rules import how
from risk.sheet import SheetError


@dataclass(frozen=True, kw_only=True)
class Raw:
    """One or more tables with the same columns, one under the other."""

    names: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]  #: of each row, in its file
    sources: tuple[str, ...]  #: of each row, the file's name
    digests: tuple[tuple[str, str], ...]  #: (file name, SHA-256) of each table

    def column(self, name: str) -> list[str]:
        """The cells under ``name``; what says nothing is "". SheetError if there is no such one."""
        if name not in self.names:
            raise SheetError(
                f"The column {name} is missing; {self.sources[0]} has {', '.join(self.names)}."
            )
        place, nothing = self.names.index(name), set(how("reading", "missing"))
        cells = (row[place].strip() for row in self.rows)
        return ["" if cell.lower() in nothing else cell for cell in cells]

    def fail(self, row: int, column: str, problem: str) -> SheetError:
        """The error that names the place of row number ``row`` (from 0)."""
        return SheetError(
            f"{self.sources[row]}, row {self.lines[row]}, column {column}: {problem}."
        )


def read(paths: Sequence[Path]) -> Raw:
    """All rows of the tables, whose headers must name the same columns.

    Raises SheetError with the file, the row and the reason; OSError where a file cannot be read.
    """
    whole = [_one(path) for path in paths]
    first = whole[0]
    for one in whole[1:]:
        if lacking := [name for name in first.names if name not in one.names]:
            raise SheetError(f"The column {lacking[0]} is missing in {one.sources[0]}.")
    rows: list[tuple[str, ...]] = []
    for one in whole:
        order = [one.names.index(name) for name in first.names]
        rows += [tuple(row[place] for place in order) for row in one.rows]
    return Raw(
        names=first.names,
        rows=tuple(rows),
        lines=tuple(line for one in whole for line in one.lines),
        sources=tuple(source for one in whole for source in one.sources),
        digests=tuple(digest for one in whole for digest in one.digests),
    )


def _one(path: Path) -> Raw:
    content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        names = tuple(name.strip() for name in next(reader, []))
        rows, lines = [], []
        for row in reader:
            if not row:
                continue
            if names and len(row) != len(names):
                raise SheetError(
                    f"{path.name}, row {reader.line_num}: it has {len(row)} cells, "
                    f"and the header has {len(names)}."
                )
            rows.append(tuple(row))
            lines.append(reader.line_num)
    except UnicodeDecodeError as error:
        raise SheetError(f"{path.name} is not UTF-8 text (byte {error.start}).") from None
    except csv.Error as error:
        raise SheetError(f"{path.name} is not a CSV table: {error}.") from None
    if not any(names):
        raise SheetError(f"{path.name} is empty: it has no header row.")
    for name in names:
        if names.count(name) > 1:
            raise SheetError(f"{path.name}: the column {name} is there {names.count(name)} times.")
    if not rows:
        raise SheetError(f"{path.name} has a header but 0 rows.")
    return Raw(
        names=names,
        rows=tuple(rows),
        lines=tuple(lines),
        sources=(path.name,) * len(rows),
        digests=((path.name, hashlib.sha256(content).hexdigest()),),
    )
