"""A table as CSV: as text, or as a file that is whole or not there."""

from __future__ import annotations

import csv
import io
import os
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path


def text(heading: Sequence[str], rows: Iterable[Mapping[str, object]]) -> str:
    """The table as CSV."""
    target = io.StringIO()
    writer = csv.DictWriter(target, heading, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return target.getvalue()


def table(target: Path, heading: Sequence[str], rows: Iterable[Mapping[str, object]]) -> None:
    """The CSV file ``target``, readable by its owner alone."""
    handle, draft = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as out:
            out.write(text(heading, rows))
        os.replace(draft, target)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise
