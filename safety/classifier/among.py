"""Put a message among small talk, so that neither length nor chatter looks like an emergency."""

from __future__ import annotations

import random
from collections.abc import Sequence

from safety.classifier.corpus import Example
from safety.classifier.pieces import LONGEST
from safety.verdict import Language

#: How often a message is told among talk. What raises is written longer than what does not
#: (safety/corpus/README.md), so the harmless is lengthened more often.
_HARMLESS, _OTHER = 0.5, 0.3
_BETWEEN = {"en": (" ", ". ", ", ", " and "), "zh": ("，", "。", " ", "；")}
_LEAST = 6  #: characters of talk below which nothing is added


class Among:
    """Knows the small talk of one language; ``told`` never changes what a message means."""

    def __init__(self, examples: Sequence[Example], language: Language) -> None:
        self._talk = [one.text for one in examples if one.assertion == "talk" and one.tier == "P3"]
        self._language = language

    def told(self, one: Example, chance: random.Random, *, always: bool = False) -> str:
        """The message as it is, or with talk before or after it, within one piece.

        Only talk of tier P3 is added, and only as much of it as fits: the message stays whole.
        """
        share = 1.0 if always else _HARMLESS if one.tier == "P3" else _OTHER
        if not self._talk or chance.random() >= share:
            return one.text
        text, between = one.text, chance.choice(_BETWEEN[self._language])
        spare = max(0, LONGEST[self._language] - len(text))
        longest = len(text) + int(spare * chance.random() ** 2)  # mostly a little, at times a lot
        if always:
            longest = len(text) + int(spare * chance.random())
        while (room := longest - len(text) - len(between)) >= _LEAST:
            talk = chance.choice(self._talk)
            if chance.random() < 0.5:
                text = talk[-room:] + between + text
            else:
                text = text + between + talk[:room]
        return text
