"""Does the line that a sentence cites say what the sentence says? What it does not, is dropped."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from knowledge import support_words as ways
from knowledge.model import Encoder, Language

RECORD = "record"  #: the id of every line about the patient
SUPPORTED = "supported"
_LONGEST, _MOST = 600, 400  #: characters of a sentence, sentences of a draft
_CITE = r"[\[【［]\s*[A-Za-z0-9_\-]{2,60}\s*[\]】］]"
_CITES = re.compile(_CITE)
_BEFORE_END = re.compile(rf"([.!?。！？])(\s*(?:{_CITE}\s*)+)")
_END = re.compile(r"(?<=[.!?])\s+(?=\S)|(?<=[。！？])|\n+")


class Entails(Protocol):
    """Reads two texts together."""

    name: str

    def scores(self, premises: Sequence[str], said: str) -> list[float]:
        """How surely each premise entails what is said, 0 to 1."""
        ...


@dataclass(frozen=True, kw_only=True)
class Cited:
    """One line that may be cited, under the id of its article or ``RECORD``."""

    id: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Judged:
    """One sentence without its marks, and what became of it.

    ``verdict``: "supported", or why not: uncited, unknown source, question, strange signs, too
    short, too long, words, numbers, names, order, negation, left out, advice, unlike, not entailed.
    ``line``: which of the lines that were given supports it.
    """

    text: str
    cites: tuple[str, ...]
    verdict: str
    line: int = -1

    @property
    def supported(self) -> bool:
        """It may be said."""
        return self.verdict == SUPPORTED


class Support:
    """The check: words, names, numbers and negations exactly; meaning by a model beside them."""

    def __init__(self, encoder: Encoder | None = None, entails: Entails | None = None) -> None:
        self._encoder, self._entails = encoder, entails
        self.name = entails.name if entails else encoder.name if encoder else "words"

    def judge(self, draft: str, lines: Sequence[Cited], language: Language) -> list[Judged]:
        """Every sentence of ``draft``, in order. Never raises on any text."""
        read = [ways.read(line.text, language) for line in lines]
        return [
            self._judged(said, cites, lines, read, language)
            for said, cites in list(sentences(draft))[:_MOST]
        ]

    def _judged(
        self,
        said: str,
        cites: tuple[str, ...],
        lines: Sequence[Cited],
        read: Sequence[ways.Read],
        language: Language,
    ) -> Judged:
        meant = [at for at, line in enumerate(lines) if line.id in cites]
        if verdict := _unfit(said, cites, bool(meant)):
            return Judged(text=said[:_LONGEST], cites=cites, verdict=verdict)
        own = ways.read(said, language)
        if own.size < ways.load().words[language]:
            return Judged(text=said, cites=cites, verdict="too short")
        least = ways.load().overlap_entailed if self._entails else ways.load().overlap
        best, why = -1.0, "words"
        for at in sorted(meant, key=lambda at: -ways.overlap(own, read[at])):
            share = ways.overlap(own, read[at])
            wrong = ways.wrong(own, read[at], least, of_record=lines[at].id == RECORD)
            wrong = wrong or self._unlike(said, lines[at].text, language)
            if not wrong:
                return Judged(text=said, cites=(lines[at].id,), verdict=SUPPORTED, line=at)
            if share > best:
                best, why = share, wrong
        return Judged(text=said, cites=cites, verdict=why)

    def _unlike(self, said: str, line: str, language: Language) -> str:
        if self._entails is not None:
            enough = self._entails.scores([line], said)[0] >= ways.load().entailed
            return "" if enough else "not entailed"
        reader = self._encoder
        if reader is None or (language == "zh" and not reader.reads_chinese):
            return ""
        one, other = reader.encode([said, line])
        return "" if float(one @ other) >= ways.load().like else "unlike"


def sentences(draft: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each sentence without its marks, and the ids it cites."""
    plain = "".join(c for c in unicodedata.normalize("NFC", draft) if c == "\n" or c.isprintable())
    marked = _BEFORE_END.sub(lambda m: f" {m[2].strip()}{m[1]} ", plain)
    for piece in _END.split(marked):
        cites = tuple(dict.fromkeys(one[1:-1].strip().lower() for one in _CITES.findall(piece)))
        said = re.sub(r"\s+", " ", _CITES.sub("", piece)).strip(" \t-–—•*#>")
        said = re.sub(r"\s+(?=[.,!?;:，。！？；：、])", "", said)
        if any(sign.isalnum() for sign in said):
            yield said, cites


def _unfit(said: str, cites: tuple[str, ...], known: bool) -> str:
    if not cites:
        return "uncited"
    if not known:
        return "unknown source"
    if len(said) > _LONGEST:
        return "too long"
    return "question" if said.endswith(("?", "？")) else ""
