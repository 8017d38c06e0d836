"""How Chinese names sound without tones, and which ones sound alike: 布咯芬 is heard as 布洛芬."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterable, Mapping
from pathlib import Path

_FILE = Path(__file__).with_name("sounds_zh.txt")
_SHORTEST, _LONGEST = 3, 8  #: characters of a name that is looked for by its sound
_READINGS = 8  #: of one piece, where characters have several
#: What many dialects and voice input do not tell apart: initials, then endings.
_INITIALS = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("l", "n"), ("r", "n"), ("h", "f"))
_ENDINGS = ("ang", "eng", "ing")


@functools.cache
def syllables() -> Mapping[str, tuple[str, ...]]:
    """Character → its syllables, folded. ValueError names a line that is no syllable."""
    found: dict[str, dict[str, None]] = {}
    for line in _FILE.read_text("utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        sound, _, characters = line.partition(" ")
        if not (sound.isascii() and sound.isalpha() and characters):
            raise ValueError(f"{_FILE.name}: {line[:20]!r} is no syllable with its characters")
        for character in characters:
            found.setdefault(character, {})[_folded(sound)] = None
    return {character: tuple(sounds) for character, sounds in found.items()}


def _folded(sound: str) -> str:
    for heard, same in _INITIALS:
        if sound.startswith(heard):
            sound = same + sound.removeprefix(heard)
            break
    sound = sound.replace("v", "u").replace("uo", "o")
    return sound[:-1] if sound.endswith(_ENDINGS) else sound


def sounds_of(piece: str) -> tuple[tuple[str, ...], ...]:
    """Every way these characters may sound; () where one of them is not known."""
    known = syllables()
    if any(character not in known for character in piece):
        return ()
    ways = itertools.product(*(known[character] for character in piece))
    return tuple(itertools.islice(ways, _READINGS))


class Sounds:
    """Names by their sound."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names: dict[tuple[str, ...], list[str]] = {}
        self._sizes: dict[tuple[str, str], set[int]] = {}  #: by the first two syllables
        for name in names:
            if _SHORTEST <= len(name) <= _LONGEST:
                for way in sounds_of(name):
                    self._names.setdefault(way, []).append(name)
                    self._sizes.setdefault((way[0], way[1]), set()).add(len(name))

    def places(self, line: str) -> list[tuple[int, int]]:
        """(length, start) of the pieces that may sound like a name, the longest first."""
        known = syllables()
        found = {
            (size, at)
            for at, (one, next_one) in enumerate(itertools.pairwise(line))
            for two in itertools.product(known.get(one, ()), known.get(next_one, ()))
            for size in self._sizes.get(two, ())
            if at + size <= len(line)
        }
        return sorted(found, key=lambda place: (-place[0], place[1]))

    def alike(self, piece: str) -> list[str]:
        """Names that sound as ``piece`` does and are written otherwise.

        Three syllables say little: there one character at least must be right.
        """
        if not _SHORTEST <= len(piece) <= _LONGEST:
            return []
        found = dict.fromkeys(name for way in sounds_of(piece) for name in self._names.get(way, ()))
        return [
            name
            for name in found
            if name != piece
            and (len(piece) > _SHORTEST or any(a == b for a, b in zip(name, piece, strict=True)))
        ]


__all__ = ["Sounds", "sounds_of", "syllables"]
