"""Names in a message: of medicines, illnesses, complaints, allergens, and of how somebody lives.

The lists are those of memory/facts: a hint that no lesson need have held the word to get.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from memory.names import names_in

Floats = np.ndarray[Any, np.dtype[Any]]
FOLDER = Path(__file__).parents[1] / "facts"
_LISTS = ("medicines", "illnesses", "complaints", "allergens", "circumstances")
WIDTH = 2 * len(_LISTS)  #: for each list: a name begins here; a name goes on here
_LONGEST = {"en": 40, "zh": 12}  #: characters of a name that is looked for


@cache
def _names(language: str, name: str) -> tuple[frozenset[str], int]:
    """The names of a list, and how long the longest is. Raises OSError."""
    most = _LONGEST[language]
    held = {n.lower() for n in names_in(FOLDER / f"{name}_{language}.txt") if 1 < len(n) <= most}
    return frozenset(held), max(map(len, held))


def hints(text: str, language: str) -> Floats:
    """float32 (len(text), WIDTH): at each character, whether the longest name there begins or goes
    on, by list."""
    low = text.lower()
    found = np.zeros((len(text), WIDTH), dtype=np.float32)
    if len(low) != len(text):
        return found
    spaced = language == "en"
    begins, ends = _edges(low) if spaced else (range(len(low)), None)
    for place, name in enumerate(_LISTS):
        names, longest = _names(language, name)
        done = 0
        for start in begins:
            if start < done:
                continue
            for end in _ends(start, min(len(low), start + longest), ends):
                if low[start:end] in names:
                    found[start, 2 * place] = 1
                    found[start + 1 : end, 2 * place + 1] = 1
                    done = end
                    break
    return found


def _edges(low: str) -> tuple[list[int], list[int]]:
    """Where words begin and where they end."""
    inside = [letter.isalnum() for letter in low]
    begins = [i for i, letter in enumerate(inside) if letter and (i == 0 or not inside[i - 1])]
    ends = [i for i in range(1, len(low) + 1) if inside[i - 1] and (i == len(low) or not inside[i])]
    return begins, ends


def _ends(start: int, most: int, ends: list[int] | None) -> list[int]:
    """Where a name that begins at ``start`` may end, the longest first."""
    if ends is None:
        return list(range(most, start + 1, -1))
    return [end for end in reversed(ends) if start < end <= most]
