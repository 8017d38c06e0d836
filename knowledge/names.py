"""What a name, a brand, a lay word or a misspelling means in the graph."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from knowledge.complaints import Complaints
from knowledge.fold import fold, has_han
from knowledge.graph_model import Concept
from knowledge.han_names import HanNames
from knowledge.latin_names import LatinNames
from knowledge.match import Entry, Match, Taken

__all__ = ["Match", "Names"]

_READ = 4000
"""Characters of a message that are read."""

_PART_OF_A_NAME = {True: 6, False: 2}
"""So many characters (words) beside a match may belong to a longer name that is not known."""


class Names:
    """The index of all names of a graph, in both languages."""

    def __init__(self, concepts: Iterable[Concept]) -> None:
        concepts = tuple(concepts)
        entries = [
            Entry(id=concept.id, kind=concept.kind, words=words, how=how)
            for concept in concepts
            if concept.kind != "body_system"
            for words, how, _ in concept.names()
        ]
        self._han = HanNames([entry for entry in entries if has_han(entry.words)])
        self._latin = LatinNames([entry for entry in entries if not has_han(entry.words)])
        self._complaints = Complaints(
            (concept.id, concept.en) for concept in concepts if concept.kind == "symptom"
        )

    def resolve(self, text: str, language: str, kinds: Sequence[str] = ()) -> list[Match]:
        """What one name means: "Coumadin", "metoprolol succinate 50 mg", "美托洛尔缓释片".

        The whole text is taken for one name, then without its salt, form and strength, then
        searched for what it mentions, then mended; what is only a part of a longer name is not
        sure. Sure matches stand first; several unsure ones mean: ask which. ``kinds`` (medicine,
        condition …) leaves all else out. Empty: unknown.
        ``language`` (en, zh) settles the order where both languages' names are as good.
        """
        text = text[:_READ]
        folded = fold(text)
        index = self._han if has_han(text) else self._latin
        found = index.whole(text, folded, kinds)
        if not found:
            found = self.mentions(text, language, kinds)
            left = index.left_over(folded, found)
            if 0 < left <= _PART_OF_A_NAME[index is self._han] or not found:
                mended = index.mended_whole(text, folded, kinds)
                ids = {match.id for match in mended}
                found = [*mended, *(m for m in found if m.id not in ids)]
                found = [replace(match, sure=False) for match in found]
        return sorted(found, key=lambda m: (not m.sure, has_han(m.words) != (language == "zh")))

    def mentions(self, text: str, language: str, kinds: Sequence[str] = ()) -> list[Match]:
        """What a sentence speaks of, in the order it is said; the longest name wins its place.

        Both languages are looked for whatever ``language`` is, since people mix them; it is only
        a hint. A part of the body and how it feels, said near one another, make a symptom, too.
        Denials are not seen here ("no chest pain" mentions chest pain). One place may
        have several matches, all unsure. Only the first 4,000 characters are read.
        """
        text = text[:_READ]
        folded = fold(text)
        found = self._han.mentions(text, folded, kinds) if has_han(text) else []
        found += self._latin.mentions(text, folded, found, kinds)
        if not kinds or "symptom" in kinds:
            ids = {match.id for match in found}
            certain = Taken(len(text), (match for match in found if match.sure))
            found += [
                match
                for match in self._complaints.mentions(text, folded)
                if match.id not in ids and not certain.covers(match.start, match.end)
            ]
        unique = {(m.id, m.start): m for m in sorted(found, key=lambda m: m.sure)}
        return sorted(unique.values(), key=lambda m: (m.start, not m.sure, -m.end, m.id))
