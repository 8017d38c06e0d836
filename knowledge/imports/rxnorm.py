"""RxNorm: medicines and their relations, as RRF tables (RXNCONSO, RXNREL)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from knowledge.imports.records import BadRecord, Entry, Link, Record, Told, text_lines

ENDINGS = ("rxnconso.rrf", "rxnrel.rrf")
_CONSO, _REL = 18, 16  #: columns
_NAMES = 200  #: names of one concept kept


def read(paths: Sequence[Path], told: Told) -> Iterator[Entry]:
    """A record for each name that RxNorm gives (id RXCUI:RXAUI), a link for each named relation.

    What is suppressed is passed by.
    """
    for file in sorted(paths, key=lambda one: "rel" in one.name.lower()):
        relations = "rel" in file.name.lower()
        width = _REL if relations else _CONSO
        for number, line in text_lines(file, told):
            if not line:
                continue
            cells = line.split("|")
            if len(cells) not in (width, width + 1):
                why = f"there are {len(cells) - 1} cells, {width} are needed"
                raise BadRecord(file, number, cells[0], why)
            entry = _link(cells) if relations else _atom(file, number, cells)
            if entry is not None:
                yield entry


def _atom(file: Path, number: int, cells: list[str]) -> Record | None:
    concept, language, atom, source = cells[0], cells[1], cells[7], cells[11]
    kind, name, suppressed = cells[12], cells[14], cells[16]
    if source != "RXNORM" or suppressed in ("Y", "O", "E"):
        return None
    if not concept.isdigit() or not name:
        raise BadRecord(file, number, concept, "the row needs a number as RXCUI and a name")
    return Record(
        id=f"{concept}:{atom}",
        kind=kind,
        title=name,
        language="en" if language == "ENG" else language.lower(),
        data={"rxcui": concept},
    )


def _link(cells: list[str]) -> Link | None:
    target, source, relation, vocabulary = cells[0], cells[4], cells[7], cells[10]
    if not (target and source and relation) or vocabulary != "RXNORM":
        return None
    return Link(source=source, relation=relation, target=target)
