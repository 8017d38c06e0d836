"""Search imported records for a question, each hit with why it was found."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from knowledge import imported, words
from knowledge.graph import graph
from knowledge.imported import CITATIONS, Found
from knowledge.model import Language
from knowledge.store import Store

FILE = "knowledge.db"  #: in the data folder
LONGEST = 300  #: characters of a question that are read
_FIRST = 120  #: records of a format that are read closely
_ENOUGH = 20  #: that name everything asked; with fewer, those that name a part are read, too
_NAMES = 10  #: of one concept
_BRACKETS = re.compile(r"(.+?) \(([^()]+)\)")
_NARROWER = 40  #: medicines of a class, kinds of a condition
_LONG = 420  #: characters of a sentence that are shown
#: How much a place says, and a plain word beside a concept of the graph: own proposal.
_WORTH = {"title": 1.0, "heading": 0.8, "text": 0.6}
_PLAIN = 0.5
_FIT = 0.3
_CONCLUDES = 0.25


@dataclass(frozen=True, kw_only=True)
class Sought:
    """One thing that is looked for: a concept by its names, or a plain word."""

    id: str  #: of the graph; "" for a plain word
    said: str
    names: tuple[str, ...]
    narrower: tuple[str, ...] = ()  #: names of what is a kind of it

    def label(self, language: Language) -> str:
        """How it is called."""
        return graph().concept(self.id).name(language) if self.id else self.said


@dataclass(frozen=True, kw_only=True)
class Reason:
    """Where one thing that was looked for stands: in the title, a heading or the text."""

    sought: Sought
    where: str
    found: str  #: the narrower name that stands there; "" where its own does


@dataclass(frozen=True, kw_only=True)
class Hit:
    """A record with the sentence that fits best, and why it was found."""

    record: Found
    sentence: str
    why: tuple[Reason, ...]
    score: float


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a search brought."""

    held: int  #: records that can be found at all
    sought: tuple[Sought, ...]
    hits: tuple[Hit, ...]


def search(file: Path, text: str, *, limit: int = 10, formats: Sequence[str] = CITATIONS) -> Answer:
    """The records that name most of what ``text`` asks for; both languages may be asked in.

    Retracted ones are never shown. Raises KnowledgeError for a file that is no such database.
    """
    sought = read(text)
    if not file.exists():
        return Answer(held=0, sought=sought, hits=())
    store = Store(file)
    count, hits = 0, []
    try:
        for format_ in formats:
            if here := imported.held(store, format_):
                count += here
                hits += _hits(store, format_, sought) if sought else []
    finally:
        store.close()
    hits.sort(key=lambda h: (-round(h.score, 3), -_year(h.record), h.record.source, h.record.id))
    return Answer(held=count, sought=sought, hits=tuple(hits[:limit]))


def read(text: str) -> tuple[Sought, ...]:
    """What a question looks for: concepts of the graph by their English names, and other words."""
    text = " ".join(text.split())[:LONGEST]
    known, rest, found = graph(), text, {}
    read_to = -1
    for match in known.mentions(text, words.language_of(text)):
        if match.start >= read_to and match.id not in found:  # of several in one place, the first
            found[match.id] = _concept(match.id, match.said)
        read_to = max(read_to, match.end)
        rest = rest[: match.start] + " " * (match.end - match.start) + rest[match.end :]
    stop = words.load().stop
    plain = dict.fromkeys(w for w in words.plain_words(rest) if len(w) > 2 and w not in stop)
    others = [Sought(id="", said=word, names=(word,)) for word in plain]
    return (*found.values(), *others)


def _concept(id_: str, said: str) -> Sought:
    known = graph()
    own, latin = known.concept(id_), said if said.isascii() else ""
    names = dict.fromkeys(filter(None, (*_both(own.en), *own.aka_en, latin)))
    below = (n for one in known.below(id_)[:_NARROWER] for n in _both(known.concept(one).en))
    return Sought(
        id=id_,
        said=said,
        names=tuple(names)[:_NAMES],
        narrower=tuple(one for one in below if one not in names),
    )


def _both(name: str) -> tuple[str, ...]:
    """ "High blood pressure (hypertension)" is two names: no paper writes it so."""
    both = _BRACKETS.fullmatch(name)
    return (both[1], both[2]) if both else (name,)


def _hits(store: Store, format_: str, sought: Sequence[Sought]) -> list[Hit]:
    imported.index(store, format_)
    asked = [imported.any_of((*one.names, *one.narrower)) for one in sought]
    found = imported.find(store, format_, " AND ".join(asked), _FIRST)
    if len(found) < _ENOUGH:
        found += imported.find(store, format_, " OR ".join(asked), _FIRST)
    best = max((one.bm25 for one in found), default=1.0) or 1.0
    once = {(one.source, one.id): one for one in reversed(found)}
    kept = [one for one in reversed(once.values()) if not one.retracted]
    return [hit for one in kept if (hit := _hit(one, sought, one.bm25 / best))]


def _hit(one: Found, sought: Sequence[Sought], fit: float) -> Hit | None:
    places = {
        "title": [_stems(one.title)],
        "heading": [_stems(heading) for heading in one.names],
        "text": [_stems(one.text)],
    }
    why = tuple(reason for each in sought if (reason := _reason(each, places)))
    if not why:
        return None
    worth = sum(_worth(reason.sought) * _WORTH[reason.where] for reason in why)
    score = worth / sum(map(_worth, sought)) + _FIT * fit
    return Hit(record=one, sentence=_sentence(one.text, sought), why=why, score=score)


def _worth(one: Sought) -> float:
    return 1.0 if one.id else _PLAIN


def _reason(one: Sought, places: dict[str, list[str]]) -> Reason | None:
    """The best place where a name stands; its own names before narrower ones."""
    for where, texts in places.items():
        if _names(one.names, texts):
            return Reason(sought=one, where=where, found="")
    for where, texts in places.items():
        if name := _names(one.narrower, texts):
            return Reason(sought=one, where=where, found=name)
    return None


def _names(names: Iterable[str], texts: Sequence[str]) -> str:
    return next((n for n in names if any(_phrase(n) in text for text in texts)), "")


@lru_cache(maxsize=20_000)
def _phrase(name: str) -> str:
    return _stems(name)


def _sentence(text: str, sought: Sequence[Sought]) -> str:
    """The sentence that names most of what was asked; of equals one that concludes."""
    best, most, label = "", 0.0, ""
    for line in text.splitlines():
        label = line.partition(":")[0].lower() if ":" in line[:40] else ""
        for sentence in words.sentences(line):
            stems = [_stems(sentence)]
            value = sum(_worth(o) for o in sought if _names((*o.names, *o.narrower), stems))
            if value and label.startswith("conclusion"):
                value += _CONCLUDES
            if value > most:
                best, most = sentence, value
    return best if len(best) <= _LONG else best[:_LONG].rsplit(" ", 1)[0] + " …"


def _stems(text: str) -> str:
    """The stems with a space around each, so that a phrase is found by ``in``."""
    return f" {' '.join(words.stem(word) for word in words.plain_words(text))} "


def _year(one: Found) -> int:
    year = one.data.get("year", "")
    return int(year) if year.isdigit() else 0
