"""OBO ontologies such as DO, HPO and SYMP: terms, their other names, and what is a kind of what."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from knowledge.imports.records import BadRecord, Entry, Link, Record, Told, text_lines

ENDINGS = (".obo",)
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_Stanza = dict[str, list[str]]


def read(paths: Sequence[Path], told: Told) -> Iterator[Entry]:
    """A record for each term that is not obsolete; obsolete ones are taken back."""
    for file in paths:
        stanza: _Stanza | None = None
        start = 0
        for number, line in text_lines(file, told):
            text = line.strip()
            if text.startswith("["):
                if stanza is not None:
                    yield from _term(file, start, stanza)
                stanza, start = ({} if text == "[Term]" else None), number
            elif stanza is not None and text and not text.startswith("!"):
                key, colon, value = text.partition(":")
                if not colon:
                    id_ = _one(stanza, "id")
                    raise BadRecord(file, number, id_, "the line is no 'tag: value'")
                stanza.setdefault(key.strip(), []).append(value.strip())
        if stanza is not None:
            yield from _term(file, start, stanza)


def _one(stanza: _Stanza, key: str) -> str:
    return stanza.get(key, [""])[0]


def _bare(value: str) -> str:
    """A value without its comment and its trailing modifiers."""
    return value.partition(" !")[0].partition(" {")[0].strip()


def _quoted(value: str) -> str:
    found = _QUOTED.search(value)
    return found[1].replace('\\"', '"').replace("\\n", " ") if found else ""


def _term(file: Path, line: int, stanza: _Stanza) -> Iterator[Entry]:
    id_, name = _one(stanza, "id"), _one(stanza, "name")
    if not id_:
        raise BadRecord(file, line, name, "the [Term] has no id")
    if _one(stanza, "is_obsolete") == "true":
        yield Record(id=id_, kind="term", title=name, gone=True)
        return
    if not name:
        raise BadRecord(file, line, id_, "the [Term] has no name")
    yield Record(
        id=id_,
        kind="term",
        title=name,
        text=_quoted(_one(stanza, "def")),
        names=tuple(filter(None, map(_quoted, stanza.get("synonym", [])))),
        data={
            "xref": "; ".join(map(_bare, stanza.get("xref", []))),
            "namespace": _one(stanza, "namespace"),
        },
    )
    for value in stanza.get("is_a", []):
        yield Link(source=id_, relation="is_a", target=_bare(value))
    for value in stanza.get("relationship", []):
        relation, _, target = _bare(value).partition(" ")
        if target:
            yield Link(source=id_, relation=relation, target=target)
