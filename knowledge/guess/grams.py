"""Cut a message into groups of letters and words, each a number."""

from __future__ import annotations

import math
import re
import zlib
from collections import Counter
from itertools import pairwise

import numpy as np

from knowledge import words
from knowledge.model import Language, Vectors

BUCKETS = 1 << 15
_SIGNS = re.compile(r"[\W_]+")


def grams(text: str, language: Language) -> tuple[Vectors, Vectors]:
    """Buckets, int64 (n,), each once, and their dampened counts, float32 (n,).

    English: stems, pairs of stems, three to five letters inside stems. Chinese: one to three signs.
    """
    counts: Counter[str] = Counter()
    plain = words.normalised(text)
    if language == "en":
        stems = [words.stem(word) for word in words.plain_words(plain)]
        counts.update(f"w {stem}" for stem in stems)
        counts.update(f"p {a} {b}" for a, b in pairwise(stems))
        for stem in {one for one in stems if len(one) > 3}:
            counts.update(_runs(f"<{stem}>", (3, 4, 5)))
    else:
        for run in _SIGNS.split(plain):
            counts.update(_runs(run, (1, 2, 3)))
    found: dict[int, float] = {}
    for gram, count in counts.items():
        bucket = zlib.crc32(gram.encode()) % BUCKETS
        found[bucket] = found.get(bucket, 0.0) + 1 + math.log(count)
    return (
        np.fromiter(found.keys(), np.int64, len(found)),
        np.fromiter(found.values(), np.float32, len(found)),
    )


def _runs(text: str, lengths: tuple[int, ...]) -> list[str]:
    return [text[i : i + n] for n in lengths for i in range(len(text) - n + 1)]
