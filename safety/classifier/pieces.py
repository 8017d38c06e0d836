"""Cut a message into the pieces the classifier reads, and count their letter groups."""

from __future__ import annotations

import math
import re
import zlib
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from safety.normalise import fold
from safety.verdict import Language

_CJK = re.compile(r"[\u3400-\u9fff]")
_WORD = re.compile(r"[a-z]+|\d+|[^\sa-z\d]")
_DIGITS = re.compile(r"\d")
LONGEST = {"en": 320, "zh": 110}  #: characters of one piece
_MOST = 24  #: pieces of one message; of longer ones the beginning and the end
BUCKETS = 1 << 17


def language_of(text: str) -> Language:
    """Which model reads this: Chinese as soon as a tenth of the letters are Chinese."""
    chinese = len(_CJK.findall(text))
    return "zh" if chinese * 10 >= max(1, len(text.strip())) else "en"


def is_brief(text: str) -> bool:
    """A few words, such as an answer: fewer than four words, or than six Chinese characters."""
    chinese = len(_CJK.findall(text))
    return chinese < 6 if chinese else len(text.split()) < 4


def is_short(text: str) -> bool:
    """One plain clause: at most seven words, or eleven Chinese characters."""
    chinese = len(_CJK.findall(text))
    return chinese <= 11 and len(_CJK.sub(" ", text).split()) <= 7


def pieces(text: str, language: Language) -> list[tuple[int, int, str]]:
    """(start, end, folded text) of each piece; the offsets are those of the original."""
    folded = fold(text)
    size = LONGEST[language]
    spans = list(_spans(folded.text, size))
    if len(spans) > _MOST:
        spans = spans[: _MOST // 2] + spans[-_MOST // 2 :]
    found = []
    for start, end in spans:
        words = folded.text[start:end].strip()
        if words:
            found.append((*folded.original(start, end), words))
    return found


def _spans(text: str, size: int) -> Iterator[tuple[int, int]]:
    """Windows that overlap by a third, so that no sign is cut in two."""
    if len(text) <= size:
        yield 0, len(text)
        return
    step = size * 2 // 3
    for start in range(0, len(text) - size // 3, step):
        yield start, min(len(text), start + size)


def letter_groups(folded: str, language: Language) -> dict[int, float]:
    """Bucket → weight: groups of letters and neighbouring words, dampened, unit length.

    English: two to five letters inside words, words and pairs of words. Chinese: one to four
    characters. Digits all count as one digit beside themselves, so that numbers of a size meet.
    """
    groups: Counter[str] = Counter()
    if language == "zh":
        for text in {folded, _DIGITS.sub("0", folded)}:
            for length in (1, 2, 3, 4):
                groups.update(text[i : i + length] for i in range(len(text) - length + 1))
    else:
        words = _WORD.findall(folded)
        groups.update("w " + word for word in words)
        groups.update(f"p {a} {b}" for a, b in pairwise(words))
        for word in words:
            for shape in {word, _DIGITS.sub("0", word)}:
                padded = f" {shape} "
                for length in (2, 3, 4, 5):
                    groups.update(
                        padded[i : i + length] for i in range(max(1, len(padded) - length + 1))
                    )
    found: dict[int, float] = {}
    for group, count in groups.items():
        bucket = zlib.crc32(group.encode()) % BUCKETS
        found[bucket] = found.get(bucket, 0.0) + 1 + math.log(count)
    return found
