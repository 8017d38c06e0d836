"""Mend one slip of the finger in the long words that matter, before the rules are tried."""

from __future__ import annotations

import functools
import re
from pathlib import Path

from safety.files import list_field, read_toml
from safety.normalise import Folded

_FILE = Path(__file__).with_name("spelling.toml")
_WORD = re.compile(r"[a-z]{5,18}")


@functools.cache
def _lists() -> tuple[dict[str, str], frozenset[str]]:
    """From every word with one letter missing to the words it may be, and words left alone."""
    data = read_toml(_FILE)
    words = list_field(data, "mend", _FILE.name)
    keep = frozenset(list_field(data, "keep", _FILE.name)) | frozenset(words)
    slips: dict[str, str] = {}
    for word in words:
        for shorter in (word, *_shorter(word)):
            slips.setdefault(shorter, word)
    return slips, keep


def _shorter(word: str) -> list[str]:
    return [word[:at] + word[at + 1 :] for at in range(len(word))]


@functools.lru_cache(maxsize=8192)
def _mended(word: str) -> str:
    slips, keep = _lists()
    if word in keep:
        return word
    for shorter in (word, *_shorter(word)):
        right = slips.get(shorter)
        if right is not None and word[0] == right[0] and _one_slip(word, right):
            return right
    return word


def _one_slip(word: str, right: str) -> bool:
    """True for one letter too many, too few, wrong, or two neighbours swapped."""
    if abs(len(word) - len(right)) > 1:
        return False
    start = 0
    while start < min(len(word), len(right)) and word[start] == right[start]:
        start += 1
    one, two = word[start:], right[start:]
    if len(one) == len(two):
        return one[1:] == two[1:] or (one[:2] == two[1::-1] and one[2:] == two[2:])
    return one[1:] == two if len(one) > len(two) else one == two[1:]


def mend(folded: Folded) -> Folded:
    """The folded text with such words put right, offsets kept."""
    changes = [
        (match, right)
        for match in _WORD.finditer(folded.text)
        if (right := _mended(match[0])) != match[0]
    ]
    if not changes:
        return folded
    offsets = folded.offsets or tuple(range(len(folded.text)))
    pieces: list[str] = []
    kept: list[int] = []
    position = 0
    for match, right in changes:
        at, end = match.span()
        pieces += [folded.text[position:at], right]
        kept += offsets[position:at]
        own = offsets[at:end]
        kept += [own[min(index, len(own) - 1)] for index in range(len(right))]
        kept[-1] = own[-1]
        position = end
    return Folded(
        text="".join(pieces) + folded.text[position:], offsets=(*kept, *offsets[position:])
    )
