"""Keep what goes to a language model within a number of tokens, the most important first."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import TypeVar

_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\u3000-\u303f\uff00-\uffef]")
_EACH = 8  #: tokens around one line: its mark, its day, who said it
_T = TypeVar("_T")


def tokens(text: str) -> int:
    """About how many tokens a text costs: one a Chinese character, one for three others.

    Counted high on purpose: no tokenizer of any model is at hand, and a prompt that is too long is
    cut off at its end, where the rules are not.
    """
    han = len(_HAN.findall(text))
    return han + math.ceil((len(text) - han) / 3)


def within(budget: int, lines: Iterable[tuple[str, _T]]) -> tuple[list[_T], int]:
    """The things whose words still fit, in order, and what is left of the budget.

    A long one that does not fit is passed over for a shorter one behind it.
    """
    kept: list[_T] = []
    for words, thing in lines:
        cost = tokens(words) + _EACH
        if cost <= budget:
            kept.append(thing)
            budget -= cost
    return kept, budget
