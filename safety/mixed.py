"""English words inside a Chinese sentence, put into Chinese for the Chinese rules."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from pathlib import Path

from safety.files import read_toml, table_field, text_field
from safety.normalise import Folded, fold

_FILE = Path(__file__).with_name("mixed.toml")
_CJK = re.compile(r"[\u3400-\u9fff]")


@functools.cache
def _words() -> tuple[re.Pattern[str], dict[str, str]]:
    table = table_field(read_toml(_FILE), "words", _FILE.name)
    words = {fold(word).text: text_field(table, word, _FILE.name) for word in table}
    longest = sorted(words, key=len, reverse=True)
    return re.compile(rf"[ ,]?(?<![a-z])({'|'.join(longest)})(?![a-z])[ ,]?"), words


@dataclass(frozen=True, kw_only=True)
class Mixed:
    """A text in Chinese throughout, and where its English words stand in the original."""

    folded: Folded
    words: tuple[tuple[int, int], ...]

    def covers(self, start: int, end: int) -> bool:
        """True where the span of the original is one of the English words, or lies in one."""
        return any(left <= start and end <= right for left, right in self.words)


def in_chinese(folded: Folded) -> Mixed | None:
    """The text with those words in Chinese, blanks beside them gone; None where none stands in it.

    Offsets lead to the English words of the original.
    """
    pattern, words = _words()
    if not _CJK.search(folded.text) or not pattern.search(folded.text):
        return None
    offsets = folded.offsets or tuple(range(len(folded.text)))
    pieces: list[str] = []
    kept: list[int] = []
    spans: list[tuple[int, int]] = []
    position = 0
    for match in pattern.finditer(folded.text):
        word, (start, end) = words[match[1]], match.span(1)
        pieces += [folded.text[position : match.start()], word]
        kept += offsets[position : match.start()]
        kept += [offsets[min(start + at, end - 1)] for at in range(len(word) - 1)]
        kept.append(offsets[end - 1])
        spans.append((offsets[start], offsets[end - 1] + 1))
        position = match.end()
    text = "".join(pieces) + folded.text[position:]
    whole = Folded(text=text, offsets=(*kept, *offsets[position:]))
    return Mixed(folded=whole, words=tuple(spans))
