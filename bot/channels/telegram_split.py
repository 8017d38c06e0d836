"""Cuts a long text where a reader would pause, so that each piece fits into one message."""

from __future__ import annotations

#: Where to cut, best first: between paragraphs, lines, sentences, words.
_PAUSES = (("\n\n",), ("\n",), ("。", "！", "？", ". ", "! ", "? ", "；", "; "), ("，", ", ", " "))


def width(text: str) -> int:
    """Length in UTF-16 units, Telegram's strictest way of counting."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def split(text: str, most: int) -> list[str]:
    """Pieces of at most ``most`` UTF-16 units, together the whole text but for blank edges."""
    pieces = []
    rest = text.strip()
    while width(rest) > most:
        cut = _cut(rest, most)
        pieces.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [*pieces, rest] if rest or not pieces else pieces


def _cut(text: str, most: int) -> int:
    fits = most
    while width(text[:fits]) > most:  # astral characters count twice
        fits -= (width(text[:fits]) - most + 1) // 2
    for pauses in _PAUSES:
        ends = [at + len(pause) for pause in pauses if (at := text.rfind(pause, 0, fits)) > 0]
        # A pause in the first third would leave a stub; a lesser pause further on reads better.
        if ends and max(ends) > fits // 3:
            return max(ends)
    return fits
