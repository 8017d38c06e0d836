"""Words of time, in English or Chinese, understood against the patient's own clock."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from datetime import datetime
from functools import cache
from importlib import import_module
from types import ModuleType
from zoneinfo import ZoneInfo

from bot.when.atoms import Context
from bot.when.gather import gather, without_manner
from bot.when.model import When
from bot.when.resolve import resolve
from bot.when.words import slots

LONGEST = 4000  #: characters; what stands behind them is not read


def understand(
    text: str, *, language: str, now: datetime, zone: ZoneInfo, waking: bool = False
) -> tuple[When, ...]:
    """Every expression of time in ``text``, in the order it was written.

    ``now`` is aware; the answers are local to ``zone``. Where a day may be past or to come, the
    coming one is taken; "8 o'clock" is 08:00 with 20:00 among the ``others``, "Monday at 3" is
    15:00; "3 o'clock" with no day is 03:00 unless ``waking``. A past day that was said is given
    as it is. Raises ValueError for a naive ``now`` or a language that is neither "en" nor "zh".
    """
    if now.tzinfo is None:
        raise ValueError("now: an aware datetime is needed")
    if language not in ("en", "zh"):
        raise ValueError(f"language: {language!r} is neither en nor zh")
    grammar = _grammar(language)
    local = now.astimezone(zone).replace(tzinfo=None)
    context = Context(now=local, slots=slots(language))
    plain = plainly(text[:LONGEST])
    found: list[When] = []
    pieces = without_manner(plain, grammar.read(plain, context))
    for group in gather(plain, pieces, grammar.GLUE, trailing=language == "en", spread=waking):
        spans = _joined(plain, [p.at for p in group.pieces], grammar.GLUE)
        words = " … ".join(text[a:b] for a, b in spans)
        for when in resolve(group, context, waking=waking):
            # "twice a week, Mondays and Thursdays" says one rule in two ways.
            if when.rule is None or all(when.rule != w.rule for w in found):
                found.append(replace(when, words=words, spans=spans))
    return tuple(sorted(found, key=lambda w: w.spans[0]))


@cache
def _grammar(language: str) -> ModuleType:
    """The grammar of a language, compiled at its first sentence (a third of a second)."""
    return import_module("bot.when.english" if language == "en" else "bot.when.chinese")


def warm() -> None:
    """Compile both grammars now, so that no patient waits for it."""
    for language in ("en", "zh"):
        _grammar(language)


def _joined(
    text: str, spans: list[tuple[int, int]], glue: re.Pattern[str]
) -> tuple[tuple[int, int], ...]:
    """The places of the pieces, those with only joining words between them made one."""
    found: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if found and glue.fullmatch(text, found[-1][1], start):
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return tuple(found)


def plainly(text: str) -> str:
    """Lower case, half width, straight quotes; every character keeps its place."""
    return "".join(_plain(c) for c in text)


_SAME = {"’": "'", "‘": "'", "`": "'", "“": '"', "”": '"', "、": ",", "。": ".", "—": "-"}


def _plain(character: str) -> str:
    if character in _SAME:
        return _SAME[character]
    if character.isspace():
        return " "
    form = unicodedata.normalize("NFKC", character).lower()
    return form if len(form) == 1 else character
