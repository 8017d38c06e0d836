"""English read into pieces."""

from __future__ import annotations

import re

from bot.when import english_dates, english_sets, english_spans, english_times
from bot.when.atoms import Atom, Context, scan

_ALL = [
    *english_sets.PATTERNS,
    *english_spans.PATTERNS,
    *english_dates.PATTERNS,
    *english_times.PATTERNS,
]

#: What may stand between two pieces of one expression.
GLUE = re.compile(
    r"(?:[\s,;()]|\b(?:at|on|and|the|of|in|by|about|around|approximately|then|also|again|once|"
    r"from|is|for|to|a)\b|&|@|-)*"
)


def read(text: str, context: Context) -> list[Atom]:
    """The pieces of a lower-case text, left to right."""
    return scan(text, _ALL, context)
