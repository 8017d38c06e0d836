"""One folding of text for messages and lexicon alike, with a map back to the original."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from safety.files import read_toml, text_field

_CHARACTERS = Path(__file__).with_name("characters.toml")
_CJK = "\u3400-\u9fff"
_APOSTROPHE = re.compile(r"(?<=[a-z])['\u2019\u2018`\u02bc](?=[a-z])")
_SPACED_LATIN = re.compile(r"(?<![a-z0-9])[a-z](?:[ .\-_*]{1,2}[a-z]){2,}(?![a-z0-9])")
_SPACED_CJK = re.compile(rf"(?<![{_CJK}])[{_CJK}](?:[ ._*\-/|][{_CJK}]){{2,}}(?![{_CJK}])")
_BETWEEN_CJK = re.compile(rf"(?<=[{_CJK}])[ \t]+(?=[{_CJK}])")
_RUN_LATIN = re.compile(r"([a-z])\1{2,}")
_RUN_LAST = re.compile(r"([a-eghi-kmnp-rt-z])\1{2,}(?![a-z])")  # not l s f o: "kill", "too"
_RUN_OTHER = re.compile(rf"([{_CJK}.。,!?~…])\1{{2,}}")
_SPACES = re.compile(r"[ \t\u00a0]{2,}")
_NEWLINES = re.compile(r"\s*\n\s*")
_INSIDE_LATIN = re.compile(r"[ .\-_*]+")
_INSIDE_CJK = re.compile(r"[ ._*\-/|]+")


@dataclass(frozen=True, kw_only=True)
class Folded:
    """Folded text, with the original offset of every character and of the end."""

    text: str
    offsets: tuple[int, ...] | None  #: None: every character stands where it stood

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The span in the original text for a span in the folded text."""
        if self.offsets is None:
            return start, end
        return self.offsets[start], self.offsets[max(start, end - 1)] + 1


class _Table(dict[str, str]):
    """What one character folds to, worked out once per character."""

    def __init__(self, pairs: dict[str, str]) -> None:
        super().__init__()
        self.pairs = pairs

    def __missing__(self, character: str) -> str:
        folded = "".join(
            self.pairs.get(piece, piece)
            for piece in unicodedata.normalize("NFKD", character).lower()
            if not _invisible(piece)
        )
        self[character] = folded
        return folded


def _invisible(character: str) -> bool:
    """Zero-width, bidi and other controls, and combining marks: they are dropped."""
    if character in "\n\t":
        return False
    return unicodedata.category(character) in ("Cf", "Cc", "Mn", "Me", "Cs", "Co")


@functools.cache
def _tables() -> tuple[_Table, dict[str, str], re.Pattern[str]]:
    data = read_toml(_CHARACTERS)
    where = _CHARACTERS.name

    def pairs(left: str, right: str) -> dict[str, str]:
        one = "".join(text_field(data, left, where).split())
        two = "".join(text_field(data, right, where).split())
        if len(one) != len(two):
            raise ValueError(f"{where}: {left} and {right} are not equally long")
        return dict(zip(one, two, strict=True))

    simple = pairs("traditional", "simplified") | pairs("lookalikes_from", "lookalikes_to")
    inside = pairs("between_letters_from", "between_letters_to")
    signs = re.escape("".join(inside))
    return _Table(simple), inside, re.compile(rf"(?<=[a-z])[{signs}]{{1,2}}(?=[a-z])")


def fold(text: str) -> Folded:
    """Fold a message: width, case, look-alikes, invisible signs, repeats, spaced letters, script.

    Traditional Chinese becomes simplified; apostrophes inside words go ("can't" → "cant");
    a blank between Chinese characters becomes a comma, so that it still parts two thoughts.
    """
    table, inside, signs = _tables()
    pieces = [table[character] for character in text]
    work = _Work("".join(pieces), None)
    if any(len(piece) != 1 for piece in pieces):
        work.offsets = [at for at, piece in enumerate(pieces) for _ in piece]
    work.sub(_NEWLINES, lambda match: "\n")
    work.sub(_SPACES, lambda match: " ")
    work.sub(_APOSTROPHE, lambda match: "")
    work.sub(_SPACED_LATIN, lambda match: _INSIDE_LATIN.sub("", match[0]))
    work.sub(_SPACED_CJK, lambda match: _INSIDE_CJK.sub("", match[0]))
    work.sub(_BETWEEN_CJK, lambda match: ",")
    work.sub(signs, lambda match: "".join(inside[sign] for sign in match[0]))
    work.sub(_RUN_LAST, lambda match: match[1])
    work.sub(_RUN_LATIN, lambda match: match[1] * 2)
    work.sub(_RUN_OTHER, lambda match: match[1])
    return Folded(text=work.text, offsets=None if work.offsets is None else tuple(work.offsets))


class _Work:
    """Text under change, keeping the way back."""

    def __init__(self, text: str, offsets: list[int] | None) -> None:
        self.text, self.offsets = text, offsets

    def sub(self, pattern: re.Pattern[str], by: Callable[[re.Match[str]], str]) -> None:
        """Replace; a replacement is never longer than what it replaces."""
        matches = [(match, by(match)) for match in pattern.finditer(self.text)]
        changed = [(match, new) for match, new in matches if new != match[0]]
        if not changed:
            return
        offsets = self.offsets if self.offsets is not None else list(range(len(self.text)))
        pieces, kept, position = [], [], 0
        for match, new in changed:
            pieces += [self.text[position : match.start()], new]
            kept += offsets[position : match.start()]
            kept += _aligned(match[0], new, offsets[match.start() : match.end()])
            position = match.end()
        self.text = "".join(pieces) + self.text[position:]
        self.offsets = kept + offsets[position:]


def _aligned(old: str, new: str, offsets: list[int]) -> list[int]:
    """Offsets for the new characters: each where the same character stood, else in order."""
    if len(old) == len(new):
        return offsets
    kept, at = [], 0
    for character in new:
        found = old.find(character, at)
        at = found if found >= 0 else at
        kept.append(offsets[min(at, len(offsets) - 1)])
        at += 1
    return kept
