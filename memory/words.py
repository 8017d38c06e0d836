"""Cut a text into the words that search compares: English stems, Chinese characters and pairs."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

import snowballstemmer

_PIECES = re.compile(r"[a-z0-9]+(?:['’][a-z]+)?(?:[./][0-9]+)?|[\u3400-\u9fff]+")
_HAN = re.compile(r"[\u3400-\u9fff]")
_LETTER = re.compile(r"[A-Za-z]")
# Function words: grammar, not medicine. They would only make every question resemble every other.
_STOP_EN = frozenset(
    re.findall(
        r"\S+",
        """
        a about am an and are as at be been but by can could did do does for from had has have he
        her him his how i if in into is it its just me my of on or our she so some tell than that
        the their them then there they this to told up us was we were what when where which who why
        will with would you your i'm i've it's
        """,
    )
)
_STOP_ZH = frozenset("的了吗呢吧啊呀是在我你您他她它们这那就都也和跟说过给把被让什么怎么哪")
_stemmer = snowballstemmer.stemmer("english")


@lru_cache(maxsize=65_536)
def _stem(word: str) -> str:
    return str(_stemmer.stemWord(word.replace("’", "'")))


def is_chinese(text: str) -> bool:
    """True when more Chinese characters than Latin words carry the text."""
    han = len(_HAN.findall(text))
    return han > 0 and han * 3 >= len(_LETTER.findall(text))


@lru_cache(maxsize=8_192)
def terms(text: str) -> tuple[str, ...]:
    """The terms of `text`, repeated as often as they occur; stop words left out.

    A Chinese run gives its single characters and every pair of neighbours, so that 膝盖 is found
    by 膝盖疼 without a word list.
    """
    found: list[str] = []
    for piece in _PIECES.findall(text.lower()):
        if _HAN.match(piece):
            found += [c for c in piece if c not in _STOP_ZH]
            found += [a + b for a, b in pairwise(piece) if not (a in _STOP_ZH and b in _STOP_ZH)]
        elif piece not in _STOP_EN:
            found.append(_stem(piece))
    return tuple(found)


def forget_words() -> None:
    """Empty the caches, so that nothing of a forgotten text stays in memory."""
    terms.cache_clear()
    _stem.cache_clear()
