"""Chinese read into pieces."""

from __future__ import annotations

import re

from bot.when import chinese_dates, chinese_sets, chinese_times
from bot.when.atoms import Atom, Context, scan

_ALL = chinese_sets.PATTERNS + chinese_dates.PATTERNS + chinese_times.PATTERNS

#: What may stand between two pieces of one expression.
GLUE = re.compile(
    r"(?:[ ,;.()的在和与及跟起吃服测量约个一次共用]|以及|大约|大概|左右|差不多|开始|还有|然后|"
    r"连续|持续|为止|每次|固定)*"
)


def read(text: str, context: Context) -> list[Atom]:
    """The pieces of a normalised text, left to right."""
    return scan(text, _ALL, context)
