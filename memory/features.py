"""What ranking reads off a memory's text, worked out once while the patient is hot."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from memory.cues import tells_number, tells_time
from memory.words import terms

_EXACT = re.compile(
    r"\d+(?:[.,:/]\d+)*|\b(?:no|not|never|none|left|right)\b|n't\b|[不没无未别左右]|[一二两三四五六七八九十]+"
)


@dataclass(frozen=True, kw_only=True)
class Features:
    """Term counts, their sum, and whether the text asks, says when, or says how much.

    `exact` are its numbers and words of denial, in order: texts that differ in them say different
    things, however alike they are.
    """

    counts: Mapping[str, int]
    length: int
    exact: tuple[str, ...]
    asks: bool
    tells_time: bool
    tells_number: bool


@lru_cache(maxsize=32_768)
def features(text: str) -> Features:
    """The features of `text`; kept until `forget_features`."""
    counts = Counter(terms(text))
    return Features(
        counts=counts,
        length=counts.total(),
        exact=tuple(_EXACT.findall(text.lower().replace("’", "'"))),
        asks=text.rstrip().endswith(("?", "？", "吗", "呢")),
        tells_time=tells_time(text),
        tells_number=tells_number(text),
    )


def forget_features() -> None:
    """Empty the cache, so that nothing of a forgotten text stays in memory."""
    features.cache_clear()
