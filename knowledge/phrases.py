"""Find lay phrases of several words inside a sentence, with small words between them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from knowledge.fold import Token, fold, lists, root, tokens
from knowledge.match import Entry

_CLAUSE = re.compile(r"[,.;:!?()\[\]，。；：！？\n]")

Place = tuple[int, int, bool]
"""Start and end in the text, and whether the words stood in the phrase's order."""


class Phrases:
    """The index of phrases with at least two telling words."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._phrases: dict[tuple[str, ...], list[Entry]] = {}
        stop, weak = lists()["stop_words"], lists()["weak_words"] | lists()["between_words"]
        for entry in entries:
            keys = [word.key for word in tokens(fold(entry.words)) if word.key not in stop]
            if sum(key not in weak for key in keys) > 1:
                phrase = tuple(root(key) for key in keys)
                self._phrases.setdefault(phrase, []).append(entry)
        self._by_word = self._shelved()

    def find(self, folded: str, words: Sequence[Token]) -> Iterator[tuple[Place, list[Entry]]]:
        """Each phrase that stands in one clause, the longest first."""
        stop = lists()["stop_words"]
        for clause in clauses(folded, [word for word in words if word.key not in stop]):
            roots = [root(word.key) for word in clause]
            skip = [word.key in lists()["between_words"] for word in clause]
            denied = [word.key in lists()["denials"] for word in clause]
            near = {phrase for one in set(roots) for phrase in self._by_word.get(one, ())}
            for phrase in sorted(near, key=lambda found: (-len(found), found)):
                place = _in_order(phrase, roots, skip)
                in_order = place is not None
                place = place or _in_any_order(phrase, roots, denied)
                if place is not None:
                    span = (clause[place[0]].start, clause[place[1]].end, in_order)
                    yield span, self._phrases[phrase]

    def _shelved(self) -> dict[str, list[tuple[str, ...]]]:
        """Each phrase under the one of its words that the fewest phrases have."""
        counts: dict[str, int] = {}
        for phrase in self._phrases:
            for word in set(phrase):
                counts[word] = counts.get(word, 0) + 1
        shelves: dict[str, list[tuple[str, ...]]] = {}
        for phrase in self._phrases:
            shelves.setdefault(min(phrase, key=lambda w: (counts[w], w)), []).append(phrase)
        return shelves


def clauses(folded: str, words: Sequence[Token]) -> Iterator[list[Token]]:
    """The words of each clause: no comma, full stop or bracket stands between them."""
    clause: list[Token] = []
    for word in words:
        if clause and _CLAUSE.search(folded, clause[-1].end, word.start):
            yield clause
            clause = []
        clause.append(word)
    if clause:
        yield clause


def _in_order(
    phrase: tuple[str, ...], roots: list[str], skip: list[bool]
) -> tuple[int, int] | None:
    """First and last place of the phrase, only words like "really" passed over."""
    for start in range(len(roots) - len(phrase) + 1):
        at, left = start, list(phrase)
        while left and at < len(roots):
            if roots[at] == left[0]:
                left.pop(0)
            elif at == start or not skip[at]:
                break
            at += 1
        if not left:
            return start, at - 1
    return None


def _in_any_order(
    phrase: tuple[str, ...], roots: list[str], denied: list[bool]
) -> tuple[int, int] | None:
    """First and last place of the phrase's words close together, whatever their order.

    A "not" among them that the phrase does not have undoes it.
    """
    if len(set(phrase)) < len(phrase):
        return None
    reach = len(phrase) + 1
    for start in range(len(roots) - len(phrase) + 1):
        window = roots[start : start + reach]
        if roots[start] in phrase and all(word in window for word in phrase):
            end = start + max(window.index(word) for word in phrase)
            if not any(denied[at] and roots[at] not in phrase for at in range(start, end)):
                return start, end
    return None
