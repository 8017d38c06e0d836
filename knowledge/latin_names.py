"""Names in Latin letters: looked up in words, in loose phrases, and misspelt."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from knowledge.fold import Token, fold, lists, tokens
from knowledge.match import MENDED, Entry, Match, Shelf, Taken, entries_of, matches
from knowledge.phrases import Phrases
from knowledge.slips import Slips

_LONGEST = 8


class LatinNames:
    """The index of names in Latin letters."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._names: Shelf = {}
        single: list[str] = []
        for entry in entries:
            keys = [word.key for word in tokens(fold(entry.words))]
            if keys:
                self._names.setdefault("".join(keys), []).append(entry)
            if len(keys) == 1 and entry.kind in MENDED and entry.how != "lay":
                single += keys
        self._phrases = Phrases([entry for entry in entries if entry.kind != "medicine"])
        self._slips = Slips(single)

    def whole(self, text: str, folded: str, kinds: Sequence[str]) -> list[Match]:
        """The whole text as one name, then without salt, form and strength."""
        span = (0, len(text))
        words = tokens(folded)
        kept = [word for word in words if not _dispensable(word)]
        for some in (words, kept):
            found = entries_of(self._names, "".join(word.key for word in some), kinds)
            if some and found:
                return matches(text, span, found)
        return []

    def mended_whole(self, text: str, folded: str, kinds: Sequence[str]) -> list[Match]:
        """The whole text as one misspelt name; never sure."""
        joined = "".join(word.key for word in tokens(folded) if not _dispensable(word))
        near = self._slips.near(joined)
        found = [e for _, key in near for e in entries_of(self._names, key, kinds)]
        return matches(text, (0, len(text)), found, sure=False)

    def left_over(self, folded: str, found: Sequence[Match]) -> int:
        """How many words of a name stand outside these matches, salt, form and dose aside."""
        taken = Taken(len(folded), found)
        return sum(
            not taken.covers(word.start, word.end)
            and not _dispensable(word)
            and word.key not in lists()["qualifiers"]
            for word in tokens(folded)
        )

    def mentions(
        self, text: str, folded: str, taken: Sequence[Match], kinds: Sequence[str]
    ) -> list[Match]:
        """What the words of a sentence speak of, outside the places already taken."""
        place = Taken(len(text), taken)
        words = [word for word in tokens(folded) if not place.covers(word.start, word.end)]
        exact = self._windows(text, folded, words, kinds)
        found = exact + self._loose(text, folded, words, exact, kinds)
        place.add(found)
        for word in words:
            if not place.covers(word.start, word.end):
                found += self._mended(text, word, kinds)
        return found

    def _windows(
        self, text: str, folded: str, words: list[Token], kinds: Sequence[str]
    ) -> list[Match]:
        found: list[Match] = []
        at = 0
        while at < len(words):
            for size in range(min(_LONGEST, len(words) - at), 0, -1):
                window = words[at : at + size]
                if not _together(folded, window):
                    continue
                entries = entries_of(self._names, "".join(w.key for w in window), kinds)
                if entries and (size > 1 or not _too_small(text, window[0], entries)):
                    last = _with_salt(folded, words, at + size - 1, entries)
                    span = (window[0].start, words[last].end)
                    found += matches(text, span, entries)
                    at = last
                    break
            at += 1
        return found

    def _loose(
        self,
        text: str,
        folded: str,
        words: list[Token],
        exact: list[Match],
        kinds: Sequence[str],
    ) -> list[Match]:
        """Phrases with small words between, sure in the right order, unsure in another."""
        found: list[Match] = []
        taken = Taken(len(text), exact)
        for (start, end, in_order), known in self._phrases.find(folded, words):
            if not taken.covers(start, end):
                entries = [entry for entry in known if not kinds or entry.kind in kinds]
                new = matches(text, (start, end), entries, sure=None if in_order else False)
                found += new
                taken.add(new)
        ids = {match.id for match in exact}
        return [match for match in found if match.id not in ids]

    def _mended(self, text: str, word: Token, kinds: Sequence[str]) -> list[Match]:
        if word.key in lists()["leave_alone"] or word.key in lists()["stop_words"]:
            return []
        near = self._slips.near(word.key)
        if not near:
            return []
        closest = near[0][0]
        entries = [
            entry
            for apart, key in near
            for entry in entries_of(self._names, key, kinds)
            if apart == closest and (entry.how != "lay" if closest == 1 else entry.how == "name")
        ]
        alone = len({e.id for _, key in near for e in self._names[key]}) == 1
        sure = closest == 1 and len(word.key) >= 7 and alone
        return matches(text, (word.start, word.end), entries, sure=None if sure else False)


def _together(folded: str, window: list[Token]) -> bool:
    """No full stop, comma or long gap stands between the words of a window."""
    return all(
        folded[one.end : two.start].strip(" -\t\n/'’.") == "" and two.start - one.end <= 3
        for one, two in itertools.pairwise(window)
    )


def _too_small(text: str, word: Token, entries: list[Entry]) -> bool:
    """A small word or a letter means something by itself only where it is a thing's own name."""
    if word.key in lists()["capitals"]:
        return sum(char.isupper() for char in text[word.start : word.end]) < 2
    return word.key in lists()["stop_words"] or (
        len(word.key) < 2 and all(entry.how == "lay" for entry in entries)
    )


def _dispensable(word: Token) -> bool:
    known = lists()
    lists_of_small = ("salts", "forms", "units", "stop_words", "between_words", "weak_words")
    return word.word[0].isdigit() or any(word.key in known[name] for name in lists_of_small)


def _with_salt(folded: str, words: list[Token], last: int, entries: list[Entry]) -> int:
    """The place of the last word that belongs to a medicine's name: its salt, its form."""
    if not any(entry.kind == "medicine" for entry in entries):
        return last
    while last + 1 < len(words):
        between = folded[words[last].end : words[last + 1].start]
        following = words[last + 1].key
        if between.strip(" -") or following not in lists()["salts"] | lists()["forms"]:
            break
        last += 1
    return last
